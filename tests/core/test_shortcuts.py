"""A key runs one command, whatever the user chooses and however the table changes."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.core.commands import Command, table
from workbench.core.shortcuts import Changed, assigned, effective, holder, reset


def nothing() -> None:
    """Does nothing."""


COMMANDS = table(
    [
        Command("undo", "Undo", "edit", nothing, ("Ctrl+Z",)),
        Command("redo", "Redo", "edit", nothing, ("Ctrl+Y", "Ctrl+Shift+Z")),
        Command("about", "About", "help", nothing),
    ]
)
names, keys = st.sampled_from(list(COMMANDS)), st.sampled_from(["", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "F7"])
steps = st.lists(st.tuples(names, st.none() | keys), max_size=12)


@given(steps)
def test_no_key_runs_two_commands(changes: list[tuple[str, str | None]]) -> None:
    changed: Changed = {}
    for name, key in changes:
        changed = reset(COMMANDS, changed, name) if key is None else assigned(COMMANDS, changed, name, key)
        now = effective(COMMANDS, changed)
        taken = [each for found in now.values() for each in found]
        assert len(set(taken)) == len(taken)
        if key is None:
            assert now[name] == COMMANDS[name].keys
        elif key:
            assert holder(COMMANDS, changed, key) == name
            assert now[name] == (key,)
    assert all(found != COMMANDS[name].keys for name, found in changed.items()), "only what differs is kept"


def test_settings_of_another_version_do_no_harm() -> None:
    changed = {"gone": ("F7",), "about": ("Ctrl+Z",)}
    assert effective(COMMANDS, changed) == {"undo": (), "redo": ("Ctrl+Y", "Ctrl+Shift+Z"), "about": ("Ctrl+Z",)}
    assert assigned(COMMANDS, changed, "undo", "Ctrl+Z") == {}
