"""Commands as actions: menus, keys and the command search are made from one table."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from widgets.tokens import Tokens
from workbench.core import shortcuts
from workbench.core.commands import Command
from workbench.core.i18n import tr
from workbench.core.session import Session, State
from workbench.ui.theme import Theme


def menu_titles() -> dict[str, str]:
    """The menus in their order."""
    return {
        "file": tr("File"),
        "edit": tr("Edit"),
        "arrange": tr("Arrange"),
        "block": tr("Blocks"),
        "view": tr("View"),
        "run": tr("Run"),
        "help": tr("Help"),
    }


BEGINNINGS = frozenset(
    {
        *("file.save", "file.close", "file.trust"),
        *("edit.cut", "edit.delete", "edit.frame", "edit.select_all", "edit.add", "edit.find", "edit.history"),
        *("arrange.left", "arrange.top", "arrange.across", "arrange.grid"),
        *("blocks.enter", "blocks.add_input", "blocks.keep"),
        *("view.data", "view.fit", "view.code", "view.theme", "view.preview"),
        *("run.export", "help.about"),
    }
)
"""The commands with which something else begins in their menu."""


class Actions:
    """One action for each command, kept enabled and named as the state says."""

    def __init__(
        self,
        commands: Mapping[str, Command],
        session: Session,
        theme: Theme,
        window: QWidget,
        changed: shortcuts.Changed,
    ) -> None:
        self.commands = commands
        self.changed = changed
        """The keys that the user has chosen."""
        self._keys = shortcuts.effective(commands, changed)
        self._session, self._theme = session, theme
        self.by_id = {key: self._made(command, window) for key, command in commands.items()}
        session.subscribe(lambda old, new: self.update())
        self.update()

    def _made(self, command: Command, window: QWidget) -> QAction:
        action = QAction(command.title, window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in self._keys[command.id]])
        action.triggered.connect(lambda checked=False: command.run())
        if command.scope == "window":
            window.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action

    def give_to(self, widget: QWidget) -> None:
        """Let the keys of commands on the graph work in this widget."""
        for key, command in self.commands.items():
            if command.scope == "graph":
                widget.addAction(self.by_id[key])

    def update(self) -> None:
        """Enable and name every action as the state says."""
        state = self._session.state
        for key, command in self.commands.items():
            action = self.by_id[key]
            action.setEnabled(command.when(state))
            if command.shown:
                action.setText(command.shown(state))

    def dress(self) -> None:
        """Give the actions their icons. Menus are opened later: the first paint does not wait for this."""
        self._theme.follow(self)
        self.set_tokens(self._theme.tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        for key, command in self.commands.items():
            if command.icon:
                self.by_id[key].setIcon(self._theme.icons.icon(command.icon, tokens.dim, tokens.faint))

    def menu(self, parent: QWidget, extra: Mapping[str, Callable[[QMenu], None]]) -> QMenu:
        """All commands in their menus; `extra` fills in what is no command (panels, recent files)."""
        top = QMenu(parent)
        for name, title in menu_titles().items():
            menu = top.addMenu(title)
            for key, command in self.commands.items():
                if command.menu == name:
                    if key in BEGINNINGS and menu.actions():
                        menu.addSeparator()
                    menu.addAction(self.by_id[key])
            if name in extra:
                menu.addSeparator()
                extra[name](menu)
        return top

    def change_keys(self, changed: shortcuts.Changed) -> None:
        """Let these commands be run by other keys than at first, all others by those."""
        self.changed, self._keys = changed, shortcuts.effective(self.commands, changed)
        for name, keys in self._keys.items():
            self.by_id[name].setShortcuts([QKeySequence(key) for key in keys])

    def keys_of(self, command: str) -> shortcuts.Keys:
        """The keys that run a command, in Qt's portable notation, the one to show first."""
        return self._keys[command]

    def keys_text(self, command: str) -> str:
        """The same as the system writes them."""
        native = QKeySequence.SequenceFormat.NativeText
        return ", ".join(QKeySequence(key).toString(native) for key in self._keys[command])

    def holder(self, key: str) -> str | None:
        """The command that a key runs."""
        return shortcuts.holder(self.commands, self.changed, key)


def key_of(action: QAction) -> str:
    """Its first shortcut, as the system writes it."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def with_key(text: str, action: QAction) -> str:
    """A name with the key that does the same."""
    key = key_of(action)
    return f"{text} ({key})" if key else text


def only_open(state: State) -> bool:
    """The `when` of a command that needs an open project."""
    return state.is_open
