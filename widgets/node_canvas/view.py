"""A widget that shows a graph: where one looks, how it is painted, how it is panned and zoomed."""

import sys
from collections.abc import Iterable
from typing import cast

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from widgets.node_canvas.camera import FINE_STEPS, STEPS, Camera, stepped
from widgets.node_canvas.export import image_of
from widgets.node_canvas.frame import Detail, Frame, Paintbox, bleed_at, detail_of
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import Floats, Ints
from widgets.node_canvas.painter import paint, paint_hint
from widgets.node_canvas.scene import Scene
from widgets.node_canvas.shapes import bounds
from widgets.node_canvas.sprites import Tier
from widgets.tokens import DARK, Tokens

NOTCH = 120
FINE_NOTCH = NOTCH * STEPS / FINE_STEPS
MOST_STRIPS = 4
EDGE = 32.0
"""How far from the widget's edge a node is kept that is brought into view."""


class GraphView(QWidget):
    """Shows a scene; what can be done with it is up to subclasses."""

    view_changed = Signal()

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graph = Geometry()
        self.marks = Marks.none(0, 0)
        self.camera = Camera()
        self._box = Paintbox(tokens, self.font())
        self._detail: Detail | None = None
        self._detail_for: object = None
        self._hint = ("", "")
        self._fit_on_show = False
        self._wheel_rest = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        if sys.platform != "darwin":  # there the same pinch arrives as a native gesture too
            self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def scale(self) -> float:
        """Pixels of the widget to a unit of the scene."""
        return self.camera.scale

    def set_scene(self, scene: Scene) -> None:
        """Show `scene`."""
        self._repaint(self.graph.update(scene))

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in the colours of another theme."""
        self._box = Paintbox(tokens, self.font())
        self.update()

    def set_hint(self, title: str, text: str) -> None:
        """Say what an empty canvas is for."""
        self._hint = (title, text)
        self.update()

    def fit(self) -> None:
        """Show the whole graph, at most at 100 %."""
        self._fit_on_show = not self.isVisible()
        box = self.graph.bounds()
        self._look(Camera(dpr=self.camera.dpr) if box is None else self.camera.fitted(box, self._size()))

    def fit_nodes(self, ids: frozenset[str]) -> None:
        """Show these nodes as large as they fit, at most at 100 %."""
        rows = [self.graph.nodes.index[node] for node in ids if node in self.graph.nodes.index]
        if rows:
            self._look(self.camera.fitted(bounds(self.graph.nodes.rects[rows]), self._size()))

    def zoom_in(self) -> None:
        """Go to the next larger scale."""
        self.zoom_to(stepped(self.scale, 1))

    def zoom_out(self) -> None:
        """Go to the next smaller scale."""
        self.zoom_to(stepped(self.scale, -1))

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Show at `scale`, the scene under `at`, or else in the middle, staying where it is."""
        held = QRectF(self.rect()).center() if at is None else at
        self._look(self.camera.zoomed(scale, held))

    def look(self, camera: Camera) -> None:
        """Show what was seen through a camera before."""
        self._look(camera)

    def centre_on(self, node: str) -> None:
        """Bring a node to the middle."""
        if (row := self.graph.nodes.index.get(node)) is not None:
            x0, y0, x1, y1 = self.graph.nodes.rects[row].tolist()
            self._look(self.camera.centred(QPointF((x0 + x1) / 2, (y0 + y1) / 2), self._size()))

    def look_at(self, at: QPointF) -> None:
        """Bring a point of the scene to the middle."""
        self._look(self.camera.centred(at, self._size()))

    def visible_centre(self) -> tuple[float, float]:
        """The point of the scene in the middle of the widget."""
        centre = self.camera.to_scene(QRectF(self.rect()).center())
        return centre.x(), centre.y()

    def visible_box(self) -> Floats:
        """The part of the scene that can be seen."""
        return np.array(self.camera.rect_to_scene(QRectF(self.rect())))

    def pan(self, dx: float, dy: float) -> None:
        """Move the scene by pixels of the widget."""
        before, self.camera = self.camera, self.camera.panned(dx, dy)
        moved = QPointF(self.camera.x - before.x, self.camera.y - before.y)
        step = moved.toPoint()
        if QPointF(step) == moved and not self._overlaid() and not self._detail_changes():
            self._blit(step)
        else:
            self.update()
        if not moved.isNull():
            self.view_changed.emit()

    def show_node(self, row: int) -> None:
        """Pan as little as brings a node into view."""
        rect = self.camera.rect_to_widget(self.graph.nodes.rects[row])
        room = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        dx = max(room.left() - rect.left(), 0) or min(room.right() - rect.right(), 0)
        dy = max(room.top() - rect.top(), 0) or min(room.bottom() - rect.bottom(), 0)
        if dx or dy:
            self.pan(round(dx), round(dy))

    def node_rect(self, node: str) -> QRectF:
        """Where a node is in the widget, for editors and pop-ups beside it."""
        return self.camera.rect_to_widget(self.graph.nodes.rects[self.graph.nodes.index[node]])

    def port_point(self, node: str, port: str, is_output: bool) -> QPointF:
        """Where a port is in the widget."""
        row = self.graph.nodes.row_of_port(node, port, is_output)
        assert row is not None
        return self.camera.to_widget(QPointF(*self.graph.nodes.port_points(np.array([row]))[0].tolist()))

    def render_image(self, scale: float = 1.0) -> QImage:
        """The whole graph, smaller than asked for where no image could be so large."""
        return image_of(self.graph, scale, self._box.tokens, self.font())

    def shift_nodes(self, rows: Ints, dx: float, dy: float) -> Floats:
        """Move nodes for the length of a gesture; return the box to repaint."""
        return self.graph.shift(rows, dx, dy, labels=self._tier() == Tier.NEAR)

    def _overlaid(self) -> bool:
        """Whether something is painted that does not move with the scene."""
        return self.marks.overlaid or not self.graph.nodes.boxes

    def _look(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.update()
            self.view_changed.emit()

    def _size(self) -> QSizeF:
        return QSizeF(self.size())

    def _detail_changes(self) -> bool:
        """Find out how much is to be painted; whether that is another thing than before."""
        before, key = self._detail, (self.camera, self.size().toTuple(), self.graph.version)
        if key != self._detail_for:
            self._detail, self._detail_for = detail_of(self.graph, self.camera, self._size()), key
        return self._detail != before

    def _tier(self) -> Tier:
        """How near the nodes are, or will be once what waits to be painted is painted."""
        self._detail_changes()
        assert self._detail is not None
        return self._detail.tier

    def _repaint(self, box: Floats | None) -> None:
        """Have a box of the scene painted again."""
        if box is None:
            return
        if np.isfinite(box).all() and not self._detail_changes():
            rect = self.camera.rect_to_widget(box)
            bleed = bleed_at(self.scale)
            self.update(rect.adjusted(-bleed, -bleed, bleed, bleed).toAlignedRect())
        else:
            self.update()

    def _blit(self, step: QPoint) -> None:
        """Move the pixels; what lies above them as a widget of its own must not move along."""
        area = self.rect()
        self.scroll(step.x(), step.y(), area)
        for child in self.children():
            if isinstance(child, QWidget) and child.isVisible():
                self.update(child.geometry().united(child.geometry().translated(step)))

    def _zoom_by(self, fine_steps: int, at: QPointF) -> None:
        if fine_steps:
            self.zoom_to(stepped(self.scale, fine_steps, FINE_STEPS), at)

    def event(self, event: QEvent) -> bool:
        """Pinches zoom."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._look(self.camera.zoomed(self.scale * (1 + event.value()), event.position()))
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
                self._look(self.camera.zoomed(self.scale * pinch.scaleFactor(), at))
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms; with Shift it pans, as fingers on a touchpad do."""
        event.accept()
        keys, turned, exact = event.modifiers(), event.angleDelta(), event.pixelDelta()
        zooms = bool(keys & Qt.KeyboardModifier.ControlModifier)
        touched = event.device().type() == QInputDevice.DeviceType.TouchPad
        if not zooms and touched:
            fingers = turned / 2 if exact.isNull() else exact
            self.pan(fingers.x(), fingers.y())
        elif not zooms and keys & Qt.KeyboardModifier.ShiftModifier:
            self.pan((turned.x() or turned.y()) / 2, 0)
        else:
            self._wheel_rest += turned.y() or turned.x()
            steps = int(self._wheel_rest / FINE_NOTCH)
            self._wheel_rest -= steps * FINE_NOTCH
            self._zoom_by(steps, event.position())

    def showEvent(self, event: QShowEvent) -> None:
        """A view asked to fit before it had a size does so now."""
        super().showEvent(event)
        if self._fit_on_show:
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another part of the scene is in view now."""
        super().resizeEvent(event)
        self.view_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Texts are laid out anew when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._box = Paintbox(self._box.tokens, self.font())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is exposed."""
        self.camera = self.camera.on(self.devicePixelRatioF())
        self._detail_changes()
        assert self._detail is not None
        # A pan exposes two strips; the rectangle around them would be the whole widget.
        rects = [event.rect()] if event.region().rectCount() > MOST_STRIPS else [*cast(Iterable[QRect], event.region())]
        with QPainter(self) as painter:
            for rect in rects:
                painter.setClipRect(rect)
                area = QRectF(rect)
                paint(Frame(painter, area, self.graph, self.camera, self._detail, self.marks, self._box))
                painter.resetTransform()
            if not self.graph.nodes.boxes:
                paint_hint(painter, QRectF(self.rect()), *self._hint, self._box)
