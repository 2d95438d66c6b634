"""Try it: draw a digit or drop a picture, and see what the exported model answers."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from widgets.bars import BarList
from widgets.notice import Notice
from widgets.painting import tint
from widgets.sketch_pad import SketchPad
from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.messages import Predict, Predictions
from workbench.core.problems import Problem
from workbench.ui.desk import Desk
from workbench.ui.engine_client import EngineClient
from workbench.ui.panels.export_dialog import provider
from workbench.ui.parts import IconButton, Text, caption, column, elided, heading, row, title
from workbench.ui.theme import Theme

TOP = 10
PICTURES = "PNG, JPEG (*.png *.jpg *.jpeg *.bmp *.gif *.webp)"
TABLES = "CSV (*.csv)"


class TryIt(QWidget):
    """One exported model that answers while one draws."""

    def __init__(self, theme: Theme, engine: EngineClient, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("try-it")
        self._engine, self._desk, self._theme = engine, desk, theme
        self._model = ""
        self._waiting = self._again = False
        self._file = ""
        """What the answer is about, where it is no drawing."""
        self.answers: Predictions | None = None
        self.pad = SketchPad(theme.tokens, placeholder=tr("Draw here, or drop a picture"), name=tr("Drawing"))
        self.pad.setMinimumSize(240, 240)
        self.pad.setMaximumSize(320, 320)
        self.pad.drawn.connect(self._ask)
        self.pad.file_dropped.connect(self.ask_file)
        clear = IconButton(theme, "eraser", tr("Clear"))
        clear.clicked.connect(self._clear)
        back = IconButton(theme, "undo-2", tr("Undo stroke"))
        back.clicked.connect(self.pad.undo)
        browse = IconButton(theme, "image", tr("Open a file …"))
        browse.clicked.connect(self._browse)
        self._answer = title(theme)
        font = self._answer.font()
        font.setPixelSize(40)
        self._answer.setFont(font)
        self.bars = BarList(theme.tokens, highlight_first=True, animate=True, name=tr("Answers"))
        self._where = elided(theme, role="dim")
        self._speed = caption(theme)
        self._notice = Notice(theme.tokens, theme.icons)
        self._notice.hide()
        theme.follow(self.pad, self.bars, self._notice)
        left = QWidget()
        left.setLayout(column(self.pad, row(clear, back, browse, -1), -1))
        right = QWidget()
        right.setLayout(
            column(Text(theme, tr("Answer"), role="dim"), self._answer, 4, self.bars, 8, self._speed, self._notice, -1)
        )
        right.setMaximumWidth(560)
        body = row(left, right, -1, spacing=24)
        body.setStretchFactor(right, 1000)
        body.setAlignment(left, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(heading(theme, tr("Try it")), self._where, 4, body, -1))

    @property
    def model(self) -> str:
        """The exported model that answers; empty when there is none."""
        return self._model

    def use(self, model: str) -> None:
        """Ask this exported model from now on."""
        self._model = model
        self._where.setText(model)
        self._where.setToolTip(model)
        self._clear()

    def ask_file(self, name: str) -> None:
        """Ask about a picture or a table, instead of a drawing."""
        if self._model:
            self._file = name
            self.pad.clear()
            self._engine.ask(
                Predict(self._model, (name,)),
                lambda found, parts: self._answered(found) if self._file == name else None,
                lambda problem: self._failed(problem) if self._file == name else None,
            )

    def _browse(self) -> None:
        chosen = self._desk.ask_open(tr("Open a file"), f"{PICTURES};;{TABLES}")
        if chosen is not None:
            self.ask_file(str(chosen))

    def _clear(self) -> None:
        self._file = ""
        self.pad.clear()
        self._show_nothing()

    def _show_nothing(self) -> None:
        self.answers = None
        self._notice.hide()
        self._answer.setText("?")
        tint(self._answer, self._theme.tokens.faint)
        self._speed.setText("")
        self.bars.set_rows([])

    def _ask(self) -> None:
        """One question at a time: while one is under way only the newest drawing waits."""
        if self.pad.is_empty():
            if not self._file:
                self._show_nothing()
            return
        self._file = ""
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
        first = found.answers[0]
        self._answer.setText(wording.readable(first.answer))
        tint(self._answer, self._theme.tokens.text)
        rows = [(label, score, f"{score * 100:.1f} %") for label, score in list(first.scores.items())[:TOP]]
        self.bars.set_rows(rows, maximum=1.0)
        name, time = provider(found.provider), f"{found.milliseconds:.1f}"
        parts = [
            Path(self._file).name,
            tr("{n} rows", n=len(found.answers)) if len(found.answers) > 1 else "",
            tr("Answered by ONNX Runtime on {provider} in {time} ms", provider=name, time=time),
        ]
        self._speed.setText(" · ".join(filter(None, parts)))

    def _failed(self, problem: Problem) -> None:
        self._show_nothing()
        self._notice.show_notice("bad", f"{wording.what(problem)} {wording.remedy(problem)}".strip())


def is_there(model: str) -> bool:
    """An exported model still lies where it was written."""
    return bool(model) and Path(model).is_file()
