"""The outline: the graph as a tree, the twin of the canvas for the keyboard and for screen readers."""

from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from widgets import typography
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.analysis import NodeAnalysis
from workbench.core.catalogue import Catalogue
from workbench.core.document import BLOCK, Frame, Graph, Layout, Node, topological
from workbench.core.expand import is_bypassed
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.parts import column
from workbench.ui.remembered import Remembered
from workbench.ui.scene import problems_by_node, title_of
from workbench.ui.theme import Theme

NODE = Qt.ItemDataRole.UserRole
SHIFT = Qt.KeyboardModifier.ShiftModifier
NO_LAYOUT = Layout()
ROOMY = 320
"""From this width on the parameters are shown too."""


class Row(NamedTuple):
    """What a line of the outline says."""

    node: str
    name: str
    shape: str
    parameters: str
    spoken: str
    """All of it, and what the columns do not show, for those who hear it."""
    problem: str = ""
    colour: str = ""
    inner: tuple["Row", ...] = ()


Inside = Sequence[tuple[str, NodeAnalysis]]
"""The layers in a use of a block, by their path in there."""


class Outline(QWidget):
    """Nodes in the order of computation, with output shape and parameters; blocks can be opened."""

    activated = Signal(str)
    """The path of a node, as `Session.reveal` takes it."""
    menu_wanted = Signal(QPoint)
    """What can be done with what is selected is asked for, at this point of the screen."""

    def __init__(self, theme: Theme, session: Session, catalogue: Catalogue) -> None:
        super().__init__()
        self._session, self.catalogue, self._tokens = session, catalogue, theme.tokens
        self.setObjectName("outline")
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Outline of the network"))
        self.tree.setHeaderLabels([tr("Layer"), tr("Output"), tr("Parameters")])
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setResizeContentsPrecision(0)  # columns fit what is in sight: a look at every row costs 6 ms a change
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemSelectionChanged.connect(self._selected)
        self.tree.itemActivated.connect(self._activate)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.tree.mapToGlobal(at)))
        self.tree.installEventFilter(self)
        self.setFocusProxy(self.tree)
        self.setLayout(column(self.tree))
        self._silent = False
        self._rows: list[Row] = []
        self._kept: Remembered[Row] = Remembered()
        self._order: Remembered[list[str]] = Remembered()
        self._font = typography.tabular(typography.caption())
        theme.follow(self)
        session.subscribe(self._changed)
        self._fill(session.state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is not always room for all columns."""
        super().resizeEvent(event)
        self.tree.setColumnHidden(2, self.width() < ROOMY)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In a list, Home and End lead to the first and the last row, whatever they do on the canvas."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_of_lists(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self._font = typography.tabular(typography.caption())
        self._fill(self._session.state)

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Call layers as another catalogue does."""
        self.catalogue = catalogue
        self._fill(self._session.state)

    def _changed(self, old: State, new: State) -> None:
        anew = old.graph is not new.graph or not new.same_of_nodes(old) or old.inside != new.inside
        if anew or _frames(old) is not _frames(new):
            self._fill(new)
        elif old.selection != new.selection:
            self._show_selection(new)

    def _fill(self, state: State) -> None:
        """Show the rows of a state; those that stay keep their items, and whether they are open."""
        old, new = self._rows, self._rows_of(state)
        first = _equal_ones(old, new)
        last = _equal_ones(old[first:][::-1], new[first:][::-1])
        self._silent = True
        self.tree.model().removeRows(first, len(old) - last - first)  # one by one, thousands take seconds
        middle = range(first, len(new) - last)
        self.tree.insertTopLevelItems(first, [self._item(new[place]) for place in middle])
        for place in (*range(first), *range(len(new) - last, len(new))):
            before = old[place if place < first else place - len(new) + len(old)]
            if before is not new[place]:
                self._dress(self._top(place), new[place])
        self._rows = new
        self._silent = False
        self._show_selection(state)

    def _rows_of(self, state: State) -> list[Row]:
        problems = problems_by_node(state)
        graph = state.graph
        order = self._order.get("", (graph.wires,), (*graph.nodes,), lambda: _in_order(graph))
        inner, framed = _inner(state) if state.document.blocks else {}, _framed(state)
        rows = []
        for name in order:
            node, known, problem = state.graph.nodes[name], state.known(name), problems.get(name)
            inside = inner.get(name, ()) if node.type == BLOCK else ()
            made_of = (node, known, self._tokens, self.catalogue, state.document.blocks, *(item for _, item in inside))
            frame = framed.get(name, "")
            make = partial(self._row, state, node, known, problem, inside, frame)
            rows.append(self._kept.get(name, made_of, (problem, len(inside), frame), make))
        self._kept.keep_only_used()
        self._order.keep_only_used()
        return rows

    def _row(
        self,
        state: State,
        node: Node,
        known: NodeAnalysis | None,
        problem: Problem | None,
        inside: Inside,
        frame: str,
    ) -> Row:
        name = title_of(node, self.catalogue, state.document)
        rows = tuple(_plain_row(path, item) for path, item in inside)
        kind = title_of(replace(node, label=""), self.catalogue, state.document)
        shape, parameters = _figures(known)
        off = tr("bypassed") if is_bypassed(node) else ""
        text = wording.what(problem) if problem else ""
        parts = [name, kind if kind != name else "", off, *_spoken(shape, parameters)]
        parts += [tr("in the frame {title}", title=frame) if frame else "", text]
        colour = self._tokens.dim if off else ""
        if problem is not None:
            colour = self._tokens.bad if problem.severity == "error" else self._tokens.warn
        shown = f"{name} · {off}" if off else name
        return Row(node.id, shown, shape, parameters, ", ".join(filter(None, parts)), text, colour, rows)

    def _item(self, row: Row) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, NODE, row.node)
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight)
        for inner in row.inner:
            child = self._item(inner)
            child.setFlags(child.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            item.addChild(child)
        self._dress(item, row)
        return item

    def _dress(self, item: QTreeWidgetItem | None, row: Row) -> None:
        """Say what a row says; it has as many inner rows as before."""
        assert item is not None
        texts = (f"{row.name} ⚠" if row.problem else row.name, row.shape, row.parameters)
        for place, text in enumerate(texts):
            if item.text(place) != text:  # the tree measures its columns anew with every text that is set
                item.setText(place, text)
        item.setToolTip(0, row.problem)
        item.setForeground(0, QColor(row.colour or self._tokens.text))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, row.spoken)
        for place in (1, 2):
            item.setFont(place, self._font)
            item.setForeground(place, QColor(self._tokens.dim))
        for place, inner in enumerate(row.inner):
            self._dress(item.child(place), inner)

    def _top(self, place: int) -> QTreeWidgetItem:
        item = self.tree.topLevelItem(place)
        assert item is not None
        return item

    def _show_selection(self, state: State) -> None:
        self._silent = True
        model = self.tree.selectionModel()
        chosen = QItemSelection()
        first: QTreeWidgetItem | None = None
        for place, row in enumerate(self._rows):
            if row.node in state.selection:
                item = self._top(place)
                index = self.tree.indexFromItem(item)
                chosen.select(index, index.siblingAtColumn(2))
                first = first or item
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if first is not None:
            model.setCurrentIndex(self.tree.indexFromItem(first), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.tree.scrollToItem(first)
        self._silent = False

    def _activate(self, item: QTreeWidgetItem) -> None:
        """Look into a block; show anything else, also what is in a block."""
        state, outer = self._session.state, item.parent()
        if outer is not None:
            self.activated.emit("/".join((*state.inside, outer.data(0, NODE), item.data(0, NODE))))
        elif state.graph.nodes[item.data(0, NODE)].type == BLOCK:
            self._session.enter(item.data(0, NODE))
        else:
            self.activated.emit("/".join((*state.inside, item.data(0, NODE))))

    def _selected(self) -> None:
        if not self._silent:
            self._session.select(item.data(0, NODE) for item in self.tree.selectedItems())


def _in_order(graph: Graph) -> list[str]:
    """Nodes in the order of computation; those on circles last."""
    order, stuck = topological(graph)
    return [*order, *sorted(stuck)]


def _is_of_lists(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() & ~SHIFT


def _equal_ones(old: Sequence[Row], new: Sequence[Row]) -> int:
    """So many rows at the beginning are of the same nodes."""
    pairs = zip(old, new, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1] or _is_of(pair[0]) == _is_of(pair[1]), pairs))


