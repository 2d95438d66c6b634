"""Which part of a scene a widget shows, and how large. Knows no widget."""

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

from widgets.node_canvas.metrics import Floats

STEPS = 4
"""Zoom steps to an octave; on a fixed ladder glyphs and sprites are found again in their caches."""
FINE_STEPS = 16
SMALLEST, LARGEST = math.exp2(-6), math.exp2(1.5)
FIT_MARGIN = 32.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Widget = scene x scale + offset; the offset keeps to whole device pixels, so that sprites stay sharp."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    dpr: float = 1.0

    @property
    def factor(self) -> float:
        """Device pixels to a unit of the scene."""
        return self.scale * self.dpr

    def to_scene(self, at: QPointF) -> QPointF:
        """The point of the scene under a point of the widget."""
        return QPointF((at.x() - self.x) / self.scale, (at.y() - self.y) / self.scale)

    def to_widget(self, at: QPointF) -> QPointF:
        """The point of the widget above a point of the scene."""
        return QPointF(at.x() * self.scale + self.x, at.y() * self.scale + self.y)

    def rect_to_widget(self, box: Floats) -> QRectF:
        """The part of the widget that shows a box of the scene."""
        x0, y0, x1, y1 = (float(v) for v in box)
        return QRectF(self.to_widget(QPointF(x0, y0)), self.to_widget(QPointF(x1, y1)))

    def rect_to_scene(self, rect: QRectF) -> tuple[float, float, float, float]:
        """The box of the scene under a part of the widget."""
        low, high = self.to_scene(rect.topLeft()), self.to_scene(rect.bottomRight())
        return low.x(), low.y(), high.x(), high.y()

    def panned(self, dx: float, dy: float) -> "Camera":
        """The view after the scene moved by dx, dy pixels of the widget."""
        return self._at(self.x + dx, self.y + dy)

    def zoomed(self, scale: float, at: QPointF) -> "Camera":
        """The view at another scale, the scene under `at` staying where it is."""
        scale = clamped(scale)
        held = self.to_scene(at)
        return replace(self, scale=scale)._at(at.x() - held.x() * scale, at.y() - held.y() * scale)

    def centred(self, at: QPointF, size: QSizeF) -> "Camera":
        """The view of a widget of `size` with a point of the scene in its middle."""
        return self._at(size.width() / 2 - at.x() * self.scale, size.height() / 2 - at.y() * self.scale)

    def fitted(self, box: Floats, size: QSizeF) -> "Camera":
        """The view in which a widget of `size` shows the whole `box`, at most at 100 %."""
        x0, y0, x1, y1 = (float(v) for v in box)
        wide = (size.width() - 2 * FIT_MARGIN) / max(x1 - x0, 1)
        high = (size.height() - 2 * FIT_MARGIN) / max(y1 - y0, 1)
        scale = stepped(min(wide, high, 1.0) if min(wide, high) > 0 else SMALLEST, 0, FINE_STEPS)
        return replace(self, scale=scale).centred(QPointF((x0 + x1) / 2, (y0 + y1) / 2), size)

    def on(self, dpr: float) -> "Camera":
        """The same view on a screen with another pixel ratio."""
        return self if dpr == self.dpr else replace(self, dpr=dpr)._at(self.x, self.y)

    def _at(self, x: float, y: float) -> "Camera":
        return replace(self, x=round(x * self.dpr) / self.dpr, y=round(y * self.dpr) / self.dpr)


def clamped(scale: float) -> float:
    """The nearest scale that the canvas can show."""
    return min(max(scale, SMALLEST), LARGEST)


def stepped(scale: float, steps: int, to_octave: int = STEPS) -> float:
    """The rung of the ladder `steps` above `scale`; between two rungs, the first step is the shorter way."""
    rung = math.log2(scale) * to_octave
    near = round(rung)
    between = math.ceil(rung) if steps < 0 else math.floor(rung)
    start = near if abs(rung - near) < 1e-6 else between
    return clamped(math.exp2((start + steps) / to_octave))
