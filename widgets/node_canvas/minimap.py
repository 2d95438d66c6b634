"""The whole graph in a corner, with the part that is seen: a press or a drag in it goes there."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from widgets.node_canvas.camera import Camera
from widgets.node_canvas.frame import Detail, Frame, Paintbox
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import Floats
from widgets.node_canvas.painter import paint
from widgets.node_canvas.sprites import Tier
from widgets.tokens import Tokens

SIZE, MARGIN = (208, 140), 12
INSET = 8.0
LATE_MS = 80
"""How long the picture may lag behind what is moved."""
SMALLEST = 1e-4


class Minimap(QWidget):
    """A view of a graph's geometry; `go` is called with the point of the scene to be seen in the middle."""

    def __init__(self, graph: Geometry, tokens: Tokens, go: Callable[[QPointF], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._graph, self._go = graph, go
        self._box = Paintbox(tokens, self.font())
        self._camera = Camera()
        self._seen: Floats = np.zeros(4)
        self._picture: QPixmap | None = None
        self._painted_for: object = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self._late.timeout.connect(self.update)
        self.setAccessibleName("Minimap")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._box = Paintbox(tokens, self.font())
        self._picture = None
        self.update()

    def follow(self, seen: Floats) -> None:
        """The part of the scene that is seen is another one now, or the scene is."""
        parent = self.parentWidget()
        assert parent is not None
        width, height = min(SIZE[0], parent.width() // 3), min(SIZE[1], parent.height() // 3)
        self.setGeometry(parent.width() - width - MARGIN, parent.height() - height - MARGIN, width, height)
        self._seen = seen
        if self._graph.version == self._painted_for or not self.isVisible():
            self.update()
        elif not self._late.isActive():
            self._late.start()

    def _look(self) -> None:
        """Have the whole graph in view."""
        box = self._graph.bounds()
        box = self._seen if box is None else box
        room = self.width() - 2 * INSET, self.height() - 2 * INSET
        scale = max(min(room[0] / max(box[2] - box[0], 1), room[1] / max(box[3] - box[1], 1), 0.2), SMALLEST)
        middle = QPointF(float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
        self._camera = Camera(float(scale), dpr=self.devicePixelRatioF()).centred(middle, QSizeF(self.size()))

    def _paint_graph(self) -> QPixmap:
        self._look()
        dpr = self.devicePixelRatioF()
        picture = QPixmap(self.size() * dpr)
        picture.setDevicePixelRatio(dpr)
        graph = self._graph
        detail = Detail(Tier.FAR, cards=False, pieces=1, smooth=False)
        marks = Marks.none(len(graph.nodes.boxes), len(graph.wires.lines))
        with QPainter(picture) as painter:
            area = QRectF(self.rect())
            paint(Frame(painter, area, graph, self._camera, detail, marks, self._box))
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the graph, anew when it has changed, and the part of it that is seen."""
        key = self._graph.version
        if self._picture is None or key != self._painted_for or self._picture.deviceIndependentSize() != self.size():
            self._picture, self._painted_for = self._paint_graph(), key
        tokens = self._box.tokens
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            seen = self._camera.rect_to_widget(self._seen)
            veil = QColor(tokens.accent)
            veil.setAlphaF(0.15)
            painter.setBrush(veil)
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRect(seen.intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(self._camera.to_scene(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        event.accept()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(self._camera.to_scene(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Not one for the canvas below."""
        event.accept()
