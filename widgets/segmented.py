"""The switch between a few places, of which one is always on."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from widgets import typography
from widgets.painting import by_keyboard, focus_ring, mixed, rounded, state_colours
from widgets.tokens import RADIUS_INPUT, Tokens

_HEIGHT = 26
_PADDING = 14
_MARGIN = 2
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class _Item(QAbstractButton):
    """One place. It is as wide as its bold text, so that nothing moves when it is chosen."""

    def __init__(self, key: str, text: str, parent: "Segmented") -> None:
        super().__init__(parent)
        self.key = key
        self.badge = ""
        self._owner = parent
        self._ring = False
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setFont(typography.body())
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.toggled.connect(self._take_tab)

    def _take_tab(self, checked: bool) -> None:
        """Tab stops at the chosen place only; the arrows go on from there."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if checked else Qt.FocusPolicy.ClickFocus)

    def sizeHint(self) -> QSize:
        bold = QFontMetrics(typography.body(QFont.Weight.DemiBold))
        return QSize(bold.horizontalAdvance(self.text()) + 2 * _PADDING, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._ring = True
        self._owner.step(-step if mirrored and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) else step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = by_keyboard(event) or event.reason() == Qt.FocusReason.OtherFocusReason
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._owner.tokens
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.isChecked():
            rounded(painter, rect, RADIUS_INPUT - 1, tokens.background if tokens.dark else tokens.panel)
        elif self.underMouse() and self.isEnabled():
            rounded(painter, rect, RADIUS_INPUT - 1, tokens.hover)
        bold = self.isChecked()
        painter.setFont(typography.body(QFont.Weight.DemiBold if bold else QFont.Weight.Normal))
        painter.setPen(self._ink(tokens))
        space = int(rect.width()) - 2 * (_PADDING // 2)
        text = QFontMetrics(painter.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, space)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        if self.badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(state_colours(tokens, self.badge)[0]))
            painter.drawEllipse(QPointF(rect.right() - 7.5, rect.top() + 8), 3, 3)
        if self.hasFocus() and self._ring:
            focus_ring(painter, rect, tokens, RADIUS_INPUT - 1)

    def _ink(self, tokens: Tokens) -> QColor:
        if not self.isEnabled():
            return mixed(tokens.raised, tokens.faint, 0.6)
        return QColor(tokens.text if self.isChecked() or self.underMouse() else tokens.dim)


class Segmented(QWidget):
    """Items of (key, text). `chosen` tells what the user chose; `set_current` is silent."""

    chosen = Signal(str)

    def __init__(
        self,
        items: Sequence[tuple[str, str]],
        tokens: Tokens,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        row.setSpacing(2)
        self._items = {key: _Item(key, text, self) for key, text in items}
        for item in self._items.values():
            self._group.addButton(item)
            row.addWidget(item)
            item.clicked.connect(self._tell)
        if items:
            self.set_current(items[0][0])

    def current(self) -> str:
        """The key of the place that is on."""
        item = self._group.checkedButton()
        return item.key if isinstance(item, _Item) else ""

    def set_current(self, key: str) -> None:
        """Show that a place is on, without telling anyone."""
        self._items[key].setChecked(True)

    def set_enabled_item(self, key: str, enabled: bool) -> None:
        """Let a place be chosen or not."""
        self._items[key].setEnabled(enabled)

    def set_badge(self, key: str, state: str, description: str = "") -> None:
        """Put a dot on a place in the colour of a state ("" for none) and say what it means."""
        item = self._items[key]
        item.badge = state
        item.setAccessibleDescription(description)
        item.update()

    def set_tooltip(self, key: str, text: str) -> None:
        """Explain a place, with its key."""
        self._items[key].setToolTip(text)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.tokens = tokens
        self.update()

    def step(self, by: int) -> None:
        """Choose the next place in a direction that can be chosen, as the arrow keys do."""
        items = list(self._items.values())
        at = next((i for i, item in enumerate(items) if item.isChecked()), 0) + by
        while 0 <= at < len(items):
            if items[at].isEnabled():
                items[at].setFocus(Qt.FocusReason.OtherFocusReason)
                items[at].click()
                return
            at += by

    def _tell(self) -> None:
        self.chosen.emit(self.current())

    def paintEvent(self, event: QPaintEvent) -> None:
        rounded(QPainter(self), QRectF(self.rect()), RADIUS_INPUT + 1, self.tokens.raised)
