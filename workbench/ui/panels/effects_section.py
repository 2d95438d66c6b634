"""Inside a definition: what it comes to at each of its uses."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from workbench.core import wording
from workbench.core.document import ROOT
from workbench.core.expand import way_into
from workbench.core.i18n import tr, trn
from workbench.core.session import Session, State
from workbench.core.uses import Effect, effects
from workbench.ui.editor import Editor
from workbench.ui.parts import column, heading
from workbench.ui.scene import title_of
from workbench.ui.theme import Theme

PATH = Qt.ItemDataRole.UserRole
MOST_ROWS = 6
"""So many uses are seen at once; the others are scrolled to."""


class EffectsSection(QWidget):
    """Every use with its output, its parameters and what is wrong with it; Enter goes there."""

    def __init__(self, theme: Theme, session: Session, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("effects")
        self._theme, self._session, self._editor = theme, session, editor
        self._heading = heading(theme, tr("Uses"))
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Uses of this block"))
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.itemActivated.connect(lambda item: session.reveal(item.data(0, PATH)))
        self.setLayout(column(self._heading, self.tree))

    def show_state(self, state: State) -> None:
        """Show what the analysis says of the block that is being looked at."""
        self.setVisible(state.scope != ROOT)
        if state.scope == ROOT or state.analysis is None:
            return
        found = effects(state.document, state.analysis, state.scope)
        self._heading.setText(tr("Uses · {n}", n=len(found)))
        self.tree.clear()
        self.tree.addTopLevelItems([self._item(state, effect) for effect in found])
        rows = min(max(len(found), 1), MOST_ROWS)
        height = self.tree.sizeHintForRow(0) if found else 0
        self.tree.setFixedHeight(rows * height + 4)

    def _item(self, state: State, effect: Effect) -> QTreeWidgetItem:
        name, problem = self._called(state, effect.path), effect.problem
        shapes = ", ".join(wording.shape(spec.shape) for spec in effect.outputs)
        count = effect.parameters
        known = trn("{n} parameter", "{count} parameters", count, count=wording.count(count)) if count else ""
        said = wording.short(problem) if problem else " · ".join(filter(None, (shapes, known)))
        item = QTreeWidgetItem([f"{name}\n{said}"])
        item.setData(0, PATH, effect.path)
        item.setToolTip(0, f"{name}: {wording.what(problem)}" if problem else name)
        if problem is not None:
            tokens = self._theme.tokens
            item.setForeground(0, QColor(tokens.bad if problem.severity == "error" else tokens.warn))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {wording.what(problem)}")
        return item

    def _called(self, state: State, path: str) -> str:
        """The way to a use in words: its own title, behind those of the uses and turns that lead to it."""
        said: list[str] = []
        ids: list[str] = []
        for part in path.split("/"):
            if part.isdigit():
                said[-1] += f" {int(part) + 1}"
                continue
            scope = way_into(state.document, ids)
            node = state.document.scope(scope[0]).nodes.get(part) if scope else None
            said.append(title_of(node, self._editor.catalogue, state.document) if node else part)
            ids.append(part)
        return " › ".join(said)
