"""The page of all shortcuts, where they are changed: what is pressed takes effect at once, unless it is taken."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from workbench.core import shortcuts
from workbench.core.i18n import tr
from workbench.ui.actions import Actions, menu_titles
from workbench.ui.parts import Text, caption, column, elided, row, title
from workbench.ui.theme import Theme

NATIVE, PORTABLE = QKeySequence.SequenceFormat.NativeText, QKeySequence.SequenceFormat.PortableText
COMMAND = Qt.ItemDataRole.UserRole


class KeysPage(QDialog):
    """Enter on a command, then its new keys; who held them before is named, and asked to give them up."""

    def __init__(
        self, theme: Theme, actions: Actions, change: Callable[[dict[str, shortcuts.Keys]], None], window: QWidget
    ) -> None:
        super().__init__(window)
        self.setObjectName("keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(600, 680)
        self._actions, self._change = actions, change
        self._wanted = ""
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(tr("Search by command or key"))
        self._filter.setAccessibleName(tr("Search shortcuts"))
        self._filter.textChanged.connect(self._show_matching)
        self.tree = self._made_tree()
        self._name = elided(theme)
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(tr("New keys"))
        self.edit.keySequenceChanged.connect(self._pressed)
        self._clear = QPushButton(tr("No keys"))
        self._reset = QPushButton(tr("Reset"))
        self._reset_all = QPushButton(tr("Reset all"))
        self._said = Text(theme, role="dim", wrap=True)
        self._take = QPushButton(tr("Take them over"))
        self._clear.clicked.connect(lambda: self._assign(""))
        self._reset.clicked.connect(self._reset_one)
        self._reset_all.clicked.connect(self._reset_every)
        self._take.clicked.connect(lambda: self._assign(self._wanted))
        for button in (self._clear, self._reset, self._reset_all, self._take):
            button.setAutoDefault(False)
        answer = row(self._said, self._take)
        answer.setStretch(0, 1)
        self.setLayout(
            column(
                title(theme, tr("Keyboard shortcuts")),
                caption(theme, tr("Choose a command, press Enter, then press its new keys.")),
                self._filter,
                self.tree,
                self._name,
                row(self.edit, self._clear, self._reset, -1, self._reset_all),
                answer,
                margin=16,
            )
        )
        self._fill()
        self.tree.setCurrentIndex(self.tree.model().index(0, 0))
        self.tree.setFocus()

    def _made_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName(tr("Keyboard shortcuts"))
        tree.setHeaderLabels([tr("Command"), tr("Keys")])
        tree.setRootIsDecorated(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        tree.currentItemChanged.connect(lambda item: self._show_command())
        tree.itemActivated.connect(lambda item: self._listen())
        return tree

    def _fill(self) -> None:
        """All commands with their keys, and what cannot be changed."""
        titles = menu_titles()
        for name, command in self._actions.commands.items():
            item = QTreeWidgetItem([f"{titles[command.menu]}: {command.title}", ""])
            item.setData(0, COMMAND, name)
            self.tree.addTopLevelItem(item)
        for name, keys in canvas_keys():
            item = QTreeWidgetItem([f"{tr('Canvas')}: {name}", keys])
            item.setDisabled(True)
            self.tree.addTopLevelItem(item)
        self._show_keys()

    def _show_keys(self) -> None:
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            name = item.data(0, COMMAND) if item else None
            if item and name:
                item.setText(1, self._actions.keys_text(name))
                changed = name in self._actions.changed
                font = item.font(1)
                font.setBold(changed)
                item.setFont(1, font)
                item.setToolTip(1, tr("Changed") if changed else "")
        self._show_command()

    def _show_matching(self, text: str) -> None:
        wanted = text.casefold().split()
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item:
                words = f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(not all(word in words for word in wanted))

    @property
    def _command(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, COMMAND) or "") if item else ""

    def _show_command(self) -> None:
        """What can be done to the command that is chosen."""
        name = self._command
        self._name.setText(self._actions.commands[name].title if name else "")
        self._show_edit(name)
        self.edit.setEnabled(bool(name))
        self._clear.setEnabled(bool(name and self._actions.keys_text(name)))
        self._reset.setEnabled(name in self._actions.changed)
        self._reset_all.setEnabled(bool(self._actions.changed))
        self._say("")

    def _show_edit(self, name: str) -> None:
        keys = self._actions.keys_of(name) if name else ()
        self.edit.blockSignals(True)
        self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self.edit.blockSignals(False)
        for field in self.edit.findChildren(QLineEdit):  # Qt has its own words, and comes back to them
            field.setPlaceholderText(tr("Press the keys"))
            field.setAccessibleName(tr("New keys"))

    def _listen(self) -> None:
        if self._command:
            self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _pressed(self, keys: QKeySequence) -> None:
        """Take what was pressed; the keyboard leaves the field, which would swallow Tab and Escape too."""
        name, key = self._command, keys.toString(PORTABLE)
        if not key or not name:
            return
        other = self._actions.holder(key)
        self.tree.setFocus()
        if key in shortcuts.FIXED:
            self._show_edit(name)
            if key != "Esc":
                self._say(tr("{key} always does the same and cannot be given to a command.", key=keys.toString(NATIVE)))
        elif other in (None, name):
            self._assign(key)
        else:
            self._wanted = key
            holder = self._actions.commands[str(other)].title
            self._say(tr("{key} runs “{command}”.", key=keys.toString(NATIVE), command=holder), take=True)

    def _say(self, text: str, *, take: bool = False) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self._take.setVisible(take)
        if take:
            self._take.setFocus()

    def _assign(self, key: str) -> None:
        self._do(shortcuts.assigned(self._actions.commands, self._actions.changed, self._command, key))

    def _reset_one(self) -> None:
        self._do(shortcuts.reset(self._actions.commands, self._actions.changed, self._command))

    def _reset_every(self) -> None:
        self._do({})

    def _do(self, changed: dict[str, shortcuts.Keys]) -> None:
        self._change(changed)
        self._show_keys()
        self.tree.setFocus()


def canvas_keys() -> list[tuple[str, str]]:
    """What mouse and keyboard do on the canvas."""
    return [
        (tr("Pan"), tr("middle button, or Space and drag")),
        (tr("Zoom"), tr("wheel, or pinch")),
        (tr("Select more"), tr("Shift or Ctrl and click, or drag a box")),
        (tr("Go along the wires"), tr("arrow keys")),
        (tr("Move a layer"), tr("Ctrl or Alt and arrow keys")),
        (tr("Look for a layer to add"), tr("tap Space, or double click")),
        (tr("Give up a gesture"), "Esc"),
    ]
