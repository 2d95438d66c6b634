"""Every command is a row: menus, tool buttons, keys, the command search and the help page are read from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.core.edits import disconnect, duplicate, remove_nodes
from workbench.core.i18n import tr
from workbench.core.session import Session, State


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


def editing(session: Session) -> list[Command]:
    """The commands that need nothing but the session."""

    def delete() -> None:
        state = session.state
        changed = disconnect(state.document, state.selected_wires, scope=state.scope)
        session.edit(tr("Delete"), remove_nodes(changed, state.selection, scope=state.scope))

    def copy() -> None:
        state = session.state
        changed, names = duplicate(state.document, state.selection, scope=state.scope)
        session.edit(tr("Duplicate"), changed)
        session.select(names.values())

    def select_all() -> None:
        session.select(session.state.graph.nodes)

    return [
        Command(
            "edit.undo",
            tr("Undo"),
            "edit",
            session.undo,
            ("Ctrl+Z",),
            lambda s: s.undo_label is not None,
            "undo-2",
            shown=lambda s: tr("Undo {what}", what=s.undo_label.lower()) if s.undo_label else tr("Undo"),
        ),
        Command(
            "edit.redo",
            tr("Redo"),
            "edit",
            session.redo,
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            lambda s: s.redo_label is not None,
            "redo-2",
            shown=lambda s: tr("Redo {what}", what=s.redo_label.lower()) if s.redo_label else tr("Redo"),
        ),
        Command(
            "edit.delete",
            tr("Delete"),
            "edit",
            delete,
            ("Del", "Backspace"),
            lambda s: bool(s.selection or s.selected_wires),
            "trash-2",
            "graph",
        ),
        Command(
            "edit.duplicate", tr("Duplicate"), "edit", copy, ("Ctrl+D",), lambda s: bool(s.selection), "copy", "graph"
        ),
        Command(
            "edit.select_all", tr("Select all"), "edit", select_all, ("Ctrl+A",), lambda s: s.is_open, scope="graph"
        ),
    ]
