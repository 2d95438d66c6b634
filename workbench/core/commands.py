"""Every command is a row: menus, tool buttons, keys, the command search and the help page are read from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.core.session import State


def always(state: State) -> bool:
    """The `when` of a command that can always be run."""
    return True


@dataclass(frozen=True)
class Command:
    """One thing a user can do."""

    id: str
    title: str
    menu: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    """Shortcuts in Qt's portable notation, the one to show first."""
    when: Callable[[State], bool] = always
    icon: str = ""
    scope: str = "window"
    """Where the keys work: everywhere, or only where the `graph` has the keyboard (canvas and outline)."""
    shown: Callable[[State], str] | None = None
    """A title that depends on the state, such as *Undo move*."""


def table(commands: Iterable[Command]) -> dict[str, Command]:
    """The commands by id. Raises ValueError when two share an id or a key."""
    rows: dict[str, Command] = {}
    keys: dict[str, str] = {}
    for command in commands:
        if command.id in rows:
            raise ValueError(f"two commands are called {command.id}")
        rows[command.id] = command
        for key in command.keys:
            if key in keys:
                raise ValueError(f"{key} runs both {keys[key]} and {command.id}")
            keys[key] = command.id
    return rows
