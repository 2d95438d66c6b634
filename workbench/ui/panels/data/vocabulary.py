"""The tokens that a network can read of a column of text, and how a text of the user's own is cut into them."""

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHeaderView, QLineEdit, QPlainTextEdit, QTreeWidget, QTreeWidgetItem, QWidget

from widgets.token_strip import TokenStrip
from workbench.core import wording
from workbench.core.data_messages import GetVocabulary, Token, Vocabulary
from workbench.core.i18n import tr
from workbench.core.inspection import Inspection
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import Request
from workbench.ui.panels.data.reader import DataReader
from workbench.ui.parts import IconButton, Text, align_right, caption, column, heading, row
from workbench.ui.theme import Theme

WAIT_MS = 150
PAGE = 200
TABLE_WIDTH = 420
TEXTS = ("text", "tokens", "corpus", "words")
"""Kinds that are read as tokens."""


class VocabularyPanel(QWidget):
    """Tokens with their numbers and counts at the left, a text and its tokens at the right."""

    def __init__(self, theme: Theme, session: Session, reader: DataReader) -> None:
        super().__init__()
        self._session, self._reader = session, reader
        self._folder = ""
        self._start = 0
        self._request: Request | None = None
        self.answer: Vocabulary | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self.columns = QComboBox()
        self.columns.setAccessibleName(tr("Column"))
        self.columns.activated.connect(self._from_first)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a token …"))
        self.search.setAccessibleName(tr("Find a token"))
        self.search.setClearButtonEnabled(True)
        self.search.textEdited.connect(self._from_first)
        self._size = caption(theme)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAccessibleName(tr("Tokens"))
        self.table.setHeaderLabels([tr("Token"), tr("Number"), tr("Count")])
        self._back = IconButton(theme, "chevron-left", look="quiet", tooltip=tr("Previous page"))
        self._on = IconButton(theme, "chevron-right", look="quiet", tooltip=tr("Next page"))
        self._back.clicked.connect(lambda: self._turn(-PAGE))
        self._on.clicked.connect(lambda: self._turn(PAGE))
        self._where = Text(theme, role="dim")
        self._complaint = Text(theme, role="warn", wrap=True)
        self._complaint.hide()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("A text to try"))
        self.text.setPlaceholderText(tr("Type or paste a text: below you see how it is cut into tokens."))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(120)
        self.text.textChanged.connect(self._soon)
        self.pieces = TokenStrip(theme.tokens, name=tr("Tokens of the text"))
        self.count = caption(theme)
        theme.follow(self.pieces)
        left = QWidget()
        left.setFixedWidth(TABLE_WIDTH)
        pages = row(-1, self._back, self._where, self._on)
        tokens = column(self.columns, self.search, self._size, self.table, self._complaint, pages)
        tokens.setStretchFactor(self.table, 1)
        left.setLayout(tokens)
        right = QWidget()
        tried = column(heading(theme, tr("How a text is cut")), self.text, self.count, self.pieces, -1)
        tried.setStretchFactor(self.pieces, 1)
        right.setLayout(tried)
        beside = row(left, right, spacing=24)
        beside.setStretch(1, 1)
        self.setLayout(column(beside))
        find = QShortcut(QKeySequence("Ctrl+F"), self, self.search.setFocus)
        find.setContext(find.context().WidgetWithChildrenShortcut)
        session.subscribe(self._changed)
        reader.changed.connect(self.refresh)

    def look_in(self, folder: str) -> None:
        """Where relative paths start."""
        self._folder = folder

    def showEvent(self, event: object) -> None:
        """Tokens are asked for when somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def _changed(self, old: State, new: State) -> None:
        if old.document.data is not new.document.data:
            self._soon()

    def refresh(self) -> None:
        """Show what is known now."""
        inspection = self._reader.seen.inspection
        names = texts_of(inspection) if inspection else []
        if names != [self.columns.itemText(at) for at in range(self.columns.count())]:
            self.columns.clear()
            self.columns.addItems(names)
        self.columns.setVisible(len(names) > 1)
        example = next((facts.example for facts in inspection.columns if facts.name in names), "") if inspection else ""
        if not self.text.toPlainText() and example:
            self.text.setPlainText(example)
        self._soon()

    def _from_first(self, *ignored: object) -> None:
        self._start = 0
        self._soon()

    def _turn(self, by: int) -> None:
        if self.answer is not None and 0 <= self._start + by < self.answer.total:
            self._start += by
            self._soon()

    def _soon(self) -> None:
        if self.isVisible():
            self._wait.start()

    def _ask(self) -> None:
        data = self._session.state.document.data
        column = self.columns.currentText()
        if data is None or not column or self._reader.seen.stage != "known":
            return
        question = GetVocabulary(
            msgspec.to_builtins(data),
            column,
            self.search.text(),
            self._start,
            PAGE,
            self.text.toPlainText(),
            self._folder,
        )
        request = self._request = self._reader.engine.ask(
            question,
            lambda answer, parts: self._answered(answer) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
        )

    def _failed(self, problem: Problem) -> None:
        self._complaint.setText(f"{wording.what(problem)} {wording.remedy(problem)}".strip())
        self._complaint.show()

    def _answered(self, answer: Vocabulary) -> None:
        self.answer = answer
        self._complaint.hide()
        self._size.setText(tr("{n} different tokens", n=wording.count(answer.size)))
        self.table.clear()
        self.table.addTopLevelItems([_row(token) for token in answer.tokens])
        for place in (1, 2):
            align_right(self.table, place)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        last, first = min(self._start + PAGE, answer.total), min(self._start + 1, answer.total)
        self._where.setText(
            tr("{first} to {last} of {total}", first=first, last=last, total=wording.count(answer.total))
        )
        self._back.setEnabled(self._start > 0)
        self._on.setEnabled(last < answer.total)
        self.pieces.set_tokens_shown([(visible(token.text), str(token.number)) for token in answer.pieces])
        self.count.setText(tr("{n} tokens", n=wording.count(len(answer.pieces))) if answer.pieces else "")


def _row(token: Token) -> QTreeWidgetItem:
    count = "–" if token.count is None else wording.count(token.count)
    return QTreeWidgetItem([visible(token.text), wording.count(token.number), count])


def visible(token: str) -> str:
    """A token as it can be seen: spaces, ends of lines and tabs have signs."""
    return token.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")


def texts_of(inspection: Inspection) -> list[str]:
    """The columns that networks read as tokens, by the name that they have in the source."""
    return [facts.name for facts in inspection.columns if facts.kind in TEXTS and facts.role in ("input", "target")]
