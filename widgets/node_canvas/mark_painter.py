"""Paints what a gesture draws over the scene: rubber band, lasso, the stroke that cuts, guides."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets.node_canvas.frame import Frame
from widgets.node_canvas.metrics import Floats

FILLED = 0.12


def paint_marks(frame: Frame) -> None:
    """Paint what is drawn, in pixels of the widget."""
    marks, painter, tokens = frame.marks, frame.painter, frame.box.tokens
    painter.resetTransform()
    accent = QColor(tokens.accent)
    surface = QColor(tokens.accent)
    surface.setAlphaF(FILLED)
    if marks.guides is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        for x0, y0, x1, y1 in marks.guides.tolist():
            painter.drawLine(_shown(frame, x0, y0), _shown(frame, x1, y1))
    if marks.band is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(accent, 1))
        painter.setBrush(surface)
        painter.drawRect(frame.camera.rect_to_widget(marks.band))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if marks.lasso is not None:
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        painter.setBrush(surface)
        painter.drawPolygon(_polygon(frame, marks.lasso))
    if marks.stroke is not None:
        painter.setPen(QPen(QColor(tokens.bad), 2, Qt.PenStyle.DashLine))
        painter.drawPolyline(_polygon(frame, marks.stroke))


def _polygon(frame: Frame, points: Floats) -> QPolygonF:
    return QPolygonF([_shown(frame, x, y) for x, y in points.tolist()])


def _shown(frame: Frame, x: float, y: float) -> QPointF:
    return frame.camera.to_widget(QPointF(x, y))
