"""The input for everything that is typed: numbers, texts, lists, paths."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit

from widgets import typography
from widgets.form_values import NUMBERS, Field, normal, parse, same, show, stepped
from widgets.painting import chevron, rounded
from widgets.tokens import Tokens
from widgets.undo_keys import UndoKeys

_STEPPER = 22
_REPEAT_AFTER_MS = 400
_REPEAT_EVERY_MS = 60
_PAGE = 10
_KEYS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: _PAGE,
    Qt.Key.Key_PageDown: -_PAGE,
}


class TextInput(QLineEdit):
    """Numbers, texts, lists and paths. Units, steppers and the browse dots are painted at its right end."""

    committed = Signal(object)
    failed = Signal(str)
    mended = Signal()

    def __init__(self, field: Field, tokens: Tokens, browse: Callable[[str], str | None] | None = None) -> None:
        super().__init__()
        self.gesture = 0
        self.reset_action: QAction | None = None
        self._field = field
        self._tokens = tokens
        self._browse = browse if field.kind == "path" else None
        self._value: Any = None
        self._failing = False
        self._hot = 0
        self._repeat = QTimer(self)
        self._repeat.timeout.connect(self._step_again)
        self.setMinimumWidth(44)
        self.setMouseTracking(True)
        self.setPlaceholderText(field.placeholder)
        self.setFont(typography.tabular())
        self.setTextMargins(0, 0, self._unit_width() + self._side_width(), 0)
        UndoKeys(self)
        self.textEdited.connect(self._recheck)
        self.editingFinished.connect(self._commit)

    def value(self) -> Any:
        """The last value that was valid."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a value. What is being typed stays as long as the value underneath is the same."""
        if self.isModified() and same(self._field, value, self._value):
            return
        self._accept(value)

    def put(self, value: Any) -> None:
        """Take a value as if it were typed."""
        changed = not same(self._field, value, self._value)
        self._accept(value)
        if changed:
            self.committed.emit(self._value)

    def step(self, steps: int) -> None:
        """Go up or down from what is typed, or from the last value where that is none."""
        try:
            start = parse(self._field, self.text())
        except ValueError:
            start = self._value
        if self.isEnabled() and not self.isReadOnly() and self._field.kind in NUMBERS:
            try:
                self.put(stepped(self._field, start, steps))
            except TypeError:  # a setting that stands for something else, such as a block's parameter
                return
            self.selectAll()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def _accept(self, value: Any) -> None:
        self._value = normal(self._field, value)
        text = show(self._field, self._value)
        if text != self.text():
            self.setText(text)
            self._show_beginning()
        self.setModified(False)
        self._recheck()

    def _show_beginning(self) -> None:
        """A number whose first digits are out of sight reads as a smaller one."""
        if self._field.kind in NUMBERS and not self.hasFocus():
            self.setCursorPosition(0)

    def _commit(self) -> None:
        if not self.isModified() and not self._failing:
            return
        try:
            value = parse(self._field, self.text())
        except ValueError:
            self._failing = True
            self.failed.emit(self.text())
            return
        self.gesture += 1
        self.put(value)
        self.gesture += 1

    def _recheck(self) -> None:
        """A mistake that was pointed out is forgiven as soon as it is mended."""
        if not self._failing:
            return
        try:
            parse(self._field, self.text())
        except ValueError:
            return
        self._failing = False
        self.mended.emit()

    def _unit_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._field.unit) + 6 if self._field.unit else 0

    def _side_width(self) -> int:
        return _STEPPER if self._field.kind in NUMBERS or self._browse else 0

    def _side(self) -> QRectF:
        return QRectF(self.width() - _STEPPER - 2, 3, _STEPPER, self.height() - 6)

    def _direction_at(self, point: QPointF) -> int:
        """1 on the upper stepper or the dots, -1 on the lower stepper, 0 elsewhere."""
        side = self._side()
        if not self._side_width() or not self.isEnabled() or not side.contains(point):
            return 0
        return 1 if self._browse or point.y() < side.center().y() else -1

    def _step_again(self) -> None:
        self._repeat.setInterval(_REPEAT_EVERY_MS)
        self.step(self._hot)

    def _choose_path(self) -> None:
        path = self._browse(self.text()) if self._browse else None
        if path:
            self.put(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = _KEYS.get(Qt.Key(event.key()))
        if steps and self._field.kind in NUMBERS:
            self.step(steps)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._accept(self._value)
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.gesture += 1
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_beginning()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y()
        if self.hasFocus() and self._field.kind in NUMBERS and notches:
            self.step(1 if notches > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        direction = self._direction_at(event.position())
        if not direction or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif self._browse:
            self._choose_path()
        else:
            self._hot = direction
            self.step(direction)
            self._repeat.start(_REPEAT_AFTER_MS)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._repeat.isActive():
            self._repeat.stop()
        else:
            super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._repeat.isActive():
            return
        self._point(self._direction_at(event.position()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(0)
        super().leaveEvent(event)

    def _point(self, direction: int) -> None:
        shape = Qt.CursorShape.ArrowCursor if direction else Qt.CursorShape.IBeamCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)
        if direction != self._hot:
            self._hot = direction
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.reset_action is not None:
            first = menu.actions()[0]
            menu.insertAction(first, self.reset_action)
            menu.insertSeparator(first)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = self._side()
        if self._field.unit:
            painter.setPen(QColor(self._tokens.faint))
            area = QRectF(self.rect()).adjusted(0, 0, -self._side_width() - 9, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._field.unit)
        if self._browse:
            self._paint_dots(painter, side)
        elif self._side_width():
            self._paint_steppers(painter, side)

    def _paint_steppers(self, painter: QPainter, side: QRectF) -> None:
        for direction in (1, -1):
            half = QRectF(side.x(), side.y() if direction > 0 else side.center().y(), side.width(), side.height() / 2)
            hot = direction == self._hot
            if hot:
                rounded(painter, half, 3, self._tokens.hover)
            colour = self._tokens.text if hot else self._tokens.dim if self.isEnabled() else self._tokens.line
            centre = half.center() + QPointF(0, direction * 0.5)
            chevron(painter, centre, 7, colour, up=direction > 0)

    def _paint_dots(self, painter: QPainter, side: QRectF) -> None:
        if self._hot:
            rounded(painter, side, 4, self._tokens.hover)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.text if self._hot else self._tokens.dim))
        for shift in (-4.5, 0.0, 4.5):
            painter.drawEllipse(side.center() + QPointF(shift, 0), 1.3, 1.3)
