"""The canvas of a graph editor: it turns what people do into intents and leaves the editing to its owner."""

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from widgets.node_canvas import intents
from widgets.node_canvas.drags import DragFrame, DragNodes
from widgets.node_canvas.gestures import Gesture, LooseWire, NewWire, RubberBand
from widgets.node_canvas.hits import Hit, wire_into
from widgets.node_canvas.hover import HoverView
from widgets.node_canvas.navigation import Way
from widgets.node_canvas.scene import PortKey, Scene, WireKey
from widgets.node_canvas.strokes import CutStroke, Lasso
from widgets.tokens import DARK, Tokens

PAN_EDGE, PAN_STEP, PAN_MS = 24, 12, 16
Button = Qt.MouseButton


class NodeCanvas(HoverView):
    """Shows a scene and says what its user wants; it changes nothing but the view and the selection."""

    wire_started = Signal(str, str, bool)
    """A wire is drawn from this port (node, port, is_output): the moment for `set_compatible`."""
    wire_drawn = Signal(str, str, str, str)
    wire_moved = Signal(object, str, str)
    """wire, then the node and port of its new input."""
    wire_pulled = Signal(object)
    wire_dropped = Signal(str, str, bool, float, float)
    wires_cut = Signal(object)
    """A frozen set of wires."""
    node_inserted = Signal(str, object, float, float)
    """node, the wire that it goes into, and its new place."""
    nodes_reframed = Signal(object, object, str)
    """New places by node; the nodes that belong to another frame now; that frame, or "" for none."""

    def __init__(self, tokens: Tokens = DARK, mime_type: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tokens, mime_type, parent)
        self._gesture: Gesture | None = None
        self._pressed = QPointF()
        self._pressed_with = Button.LeftButton
        self._auto_pan = QTimer(self)
        self._auto_pan.setInterval(PAN_MS)
        self._auto_pan.timeout.connect(self._pan_at_edge)

    def set_scene(self, scene: Scene) -> None:
        """Show `scene`; a gesture goes on if what it holds is still there."""
        super().set_scene(scene)
        gesture = self._gesture
        if gesture is None:
            return
        self.set_compatible(None)
        if not gesture.resume():
            self.cancel()
        if self._gesture is None or not gesture.active:
            return
        if (again := gesture.begin(self._pointer())) is not None:
            self._carry_out(again)
        gesture.move(self._pointer())
        self.update()

    def set_compatible(self, ports: frozenset[PortKey] | None) -> None:
        """Say which ports may receive the wire that is being drawn; the rest steps back. None: all may."""
        nodes, gesture = self.graph.nodes, self._gesture
        self.marks.lit = None
        if ports is not None and isinstance(gesture, NewWire):
            rows = (nodes.row_of_port(node, port, not gesture.is_output) for node, port in ports)
            self.marks.lit = np.zeros(len(nodes.port_node), bool)
            self.marks.lit[[row for row in rows if row is not None]] = True
        self.update()

    def cancel(self) -> bool:
        """Give up the gesture and leave all as it was; without one, choose nothing."""
        if self._gesture is None:
            return super().cancel()
        self._gesture = None
        self._clear_gesture()
        return True

    def walk(self, way: Way, *, adds: bool) -> None:
        """Choose the node that lies that way, unless the mouse is busy."""
        if self._gesture is None:
            super().walk(way, adds=adds)

    def nudge(self, dx: float, dy: float) -> None:
        """Ask to move the chosen nodes, unless the mouse does."""
        if self._gesture is None:
            super().nudge(dx, dy)

    def _busy(self) -> bool:
        return self._gesture is not None

    def _press(self) -> Gesture:
        """Choose what is under the mouse, and be ready for a drag."""
        hit, pointer, nodes = self._hit(), self._pointer(), self.graph.nodes
        if hit.port >= 0:
            is_output = bool(nodes.port_out[hit.port])
            wire = None if is_output or pointer.adds else wire_into(self.graph, self.marks, hit.port)
            if wire is not None:
                return LooseWire(self, pointer, wire)
            return NewWire(self, pointer, nodes.port_key(hit.port), is_output)
        if hit.node >= 0:
            node = nodes.boxes[hit.node].id
            before = node in self.selection
            self._current = node
            if not before:
                self._add_or_select(frozenset({node}), frozenset())
            return DragNodes(self, pointer, self.selection, node, chosen_before=before)
        if hit.frame >= 0:
            return DragFrame(self, pointer, frozenset(self.graph.frames.boxes[hit.frame].nodes) & nodes.index.keys())
        if hit.wire >= 0:
            self._add_or_select(frozenset(), frozenset({self.graph.wires.lines[hit.wire].key}))
            return Gesture(self, pointer)
        return Lasso(self, pointer) if pointer.free else RubberBand(self, pointer)

    def _add_or_select(self, nodes: frozenset[str], wires: frozenset[WireKey]) -> None:
        if self._pointer().adds:
            self.select(self.selection | nodes, self.wire_selection ^ wires)
        else:
            self.select(nodes, wires)

    def _drag(self) -> None:
        gesture, pointer = self._gesture, self._pointer()
        assert gesture is not None
        if not gesture.active:
            if not gesture.is_drag(pointer):
                return
            gesture.active = True
            self._point_at(Hit())
            if (intent := gesture.begin(pointer)) is not None:
                self._carry_out(intent)
        if self._gesture is gesture:
            self._repaint(gesture.move(pointer))

    def _let_go(self) -> None:
        gesture, pointer = self._gesture, self._pointer()
        assert gesture is not None
        intent = gesture.finish(pointer) if gesture.active else gesture.click(pointer)
        self._gesture = None
        if intent is not None:
            self._carry_out(intent)
        self._clear_gesture()

    def _clear_gesture(self) -> None:
        """Forget what only the gesture showed; what the owner did not take over goes back."""
        self._auto_pan.stop()
        marks = self.marks
        marks.band = marks.loose = marks.lit = marks.lasso = marks.stroke = marks.cut = marks.guides = None
        marks.pulled = marks.port = marks.origin = marks.target = marks.frame = -1
        self._mark_selection()
        self._repaint(self.graph.update(self.graph.scene))
        self.update()
        self._show_cursor()

    def _carry_out(self, intent: intents.Intent) -> None:
        match intent:
            case intents.Select(nodes, wires):
                self.select(nodes, wires)
            case intents.Move(positions):
                self.nodes_moved.emit(positions)
            case intents.Insert(node, wire, (x, y)):
                self.node_inserted.emit(node, wire, x, y)
            case intents.Reframe(positions, nodes, frame):
                self.nodes_reframed.emit(positions, nodes, frame)
            case intents.CutWires(wires):
                self.wires_cut.emit(wires)
            case intents.StartWire(node, port, is_output):
                self.wire_started.emit(node, port, is_output)
            case intents.DrawWire(src, dst):
                self.wire_drawn.emit(*src, *dst)
            case intents.DropWire(node, port, is_output, x, y):
                self.wire_dropped.emit(node, port, is_output, x, y)
            case intents.MoveWire(wire, dst):
                self.wire_moved.emit(wire, *dst)
            case intents.PullWire(wire):
                self.wire_pulled.emit(wire)

    def _pan_at_edge(self) -> None:
        """While something is dragged to the edge, the scene comes along."""
        across = _push(self._mouse.x(), self._pressed.x(), self.width())
        push = QPointF(across, _push(self._mouse.y(), self._pressed.y(), self.height()))
        if self._gesture is None or not self._gesture.active or push.isNull():
            self._auto_pan.stop()
            return
        self.pan(push.x(), push.y())
        self._drag()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button chooses and drags; the right one, with Ctrl, cuts."""
        super().mousePressEvent(event)
        event.accept()
        cuts = event.button() == Button.RightButton and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        self._menu_barred = cuts
        if self._pan_with(event) or self._gesture is not None:
            return
        if cuts or event.button() == Button.LeftButton:
            self._pressed, self._pressed_with = self._mouse, event.button()
            self._gesture = CutStroke(self, self._pointer()) if cuts else self._press()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what the press began, or show what is under the mouse."""
        if self._pan_with(event):
            return
        if self._gesture is None:
            self._point_at(self._hit())
            return
        self._drag()
        if not self._auto_pan.isActive():
            self._auto_pan.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what the press began."""
        if not self._pan_with(event) and self._gesture is not None and event.button() == self._pressed_with:
            self._let_go()

    def hideEvent(self, event: QHideEvent) -> None:
        """A gesture does not outlast the sight of it."""
        if self._gesture is not None:
            self.cancel()
        super().hideEvent(event)


def _push(at: float, pressed: float, size: int) -> int:
    """How far to pan, when the mouse has come to a place near the end of a side of this size."""
    if at < min(PAN_EDGE, pressed):
        return PAN_STEP
    return -PAN_STEP if at > max(size - PAN_EDGE, pressed) else 0
