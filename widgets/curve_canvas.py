"""The part of a plot that pyqtgraph paints. It has no types, so nothing else touches it."""

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen

from widgets import typography
from widgets.curve_header import curve_pen
from widgets.curve_math import Floats, Prepared, decimated, log_ticks, tick_texts, ticks
from widgets.curve_overlay import View
from widgets.painting import faded
from widgets.tokens import Tokens

_FAINT = 0.26
_PIXELS_PER_TICK = {"left": 28, "bottom": 80}
_OVERHANG = 14
"""Labels of the outermost ticks reach this far past the axis."""


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """Round ticks at one level only, in few characters."""

    def __init__(self, side: str) -> None:
        super().__init__(side, maxTickLength=0)
        self.log = False
        self.setStyle(tickTextOffset=6, autoReduceTextSpace=False, hideOverlappingLabels=False)
        self.setPen(pg.mkPen(None))

    def boundingRect(self) -> QRectF:
        reach: QRectF = super().boundingRect()
        return reach.adjusted(-_OVERHANG, -_OVERHANG, _OVERHANG, _OVERHANG)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        most = max(2, int(size / _PIXELS_PER_TICK[self.orientation]))
        found = (log_ticks if self.log else ticks)(minVal, maxVal, most)
        return [(found[1] - found[0] if len(found) > 1 else maxVal - minVal, found)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.log:
            return [tick_texts([10**value], 10 ** math.floor(value))[0] for value in values]
        return tick_texts(values, spacing)


class _Box(pg.ViewBox):  # type: ignore[misc]
    """Drag zooms into a rectangle, with the middle button or Shift it moves; the wheel stretches x (Shift: y)."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseMode(self.RectMode)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
            return
        moves = event.button() == Qt.MouseButton.MiddleButton
        moves = moves or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.state["mouseMode"] = self.PanMode if moves else self.RectMode
        super().mouseDragEvent(event, axis)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        tall = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().wheelEvent(event, axis if axis is not None else int(tall))


class CurveCanvas(pg.PlotWidget):  # type: ignore[misc]
    """The part that pyqtgraph paints: axes and lines."""

    def __init__(self) -> None:
        self.axes = {"left": _Axis("left"), "bottom": _Axis("bottom")}
        self.box = _Box()
        super().__init__(viewBox=self.box, axisItems=self.axes)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFrameShape(self.Shape.NoFrame)
        self.hideButtons()
        self.box.disableAutoRange()
        self.axes["left"].setGrid(255)
        for axis in self.axes.values():
            axis.setZValue(-1)  # the grid lies under the curves
        self.axes["left"].setStyle(tickTextWidth=34)
        self.getPlotItem().setContentsMargins(0, 8, 12, 0)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self.setBackground(QColor(tokens.background))
        for axis in self.axes.values():
            axis.setTextPen(pg.mkPen(tokens.dim))
            axis.setTickPen(pg.mkPen(tokens.grid))
            axis.setTickFont(typography.tabular(typography.caption()))
        self.box.rbScaleBox.setPen(pg.mkPen(tokens.accent))
        self.box.rbScaleBox.setBrush(faded(tokens.accent, 0.15))

    @property
    def log_y(self) -> bool:
        """Whether y is shown by its logarithm."""
        return bool(self.axes["left"].log)

    @log_y.setter
    def log_y(self, log: bool) -> None:
        self.axes["left"].log = log

    def view(self) -> View:
        """What is shown, and where."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return View(QRectF(self.box.sceneBoundingRect()), (x0, x1), (y0, y1), self.log_y)

    def show_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show a part of the data."""
        self.box.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)
        self.box.prepareForPaint()  # now: in the middle of a paint it would have everything painted again

    def zoom_x(self, factor: float, at: float | None) -> None:
        """Stretch x around a value, or around the middle."""
        self.box.scaleBy((factor, 1.0), center=None if at is None else pg.Point(at, 0.0))


class CurveLines:
    """The items of one curve, kept for as long as the curve is there."""

    def __init__(self, canvas: CurveCanvas) -> None:
        self._canvas = canvas
        self._plot = canvas.getPlotItem()
        self._prepared: Prepared | None = None
        self._raw = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._bold = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._points = pg.ScatterPlotItem(size=6, pen=None, antialias=True)
        for order, item in enumerate((self._raw, self._bold, self._points)):
            item.setZValue(order)
            self._plot.addItem(item, ignoreBounds=True)

    def show(self, prepared: Prepared) -> None:
        """Take other data; `fit` shows it."""
        self._prepared = prepared
        curve, ratio = prepared.curve, self._canvas.devicePixelRatioF()
        self._raw.setPen(_cosmetic(faded(curve.colour, _FAINT), max(1.0, 0.6 * ratio), dash=False))
        self._bold.setPen(_cosmetic(curve.colour, 2 * ratio, dash=curve.dash))
        # Wide lines are seven times faster in pieces, but dashes would begin anew with each of them.
        self._bold.setSegmentedLineMode("off" if curve.dash else "on")
        self._points.setBrush(QColor(curve.colour))

    def fit(self) -> None:
        """Thin the lines out for what is in view now."""
        if self._prepared is None:
            return
        prepared, view = self._prepared, self._canvas.view()
        self._raw.setVisible(prepared.is_smoothed)
        if prepared.is_smoothed:
            raw = self._thinned(prepared.x, prepared.y, view)
            # What is denser is noise, and costs five times as much with smooth edges.
            self._raw.opts["antialias"] = len(raw[0]) < view.rect.width() / 2
            self._raw.setData(*raw)
        bold = self._thinned(prepared.x, prepared.bold, view, share=0.5 if prepared.is_smoothed else 1.0)
        self._bold.setData(*bold)
        self._points.setVisible(prepared.curve.points)
        if prepared.curve.points:
            self._points.setData(*bold)

    def remove(self) -> None:
        """Take the curve out of the plot."""
        for item in (self._raw, self._bold, self._points):
            self._plot.removeItem(item)

    def _thinned(self, x: Floats, y: Floats, view: View, share: float = 1.0) -> tuple[Floats, Floats]:
        """A smoothed curve has no peaks of one column: half the columns (`share`) show all of it."""
        columns = max(1, round(share * view.rect.width() * self._canvas.devicePixelRatioF()))
        x, y = decimated(x, y, *view.x, columns)
        return x, np.log10(y) if view.log_y else y


def _cosmetic(colour: str | QColor, width: float, *, dash: bool) -> QPen:
    """A pen whose width, in device pixels, does not follow the scale of the data."""
    pen = curve_pen(colour, width, dash)
    pen.setCosmetic(True)
    if not dash:
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen
