"""The first line of a plot: its title, and at the right every curve with its last value."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import typography
from widgets.tokens import Tokens

_LINE = 20
_SAMPLE = 14
_GAP = 14
_MOST_LINES = 3
_WIDEST_NAME = 180.0


@dataclass(frozen=True)
class Entry:
    """A curve in the legend."""

    name: str
    value: str
    colour: str
    dash: bool = False


def sample(painter: QPainter, left: QPointF, colour: str, dash: bool) -> None:
    """Paint a short piece of a curve as its name tag."""
    painter.setPen(curve_pen(colour, 2, dash))
    painter.drawLine(left, left + QPointF(_SAMPLE, 0))


def curve_pen(colour: str | QColor, width: float, dash: bool) -> QPen:
    """The pen of a curve."""
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash:
        pen.setDashPattern([3.0, 2.0])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


class CurveHeader(QWidget):
    """One line where everything fits; else the legend wraps below the title, and says how many are left out."""

    def __init__(self, title: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._tokens = tokens
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_LINE)

    def set_title(self, title: str) -> None:
        """Call the plot something else."""
        self._title = title
        self._fit()

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show other curves or values."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._fit()

    def entries(self) -> tuple[Entry, ...]:
        """What the legend says."""
        return self._entries

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _LINE)

    def _fit(self) -> None:
        lines = self._lines()
        self.setFixedHeight(_LINE * max(1, len(lines) + (0 if self._beside_title() else 1)))
        self.update()

    def _widths(self) -> list[float]:
        """Numbers are given room for their widest neighbour, so that the legend does not tremble."""
        metrics, strong = QFontMetricsF(typography.caption()), QFontMetricsF(self._value_font())
        values = max((strong.horizontalAdvance(entry.value) for entry in self._entries), default=0.0)
        return [
            _SAMPLE + 6 + min(_WIDEST_NAME, metrics.horizontalAdvance(entry.name)) + 5 + values
            for entry in self._entries
        ]

    def _value_font(self) -> QFont:
        return typography.tabular(typography.caption(QFont.Weight.Medium))

    def _title_font(self) -> QFont:
        return typography.body(QFont.Weight.DemiBold)

    def _beside_title(self) -> bool:
        widths = self._widths()
        title = QFontMetricsF(self._title_font()).horizontalAdvance(self._title)
        return title + sum(widths) + _GAP * (len(widths) + 1) <= self.width()

    def _lines(self) -> list[list[int]]:
        """The entries of every line of the legend."""
        widths = self._widths()
        if not widths:
            return []
        if self._beside_title():
            return [list(range(len(widths)))]
        lines: list[list[int]] = [[]]
        used = 0.0
        for index, width in enumerate(widths):
            if lines[-1] and used + width > self.width():
                if len(lines) == _MOST_LINES:
                    break
                lines.append([])
                used = 0.0
            lines[-1].append(index)
            used += width + _GAP
        return lines

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        beside, lines, widths = self._beside_title(), self._lines(), self._widths()
        painter.setFont(self._title_font())
        painter.setPen(QColor(self._tokens.text))
        shown = QFontMetricsF(painter.font()).elidedText(self._title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), _LINE), Qt.AlignmentFlag.AlignVCenter, shown)
        for number, line in enumerate(lines):
            total = sum(widths[index] for index in line) + _GAP * (len(line) - 1)
            x = self.width() - total if beside else 0.0
            for index in line:
                top = (number + (0 if beside else 1)) * _LINE
                self._paint_entry(painter, QRectF(x, top, widths[index], _LINE), self._entries[index])
                x += widths[index] + _GAP
        left_out = len(self._entries) - sum(map(len, lines))
        if left_out:
            painter.setPen(QColor(self._tokens.dim))
            last = QRectF(0, self.height() - _LINE, self.width(), _LINE)
            painter.drawText(last, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"+{left_out}")

    def _paint_entry(self, painter: QPainter, rect: QRectF, entry: Entry) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        sample(painter, QPointF(rect.left(), rect.center().y()), entry.colour, entry.dash)
        painter.setFont(typography.caption())
        painter.setPen(QColor(self._tokens.dim))
        words = rect.adjusted(_SAMPLE + 6, 0, 0, 0)
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, min(_WIDEST_NAME, words.width()))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, name)
        words.setLeft(words.left() + metrics.horizontalAdvance(name) + 5)
        painter.setFont(self._value_font())
        painter.setPen(QColor(self._tokens.text))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, entry.value)
