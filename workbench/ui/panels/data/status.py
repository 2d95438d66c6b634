"""What the data are, in a line; what is wrong with them, with remedies; or how far reading them is."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.notice import Notice
from widgets.progress_row import ProgressRow
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.inspection import Inspection
from workbench.core.problems import Problem
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.panels.data.words import facts
from workbench.ui.parts import Text, clear, column
from workbench.ui.theme import Theme

SLOW_MS = 250
"""What is read again sooner than that does not make the page jump."""
LOOKS = {"error": "bad", "warning": "warn", "info": "info"}


class DataStatus(QWidget):
    """Follows a reader."""

    path_wanted = Signal()
    """Nothing has been chosen yet."""

    def __init__(self, theme: Theme, reader: DataReader) -> None:
        super().__init__()
        self._theme, self._reader = theme, reader
        self.progress = ProgressRow(theme.tokens, cancel_text=tr("Cancel"))
        self.progress.cancelled.connect(reader.cancel)
        self.notice = Notice(theme.tokens, theme.icons)
        self.notice.action_triggered.connect(self._act)
        self._facts = Text(theme, wrap=True)
        self._problems = QVBoxLayout()
        self._problems.setSpacing(6)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self.progress.show)
        self._shown: Inspection | None = None
        self._brief = False
        theme.follow(self.progress, self.notice)
        self.setLayout(column(self._facts, self.progress, self.notice, self._problems))
        reader.changed.connect(self.refresh)
        reader.progressed.connect(self._progressed)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        seen = self._reader.seen
        self.notice.hide()
        self._show_reading(seen.stage == "reading", again=seen.inspection is not None)
        known = seen.inspection if seen.stage in ("known", "reading") else None
        self._facts.setText(facts(known) if known else "")
        self._facts.setVisible(known is not None)
        if known is not self._shown:
            self._shown = known
            self._show_problems(known.problems if known else ())
        if seen.stage == "cancelled":
            self.notice.show_notice("info", tr("Reading the data was cancelled."), action=tr("Read it again"))
        elif seen.stage == "remote" and seen.inspection is not None:
            text = tr("{title} is not on this machine yet.", title=seen.inspection.title)
            action = tr("Download {size}", size=seen.inspection.to_download)
            self.notice.show_notice("info", text, action=action)
        elif seen.stage == "failed" and seen.problem is not None and seen.problem.code != "data.no_path":
            text = f"{wording.what(seen.problem)} {wording.remedy(seen.problem)}".strip()
            self.notice.show_notice("bad", text, action=tr("Try again"))

    def set_brief(self, brief: bool) -> None:
        """Say only what stands in the way, or all that was found."""
        if brief != self._brief:
            self._brief = brief
            self._show_problems(self._shown.problems if self._shown else ())

    def _show_reading(self, reading: bool, *, again: bool) -> None:
        if not reading:
            self._slow.stop()
            self.progress.hide()
            return
        self.progress.set_progress(tr("Reading the data"), None)
        self.progress.set_cancellable(True)
        if again:
            self._slow.start()
        else:
            self.progress.show()

    def _progressed(self) -> None:
        step = self._reader.seen.step
        if step is not None:
            self.progress.set_progress(wording.activity(step.code), step.done / step.total if step.total else None)

    def _act(self) -> None:
        if self._reader.seen.stage == "remote":
            self._reader.download()
        else:
            self._reader.again()

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        clear(self._problems)
        for problem in problems:
            if self._brief and problem.severity != "error":
                continue
            notice = Notice(self._theme.tokens, self._theme.icons, parent=self)
            self._theme.follow(notice)
            text = f"{wording.what(problem)} {wording.remedy(problem)}".strip()
            notice.show_notice(LOOKS[problem.severity], text)
            self._problems.addWidget(notice)
