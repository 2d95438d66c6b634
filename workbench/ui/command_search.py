"""The command search (Ctrl+Shift+P): every command by its name, and the page that lists all keys."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from widgets.searchable_list import Item, SearchableList
from workbench.core.i18n import tr
from workbench.ui.actions import Actions, key_of, menu_titles
from workbench.ui.parts import column, title
from workbench.ui.popup import Popup
from workbench.ui.theme import Theme

WIDTH, HEIGHT = 520, 380


class CommandSearch(Popup):
    """A list over the window; Enter runs what is chosen."""

    def __init__(self, theme: Theme, actions: Actions, window: QWidget) -> None:
        super().__init__(window, "command-search", WIDTH, HEIGHT)
        self._actions = actions
        self.list = SearchableList(
            theme.tokens,
            theme.icons,
            placeholder=tr("What do you want to do?"),
            empty_text=lambda query: tr("No command is called “{query}”.", query=query),
            choose_on_click=True,
            name=tr("Commands"),
        )
        theme.follow(self.list)
        self.list.set_items(self._items())
        self.list.chosen.connect(self._run)
        self.setLayout(column(self.list, margin=12))
        self.list.setFocus()

    def _items(self) -> list[Item]:
        titles = menu_titles()
        found = []
        for key, command in self._actions.commands.items():
            action = self._actions.by_id[key]
            if action.isEnabled() and key != "help.search":
                found.append(Item(key, action.text(), titles[command.menu], "io", (), "", key_of(action)))
        return found

    def _run(self, key: str) -> None:
        self.close()
        self._actions.by_id[key].trigger()


class KeysPage(QDialog):
    """All shortcuts on one page."""

    def __init__(self, theme: Theme, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(560, 640)
        tree = QTreeWidget()
        tree.setAccessibleName(tr("Keyboard shortcuts"))
        tree.setHeaderLabels([tr("Command"), tr("Keys")])
        tree.setRootIsDecorated(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        rows = [*actions.keys(), *canvas_keys()]
        tree.addTopLevelItems([QTreeWidgetItem([f"{menu}: {name}", keys]) for menu, name, keys in rows])
        self.setLayout(column(title(theme, tr("Keyboard shortcuts")), tree, margin=16))


def canvas_keys() -> list[tuple[str, str, str]]:
    """What mouse and keyboard do on the canvas."""
    canvas = tr("Canvas")
    return [
        (canvas, tr("Pan"), tr("middle button, or Space and drag")),
        (canvas, tr("Zoom"), tr("wheel, or pinch")),
        (canvas, tr("Select more"), tr("Shift or Ctrl and click, or drag a box")),
        (canvas, tr("Go along the wires"), tr("arrow keys")),
        (canvas, tr("Move a layer"), tr("Ctrl or Alt and arrow keys")),
        (canvas, tr("Give up a gesture"), "Esc"),
    ]
