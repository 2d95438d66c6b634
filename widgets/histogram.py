"""How numbers are spread: bars that stand side by side, the least number at the left, the largest at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import typography
from widgets.painting import faded, rounded
from widgets.tokens import RADIUS_CARD, Tokens

HIGH, FOOT, EDGE = 92, 20, 12
GAP = 1.0


class Histogram(QWidget):
    """Counts of equal parts. Heights follow the square root, so that what is rare can be seen beside what is not."""

    def __init__(self, tokens: Tokens, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._counts: tuple[int, ...] = ()
        self._ends = ("", "")
        self._zero: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_counts(self, counts: Sequence[int], ends: tuple[str, str], zero: float | None = None) -> None:
        """Show other numbers.

        Args:
            counts: of each part.
            ends: the least and the largest number, as text.
            zero: where 0 lies between them, from 0 to 1; None where it does not.
        """
        self._counts, self._ends, self._zero = tuple(counts), ends, zero
        self.update()

    def counts(self) -> tuple[int, ...]:
        """What is shown."""
        return self._counts

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, self._tokens.raised)
        if not self._counts:
            return
        room = QRectF(self.rect()).adjusted(EDGE, 9, -EDGE, -FOOT - 4)
        if self._zero is not None:
            x = room.left() + self._zero * room.width()
            painter.setPen(QColor(self._tokens.line))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(self._tokens.accent, 0.85))
        wide, top = room.width() / len(self._counts), max(self._counts) ** 0.5
        for place, count in enumerate(self._counts):
            high = max(1.0, room.height() * count**0.5 / top) if count else 0.0
            left = room.left() + place * wide
            painter.drawRect(QRectF(left, room.bottom() - high, max(1.0, wide - GAP), high))
        painter.setPen(QColor(self._tokens.dim))
        painter.setFont(typography.tabular(typography.caption()))
        foot = QRectF(room.left(), room.bottom() + 3, room.width(), FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._ends[0])
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self._ends[1])
