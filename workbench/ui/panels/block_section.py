"""Blocks in the inspector: what a use is a use of, and, inside a definition, its name, ports and parameters."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from widgets.form import Form
from widgets.undo_keys import UndoKeys
from workbench.core import block_ports, blocks, parameters
from workbench.core.block_commands import definition
from workbench.core.catalogue import FieldInfo
from workbench.core.document import BLOCK_INPUT, BLOCK_OUTPUT, ROOT, Node, Value
from workbench.core.i18n import tr, trn
from workbench.core.session import Session, State
from workbench.ui.block_editor import BlockEditor
from workbench.ui.editor import Editor
from workbench.ui.parts import IconButton, caption, clear, column, explain, form_fields, heading, row
from workbench.ui.theme import Theme

SIDES: tuple[block_ports.Side, ...] = (BLOCK_INPUT, BLOCK_OUTPUT)


class NameField(QLineEdit):
    """A name that is changed by typing. Enter or leaving it commits, Escape takes back what was typed."""

    named = Signal(str)

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__(name)
        self._name = name
        self.setAccessibleName(accessible)
        self.editingFinished.connect(self._commit)
        UndoKeys(self)

    def show_name(self, name: str) -> None:
        """Show a name, unless another is being typed."""
        self._name = name
        if self.text() != name and not (self.hasFocus() and self.isModified()):
            self.setText(name)
            self.setCursorPosition(0)  # of a long name the beginning

    def _commit(self) -> None:
        if self.isModified() and self.text().strip() and self.text().strip() != self._name:
            self.setModified(False)
            self.named.emit(self.text().strip())
        self.setModified(False)
        self.setText(self._name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back what was typed; Enter is no button's."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._name)
            self.selectAll()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class UseSection(QWidget):
    """Which block the selected node uses, and how many others do; the block is named here when it was just made."""

    done = Signal()
    """The name was typed: the keyboard may go back to where it was."""

    def __init__(self, theme: Theme, session: Session, blocks: BlockEditor) -> None:
        super().__init__()
        self.setObjectName("use")
        self._session, self._block = session, ""
        self.name = NameField("", tr("Name of the block"))
        self.name.setObjectName("block-name")
        self.name.setPlaceholderText(tr("Name of the block"))
        self.name.named.connect(lambda text: blocks.title(self._block, text))
        self.name.returnPressed.connect(self.done)
        self._count = caption(theme)
        look = IconButton(theme, "scan", tr("Open the block"))
        look.clicked.connect(self._enter)
        self.setLayout(column(heading(theme, tr("Block")), self.name, self._count, row(look, -1)))

    def show_use(self, state: State, node: Node) -> None:
        """Show what is known of the block that a node uses."""
        self._block = definition(state, node)
        self.setVisible(bool(self._block))
        if self._block:
            self.name.show_name(state.document.blocks[self._block].title or self._block)
            self._count.setText(count_of_uses(state, self._block))

    def ask(self) -> None:
        """Let the name be typed."""
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.selectAll()

    def _enter(self) -> None:
        if len(self._session.state.selection) == 1:
            self._session.enter(next(iter(self._session.state.selection)))


def count_of_uses(state: State, block: str) -> str:
    """How many uses an edit of a block changes."""
    count = sum(1 for _ in blocks.uses(state.document, block))
    return trn("It is used once.", "It is used {n} times; a change inside changes all.", count)


class DefinitionSection(QWidget):
    """The block that is being looked at: its name, ports and parameters."""

    def __init__(self, theme: Theme, editor: Editor, blocks: BlockEditor) -> None:
        super().__init__()
        self.setObjectName("definition")
        self._theme, self._editor, self._blocks = theme, editor, blocks
        self._block = ""
        self._shown: object = None
        self.name = NameField("", tr("Name of the block"))
        self.name.setObjectName("definition-name")
        self.name.named.connect(lambda text: blocks.title(self._block, text))
        self._count = caption(theme)
        self._ports = {side: QVBoxLayout() for side in SIDES}
        self._parameters = QVBoxLayout()
        self._hint = caption(
            theme, tr("Select a layer and choose “Make a parameter” to let each use choose a setting.")
        )
        adding = {side: self._adding(side) for side in SIDES}
        self.setLayout(
            column(
                heading(theme, tr("This block")),
                self.name,
                self._count,
                4,
                row(heading(theme, tr("Inputs")), -1, adding[BLOCK_INPUT]),
                self._ports[BLOCK_INPUT],
                row(heading(theme, tr("Outputs")), -1, adding[BLOCK_OUTPUT]),
                self._ports[BLOCK_OUTPUT],
                heading(theme, tr("Parameters")),
                self._hint,
                self._parameters,
            )
        )

    def show_state(self, state: State) -> None:
        """Show the block that is being looked at; nothing outside of blocks."""
        self.setVisible(state.scope != ROOT)
        self._block = state.scope
        if state.scope == ROOT:
            return
        whole = state.document.blocks[state.scope]
        self.name.show_name(whole.title or state.scope)
        self._count.setText(count_of_uses(state, state.scope))
        ports = {side: tuple(block_ports.ports(whole.graph, side)) for side in SIDES}
        infos = parameters.fields(state.document, self._editor.catalogue, state.scope)
        kinds = tuple((info.name, info.kind, info.choices) for info in infos)
        if (state.scope, ports, kinds) != self._shown:
            self._shown = state.scope, ports, kinds
            self._fill(ports, infos)
        for info, place in zip(infos, range(self._parameters.count()), strict=True):
            item = self._parameters.itemAt(place)
            found = item.widget() if item else None
            if isinstance(found, ParameterRow):
                found.show_default(info.default)

    def _fill(self, ports: dict[block_ports.Side, tuple[str, ...]], infos: tuple[FieldInfo, ...]) -> None:
        stops, focus = self._stops(), QApplication.focusWidget()
        at = stops.index(focus) if focus in stops else -1
        for side, names in ports.items():
            clear(self._ports[side])
            for place, name in enumerate(names):
                self._ports[side].addWidget(self._port(name, place > 0, place < len(names) - 1))
        clear(self._parameters)
        self._hint.setVisible(not infos)
        for info in infos:
            self._parameters.addWidget(ParameterRow(self._theme, info, self._blocks))
        if 0 <= at < len(stops := self._stops()):
            stops[at].setFocus()

    def _stops(self) -> list[QWidget]:
        """What the keyboard can be in, in the rows: it stays where it was when they are made anew."""
        layouts = (*self._ports.values(), self._parameters)
        items = (layout.itemAt(place) for layout in layouts for place in range(layout.count()))
        rows = [widget for item in items if item and (widget := item.widget())]
        return [stop for row in rows for stop in row.findChildren(QWidget) if isinstance(stop, QLineEdit | QPushButton)]

    def _adding(self, side: block_ports.Side) -> QWidget:
        text = tr("Add an input to the block") if side == BLOCK_INPUT else tr("Add an output to the block")
        button = IconButton(self._theme, "plus", tooltip=text, look="quiet")
        button.clicked.connect(lambda: self._blocks.add_port(side))
        return button

    def _port(self, name: str, can_rise: bool, can_sink: bool) -> QWidget:
        field = NameField(name, tr("Name of the port {port}", port=name))
        field.named.connect(lambda text: self._blocks.rename_port(name, text))
        up = IconButton(self._theme, "chevron-up", tooltip=tr("Move the port {port} forward", port=name), look="quiet")
        down = IconButton(self._theme, "chevron-down", tooltip=tr("Move the port {port} back", port=name), look="quiet")
        gone = IconButton(self._theme, "x", tooltip=tr("Remove the port {port}", port=name), look="quiet")
        up.setEnabled(can_rise)
        down.setEnabled(can_sink)
        up.clicked.connect(lambda: self._blocks.shift_port(name, -1))
        down.clicked.connect(lambda: self._blocks.shift_port(name, 1))
        gone.clicked.connect(lambda: self._blocks.remove_port(name))
        whole = QWidget()
        whole.setLayout(row(field, up, down, gone, spacing=2))
        return whole


class ParameterRow(QWidget):
    """A parameter of the block: its name, what it is by default, and a way to take it back."""

    def __init__(self, theme: Theme, info: FieldInfo, blocks: BlockEditor) -> None:
        super().__init__()
        name = self._name = info.name
        field = NameField(name, tr("Name of the parameter {name}", name=name))
        field.named.connect(lambda text: blocks.rename_parameter(name, text))
        gone = IconButton(theme, "x", tooltip=tr("Remove the parameter {name}", name=name), look="quiet")
        gone.clicked.connect(lambda: blocks.remove_parameter(name))
        fields = [replace(form_fields([info])[0], label=tr("{name} by default", name=name))]
        self.form = Form(fields, theme.tokens, columns=1, explain=explain)
        self.form.changed.connect(lambda key, value: blocks.set_default(name, value, self.form.merge_key(key)))
        theme.follow(self.form)
        self.setLayout(column(row(field, gone, spacing=2), self.form, spacing=2))

    def show_default(self, value: Value) -> None:
        """Show what the parameter is where a use does not say."""
        self.form.set_values({self._name: value})