def _is_of(row: Row) -> tuple[str, list[str]]:
    return row.node, [inner.node for inner in row.inner]


def _inner(state: State) -> dict[str, list[tuple[str, NodeAnalysis]]]:
    """The layers inside of each use of a block."""
    found: dict[str, list[tuple[str, NodeAnalysis]]] = {}
    if state.analysis is None or state.prefix is None:
        return found
    for path, known in state.analysis.nodes.items():
        if path.startswith(state.prefix):
            use, inside, rest = path.removeprefix(state.prefix).partition("/")
            if inside:
                found.setdefault(use, []).append((rest, known))
    return found


def _frames(state: State) -> dict[str, Frame]:
    return state.document.layout.get(state.scope, NO_LAYOUT).frames


def _framed(state: State) -> dict[str, str]:
    """The title of the frame that each node is in."""
    frames = _frames(state).values()
    return {node: frame.title or tr("without a title") for frame in frames for node in frame.nodes}


def _plain_row(path: str, known: NodeAnalysis) -> Row:
    """A layer inside a use of a block."""
    shape, parameters = _figures(known)
    return Row(path, path, shape, parameters, ", ".join((path, *_spoken(shape, parameters))))


def _figures(known: NodeAnalysis | None) -> tuple[str, str]:
    spec = next(iter(known.outputs.values()), None) if known else None
    shape = wording.shape(spec.shape) if spec else ""
    return shape, wording.count(known.parameters) if known and known.parameters else ""


def _spoken(shape: str, parameters: str) -> list[str]:
    words = [tr("gives {shape}", shape=shape)] if shape else []
    return [*words, tr("{count} parameters", count=parameters)] if parameters else words
