"""A form made from fields: labels above inputs in columns that align on both edges."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets import typography
from widgets.elided import ElidedLabel
from widgets.form_inputs import BoolInput, Input, make_input
from widgets.form_text import TextInput
from widgets.form_values import WIDE, Field, same
from widgets.painting import tint
from widgets.stylesheet import set_state
from widgets.tokens import Tokens

_NARROWEST = 92
"""A column below this many pixels is no use; the form then falls back to one."""
_COLUMN_GAP = 8
_ROW_GAP = 12
_LABEL = 16
_LABEL_GAP = 3

Explain = Callable[[Field, str], str]
Browse = Callable[[Field, str], str | None]


class _ChangedDot(QAbstractButton):
    """Marks a value that is not the default; a click takes it back."""

    def __init__(self, tokens: Tokens, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard has the context menu
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setFixedSize(QSize(14, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.tokens.text if self.underMouse() else self.tokens.accent))
        radius = 3.5 if self.underMouse() else 2.5
        painter.drawEllipse(QPointF(7, 7), radius, radius)


class _Cell(QWidget):
    """Label, input and problem of one field."""

    changed = Signal(str, object)

    def __init__(
        self, field: Field, tokens: Tokens, explain: Explain, browse: Browse | None, reset_text: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._explain = explain
        ask = (lambda text: browse(field, text)) if browse is not None else None
        self.input: Input = make_input(field, tokens, ask)
        self.label = ElidedLabel("" if field.kind == "bool" else field.label, tokens, role="dim", parent=self)
        self.label.setFont(typography.caption())
        self.label.setFixedHeight(_LABEL)
        self.dot = _ChangedDot(tokens, reset_text, self)
        self.problem = QLabel(self)
        self.problem.setFont(typography.caption())
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.setMinimumWidth(1)
        self.problem.hide()
        self._problems = {"typed": "", "owner": ""}
        self._lay_out()
        self._connect(reset_text)
        self._name()
        self.set_tokens(tokens)
        self.set_value(field.default)

    def set_value(self, value: Any) -> None:
        self.input.set_value(value)
        self.show_change()

    def show_change(self) -> None:
        """Show whether the value is the default."""
        changed = not same(self.field, self.input.value(), self.field.default)
        self.dot.setVisible(changed)
        self.reset_action.setEnabled(changed)

    def reset(self) -> None:
        self.input.gesture += 1
        self.input.put(self.field.default)

    def set_problem(self, source: str, text: str) -> None:
        """What was typed comes before what the owner found: it is what the eye is on."""
        self._problems[source] = text
        text = self._problems["typed"] or self._problems["owner"]
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.input.setAccessibleDescription(f"{text} {self.field.help}".strip())
        set_state(self.input, "invalid", bool(text))

    def set_tokens(self, tokens: Tokens) -> None:
        self.input.set_tokens(tokens)
        self.label.set_tokens(tokens)
        self.dot.tokens = tokens
        tint(self.problem, tokens.bad)

    def stand_beside_label(self, beside: bool) -> None:
        """A check box lines up with the input next to it, but leaves no hole where there is none."""
        if isinstance(self.input, BoolInput):
            self._column.setContentsMargins(0, _LABEL + _LABEL_GAP if beside else 0, 0, 0)

    def _name(self) -> None:
        self.input.setAccessibleName(f"{self.field.label} {self.field.unit}".strip())
        self.input.setAccessibleDescription(self.field.help)
        self.input.setToolTip(self.field.help)
        self.label.setBuddy(self.input)

    def _connect(self, reset_text: str) -> None:
        self.dot.clicked.connect(self.reset)
        self.reset_action = QAction(reset_text, self)
        self.reset_action.triggered.connect(self.reset)
        self.input.reset_action = self.reset_action
        self.input.committed.connect(self._commit)
        if isinstance(self.input, TextInput):
            self.input.failed.connect(self._fail)
            self.input.mended.connect(self._mend)

    def _commit(self, value: Any) -> None:
        self.show_change()
        self.changed.emit(self.field.name, value)

    def _fail(self, text: str) -> None:
        self.set_problem("typed", self._explain(self.field, text))

    def _mend(self) -> None:
        self.set_problem("typed", "")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_LABEL_GAP)
        if isinstance(self.input, BoolInput):
            top.addWidget(self.input)
            top.addWidget(self.dot)
            top.addStretch(1)
            self.label.hide()
            self._column.addLayout(top)
        else:
            top.addWidget(self.label)
            top.addWidget(self.dot)
            top.addStretch(1)
            self._column.addLayout(top)
            self._column.addWidget(self.input)
        self._column.addWidget(self.problem)
        self._column.addStretch(1)


class Form(QWidget):
    """Fields as inputs. `changed` follows every value that the user commits or steps, and every reset.

    `explain(field, text)` words what is wrong with a typed text. `browse(field, current)` asks for a path.
    """

    changed = Signal(str, object)

    def __init__(
        self,
        fields: Sequence[Field],
        tokens: Tokens,
        *,
        columns: int = 2,
        explain: Explain = lambda field, text: "",
        browse: Browse | None = None,
        reset_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._arranged = 0
        self._cells = {field.name: _Cell(field, tokens, explain, browse, reset_text, self) for field in fields}
        self._shown = tuple(self._cells)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_COLUMN_GAP)
        self._grid.setVerticalSpacing(_ROW_GAP)
        for cell in self._cells.values():
            cell.changed.connect(self.changed)
        self._arrange(columns)

    def values(self) -> dict[str, Any]:
        """The value of every field; where something invalid is typed, the last valid one."""
        return {name: cell.input.value() for name, cell in self._cells.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values without telling anyone; names without a field are passed over."""
        for name in values.keys() & self._cells.keys():
            self._cells[name].set_value(values[name])

    def shown(self) -> tuple[str, ...]:
        """The fields that can be seen, in their order."""
        return self._shown

    def show_fields(self, names: Collection[str]) -> None:
        """Show these fields only; the others keep their values, and the keyboard stays where it is."""
        shown = tuple(name for name in self._cells if name in names)
        if shown != self._shown:
            self._shown = shown
            for name, cell in self._cells.items():
                cell.setVisible(name in names)
            self._arrange(self._arranged, anew=True)

    def set_problem(self, name: str, text: str) -> None:
        """Show what is wrong with a field, or nothing."""
        self._cells[name].set_problem("owner", text)

    def merge_key(self, name: str) -> tuple[str, int]:
        """Changes of a field with the same key belong to one gesture, and to one step of undo."""
        return name, self._cells[name].input.gesture

    def set_enabled_field(self, name: str, enabled: bool) -> None:
        """Let a field be edited or not."""
        self._cells[name].setEnabled(enabled)

    def focus_field(self, name: str) -> None:
        """Put the keyboard into a field."""
        self._cells[name].input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def input(self, name: str) -> Input:
        """The input of a field."""
        return self._cells[name].input

    def problem(self, name: str) -> str:
        """What is said below a field."""
        return self._cells[name].problem.text()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        for cell in self._cells.values():
            cell.set_tokens(tokens)

    def _arrange(self, columns: int, *, anew: bool = False) -> None:
        if columns == self._arranged and not anew:
            return
        self._arranged = columns
        row = column = 0
        for cell in self._cells.values():
            self._grid.removeWidget(cell)
        pending: list[_Cell] = []
        for cell in (self._cells[name] for name in self._shown):
            wide = cell.field.kind in WIDE
            if pending and (wide or column == columns):
                self._place(pending, row, columns)
                pending, row, column = [], row + 1, 0
            pending.append(cell)
            column = columns if wide else column + 1
        self._place(pending, row, columns)
        for index in range(max(columns, self._columns)):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)

    def _place(self, cells: list[_Cell], row: int, columns: int) -> None:
        """The last input of a row reaches the right edge."""
        labelled = any(cell.field.kind != "bool" for cell in cells)
        for index, cell in enumerate(cells):
            cell.stand_beside_label(labelled)
            last = index == len(cells) - 1
            self._grid.addWidget(cell, row, index, 1, columns - index if last else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fitting = (event.size().width() + _COLUMN_GAP) // (_NARROWEST + _COLUMN_GAP)
        self._arrange(max(1, min(self._columns, fitting)))
