"""The inputs of a form, one for each kind of field. They change only for who looks at them."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from widgets.form_text import TextInput
from widgets.form_values import Field, options, same
from widgets.tokens import Tokens


class ChoiceInput(QComboBox):
    """One of a few values. A value that is none of them is shown all the same."""

    committed = Signal(object)

    def __init__(self, field: Field, tokens: Tokens) -> None:
        super().__init__()
        self.gesture = 0
        self.reset_action: QAction | None = None
        self._field = field
        self._options = options(field)
        self._value: Any = None
        self.addItems([text for _, text in self._options])
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(14)
        self.activated.connect(self._pick)

    def value(self) -> Any:
        """What is chosen."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self._value = value
        at = next((i for i, (option, _) in enumerate(self._options) if same(self._field, option, value)), -1)
        self.setPlaceholderText("" if at >= 0 else str(value))
        self.setCurrentIndex(at)

    def put(self, value: Any) -> None:
        """Take a value as if it were picked."""
        if not same(self._field, value, self._value):
            self.set_value(value)
            self.committed.emit(value)

    def set_tokens(self, tokens: Tokens) -> None:
        """Nothing here is painted by hand."""

    def _pick(self, at: int) -> None:
        self.gesture += 1
        self.put(self._options[at][0])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        pop_up_reset(self, self.reset_action, event)


class BoolInput(QCheckBox):
    """Yes or no, with the label beside it."""

    committed = Signal(object)

    def __init__(self, field: Field, tokens: Tokens) -> None:
        super().__init__(field.label)
        self.gesture = 0
        self.reset_action: QAction | None = None
        self.setMinimumHeight(30)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._pick)

    def value(self) -> bool:
        """Whether it is checked."""
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.setChecked(bool(value))

    def put(self, value: Any) -> None:
        """Take a value as if it were clicked."""
        if bool(value) != self.isChecked():
            self.set_value(value)
            self.committed.emit(bool(value))

    def set_tokens(self, tokens: Tokens) -> None:
        """Nothing here is painted by hand."""

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def _pick(self, checked: bool) -> None:
        self.gesture += 1
        self.committed.emit(checked)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, self).width()
        option.text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_CheckBox, option)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        pop_up_reset(self, self.reset_action, event)


Input = TextInput | ChoiceInput | BoolInput


def pop_up_reset(widget: QWidget, action: QAction | None, event: QContextMenuEvent) -> None:
    """Offer the one thing that a context menu has to offer here."""
    if action is not None:
        menu = QMenu(widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(action)
        menu.popup(event.globalPos())


def make_input(field: Field, tokens: Tokens, browse: Callable[[str], str | None] | None) -> Input:
    """The input for a kind of field."""
    if field.kind == "choice":
        return ChoiceInput(field, tokens)
    if field.kind == "bool":
        return BoolInput(field, tokens)
    return TextInput(field, tokens, browse)
