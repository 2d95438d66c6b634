"""A number over the course of a run, drawn before it begins: the learning rate of a schedule."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import typography
from widgets.curve_math import Floats, tick_texts, ticks, value_text
from widgets.painting import faded, rounded
from widgets.tokens import RADIUS_CARD, Tokens

HIGH = 116
_LEFT, _RIGHT, _TOP, _FOOT = 54, 12, 10, 22
_TICK_PIXELS = 54


class RateCurve(QWidget):
    """One curve, from 0 at the left to `end` at the right; under the mouse it says its numbers."""

    def __init__(self, tokens: Tokens, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._unit = tokens, unit
        self._values: Floats = np.zeros(0)
        self._end = 1.0
        self._now: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Sequence[float] | Floats, end: float) -> None:
        """Show other numbers, evenly spaced between 0 and `end` (in the unit of the axis)."""
        self._values, self._end = np.asarray(values, float), max(end, 1e-9)
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
        return share * self._end, float(self._values[round(share * (len(self._values) - 1))])

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
        top = float(self._values.max()) if len(self._values) else 0.0
        if top <= 0 or room.width() <= 0:
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
            x = room.left() + min(self._now / self._end, 1.0) * room.width()
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
        ys = room.bottom() - self._values[at] / top * room.height()
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]

    def _axes(self, painter: QPainter, room: QRectF, top: float) -> None:
        painter.setFont(typography.tabular(typography.caption()))
        for share in (0.0, 0.5, 1.0):
            y = room.bottom() - share * room.height()
            painter.setPen(QColor(self._tokens.line))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(self._tokens.dim))
            place, text = QRectF(0, y - 8, room.left() - 6, 16), value_text(share * top)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        found = ticks(0, self._end, max(1, int(room.width() / _TICK_PIXELS))) or [0.0, self._end]
        texts = tick_texts(found, found[1] - found[0] if len(found) > 1 else self._end)
        for at, text in zip(found, texts, strict=True):
            x = room.left() + at / self._end * room.width()
            place = QRectF(x - 30, room.bottom() + 3, 60, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
