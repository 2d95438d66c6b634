"""A confusion matrix as a heat map: what is in the rows, what was answered in the columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from widgets import typography
from widgets.painting import announce, contrast
from widgets.tokens import Tokens

_SMALLEST_NUMBER = 15
"""Cells below this many pixels show colours only."""
_SMALLEST_NAME = 11
_LARGEST_CELL = 64
_BLURRED = 8
"""Cells below this are painted as one image without gaps."""
_CLEARLY_BETTER = 1.15
_GAP = 8
_AXIS = 18
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True)
class _Layout:
    """Where the cells lie; rebuilt when the size or the names change."""

    left: float
    top: float
    cell: float
    upright: bool
    """Whether the column names fit without being turned."""


def shares(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Each count as its share of the row: of all that truly is one thing, how much got each answer."""
    sums = counts.sum(axis=1, keepdims=True)
    result = np.zeros(counts.shape)
    np.divide(counts, sums, out=result, where=sums > 0)
    return result


def _rgb(colour: str) -> NDArray[np.float64]:
    c = QColor(colour)
    return np.array([c.red(), c.green(), c.blue()], float)


def _number_on(ground: QColor) -> QColor:
    """Black, unless white reads clearly better: neighbouring shades of one hue must not get different numbers."""
    black, white = QColor("#000000"), QColor("#ffffff")
    return white if contrast(ground, white) > _CLEARLY_BETTER * contrast(ground, black) else black


