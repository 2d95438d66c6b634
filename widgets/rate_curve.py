"""A small curve: a learning rate over the course of a run, or a loss over a range of learning rates."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import typography
from widgets.curve_math import Floats, log_ticks, tick_texts, ticks, value_text
from widgets.painting import faded, rounded
from widgets.tokens import RADIUS_CARD, Tokens

HIGH = 116
_LEFT, _RIGHT, _TOP, _FOOT = 54, 12, 10, 22
_TICK_PIXELS = 54


class RateCurve(QWidget):
    """One curve over an axis that is even or logarithmic; under the mouse it says its numbers."""

    def __init__(self, tokens: Tokens, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._unit = tokens, unit
        self._values: Floats = np.zeros(0)
        self._low, self._end, self._log = 0.0, 1.0, False
        self._bottom = 0.0
        self._now: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Sequence[float] | Floats, end: float) -> None:
        """Show other numbers, evenly spaced between 0 and `end` (in the unit of the axis)."""
        self._values, self._low, self._end, self._log = np.asarray(values, float), 0.0, max(end, 1e-9), False
        self._bottom = 0.0
        self.update()

    def set_logarithmic(self, values: Sequence[float] | Floats, low: float, high: float) -> None:
        """Show other numbers, evenly spaced on a logarithmic axis between two numbers above zero."""
        self._values, self._low, self._end, self._log = np.asarray(values, float), low, high, True
        self._bottom = float(self._values.min()) if len(self._values) else 0.0
        self.update()

    def values(self) -> Floats:
        """What is shown."""
        return self._values

    def set_now(self, at: float | None) -> None:
        """Mark where a run stands, in the unit of the axis; None for nowhere."""
        if at != self._now:
            self._now = at
            self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HIGH)

    def value_at(self, x: float) -> tuple[float, float] | None:
        """Where a place of the widget lies on the axis, and the value there; None beside the curve."""
        room = self._room()
        if not len(self._values) or not room.left() <= x <= room.right() or room.width() <= 0:
            return None
        share = (x - room.left()) / room.width()
        return self._along(share), float(self._values[round(share * (len(self._values) - 1))])

    def _along(self, share: float) -> float:
        """The number on the axis at a share of its length."""
        if self._log:
            return float(self._low * (self._end / self._low) ** share)
        return self._low + share * (self._end - self._low)

    def _share(self, at: float) -> float:
        """The share of the axis at which a number stands."""
        if self._log:
            return math.log(at / self._low) / math.log(self._end / self._low)
        return (at - self._low) / (self._end - self._low)

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_FOOT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.value_at(event.position().x())
        if found is None:
            QToolTip.hideText()
        else:
            text = f"{value_text(found[0])} {self._unit}: {value_text(found[1])}"
            QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, self._tokens.raised)
        room = self._room()
        top = float(self._values.max()) if len(self._values) else self._bottom
        if top <= self._bottom or room.width() <= 0:
            return
        self._axes(painter, room, top)
        points = self._points(room, top)
        line, area = QPolygonF(points), QPolygonF([room.bottomLeft(), *points, room.bottomRight()])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(self._tokens.accent, 0.14))
        painter.drawPolygon(area)
        painter.setPen(QPen(QColor(self._tokens.accent), 1.8))
        painter.drawPolyline(line)
        if self._now is not None:
            x = room.left() + min(max(self._share(self._now), 0.0), 1.0) * room.width()
            painter.setPen(QPen(QColor(self._tokens.text), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))

    def _points(self, room: QRectF, top: float) -> list[QPointF]:
        """At most two points a pixel: the lowest and the highest there."""
        count = len(self._values)
        if count == 1:
            return [QPointF(room.left(), room.top()), QPointF(room.right(), room.top())]
        at = np.arange(count)
        if count > 4 * room.width():
            starts = np.linspace(0, count, int(2 * room.width()) + 1)[:-1].astype(int)
            at = np.unique(np.append(starts, count - 1))
        xs = room.left() + at / (count - 1) * room.width()
        ys = room.bottom() - (self._values[at] - self._bottom) / (top - self._bottom) * room.height()
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]

    def _axes(self, painter: QPainter, room: QRectF, top: float) -> None:
        painter.setFont(typography.tabular(typography.caption()))
        for share in (0.0, 0.5, 1.0):
            y = room.bottom() - share * room.height()
            painter.setPen(QColor(self._tokens.line))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(self._tokens.dim))
            place, text = QRectF(0, y - 8, room.left() - 6, 16), value_text(self._bottom + share * (top - self._bottom))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        most = max(1, int(room.width() / _TICK_PIXELS))
        for at, text in self._ticks(most):
            x = room.left() + self._share(at) * room.width()
            place = QRectF(x - 30, room.bottom() + 3, 60, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)

    def _ticks(self, most: int) -> list[tuple[float, str]]:
        """Places on the axis that are named."""
        if self._log:
            found = [10**power for power in log_ticks(math.log10(self._low), math.log10(self._end), most)]
            return [(at, value_text(at)) for at in found]
        found = ticks(0, self._end, most) or [0.0, self._end]
        step = found[1] - found[0] if len(found) > 1 else self._end
        return list(zip(found, tick_texts(found, step), strict=True))
