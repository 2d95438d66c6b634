"""A place to draw a digit or a shape by hand, for a classifier to look at."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import typography
from widgets.painting import focus_ring, rounded
from widgets.tokens import RADIUS_CARD, Tokens

_LIVE_MS = 34
_BRUSH = 1 / 12
_GRID_CELLS = 7


def _dot(at: QPointF) -> QPainterPath:
    """A path without length leaves no ink, so it has a little."""
    path = QPainterPath(at)
    path.lineTo(at + QPointF(0.01, 0))
    return path


class SketchPad(QWidget):
    """Ink on a square of `side` by `side` units. `drawn` follows every change, at most 30 times a second."""

    drawn = Signal()
    file_dropped = Signal(str)

    def __init__(
        self,
        tokens: Tokens,
        *,
        side: int = 280,
        placeholder: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._side = side
        self._placeholder = placeholder
        self._strokes: list[QPainterPath] = []
        self._drawing = False
        self._dotted = False
        """The stroke that is being drawn is still a dot."""
        self._last = QPointF()
        self._live = QTimer(self, interval=_LIVE_MS, singleShot=True)
        self._live.timeout.connect(self.drawn)
        self.setAccessibleName(name)
        self.setAccessibleDescription(placeholder)
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self._strokes

    def image(self) -> NDArray[np.uint8]:
        """The ink as uint8 (side, side): 255 where it is full, 0 where there is none."""
        image = QImage(self._side, self._side, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        self._paint_ink(painter, QColor("#ffffff"))
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(self._side, image.bytesPerLine())
        return rows[:, : self._side].copy()

    def clear(self) -> None:
        """Take all ink away."""
        self._drawing = False
        if self._strokes:
            self._strokes.clear()
            self._changed()

    def undo(self) -> None:
        """Take the last stroke away."""
        if self._strokes and not self._drawing:
            self._strokes.pop()
            self._changed()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def minimumSizeHint(self) -> QSize:
        return QSize(84, 84)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def _square(self) -> QRectF:
        """The largest square in the middle."""
        edge = min(self.width(), self.height())
        return QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge)

    def _units(self, position: QPointF) -> QPointF:
        square = self._square()
        return (position - square.topLeft()) * (self._side / square.width())

    def _changed(self) -> None:
        self.update()
        if not self._live.isActive():
            self._live.start()

    def _paint_ink(self, painter: QPainter, colour: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(
                colour,
                self._side * _BRUSH,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        for stroke in self._strokes:
            painter.drawPath(stroke)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        square, tokens = self._square(), self._tokens
        rounded(painter, square, RADIUS_CARD, tokens.background, tokens.line)
        painter.setPen(QPen(QColor(tokens.grid), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for line in range(1, _GRID_CELLS):
            at = line * square.width() / _GRID_CELLS
            painter.drawLine(square.topLeft() + QPointF(at, 1), square.bottomLeft() + QPointF(at, -1))
            painter.drawLine(square.topLeft() + QPointF(1, at), square.topRight() + QPointF(-1, at))
        if self._strokes:
            self._paint_strokes(painter, square)
        else:
            painter.setFont(typography.body())
            painter.setPen(QColor(tokens.faint))
            wrap = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(square.adjusted(20, 20, -20, -20), wrap, self._placeholder)
        if self.hasFocus():
            focus_ring(painter, square, tokens, RADIUS_CARD)

    def _paint_strokes(self, painter: QPainter, square: QRectF) -> None:
        painter.save()
        outline = QPainterPath()
        outline.addRoundedRect(square.adjusted(1, 1, -1, -1), RADIUS_CARD - 1, RADIUS_CARD - 1)
        painter.setClipPath(outline)
        painter.translate(square.topLeft())
        painter.scale(square.width() / self._side, square.width() / self._side)
        self._paint_ink(painter, QColor(self._tokens.text))
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        start = self._units(event.position())
        self._strokes.append(_dot(start))
        self._drawing, self._dotted, self._last = True, True, start
        self._changed()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._drawing:
            return
        point = self._units(event.position())
        if point == self._last:
            return
        self._leave_dot()
        # From midpoint to midpoint, bent by the points between: a quick hand leaves no corners.
        self._strokes[-1].quadTo(self._last, (self._last + point) / 2)
        self._last = point
        self._changed()

    def _leave_dot(self) -> None:
        """The hand has moved: where the dot's line met the stroke's there would be a seam inside the ink."""
        if self._dotted:
            self._strokes[-1] = QPainterPath(self._last)
            self._dotted = False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drawing and event.button() == Qt.MouseButton.LeftButton:
            end = self._units(event.position())
            if end != self._last:
                self._leave_dot()
            if not self._dotted:
                self._strokes[-1].lineTo(end)
            self._drawing = False
            self._changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            event.acceptProposedAction()
            self.file_dropped.emit(local[0])
