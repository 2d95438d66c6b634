"""Real samples before and after the steps of a column, made anew a moment after each change."""

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from widgets.before_after import BeforeAfter
from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from workbench.core import wording
from workbench.core.data_messages import PreviewSteps, StepsPreview
from workbench.core.i18n import tr
from workbench.core.messages import Progress
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import Request
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.samples import pictures
from workbench.ui.parts import IconButton, caption, column, heading, row, scrolled
from workbench.ui.theme import Theme

WAIT_MS = 150
"""While somebody types or drags, nothing is asked."""
SLOW_MS = 400
"""What takes longer shows how far it is, and can be cancelled."""
COUNT = 12


class StepsPreviewPanel(QWidget):
    """Asks when it can be seen and something changed; an answer to an older question is passed over."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader) -> None:
        super().__init__()
        self._session, self._reader = session, reader
        self._column, self._folder = "", ""
        self._request: Request | None = None
        self._asked: object = None
        self._start = self._roll = 0
        self.answer: StepsPreview | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self._slow.timeout.connect(self._progress.show)
        self._progress.cancelled.connect(self._cancel)
        self._notice = Notice(theme.tokens, theme.icons)
        self._notice.action_triggered.connect(self.ask_again)
        self.roll = IconButton(theme, "shuffle", tr("Roll again"), tooltip=tr("Random steps come out differently"))
        self.roll.clicked.connect(self.roll_again)
        self.others = IconButton(theme, "refresh-cw", tr("Other samples"))
        self.others.clicked.connect(self.show_others)
        self.pairs = BeforeAfter(theme.tokens, name=tr("Samples before and after the steps"))
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setAccessibleName(tr("Samples before and after the steps"))
        self.table.setHeaderLabels([tr("Before"), tr("After")])
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        words = caption(theme, tr("Random steps are made in training only; each epoch sees something else."))
        page = QWidget()
        page.setLayout(column(self.pairs, -1))
        self._area = scrolled(page)
        head = row(heading(theme, tr("Before and after, training samples")), -1, self.roll, self.others)
        layout = column(head, words, self._progress, self._notice, self._area, self.table)
        layout.setStretchFactor(self._area, 1)
        layout.setStretchFactor(self.table, 1)
        self.setLayout(layout)
        theme.follow(self._progress, self._notice, self.pairs)
        for widget in (self._progress, self._notice, self.table, self.roll):
            widget.hide()
        session.subscribe(self._changed)

    def look_in(self, folder: str) -> None:
        """Where relative paths start."""
        self._folder = folder

    def show_column(self, name: str) -> None:
        """Look at a column."""
        self._column = name
        self._soon()

    def roll_again(self) -> None:
        """Let what is random come out differently."""
        self._roll += 1
        self._soon()

    def show_others(self) -> None:
        """Look at the samples beside these."""
        self._start += 1
        self._soon()

    def showEvent(self, event: object) -> None:
        """Samples are prepared when somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._soon()

    def _changed(self, old: State, new: State) -> None:
        if old.document.data is not new.document.data:
            self._soon()

    def _soon(self) -> None:
        if self.isVisible():
            self._wait.start()

    def ask_again(self) -> None:
        """After something went wrong."""
        self._asked = None
        self._soon()

    def _ask(self) -> None:
        data = self._session.state.document.data
        known = self._reader.seen.inspection
        if data is None or not self._column or known is None or not self.isVisible():
            return
        question = PreviewSteps(msgspec.to_builtins(data), self._column, self._start, COUNT, self._roll, self._folder)
        if question == self._asked:
            return
        self._asked = question
        self._notice.hide()
        self._progress.set_progress(tr("Preparing samples"), None)
        self._progress.set_cancellable(True)
        self._slow.start()
        request = self._request = self._reader.engine.ask(
            question,
            lambda answer, parts: self._answered(answer, parts) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
            lambda step: self._stepped(step) if self._request is request else None,
        )

    def _rest(self) -> None:
        self._request = None
        self._slow.stop()
        self._progress.hide()

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
        self._rest()
        self._asked = None
        self._notice.show_notice("info", tr("The preview was cancelled."), action=tr("Prepare samples"))

    def _stepped(self, step: Progress) -> None:
        share = step.done / step.total if step.total else None
        self._progress.set_progress(wording.activity(step.code), share)

    def _failed(self, problem: Problem) -> None:
        self._rest()
        self.answer = None
        text = f"{wording.what(problem)} {wording.remedy(problem)}".strip()
        self._notice.show_notice("bad", text, action=tr("Try again"))

    def _answered(self, answer: StepsPreview, parts: list[bytes]) -> None:
        self._rest()
        self.answer = answer
        self.roll.setVisible(answer.random)
        seen = bool(answer.before_sizes)
        self._area.setVisible(seen)
        self.table.setVisible(not seen)
        if answer.problem is not None:
            text = f"{wording.what(answer.problem)} {wording.remedy(answer.problem)}".strip()
            self._notice.show_notice("bad", text)
        if seen:
            found = pictures(parts[0], (*answer.before_sizes, *answer.after_sizes))
            before, after = found[: len(answer.before_sizes)], found[len(answer.before_sizes) :]
            self.pairs.set_pairs(before, after or before, answer.captions)
            return
        self.table.clear()
        texts = zip(answer.before, answer.after or ("",) * len(answer.before), strict=True)
        lines = [QTreeWidgetItem(list(pair)) for pair in texts]
        for line in lines:
            for place in (0, 1):
                line.setToolTip(place, line.text(place))
        self.table.addTopLevelItems(lines)