class ConfusionMatrix(QWidget):
    """Cells are chosen by click, or by arrow keys and Enter; right answers and errors differ in hue."""

    cell_chosen = Signal(int, int)

    def __init__(
        self,
        tokens: Tokens,
        tooltip: Callable[[int, int], str],
        *,
        true_label: str = "",
        predicted_label: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._tooltip = tooltip
        self._axis_labels = (true_label, predicted_label)
        self._names: tuple[str, ...] = ()
        self._counts = np.zeros((0, 0), np.int64)
        self._shares = np.zeros((0, 0))
        self._hovered: tuple[int, int] | None = None
        self._cursor = (0, 0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setMinimumSize(140, 140)

    def set_matrix(self, counts: NDArray[Any], names: Sequence[str]) -> None:
        """Show counts of shape (true, predicted) for the classes of these names."""
        if counts.shape != (len(names), len(names)):
            raise ValueError(f"{len(names)} classes need a square matrix, not {counts.shape}")
        if len(names) != len(self._names):
            self._cursor, self._hovered = (0, 0), None
        self._counts, self._shares, self._names = counts, shares(counts), tuple(names)
        self.updateGeometry()
        self.update()

    def cell_rect(self, true: int, predicted: int) -> QRectF:
        """Where a cell lies."""
        at = self._layout()
        return QRectF(at.left + predicted * at.cell, at.top + true * at.cell, at.cell, at.cell)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The (true, predicted) cell under a point."""
        at = self._layout()
        if at.cell <= 0:
            return None
        row, column = int((point.y() - at.top) // at.cell), int((point.x() - at.left) // at.cell)
        size = len(self._names)
        return (row, column) if 0 <= row < size and 0 <= column < size else None

    def shows_numbers(self) -> bool:
        """Whether the cells are large enough for their counts."""
        return bool(self._names) and self._layout().cell >= _SMALLEST_NUMBER and self._number_size() > 0

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        cell = 40 if len(self._names) <= 12 else 26 if len(self._names) <= 30 else 6
        return QSize(*[len(self._names) * cell + 110] * 2)

    def _layout(self) -> _Layout:
        size = max(1, len(self._names))
        metrics = QFontMetricsF(typography.caption())
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0) + 1
        names = min(longest, self.width() * 0.3)
        axis = [_AXIS if label else 0 for label in self._axis_labels]
        left = axis[0] + names + _GAP
        cell = min(_LARGEST_CELL, (self.width() - left - 2) / size)
        upright = longest <= cell - 4
        above = metrics.height() if upright else min(longest, self.height() * 0.3)
        top = axis[1] + above + _GAP
        cell = min(cell, (self.height() - top - 2) / size)
        if cell < _SMALLEST_NAME:
            left, top = axis[0] + 4.0, axis[1] + 4.0
            cell = min(_LARGEST_CELL, (self.width() - left - 2) / size, (self.height() - top - 2) / size)
        cell = floor(cell) if cell >= _BLURRED else max(0.0, cell)
        return _Layout(left, top, cell, longest <= cell - 4)

    def _number_size(self) -> float:
        """The size of type in which the largest count fits into a cell; 0 where none is legible."""
        cell = self._layout().cell
        widest = len(str(int(self._counts.max(initial=0))))
        size = min(13.0, cell * 0.42, (cell - 4) / (widest * 0.62))
        return size if size >= 8 else 0.0

    def _colours(self) -> NDArray[np.uint8]:
        """One colour per cell. Errors matter when they are few, so small shares get more than their share."""
        tokens = self._tokens
        diagonal = np.eye(len(self._names), dtype=bool)[..., None]
        hue = np.where(diagonal, _rgb(tokens.accent), _rgb(tokens.validation))
        power = np.where(np.eye(len(self._names), dtype=bool), 0.3, 0.6)
        weight = np.where(self._shares > 0, 0.08 + 0.92 * self._shares**power, 0.0)[..., None]
        colours = _rgb(tokens.raised) * (1 - weight) + hue * weight
        return np.asarray(colours.round(), np.uint8)

    def _pointed(self) -> tuple[int, int] | None:
        return self._hovered or (self._cursor if self.hasFocus() and self._names else None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._names:
            return
        at = self._layout()
        self._paint_cells(painter, at)
        if at.cell >= _SMALLEST_NAME:
            self._paint_names(painter, at)
        self._paint_axes(painter, at)
        pointed = self._pointed()
        if pointed is not None:
            painter.setPen(QPen(QColor(self._tokens.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell_rect(*pointed).adjusted(0, 0, -1, -1))

    def _paint_cells(self, painter: QPainter, at: _Layout) -> None:
        colours, size = self._colours(), len(self._names)
        if at.cell < _BLURRED:
            image = QImage(colours.tobytes(), size, size, size * 3, QImage.Format.Format_RGB888)
            painter.drawImage(QRectF(at.left, at.top, at.cell * size, at.cell * size), image)
            return
        gap = 2 if at.cell >= 14 else 1
        number = self._number_size()
        font = typography.tabular()
        font.setPixelSize(max(1, int(number)))
        painter.setFont(font)
        for true, predicted in np.ndindex(size, size):
            colour = QColor(*(int(part) for part in colours[true, predicted]))
            rect = self.cell_rect(true, predicted).adjusted(0, 0, -gap, -gap)
            painter.fillRect(rect, colour)
            count = int(self._counts[true, predicted])
            if number and count:
                painter.setPen(_number_on(colour))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(count))

    def _paint_names(self, painter: QPainter, at: _Layout) -> None:
        pointed = self._pointed() or (-1, -1)
        for index, name in enumerate(self._names):
            start = at.left - _GAP
            axis = _AXIS if self._axis_labels[0] else 0
            row = QRectF(axis, at.top + index * at.cell, start - axis, at.cell - 2)
            self._paint_name(painter, row, name, Qt.AlignmentFlag.AlignRight, index == pointed[0])
            above = at.top - (_AXIS if self._axis_labels[1] else 0) - 4
            if at.upright:
                column = QRectF(at.left + index * at.cell, at.top - 4 - above, at.cell - 2, above)
                self._paint_name(painter, column, name, Qt.AlignmentFlag.AlignHCenter, index == pointed[1])
                continue
            painter.save()
            painter.translate(at.left + (index + 0.5) * at.cell - 1, at.top - 4)
            painter.rotate(-90)
            column = QRectF(0, -at.cell / 2, above, at.cell)
            self._paint_name(painter, column, name, Qt.AlignmentFlag.AlignLeft, index == pointed[1])
            painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRectF, name: str, align: Qt.AlignmentFlag, strong: bool) -> None:
        painter.setFont(typography.caption(QFont.Weight.DemiBold if strong else QFont.Weight.Normal))
        painter.setPen(QColor(self._tokens.text if strong else self._tokens.dim))
        shown = QFontMetricsF(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_axes(self, painter: QPainter, at: _Layout) -> None:
        painter.setFont(typography.heading())
        painter.setPen(QColor(self._tokens.faint))
        extent = at.cell * len(self._names)
        true_label, predicted_label = self._axis_labels
        painter.drawText(QRectF(at.left, 0, max(extent, 1), _AXIS), Qt.AlignmentFlag.AlignCenter, predicted_label)
        painter.save()
        painter.translate(0, at.top + extent)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, max(extent, 1), _AXIS), Qt.AlignmentFlag.AlignCenter, true_label)
        painter.restore()

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tooltip(*cell) if cell else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._cursor = cell
            self.cell_chosen.emit(*cell)
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._describe_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _MOVES.get(Qt.Key(event.key()))
        last = len(self._names) - 1
        if move is not None and last >= 0:
            row, column = (max(0, min(last, a + b)) for a, b in zip(self._cursor, move, strict=True))
            self._cursor, self._hovered = (row, column), None
            self._describe_cursor()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.cell_chosen.emit(*self._cursor)
        else:
            super().keyPressEvent(event)

    def _describe_cursor(self) -> None:
        if self._names:
            announce(self, self._tooltip(*self._cursor))
