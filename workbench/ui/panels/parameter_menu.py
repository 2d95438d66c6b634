"""Inside a block: which settings of a layer are to be chosen at each use."""

from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from workbench.core.catalogue import FieldInfo
from workbench.core.document import ROOT, Node, Param
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.block_editor import BlockEditor
from workbench.ui.editor import Editor
from workbench.ui.parts import IconButton, row
from workbench.ui.setting_fields import infos_of, parameters_for, values_of
from workbench.ui.theme import Theme


class ParameterMenu(QWidget):
    """A button with the settings of the selected node: each can become a parameter, or be given by one."""

    def __init__(self, theme: Theme, session: Session, editor: Editor, blocks: BlockEditor) -> None:
        super().__init__()
        self.setObjectName("parameter-menu")
        self._session, self._editor, self._blocks = session, editor, blocks
        self.button = IconButton(theme, "sliders-horizontal", tr("Make a parameter"), look="quiet")
        self.button.setToolTip(tr("Let each use of this block choose a setting"))
        self._menu = QMenu(self.button)
        self._menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self._menu)
        self.setLayout(row(self.button, -1))

    def show_node(self, state: State, node: Node | None) -> None:
        """Be there where there is something to choose."""
        self.setVisible(node is not None and state.scope != ROOT and self._has_settings(state, node))

    def _has_settings(self, state: State, node: Node) -> bool:
        return bool(infos_of(state, node, self._editor.catalogue))

    def _fill(self) -> None:
        self._menu.clear()
        state = self._session.state
        if len(state.selection) != 1:
            return
        node = state.graph.nodes[next(iter(state.selection))]
        values = values_of(state, node, self._editor.catalogue)
        for info in infos_of(state, node, self._editor.catalogue):
            if not isinstance(values[info.name], Param):
                self._offer(state, node, info, values[info.name])

    def _offer(self, state: State, node: Node, info: FieldInfo, value: object) -> None:
        """A new parameter; or, where there are some of the same kind, one of those."""
        make = partial(self._blocks.make_parameter, node.id, info.name, value)
        known = parameters_for(state, info, self._editor.catalogue)
        if not known:
            self._menu.addAction(tr(info.label), make)
            return
        menu = self._menu.addMenu(tr(info.label))
        menu.addAction(tr("New parameter"), make)
        menu.addSeparator()
        for name in known:
            menu.addAction(name, partial(make, name))
