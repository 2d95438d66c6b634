"""A text cut into tokens: each on a ground of its own, with its number below, wrapped to the width."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from widgets import typography
from widgets.painting import faded, rounded
from widgets.tokens import RUN_COLOURS, Tokens

HIGH, GAP, PAD = 40, 4, 7
SHADES = (RUN_COLOURS[0], RUN_COLOURS[1], RUN_COLOURS[2], RUN_COLOURS[3])


class TokenStrip(QAbstractScrollArea):
    """Pairs of (token, number)."""

    def __init__(self, tokens: Tokens, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._pieces: tuple[tuple[str, str], ...] = ()
        self._boxes: list[QRectF] = []
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(HIGH)

    def set_tokens_shown(self, pieces: Sequence[tuple[str, str]]) -> None:
        """Show other tokens."""
        self._pieces = tuple(pieces)
        self.setAccessibleDescription(" ".join(text for text, _ in pieces))
        self._arrange()

    def pieces(self) -> tuple[tuple[str, str], ...]:
        """What is shown."""
        return self._pieces

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(240, 4 * HIGH)

    def _arrange(self) -> None:
        font = QFontMetricsF(typography.mono())
        small = QFontMetricsF(typography.tabular(typography.caption()))
        room = max(40.0, float(self.viewport().width()))
        self._boxes, x, y = [], 0.0, 0.0
        for text, number in self._pieces:
            width = min(room, max(font.horizontalAdvance(text), small.horizontalAdvance(number)) + 2 * PAD)
            if x and x + width > room:
                x, y = 0.0, y + HIGH + GAP
            self._boxes.append(QRectF(x, y, width, HIGH))
            x += width + GAP
        high = int(y) + HIGH
        self.verticalScrollBar().setRange(0, max(0, high - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.viewport().update()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.translate(0, -self.verticalScrollBar().value())
        top, bottom = self.verticalScrollBar().value(), self.verticalScrollBar().value() + self.viewport().height()
        for place, (box, (text, number)) in enumerate(zip(self._boxes, self._pieces, strict=True)):
            if box.bottom() < top or box.top() > bottom:
                continue
            rounded(painter, box, 5, faded(SHADES[place % len(SHADES)], 0.22))
            painter.setPen(QColor(self._tokens.text))
            painter.setFont(typography.mono())
            inside = box.adjusted(PAD, 4, -PAD, -4)
            shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
            painter.drawText(inside, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, shown)
            painter.setPen(QColor(self._tokens.dim))
            painter.setFont(typography.tabular(typography.caption()))
            painter.drawText(inside, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, number)
