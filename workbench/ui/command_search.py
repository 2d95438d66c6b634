"""The command search (Ctrl+Shift+P): every command by its name."""

from PySide6.QtWidgets import QWidget

from widgets.searchable_list import Item, SearchableList
from workbench.core.i18n import tr
from workbench.ui.actions import Actions, key_of, menu_titles
from workbench.ui.parts import column
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
