"""A word on a soft ground that says what state something is in."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from widgets import typography
from widgets.painting import rounded, state_colours
from widgets.tokens import Tokens

_HEIGHT = 22
_PADDING = 10
_DOT = 6


class Pill(QLabel):
    """Shows a text in the colours of a state: ok, warn, bad, accent or neutral; `dot` marks what is live."""

    def __init__(
        self,
        text: str,
        state: str,
        tokens: Tokens,
        *,
        dot: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._dot = dot
        self._state = state
        self._tokens = tokens
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(typography.caption(QFont.Weight.DemiBold))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(text, state)

    def set_state(self, text: str, state: str) -> None:
        """Say something else."""
        self._state = state
        self.setText(text)
        self.update()

    def state(self) -> str:
        """The state whose colours are shown."""
        return self._state

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2 * _PADDING
        return QSize(width + (_DOT + 6 if self._dot else 0), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        mark, soft = state_colours(self._tokens, self._state)
        if not self.isEnabled():
            mark, soft = self._tokens.faint, self._tokens.raised
        rect = QRectF(self.rect())
        rounded(painter, rect, rect.height() / 2, soft)
        left = _PADDING
        if self._dot:
            painter.setBrush(QColor(mark))
            painter.drawEllipse(QPointF(left + _DOT / 2, rect.center().y()), _DOT / 2, _DOT / 2)
            left += _DOT + 6
        painter.setPen(QColor(mark))
        area = rect.adjusted(left, 0, -_PADDING + 1, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
