"""The outline: the graph as a tree, the twin of the canvas for the keyboard and for screen readers."""

from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from widgets import typography
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.analysis import NodeAnalysis
from workbench.core.catalogue import Catalogue
from workbench.core.document import Graph, Node, topological
from workbench.core.expand import BLOCK
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.parts import column
from workbench.ui.remembered import Remembered
from workbench.ui.scene import problems_by_node, title_of
from workbench.ui.theme import Theme

NODE = Qt.ItemDataRole.UserRole
ROOMY = 320
"""From this width on the parameters are shown too."""


class Row(NamedTuple):
    """What a line of the outline says."""

    node: str
    name: str
    shape: str
    parameters: str
    problem: str = ""
    colour: str = ""
    inner: tuple["Row", ...] = ()


Inside = Sequence[tuple[str, NodeAnalysis]]
"""The layers in a use of a block, by their path in there."""


class Outline(QWidget):
    """Nodes in the order of computation, with output shape and parameters; blocks can be opened."""

    activated = Signal(str)
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
        self.tree.itemActivated.connect(lambda item: self.activated.emit(item.data(0, NODE)))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.tree.mapToGlobal(at)))
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
        if old.graph is not new.graph or not new.same_of_nodes(old) or old.inside != new.inside:
            self._fill(new)
        elif old.selection != new.selection:
            self._show_selection(new)

    def _fill(self, state: State) -> None:
        """Show the rows of a state; those that stay keep their items, and whether they are open."""
        old, new = self._rows, self._rows_of(state)
        first = _equal_ones(old, new)
        last = _equal_ones(old[first:][::-1], new[first:][::-1])
        self._silent = True
        for _ in old[first : len(old) - last]:
            self.tree.takeTopLevelItem(first)
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
        inner = _inner(state) if state.document.blocks else {}
        rows = []
        for name in order:
            node, known, problem = state.graph.nodes[name], state.known(name), problems.get(name)
            inside = inner.get(name, ()) if node.type == BLOCK else ()
            made_of = (node, known, self._tokens, self.catalogue, state.document.blocks, *(item for _, item in inside))
            make = partial(self._row, state, node, known, problem, inside)
            rows.append(self._kept.get(name, made_of, (problem, len(inside)), make))
        self._kept.keep_only_used()
        self._order.keep_only_used()
        return rows

    def _row(
        self, state: State, node: Node, known: NodeAnalysis | None, problem: Problem | None, inside: Inside
    ) -> Row:
        name = title_of(node, self.catalogue, state.document)
        rows = tuple(Row(path, *_figures(path, item)) for path, item in inside)
        if problem is None:
            return Row(node.id, *_figures(name, known), inner=rows)
        bad = self._tokens.bad if problem.severity == "error" else self._tokens.warn
        return Row(node.id, *_figures(name, known), wording.what(problem), bad, rows)

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
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{row.name}: {row.problem}" if row.problem else None)
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

    def _selected(self) -> None:
        if not self._silent:
            self._session.select(item.data(0, NODE) for item in self.tree.selectedItems())


def _in_order(graph: Graph) -> list[str]:
    """Nodes in the order of computation; those on circles last."""
    order, stuck = topological(graph)
    return [*order, *sorted(stuck)]


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


def _figures(name: str, known: NodeAnalysis | None) -> tuple[str, str, str]:
    spec = next(iter(known.outputs.values()), None) if known else None
    shape = wording.shape(spec.shape) if spec else ""
    return name, shape, wording.count(known.parameters) if known and known.parameters else ""
