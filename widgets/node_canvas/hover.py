"""A view that knows what is under the mouse: it shows and tells it, asks for menus, takes drops, pans."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.node_canvas.gestures import Pointer
from widgets.node_canvas.hits import Hit, hit_at, output_at, tip_of
from widgets.node_canvas.inline import WritingView
from widgets.node_canvas.scene import Scene, WireKey
from widgets.node_canvas.sprites import Tier
from widgets.tokens import DARK, Tokens

DROP_REACH = 8.0
Cursor = Qt.CursorShape
Button = Qt.MouseButton
Modifier = Qt.KeyboardModifier


class HoverView(WritingView):
    """The middle button, and the left one with Space, pan; drags of one MIME type may be dropped."""

    search_requested = Signal(float, float)
    """Something is to be added at this place of the scene: a double click beside all nodes, or a tap of Space."""
    context_requested = Signal(QPoint)
    dropped = Signal(str, float, float)

    def __init__(self, tokens: Tokens = DARK, mime_type: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._mime_type = mime_type
        self.tell: Callable[[str, str], str] | None = None
        """What the owner can say of what leaves an output (node, port); asked only when the mouse rests there."""
        self._mouse = QPointF()
        self._modifiers = Modifier.NoModifier
        self._panning = False
        self._space = self._tapped = self._menu_barred = False
        self.setMouseTracking(True)
        self.setAcceptDrops(bool(mime_type))

    def set_scene(self, scene: Scene) -> None:
        """Show `scene`."""
        super().set_scene(scene)
        if self.underMouse() and not self._busy():
            self._point_at(self._hit())

    def wire_at(self, x: float, y: float) -> WireKey | None:
        """The wire at a point of the scene: a node dropped there may want to go into it."""
        row = self.graph.wire_at(x, y, DROP_REACH / self.scale)
        return None if row is None else self.graph.wires.lines[row].key

    def hold_to_pan(self, held: bool) -> None:
        """While held, the left button pans."""
        self._space = self._tapped = held
        self._show_cursor()

    def let_go_of_space(self) -> None:
        """A tap of Space, with nothing done meanwhile, asks what to add."""
        tapped = self._tapped and not self._busy()
        super().let_go_of_space()
        if tapped:
            self.request_search()

    def request_search(self) -> None:
        """Ask for something to add, under the mouse or else in the middle."""
        at = self.camera.to_scene(self._mouse) if self.underMouse() else QPointF(*self.visible_centre())
        self.search_requested.emit(at.x(), at.y())

    def _busy(self) -> bool:
        """Whether the mouse is in the middle of something else than looking around."""
        return False

    def _pointer(self) -> Pointer:
        at = self.camera.to_scene(self._mouse)
        adds = bool(self._modifiers & (Modifier.ShiftModifier | Modifier.ControlModifier))
        return Pointer(at.x(), at.y(), self.scale, adds, bool(self._modifiers & Modifier.AltModifier))

    def _hit(self) -> Hit:
        at = self.camera.to_scene(self._mouse)
        return hit_at(self.graph, self.marks, at.x(), at.y(), self.scale, self._tier())

    def _follow(self, event: QMouseEvent) -> QPointF:
        """Remember where the mouse is; return how far it came."""
        before, self._mouse, self._modifiers = self._mouse, event.position(), event.modifiers()
        return self._mouse - before

    def _point_at(self, hit: Hit) -> None:
        """Show what is under the mouse."""
        marks = self.marks
        if (marks.node, marks.wire, marks.port) == (hit.node, hit.wire, hit.port):
            return
        for node, wire, port in ((marks.node, marks.wire, marks.port), (hit.node, hit.wire, hit.port)):
            owner = int(self.graph.nodes.port_node[port]) if port >= 0 else node
            self._repaint(self.graph.nodes.rects[owner] if owner >= 0 else None)
            self._repaint(self.graph.wires.routes.box[wire] if wire >= 0 else None)
        marks.node, marks.wire, marks.port = hit.node, hit.wire, hit.port
        self._show_cursor()

    def _aim_at(self, wire: int) -> None:
        """Show the wire that what is dropped would go into."""
        if wire != self.marks.target:
            for row in (self.marks.target, wire):
                self._repaint(self.graph.wires.routes.box[row] if row >= 0 else None)
            self.marks.target = wire

    def _show_cursor(self) -> None:
        if self._panning:
            self.setCursor(Cursor.ClosedHandCursor)
        elif self._space:
            self.setCursor(Cursor.OpenHandCursor)
        elif self.marks.port >= 0:
            self.setCursor(Cursor.CrossCursor)
        else:
            self.unsetCursor()

    def _pan_with(self, event: QMouseEvent) -> bool:
        """Begin, go on or end panning; whether the event was about that."""
        step = self._follow(event)
        self._tapped = self._tapped and event.type() == QEvent.Type.MouseMove and not event.buttons()
        if event.type() == QEvent.Type.MouseButtonPress and not (self._panning or self._busy()):
            middle = event.button() == Button.MiddleButton
            self._panning = middle or (event.button() == Button.LeftButton and self._space)
        elif not self._panning:
            return False
        elif event.type() == QEvent.Type.MouseMove:
            self.pan(step.x(), step.y())
        elif not event.buttons() & (Button.LeftButton | Button.MiddleButton):
            self._panning = False
            self._show_cursor()
            return True
        self._show_cursor()
        return self._panning

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate a node, or ask what to add elsewhere."""
        self._follow(event)
        if event.button() != Button.LeftButton:
            return
        hit, pointer = self._hit(), self._pointer()
        if hit.node >= 0:
            self.activate(hit.node)
        elif hit.frame >= 0:
            self.edit_title(self.graph.frames.boxes[hit.frame].id)
        elif hit.port < 0:
            self.search_requested.emit(pointer.x, pointer.y)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        if not self._busy():
            self._point_at(Hit())
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu: of what is under the mouse, or of the selection for a key."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        if self._busy() or (by_mouse and self._menu_barred):
            return
        if by_mouse:
            self._mouse = QPointF(event.pos())
            hit = self._hit()
            if hit.node >= 0 and self.graph.nodes.boxes[hit.node].id not in self.selection:
                self.select(frozenset({self.graph.nodes.boxes[hit.node].id}))
            elif hit.wire >= 0 and self.graph.wires.lines[hit.wire].key not in self.wire_selection:
                self.select(frozenset(), frozenset({self.graph.wires.lines[hit.wire].key}))
            self.context_requested.emit(event.globalPos())
            return
        row = self._current_row()
        at = self.rect().center() if row is None else self.node_rect(self._current).center().toPoint()
        self.context_requested.emit(self.mapToGlobal(at))

    def event(self, event: QEvent) -> bool:
        """Tell what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._mouse = QPointF(event.pos())
            hit = self._hit()
            key = output_at(self.graph, hit)
            told = self.tell(*key) if self.tell is not None and key is not None else ""
            words = escape(told or tip_of(self.graph, hit, legible=self._tier() == Tier.NEAR))
            # Names are the user's: without this one with a < in it would be taken for HTML.
            QToolTip.showText(event.globalPos(), words and f"<p style='white-space:pre-wrap'>{words}</p>", self)
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what was asked for."""
        if event.mimeData().hasFormat(self._mime_type):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show the wire that a dropped node could go into."""
        at = self.camera.to_scene(event.position())
        row = self.graph.wire_at(at.x(), at.y(), DROP_REACH / self.scale)
        self._aim_at(-1 if row is None else row)
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing will be dropped."""
        self._aim_at(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over the text and the place."""
        self._aim_at(-1)
        at = self.camera.to_scene(event.position())
        text = bytes(event.mimeData().data(self._mime_type).data()).decode(errors="replace")
        self.dropped.emit(text, at.x(), at.y())
        event.acceptProposedAction()
