"""Arrays that Qt reads in place: thousands of rectangles or lines in one call."""

from typing import Any, Generic, TypeVar

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from shiboken6 import Shiboken

from widgets.node_canvas.metrics import Floats

CAPACITY = 4096

Kind = TypeVar("Kind", QRectF, QLineF)


class _Batch(Generic[Kind]):
    """Four numbers a row. One array and one wrapper for life: Shiboken finds wrappers by address."""

    def __init__(self, kind: type[Kind]) -> None:
        self._rows = np.zeros((CAPACITY, 4))
        head: Any = Shiboken.wrapInstance(self._rows.ctypes.data, kind)
        self._head: Kind = head

    def _fill(self, rows: Floats) -> int:
        self._rows[: len(rows)] = rows
        return len(rows)


class Rects(_Batch[QRectF]):
    """Rectangles, given as x, y, width, height."""

    def __init__(self) -> None:
        super().__init__(QRectF)

    def draw(self, painter: QPainter, rows: Floats) -> None:
        """Draw `rows` with the painter's pen and brush."""
        for start in range(0, len(rows), CAPACITY):
            painter.drawRects(self._head, self._fill(rows[start : start + CAPACITY]))


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


class Lines(_Batch[QLineF]):
    """Lines, given as x0, y0, x1, y1."""

    def __init__(self) -> None:
        super().__init__(QLineF)

    def draw(self, painter: QPainter, rows: Floats) -> None:
        """Draw `rows` with the painter's pen."""
        for start in range(0, len(rows), CAPACITY):
            painter.drawLines(self._head, self._fill(rows[start : start + CAPACITY]))
