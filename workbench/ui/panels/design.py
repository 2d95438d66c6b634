"""The Design place: palette and outline, canvas, inspector, and the monitor of a run at its foot."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from widgets.node_canvas.canvas import NodeCanvas
from widgets.section import SectionLabel
from workbench.core.document import Wire
from workbench.core.i18n import tr
from workbench.core.layout import ROW
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.add_search import Wish
from workbench.ui.editor import Editor, PortEnd
from workbench.ui.panels.figures import described
from workbench.ui.panels.inspector import Inspector
from workbench.ui.panels.outline import Outline
from workbench.ui.panels.palette import MIME, Palette
from workbench.ui.panels.remedies import RemedyBubble
from workbench.ui.scene import Drawn, scene_of
from workbench.ui.seen import NOTHING, Seen
from workbench.ui.theme import Theme
from workbench.ui.views import Views

SIDE = 236
FOOT = 300
CODE, LEAST_CODE = 460, 300
PROPERTIES = 320
LEAST_CANVAS = 240
"""Narrower, a network can no longer be read beside its panels."""
BESIDE = QPointF(12, 0)
HALF_WIDTH, HALF_HEIGHT = 88, 24
"""Of a node, about: what is dropped lies under the mouse."""


class CanvasPanel(QWidget):
    """The canvas, bound to the session: it shows the state, and its intents become edits."""

    search_wanted = Signal(object)
    """A `Wish`: the user wants to look for a layer to add."""

    def __init__(self, theme: Theme, session: Session, editor: Editor) -> None:
        super().__init__()
        self._session, self._editor = session, editor
        self._drawn, self._seen = Drawn(), NOTHING
        self._views = Views()
        self.canvas = NodeCanvas(theme.tokens, MIME)
        self.canvas.setAccessibleName(tr("Network"))
        self.canvas.minimap.setAccessibleName(tr("Minimap"))
        self.canvas.set_editor_names(tr("Title of the frame"), tr("Note"))
        self.canvas.set_words(tr("Layers: {nodes}. Wires: {wires}."), tr("Selected: {names}."))
        self.canvas.set_hint(
            tr("An empty network"), tr("Double-click to look for a layer, or take one from the list on the left.")
        )
        theme.follow(self.canvas)
        self._fit_later = QTimer(self)
        self._fit_later.setSingleShot(True)
        self._fit_later.timeout.connect(self.canvas.fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.setFocusProxy(self.canvas)
        self._bubble = RemedyBubble(theme, session, editor, self.canvas)
        self._connect()
        session.subscribe(self._changed)
        self._show(session.state)
        self._fit_soon()

    def _fit_soon(self) -> None:
        """Fit once the panels around have found their sizes."""
        self.canvas.fit()
        self._fit_later.start()

    def _connect(self) -> None:
        canvas, editor = self.canvas, self._editor
        canvas.selection_changed.connect(self._select)
        canvas.wire_selection_changed.connect(self._select)
        canvas.nodes_moved.connect(editor.move)
        canvas.wire_started.connect(self._light_compatible)
        canvas.wire_drawn.connect(editor.connect)
        canvas.wire_moved.connect(editor.rewire)
        canvas.wire_pulled.connect(editor.cut)
        canvas.wires_cut.connect(editor.cut_all)
        canvas.node_inserted.connect(editor.put_between)
        canvas.nodes_reframed.connect(editor.reframe)
        canvas.title_written.connect(editor.rename_frame)
        canvas.note_written.connect(editor.write_note)
        canvas.dropped.connect(self._drop)
        canvas.node_activated.connect(self._session.enter)
        canvas.wire_dropped.connect(self._search_for_wire)
        canvas.search_requested.connect(self._search_at)
        canvas.tell = lambda node, port: described(self._session.state, node, port)

    def _changed(self, old: State, new: State) -> None:
        elsewhere = (old.scope, old.inside, old.opened) != (new.scope, new.inside, new.opened)
        if old.document is not new.document or not new.same_of_nodes(old) or elsewhere:
            view = self._views.swap(old, new, self.canvas.camera) if elsewhere else None
            self._show(new)
            if view is not None:
                self.canvas.look(view)
            elif elsewhere:
                self._fit_soon()
        if (old.selection, old.selected_wires) != (new.selection, new.selected_wires):
            self._show_selection(new)

    def show_seen(self, seen: Seen) -> None:
        """Show what is seen of a sample beside the wires."""
        if seen is not self._seen:
            self._seen = seen
            self._show(self._session.state)

    def refresh(self) -> None:
        """Show the state again: what it is shown by has changed."""
        self._show(self._session.state)

    def _show(self, state: State) -> None:
        self.canvas.set_scene(scene_of(state, self._editor.catalogue, self._drawn, self._seen))
        self._show_selection(state)

    def _show_selection(self, state: State) -> None:
        wires = frozenset((w.src, w.src_port, w.dst, w.dst_port) for w in state.selected_wires)
        self.canvas.set_selection(state.selection, wires)
        self._bubble.show_state(state)

    def _select(self, chosen: object) -> None:
        wires = (Wire(*key) for key in self.canvas.wire_selection)
        self._session.select(self.canvas.selection, wires)

    def _light_compatible(self, node: str, port: str, is_output: bool) -> None:
        self.canvas.set_compatible(self._editor.compatible(node, is_output))

    def _drop(self, kind: str, x: float, y: float) -> None:
        """A layer from the palette: onto a wire it goes between, elsewhere it stands alone."""
        wire = self.canvas.wire_at(x, y)
        place = (x - HALF_WIDTH, y - HALF_HEIGHT)
        if wire is not None:
            self._editor.insert(kind, wire, place)
        else:
            self._editor.add(kind, place, middle=place)

    def add(self, kind: str) -> None:
        """Add a layer where it makes sense, and bring it into view."""
        x, y = self.canvas.visible_centre()
        name = self._editor.add(kind, middle=(x - HALF_WIDTH, y - HALF_HEIGHT))
        row = self.canvas.graph.nodes.index.get(name)
        if row is not None:
            self.canvas.show_node(row)

    def _search_at(self, x: float, y: float) -> None:
        """What is found goes behind the one selected layer, or else here."""
        selection = self._session.state.selection
        self.search_wanted.emit(Wish(x, y, after=next(iter(selection)) if len(selection) == 1 else ""))

    def _search_for_wire(self, node: str, port: str, is_output: bool, x: float, y: float) -> None:
        self.search_wanted.emit(Wish(x, y, PortEnd(node, port, is_output)))

    def search(self) -> None:
        """Look for a layer: where the mouse is, else beside the selected layer, else in the middle."""
        selection, at = self._session.state.selection, self.canvas.mapFromGlobal(QCursor.pos())
        if self.canvas.rect().contains(at):
            place = QPointF(at)
        elif len(selection) == 1:
            place = self.canvas.node_rect(next(iter(selection))).topRight() + BESIDE
        else:
            place = QRectF(self.canvas.rect()).center()
        found = self.canvas.camera.to_scene(place)
        self._search_at(found.x(), found.y())

    def on_screen(self, wish: Wish) -> QPoint:
        """Where on the screen a place of the scene is."""
        return self.canvas.mapToGlobal(self.canvas.camera.to_widget(QPointF(wish.x, wish.y)).toPoint())

    def fulfil(self, wish: Wish, kind: str, join: bool) -> None:
        """Add the layer that was found, and bring it into view."""
        state, place = self._session.state, (wish.x - HALF_WIDTH, wish.y)
        port = wish.port if wish.port and wish.port.node in state.graph.nodes else None
        wire = self.canvas.wire_at(wish.x, wish.y)
        if port and join:
            up = 0.0 if port.is_output else ROW
            name = self._editor.add_joined(kind, (place[0], place[1] - up), port)
        elif wish.after in state.graph.nodes and join:
            self._session.select([wish.after])
            name = self._editor.add(kind, middle=place)
        elif wire is not None and not (wish.port or wish.after):
            name = self._editor.insert(kind, wire, place)
        else:
            name = self._editor.add(kind, place, middle=place)
        self._show_added(name)

    def _show_added(self, name: str) -> None:
        row = self.canvas.graph.nodes.index.get(name)
        if row is not None:
            self.canvas.show_node(row)

    def show_problem(self, problem: Problem) -> bool:
        """Select the node of a problem, inside its block if need be, and bring it into view; whether it is there."""
        found = self.show_path(problem.node)
        if found:
            self.canvas.setFocus()
        return found

    def show_path(self, path: str) -> bool:
        """Select a node by its path, inside its block if need be, and bring it to the middle; whether it is there."""
        if not self._session.reveal(path):
            return False
        self._fit_later.stop()
        self.canvas.centre_on(path.rpartition("/")[2])
        return True


class DesignPlace(QMainWindow):
    """Docks around the canvas. They can be moved, floated and closed, and remember where they were."""

    def __init__(
        self,
        theme: Theme,
        canvas: QWidget,
        palette: Palette,
        outline: Outline,
        inspector: Inspector,
        monitor: QWidget,
        code: QWidget,
    ) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(
            Qt.DockWidgetArea.AllDockWidgetAreas, self.tabPosition(Qt.DockWidgetArea.LeftDockWidgetArea)
        )
        self.setCentralWidget(canvas)
        self.inspector = inspector
        self.history_dock: QDockWidget | None = None
        self.panels = [
            self._dock(theme, "layers", tr("Layers"), palette, Qt.DockWidgetArea.LeftDockWidgetArea),
            self._dock(theme, "outline-dock", tr("Outline"), outline, Qt.DockWidgetArea.LeftDockWidgetArea),
            self._dock(theme, "properties", tr("Properties"), inspector, Qt.DockWidgetArea.RightDockWidgetArea),
            self._dock(theme, "monitor-dock", tr("Monitor"), monitor, Qt.DockWidgetArea.BottomDockWidgetArea),
            self._dock(theme, "code-dock", tr("Code"), code, Qt.DockWidgetArea.RightDockWidgetArea),
        ]
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.monitor_dock.hide()  # until there is something to watch
        self.code_dock.hide()  # until somebody wants to read it
        self.code_dock.visibilityChanged.connect(self._make_room_for_code)
        self.reset_layout()

    def _dock(self, theme: Theme, name: str, title: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(content)
        dock.setTitleBarWidget(DockTitle(theme, title))
        self.addDockWidget(area, dock)
        return dock

    @property
    def properties_dock(self) -> QDockWidget:
        """The dock at the right."""
        return self.panels[2]

    @property
    def monitor_dock(self) -> QDockWidget:
        """The dock at the foot."""
        return self.panels[3]

    @property
    def code_dock(self) -> QDockWidget:
        """The dock with the source, between canvas and properties."""
        return self.panels[4]

    def _make_room_for_code(self, is_visible: bool) -> None:
        """A dock is shown and hidden at the cost and to the gain of its neighbour; the canvas has more to give."""
        code, properties = self.code_dock, self.properties_dock
        if not is_visible:
            self.resizeDocks([properties], [properties.width()], Qt.Orientation.Horizontal)
        elif not code.isFloating() and code.width() < LEAST_CODE:
            room = max(self.width() - SIDE - PROPERTIES - LEAST_CANVAS, LEAST_CODE)
            self.resizeDocks([code, properties], [min(CODE, room), PROPERTIES], Qt.Orientation.Horizontal)

    def add_history(self, theme: Theme, history: QWidget) -> None:
        """A panel behind the outline, until somebody wants to see it."""
        self.history_dock = self._dock(
            theme, "history-dock", tr("History"), history, Qt.DockWidgetArea.LeftDockWidgetArea
        )
        self._hide_history()

    def _hide_history(self) -> None:
        if self.history_dock is not None:
            self.history_dock.setFloating(False)
            self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.history_dock)
            self.tabifyDockWidget(self.panels[1], self.history_dock)
            self.history_dock.hide()

    def view_actions(self) -> Sequence[QAction]:
        """One for each panel: show it or not."""
        docks = self.panels if self.history_dock is None else [*self.panels, self.history_dock]
        return [dock.toggleViewAction() for dock in docks]

    def reset_layout(self) -> None:
        """Put all panels back to where they are at first."""
        layers, outline, properties, monitor, code = self.panels
        areas = Qt.DockWidgetArea
        for dock, area in (
            (layers, areas.LeftDockWidgetArea),
            (outline, areas.LeftDockWidgetArea),
            (code, areas.RightDockWidgetArea),
            (properties, areas.RightDockWidgetArea),
            (monitor, areas.BottomDockWidgetArea),
        ):
            dock.setFloating(False)
            self.addDockWidget(area, dock)
            dock.setVisible(dock not in (monitor, code) or dock.isVisible())
        self.splitDockWidget(layers, outline, Qt.Orientation.Vertical)
        self.splitDockWidget(code, properties, Qt.Orientation.Horizontal)
        self.resizeDocks([layers, code, properties], [SIDE, CODE, PROPERTIES], Qt.Orientation.Horizontal)
        self.resizeDocks([layers, outline], [420, 260], Qt.Orientation.Vertical)
        self.resizeDocks([monitor], [FOOT], Qt.Orientation.Vertical)
        self._hide_history()

    def layout_text(self) -> str:
        """Where the panels stand, for the settings."""
        return bytes(self.saveState().toBase64().data()).decode()

    def restore_layout(self, text: str) -> None:
        """Put the panels where they stood; an old or damaged text changes nothing."""
        self.restoreState(QByteArray.fromBase64(text.encode()))


class DockTitle(QWidget):
    """The title of a dock: a list heading that the dock is dragged by."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        label = SectionLabel(text, theme.tokens)
        theme.follow(label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 2)
        layout.addWidget(label)
