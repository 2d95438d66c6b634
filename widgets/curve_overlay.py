"""What lies above the curves: the crosshair with its values, marks of lost numbers, the text of an empty plot."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets import typography
from widgets.curve_header import sample
from widgets.curve_math import Prepared, nearest
from widgets.painting import rounded
from widgets.tokens import RADIUS_INPUT, Tokens

_ROW = 18
_MOST_ROWS = 12
_CHROME = 14
_MARK = 4.0
_BEYOND = 6.0
"""How many pixels past its end a curve still answers."""


@dataclass(frozen=True)
class View:
    """Where the plot lies on the widget and what part of the data it shows (y as drawn, so maybe a logarithm)."""

    rect: QRectF
    x: tuple[float, float]
    y: tuple[float, float]
    log_y: bool = False

    def to_pixel_x(self, x: float) -> float:
        """The horizontal position of a value."""
        return self.rect.left() + (x - self.x[0]) / (self.x[1] - self.x[0]) * self.rect.width()

    def to_pixel_y(self, y: float) -> float:
        """The vertical position of a value."""
        y = math.log10(y) if self.log_y else y
        return self.rect.bottom() - (y - self.y[0]) / (self.y[1] - self.y[0]) * self.rect.height()

    def to_x(self, pixel: float) -> float:
        """The value at a horizontal position."""
        return self.x[0] + (pixel - self.rect.left()) / self.rect.width() * (self.x[1] - self.x[0])

    @property
    def x_per_pixel(self) -> float:
        """How much of x a pixel covers."""
        return (self.x[1] - self.x[0]) / max(1.0, self.rect.width())


@dataclass(frozen=True)
class Reading:
    """What a curve says at the crosshair."""

    curve: Prepared
    index: int

    @property
    def value(self) -> float:
        """The value of the bold line."""
        return float(self.curve.bold[self.index])


def readings(curves: Sequence[Prepared], at: float, slack: float) -> list[Reading]:
    """The nearest point of every curve that reaches `at`, give or take `slack`."""
    return [
        Reading(curve, nearest(curve.x, at))
        for curve in curves
        if len(curve.x) and curve.x[0] - slack <= at <= curve.x[-1] + slack
    ]


class CurveOverlay(QWidget):
    """Lets every mouse event through to the plot below."""

    def __init__(self, tokens: Tokens, value_text: Callable[[float], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._value_text = value_text
        self._curves: tuple[Prepared, ...] = ()
        self.view = View(QRectF(), (0.0, 1.0), (0.0, 1.0))
        self.cross: float | None = None
        self.empty_text = ""
        self.x_label = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_curves(self, curves: Sequence[Prepared]) -> None:
        """Show marks and values of other data."""
        self._curves = tuple(curves)
        self.update()

    def set_view(self, view: View) -> None:
        """Follow the plot below."""
        if view != self.view:
            self.view = view
            self.update()

    def set_cross(self, at: float | None) -> None:
        """Put the crosshair at a value of x, or take it away."""
        if at != self.cross:
            self.cross = at
            self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def readings(self) -> list[Reading]:
        """What the curves say at the crosshair."""
        if self.cross is None:
            return []
        return readings(self._curves, self.cross, _BEYOND * self.view.x_per_pixel)

    def lost_marks(self) -> list[tuple[float, str]]:
        """Positions and colours of the marks of lost numbers in sight, one per few pixels and curve."""
        marks = []
        for prepared in self._curves:
            inside = prepared.lost_x[(prepared.lost_x >= self.view.x[0]) & (prepared.lost_x <= self.view.x[1])]
            pixels = self.view.rect.left() + (inside - self.view.x[0]) / self.view.x_per_pixel
            cells = np.unique((pixels / (2 * _MARK)).round())
            marks += [(float(cell) * 2 * _MARK, prepared.curve.colour) for cell in cells]
        return marks

    def text(self) -> str:
        """The crosshair's values for the clipboard."""
        rows = [f"{r.curve.curve.name}\t{r.value!r}" for r in self.readings()]
        return "\n".join([f"{self.x_label or 'x'}\t{self.cross!r}", *rows]) if rows else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not any(len(curve.x) or len(curve.lost_x) for curve in self._curves):
            painter.fillRect(self.rect(), QColor(self._tokens.background))
            painter.setPen(QColor(self._tokens.dim))
            painter.setFont(typography.body())
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(QRectF(self.rect()).adjusted(12, 0, -12, -8), flags, self.empty_text)
            return
        self._paint_x_label(painter)
        self._paint_marks(painter)
        found = self.readings()
        if self.cross is not None and found:
            self._paint_cross(painter, found)
            self._paint_readout(painter, found)

    def _paint_x_label(self, painter: QPainter) -> None:
        """Name x where no curve and no tick is: below the numbers of y."""
        painter.setFont(typography.caption())
        painter.setPen(QColor(self._tokens.faint))
        corner = QRectF(0, self.view.rect.bottom() + 3, max(0.0, self.view.rect.left() - 8), _ROW)
        metrics = QFontMetricsF(painter.font())
        painter.drawText(corner, _RIGHT, metrics.elidedText(self.x_label, Qt.TextElideMode.ElideRight, corner.width()))

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(self._tokens.background), 1))
        top = self.view.rect.top() + 1
        for x, colour in self.lost_marks():
            painter.setBrush(QColor(colour))
            corners = [QPointF(x - _MARK, top), QPointF(x + _MARK, top), QPointF(x, top + 1.7 * _MARK)]
            painter.drawPolygon(QPolygonF(corners))

    def _cross_x(self, found: Sequence[Reading]) -> float:
        """The crosshair snaps to the nearest point there is, so that its x is one of the data's."""
        points = [float(r.curve.x[r.index]) for r in found]
        at = self.cross if self.cross is not None else 0.0
        return min(points, key=lambda x: abs(x - at))

    def _paint_cross(self, painter: QPainter, found: Sequence[Reading]) -> None:
        rect = self.view.rect
        x = self.view.to_pixel_x(self._cross_x(found))
        painter.setPen(QPen(QColor(self._tokens.faint), 1))
        painter.drawLine(QPointF(round(x) + 0.5, rect.top()), QPointF(round(x) + 0.5, rect.bottom()))
        painter.setClipRect(rect)
        for reading in found:
            point = QPointF(
                self.view.to_pixel_x(float(reading.curve.x[reading.index])), self.view.to_pixel_y(reading.value)
            )
            painter.setPen(QPen(QColor(self._tokens.background), 1.5))
            painter.setBrush(QColor(reading.curve.curve.colour))
            painter.drawEllipse(point, 4, 4)
        painter.setClipping(False)

    def _rows(self, found: Sequence[Reading]) -> list[tuple[Reading, str, str]]:
        """Name, bold value and, where it differs, the raw value in brackets."""
        rows = []
        fitting = int((self.height() - _CHROME) // _ROW) - 2
        for reading in found[: max(1, min(_MOST_ROWS, fitting))]:
            raw = float(reading.curve.y[reading.index])
            extra = f"({self._value_text(raw)})" if reading.curve.is_smoothed else ""
            rows.append((reading, self._value_text(reading.value), extra))
        return rows

    def _paint_readout(self, painter: QPainter, found: Sequence[Reading]) -> None:
        rows = self._rows(found)
        names = QFontMetricsF(typography.caption())
        numbers = QFontMetricsF(typography.tabular(typography.caption(QFont.Weight.DemiBold)))
        name = min(200.0, max(names.horizontalAdvance(r.curve.curve.name) for r, _, _ in rows))
        value = max(numbers.horizontalAdvance(text) for _, text, _ in rows)
        extra = max(numbers.horizontalAdvance(text) for _, _, text in rows)
        width = 10 + 20 + name + 14 + value + (extra + 6 if extra else 0) + 10
        more = len(found) - len(rows)
        height = _CHROME + _ROW * (1 + len(rows) + (1 if more else 0))
        box = self._place(width, height, self.view.to_pixel_x(self._cross_x(found)))
        rounded(painter, box, RADIUS_INPUT, self._tokens.panel, self._tokens.line)
        line = QRectF(box.left() + 10, box.top() + 6, width - 20, _ROW)
        painter.setFont(typography.tabular(typography.caption()))
        painter.setPen(QColor(self._tokens.dim))
        painter.drawText(line, _LEFT, f"{self.x_label} {self._value_text(self._cross_x(found))}".strip())
        for reading, shown, raw in rows:
            line.translate(0, _ROW)
            self._paint_row(painter, line, reading, (name, value), (shown, raw))
        if more:
            painter.setPen(QColor(self._tokens.dim))
            painter.drawText(line.translated(0, _ROW), _LEFT, f"+{more}")

    def _paint_row(
        self, painter: QPainter, line: QRectF, reading: Reading, widths: tuple[float, float], texts: tuple[str, str]
    ) -> None:
        curve = reading.curve.curve
        sample(painter, QPointF(line.left(), line.center().y()), curve.colour, curve.dash)
        painter.setFont(typography.caption())
        painter.setPen(QColor(self._tokens.text))
        shown = QFontMetricsF(painter.font()).elidedText(curve.name, Qt.TextElideMode.ElideMiddle, widths[0] + 1)
        painter.drawText(line.adjusted(20, 0, 0, 0), _LEFT, shown)
        number = QRectF(line.left() + 20 + widths[0] + 14, line.top(), widths[1] + 1, line.height())
        painter.setFont(typography.tabular(typography.caption(QFont.Weight.DemiBold)))
        painter.drawText(number, _RIGHT, texts[0])
        painter.setFont(typography.tabular(typography.caption()))
        painter.setPen(QColor(self._tokens.dim))
        painter.drawText(line, _RIGHT, texts[1])

    def _place(self, width: float, height: float, x: float) -> QRectF:
        """Beside the crosshair, on the side where there is room."""
        rect = self.view.rect
        left = x + 12 if x + 12 + width <= rect.right() else x - 12 - width
        left = max(2.0, min(left, self.width() - width - 2))
        top = max(0.0, min(rect.top() + 8, self.height() - height))
        return QRectF(round(left), round(top), round(width), height)


_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
