"""The steps of a longer way, below one another: which are done, where one is, which are still to come."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import typography
from widgets.icons import Icons
from widgets.painting import by_keyboard, focus_ring, rounded
from widgets.tokens import RADIUS_INPUT, Tokens

HEIGHT, DISC, INDENT = 40, 22, 10


class _Stop(QAbstractButton):
    def __init__(self, key: str, number: int, text: str, icons: Icons, rail: "StepRail") -> None:
        super().__init__(rail)
        self.key, self.number = key, number
        self.state = "ahead"
        self._icons, self._rail, self._ring = icons, rail, False
        self.setText(text)
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        bold = QFontMetrics(typography.body(QFont.Weight.DemiBold))
        return QSize(bold.horizontalAdvance(self.text()) + DISC + 4 * INDENT, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(DISC + 2 * INDENT, HEIGHT)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = by_keyboard(event)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = self._rail.tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        here = self.state == "here"
        if here or (self.underMouse() and self.isEnabled()):
            rounded(painter, room, RADIUS_INPUT, tokens.accent_soft if here else tokens.hover)
        disc = QRectF(INDENT, room.center().y() - DISC / 2, DISC, DISC)
        strong = self.state in ("here", "done")
        rounded(painter, disc, DISC / 2, tokens.accent if here else tokens.raised, None if here else tokens.line)
        if self.state == "done":
            mark = self._icons.pixmap("check", tokens.ok, 14, self.devicePixelRatioF())
            painter.drawPixmap(disc.adjusted(4, 4, 0, 0).topLeft(), mark)
        else:
            painter.setFont(typography.tabular(typography.caption(QFont.Weight.DemiBold)))
            painter.setPen(QColor(tokens.on_accent if here else tokens.faint))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self.number))
        font = typography.body(QFont.Weight.DemiBold if here else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if strong else tokens.faint))
        words = room.adjusted(DISC + 2 * INDENT, 0, -INDENT, 0)
        shown = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        if self.hasFocus() and self._ring:
            focus_ring(painter, room, tokens, RADIUS_INPUT)


class StepRail(QWidget):
    """Stops of (key, text). Those that can be gone to are told by `chosen`."""

    chosen = Signal(str)

    def __init__(
        self,
        stops: Sequence[tuple[str, str]],
        tokens: Tokens,
        icons: Icons,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._stops: dict[str, _Stop] = {}
        for number, (key, text) in enumerate(stops, 1):
            stop = self._stops[key] = _Stop(key, number, text, icons, self)
            stop.clicked.connect(lambda checked=False, key=key: self.chosen.emit(key))
            layout.addWidget(stop)
        layout.addStretch(1)

    def set_states(self, states: Sequence[str], texts: Sequence[str] = ()) -> None:
        """For each stop: done, here, ahead (can be gone to) or shut; `texts` say the same to screen readers."""
        for place, (stop, state) in enumerate(zip(self._stops.values(), states, strict=True)):
            stop.state = state
            stop.setEnabled(state != "shut")
            said = f", {texts[place]}" if texts else ""
            stop.setAccessibleName(f"{stop.number}. {stop.text()}{said}")
            stop.update()

    def states(self) -> dict[str, str]:
        """What is shown, by key."""
        return {key: stop.state for key, stop in self._stops.items()}

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.tokens = tokens
        for stop in self._stops.values():
            stop.update()
