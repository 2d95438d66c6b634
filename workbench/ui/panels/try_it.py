"""Try it: draw a digit, drop a picture, type a row of a table, and see what the exported model answers."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from widgets.bars import BarList
from widgets.notice import Notice
from widgets.painting import tint
from widgets.sketch_pad import SketchPad
from workbench.core import wording
from workbench.core.i18n import tr, trn
from workbench.core.messages import Predict, Prediction, Predictions
from workbench.core.problems import Problem
from workbench.ui.desk import Desk
from workbench.ui.engine_client import EngineClient, Request
from workbench.ui.panels.export_dialog import provider
from workbench.ui.panels.row_form import Columns, RowForm
from workbench.ui.parts import IconButton, Text, align_right, caption, column, elided, heading, row, title
from workbench.ui.theme import Theme

TOP = 10
LARGE, MODEST, MOST_LARGE = 40, 18, 24
"""Sizes of an answer in pixels, and the most letters of a large one."""
MOST_ROWS = 1000
"""Of the answers to a table, so many are listed."""
PICTURES = "PNG, JPEG (*.png *.jpg *.jpeg *.bmp *.gif *.webp)"
TABLES = "CSV (*.csv)"
TEXTS = "TXT (*.txt *.md)"


class TryIt(QWidget):
    """One exported model that answers while one draws or types."""

    def __init__(self, theme: Theme, engine: EngineClient, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("try-it")
        self._engine, self._desk, self._theme = engine, desk, theme
        self._model = ""
        self._kinds = PICTURES
        self._request: Request | None = None
        self._waiting = self._again = False
        self._file = ""
        """What the answer is about, where it is no drawing."""
        self.answers: Predictions | None = None
        self.pad = SketchPad(theme.tokens, placeholder=tr("Draw here, or drop a picture"), name=tr("Drawing"))
        self.pad.setMinimumSize(240, 240)
        self.pad.setMaximumSize(320, 320)
        self.pad.drawn.connect(self._ask)
        self.pad.file_dropped.connect(self.ask_file)
        self.row_form = RowForm(theme)
        self.row_form.setFixedWidth(320)
        self.row_form.typed.connect(self.ask_file)
        clear = IconButton(theme, "eraser", tr("Clear"))
        clear.clicked.connect(self._clear)
        self._back = IconButton(theme, "undo-2", tr("Undo stroke"))
        self._back.clicked.connect(self.pad.undo)
        self._browse_button = IconButton(theme, "image", tr("Open a file …"))
        self._browse_button.clicked.connect(self._browse)
        self._answer = title(theme)
        self._answer.setWordWrap(True)
        self._set_answer("?")
        self.bars = BarList(theme.tokens, highlight_first=True, animate=True, name=tr("Answers"))
        self._where = elided(theme, role="dim")
        self._speed = caption(theme)
        self._notice = Notice(theme.tokens, theme.icons)
        self._notice.hide()
        theme.follow(self.pad, self.bars, self._notice)
        self.results = QTreeWidget()
        self.results.setAccessibleName(tr("Answers of all rows"))
        self.results.setHeaderLabels([tr("Line"), tr("Answer"), tr("Share")])
        self.results.setRootIsDecorated(False)
        self.results.setUniformRowHeights(True)
        self.results.currentItemChanged.connect(self._show_row)
        self.results.hide()
        left = QWidget()
        left.setLayout(column(self.pad, self.row_form, row(clear, self._back, self._browse_button, -1), -1))
        right = QWidget()
        words = (self._speed, self._notice, self.results)
        answer = column(Text(theme, tr("Answer"), role="dim"), self._answer, 4, self.bars, 8, *words, -1)
        answer.setStretchFactor(self.results, 1000)
        right.setLayout(answer)
        right.setMaximumWidth(560)
        body = row(left, right, -1, spacing=24)
        body.setStretchFactor(right, 1000)
        layout = column(heading(theme, tr("Try it")), self._where, 4, body)
        layout.setStretchFactor(body, 1)
        self.setLayout(layout)
        self.row_form.hide()

    @property
    def model(self) -> str:
        """The exported model that answers; empty when there is none."""
        return self._model

    def use(self, model: str, columns: Columns = (), text: bool = False) -> None:
        """Ask this exported model from now on; it reads pictures, or these columns of a table, or texts."""
        self._model = model
        self._kinds = TABLES if columns else TEXTS if text else PICTURES
        self.row_form.show_columns(columns)
        self.row_form.setVisible(bool(columns))
        for widget in (self.pad, self._back):
            widget.setVisible(not columns and not text)
        self._browse_button.setText(tr("Open a CSV file …") if columns else tr("Open a file …"))
        self._browse_button.set_icon("table" if columns else "file-text" if text else "image")
        self._where.setText(wording.place(Path(model)))
        self._where.setToolTip(model)
        self._clear()

    def ask_file(self, name: str) -> None:
        """Ask about a picture or a table, instead of a drawing."""
        if self._model:
            self._file = name
            self.pad.clear()
            if name != self.row_form.file:
                self.row_form.clear()
            request = self._request = self._engine.ask(
                Predict(self._model, (name,)),
                lambda found, parts: self._answered(found) if self._request is request else None,
                lambda problem: self._failed(problem) if self._request is request else None,
            )

    def _browse(self) -> None:
        chosen = self._desk.ask_open(tr("Open a file"), self._kinds)
        if chosen is not None:
            self.ask_file(str(chosen))

    def _clear(self) -> None:
        self._file, self._request = "", None
        self.pad.clear()
        self.row_form.clear()
        self._show_nothing()

    def _show_nothing(self) -> None:
        self.answers = None
        self._notice.hide()
        self._set_answer("?")
        tint(self._answer, self._theme.tokens.faint)
        self._speed.setText("")
        self.bars.set_rows([])
        self.results.hide()

    def _ask(self) -> None:
        """One question at a time: while one is under way only the newest drawing waits."""
        if self.pad.is_empty():
            if not self._file:
                self._show_nothing()
            return
        self._file, self._request = "", None
        if not self._model:
            return
        if self._waiting:
            self._again = True
            return
        self._waiting, self._again = True, False
        ink = self.pad.image()
        question = Predict(self._model, drawing=(ink.shape[0], ink.shape[1]))
        self._engine.ask(question, self._drawing_answered, self._drawing_failed, parts=[ink.tobytes()])

    def _drawing_answered(self, found: Predictions, parts: list[bytes]) -> None:
        self._waiting = False
        if not self.pad.is_empty():
            self._answered(found)
        if self._again:
            self._ask()

    def _drawing_failed(self, problem: Problem) -> None:
        self._waiting = False
        if not self.pad.is_empty():
            self._failed(problem)
        if self._again:
            self._ask()

    def _answered(self, found: Predictions) -> None:
        self._notice.hide()
        self.answers = found
        self._show_answer(found.answers[0])
        self._show_results(found.answers)
        if found.problems:
            count = trn("{n} row was left out.", "{n} rows were left out.", len(found.problems))
            self._notice.show_notice("warn", f"{count} {wording.what(found.problems[0])}")
        name, time = provider(found.provider), f"{found.milliseconds:.1f}"
        is_typed = self.row_form.isVisible() and self._file == self.row_form.file
        parts = [
            "" if is_typed else Path(self._file).name,
            tr("{n} rows", n=len(found.answers)) if len(found.answers) > 1 else "",
            tr("Answered by ONNX Runtime on {provider} in {time} ms", provider=name, time=time),
        ]
        self._speed.setText(" · ".join(filter(None, parts)))

    def _show_answer(self, found: Prediction) -> None:
        parts = " ".join(f"{part.text}/{part.label}" for part in found.parts if part.text)
        self._set_answer(parts or wording.readable(found.answer))
        tint(self._answer, self._theme.tokens.text)
        rows = [(label, score, f"{score * 100:.1f} %") for label, score in list(found.scores.items())[:TOP]]
        self.bars.set_rows(rows, maximum=1.0)

    def _set_answer(self, text: str) -> None:
        """A word is written large; a whole text so that it can be read."""
        font = self._answer.font()
        font.setPixelSize(LARGE if len(text) <= MOST_LARGE else MODEST)
        self._answer.setFont(font)
        self._answer.setText(text)

    def _show_results(self, answers: Sequence[Prediction]) -> None:
        """All answers to a table, where there is more than one; a click shows one of them."""
        self.results.clear()
        self.results.setVisible(len(answers) > 1)
        for found in answers[:MOST_ROWS] if len(answers) > 1 else ():
            share = f"{next(iter(found.scores.values())) * 100:.1f} %" if found.scores else ""
            line = found.input.rpartition(":")[2]
            self.results.addTopLevelItem(QTreeWidgetItem([line, wording.readable(found.answer), share]))
        for place in (0, 2):
            align_right(self.results, place)

    def _show_row(self, item: QTreeWidgetItem | None) -> None:
        at = self.results.indexOfTopLevelItem(item) if item is not None else -1
        if self.answers is not None and 0 <= at < len(self.answers.answers):
            self._show_answer(self.answers.answers[at])

    def _failed(self, problem: Problem) -> None:
        self._show_nothing()
        self._notice.show_notice("bad", f"{wording.what(problem)} {wording.remedy(problem)}".strip())


def is_there(model: str) -> bool:
    """An exported model still lies where it was written."""
    return bool(model) and Path(model).is_file()
