"""The outline: the graph as a tree, the twin of the canvas for the keyboard and for screen readers."""

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from widgets import typography
from widgets.tokens import Tokens
from workbench.core import wording
from workbench.core.analysis import NodeAnalysis
from workbench.core.catalogue import Catalogue
from workbench.core.document import topological
from workbench.core.expand import BLOCK
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.parts import column
from workbench.ui.scene import problems_by_node, title_of
from workbench.ui.theme import Theme

NODE = Qt.ItemDataRole.UserRole
ROOMY = 320
"""From this width on the parameters are shown too."""


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
        self._fill(self._session.state)

    def _changed(self, old: State, new: State) -> None:
        if old.graph is not new.graph or old.analysis is not new.analysis or old.inside != new.inside:
            self._fill(new)
        elif old.selection != new.selection:
            self._show_selection(new)

    def _fill(self, state: State) -> None:
        self._silent = True
        self.tree.clear()
        problems = problems_by_node(state)
        order, stuck = topological(state.graph)
        for node in (*order, *sorted(stuck)):
            item = self._item(state, node, problems.get(node))
            self.tree.addTopLevelItem(item)
            if state.graph.nodes[node].type == BLOCK:
                self._add_inner(item, node, state)
        self._silent = False
        self._show_selection(state)

    def _item(self, state: State, node: str, problem: Problem | None) -> QTreeWidgetItem:
        name = title_of(state.graph.nodes[node], self.catalogue, state.document)
        item = self._row(name, node, state.known(node))
        if problem is not None:
            text = wording.what(problem)
            item.setText(0, f"{name} ⚠")
            item.setToolTip(0, text)
            colour = self._tokens.bad if problem.severity == "error" else self._tokens.warn
            item.setForeground(0, QColor(colour))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {text}")
        return item

    def _row(self, name: str, path: str, known: NodeAnalysis | None) -> QTreeWidgetItem:
        spec = next(iter(known.outputs.values()), None) if known else None
        shape = wording.shape(spec.shape) if spec else ""
        parameters = wording.count(known.parameters) if known and known.parameters else ""
        item = QTreeWidgetItem([name, shape, parameters])
        item.setData(0, NODE, path)
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight)
        for place in (1, 2):
            item.setFont(place, typography.tabular(typography.caption()))
            item.setForeground(place, QColor(self._tokens.dim))
        return item

    def _add_inner(self, item: QTreeWidgetItem, use: str, state: State) -> None:
        if state.analysis is None or state.prefix is None:
            return
        start = f"{state.prefix}{use}/"
        for path, known in state.analysis.nodes.items():
            if path.startswith(start):
                inner = self._row(path.removeprefix(start), path, known)
                inner.setFlags(inner.flags() & ~Qt.ItemFlag.ItemIsSelectable)
                item.addChild(inner)

    def _show_selection(self, state: State) -> None:
        self._silent = True
        model = self.tree.selectionModel()
        chosen = QItemSelection()
        first: QTreeWidgetItem | None = None
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item is not None and item.data(0, NODE) in state.selection:
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
