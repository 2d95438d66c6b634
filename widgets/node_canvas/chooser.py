"""A view in which nodes and wires can be chosen, with the keyboard alone if need be."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from widgets.node_canvas import keys, navigation
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import Bools
from widgets.node_canvas.scene import Scene, WireKey
from widgets.node_canvas.view import GraphView
from widgets.tokens import DARK, Tokens

MOST_NAMED = 5
COUNTS, CHOSEN = "Nodes: {nodes}. Wires: {wires}.", "Selected: {names}."
KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class ChooserView(GraphView):
    """Keeps the selection to nodes and wires that exist: `set_scene` drops the others without a signal."""

    selection_changed = Signal(object)
    wire_selection_changed = Signal(object)
    nodes_moved = Signal(object)
    node_activated = Signal(str)

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self.selection: frozenset[str] = frozenset()
        self.wire_selection: frozenset[WireKey] = frozenset()
        self._current = ""
        self._ring = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._words = COUNTS, CHOSEN
        self.setAccessibleName("Graph")
        self._describe()

    def set_scene(self, scene: Scene) -> None:
        """Show `scene`."""
        super().set_scene(scene)
        self.set_selection(self.selection, self.wire_selection)

    @property
    def sideways(self) -> bool:
        """Whether the graph flows to the right."""
        return self.graph.sideways

    def set_words(self, counts: str, selected: str) -> None:
        """Say in these words how much there is ({nodes}, {wires}) and what is chosen ({names}) to who cannot see it."""
        self._words = counts, selected
        self._describe()

    def set_selection(self, nodes: frozenset[str], wires: frozenset[WireKey] = frozenset()) -> None:
        """Choose nodes and wires without a signal; those that do not exist are left out."""
        before = self.marks
        self.selection = frozenset(nodes & self.graph.nodes.index.keys())
        self.wire_selection = frozenset(wires & self.graph.wires.index.keys())
        self._mark_selection()
        self._describe()
        if not (
            _same(before.selected, self.marks.selected) and _same(before.selected_wires, self.marks.selected_wires)
        ):
            self.update()

    def select(self, nodes: frozenset[str], wires: frozenset[WireKey] = frozenset()) -> None:
        """Choose nodes and wires as the user does, with signals."""
        chosen, chosen_wires = self.selection, self.wire_selection
        self.set_selection(nodes, wires)
        if chosen != self.selection:
            self.selection_changed.emit(self.selection)
        if chosen_wires != self.wire_selection:
            self.wire_selection_changed.emit(self.wire_selection)

    def fit_selection(self) -> None:
        """Show the chosen nodes, or everything."""
        if self.selection:
            self.fit_nodes(self.selection)
        else:
            self.fit()

    def cancel(self) -> bool:
        """Choose nothing; whether anything was chosen."""
        if not (self.selection or self.wire_selection):
            return False
        self.select(frozenset())
        return True

    def walk(self, way: navigation.Way, *, adds: bool) -> None:
        """Choose the node that lies that way of the current one, or a first one near the middle."""
        start = self._current_row()
        if start is None:
            found = navigation.nearest(self.graph, *self.visible_centre())
        else:
            found = navigation.neighbour(self.graph, start, way)
        if found is not None:
            self._current = self.graph.nodes.boxes[found].id
            self.select(frozenset({self._current}) | (self.selection if adds else frozenset()))
            self.show_node(found)

    def nudge(self, dx: float, dy: float) -> None:
        """Ask to move the chosen nodes."""
        boxes = [self.graph.nodes.boxes[self.graph.nodes.index[node]] for node in self.selection]
        if boxes:
            self.nodes_moved.emit({box.id: (box.x + dx, box.y + dy) for box in boxes})

    def activate_current(self) -> bool:
        """Activate the node that keys start from; whether there is one."""
        row = self._current_row()
        if row is not None:
            self.activate(row)
        return row is not None

    def activate(self, row: int) -> None:
        """Open a node."""
        self.node_activated.emit(self.graph.nodes.boxes[row].id)

    def hold_to_pan(self, held: bool) -> None:
        """Only a canvas with a mouse pans."""

    def let_go_of_space(self) -> None:
        """The key that is held to pan comes up."""
        self.hold_to_pan(False)

    def _current_row(self) -> int | None:
        """The node that keys start from: the last one chosen, if it still is."""
        if self._current not in self.selection:
            self._current = min(self.selection, default="")
        return self.graph.nodes.index.get(self._current)

    def _overlaid(self) -> bool:
        return self._ring or super()._overlaid()

    def _mark_selection(self) -> None:
        graph = self.graph
        fresh = Marks.none(len(graph.nodes.boxes), len(graph.wires.lines))
        fresh.selected[[graph.nodes.index[node] for node in self.selection]] = True
        fresh.selected_wires[[graph.wires.index[wire] for wire in self.wire_selection]] = True
        self.marks = replace(
            self.marks,
            selected=fresh.selected,
            selected_wires=fresh.selected_wires,
            node=-1,
            wire=-1,
            port=-1,
            target=-1,
            frame=-1,
        )

    def _describe(self) -> None:
        """Say in words what is to be seen."""
        nodes = self.graph.nodes
        counts, selected = self._words
        words = counts.format(nodes=len(nodes.boxes), wires=len(self.graph.wires.lines))
        chosen = [nodes.boxes[nodes.index[node]] for node in sorted(self.selection)[:MOST_NAMED]]
        if chosen:
            names = "; ".join(", ".join(filter(None, (b.title, *b.captions, b.message))) for b in chosen)
            words += " " + selected.format(names=names)
        if words == self.accessibleDescription():
            return
        self.setAccessibleDescription(words)
        if chosen and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def event(self, event: QEvent) -> bool:
        """Keys of the canvas are not shortcuts of its window while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and keys.takes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk or nudge, Enter activates, Escape cancels, Space is held to pan."""
        if not keys.press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space is let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.let_go_of_space()
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by keyboard sees where the keyboard is."""
        self._ring = event.reason() in KEYBOARD_REASONS
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key that is let go elsewhere is not heard here."""
        self.hold_to_pan(False)
        self._ring = False
        self.update()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """With the mouse in hand nobody needs the ring."""
        if self._ring:
            self._ring = False
            self.update()
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the graph, and the ring of the keyboard around it."""
        super().paintEvent(event)
        if self._ring:
            with QPainter(self) as painter:
                painter.setPen(QPen(QColor(self._box.tokens.accent), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))


def _same(one: Bools, other: Bools) -> bool:
    return np.array_equal(one, other)
