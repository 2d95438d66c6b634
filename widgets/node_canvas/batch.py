"""Arrays that Qt reads in place: thousands of rectangles or lines in one call."""

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRect
from PySide6.QtGui import QPainter, QPixmap
from shiboken6 import Shiboken

from widgets.node_canvas.metrics import Floats

CAPACITY = 4096


class Rects:
    """Rectangles in whole device pixels: Qt fills those three times faster than others."""

    def __init__(self) -> None:
        self._rows = np.zeros((CAPACITY, 4), np.int32)  # left, top, right, bottom, as a QRect has them
        self._head: Any = Shiboken.wrapInstance(self._rows.ctypes.data, QRect)

    def draw(self, painter: QPainter, rows: Floats) -> None:
        """Draw `rows` (x, y, width, height, rounded already) with the painter's pen and brush."""
        for start in range(0, len(rows), CAPACITY):
            part = rows[start : start + CAPACITY]
            held = self._rows[: len(part)]
            held[:] = part
            held[:, 2:] += held[:, :2]
            held[:, 2:] -= 1
            painter.drawRects(self._head, len(part))


class Copies:
    """Copies of parts of one pixmap, given as the ten numbers of a QPainter.PixmapFragment."""

    def __init__(self) -> None:
        self._rows = np.zeros((CAPACITY, 10))
        self._rows[:, [6, 7, 9]] = 1.0  # scales and opacity
        self._head: Any = Shiboken.wrapInstance(self._rows.ctypes.data, QPainter.PixmapFragment)

    def draw(self, painter: QPainter, centres: Floats, sources: Floats, pixmap: QPixmap) -> None:
        """Draw the parts `sources` (x, y, width, height) of `pixmap`, or one part, around `centres`."""
        for start in range(0, len(centres), CAPACITY):
            rows = centres[start : start + CAPACITY]
            self._rows[: len(rows), :2] = rows
            self._rows[: len(rows), 2:6] = sources if sources.ndim == 1 else sources[start : start + CAPACITY]
            painter.drawPixmapFragments(self._head, len(rows), pixmap)


class Lines:
    """Lines, given as x0, y0, x1, y1. One array and one wrapper for life: Shiboken finds wrappers by address."""

    def __init__(self) -> None:
        self._rows = np.zeros((CAPACITY, 4))
        self._head: Any = Shiboken.wrapInstance(self._rows.ctypes.data, QLineF)

    def draw(self, painter: QPainter, rows: Floats) -> None:
        """Draw `rows` with the painter's pen."""
        for start in range(0, len(rows), CAPACITY):
            part = rows[start : start + CAPACITY]
            self._rows[: len(part)] = part
            painter.drawLines(self._head, len(part))
