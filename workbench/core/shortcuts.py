"""Which keys run which command: the ones of the table, but for those that the user has changed."""

from collections.abc import Mapping

from workbench.core.commands import Command

Keys = tuple[str, ...]
Changed = Mapping[str, Keys]
"""The keys that the user has chosen, by command; in Qt's portable notation."""

FIXED = frozenset(
    {
        *("Space", "Return", "Enter", "Esc", "Tab", "Shift+Tab"),
        *(f"{held}{way}" for held in ("", "Shift+", "Ctrl+", "Alt+") for way in ("Left", "Right", "Up", "Down")),
    }
)
"""What these do on the canvas and in lists cannot be changed."""


def effective(commands: Mapping[str, Command], changed: Changed) -> dict[str, Keys]:
    """The keys of every command. What the user has chosen wins over a key that another command has at first."""
    taken = {key for name, keys in changed.items() if name in commands for key in keys}
    return {
        name: changed[name] if name in changed else tuple(key for key in command.keys if key not in taken)
        for name, command in commands.items()
    }


def holder(commands: Mapping[str, Command], changed: Changed, key: str) -> str | None:
    """The command that a key runs."""
    return next((name for name, keys in effective(commands, changed).items() if key in keys), None)


def assigned(commands: Mapping[str, Command], changed: Changed, name: str, key: str) -> dict[str, Keys]:
    """Let one key, or with "" none, run a command; whatever else it ran gives it up."""
    before = effective(commands, changed)
    other = holder(commands, changed, key) if key else None
    new = dict(changed)
    if other is not None and other != name:
        new[other] = tuple(kept for kept in before[other] if kept != key)
    new[name] = (key,) if key else ()
    return {owner: keys for owner, keys in new.items() if owner in commands and keys != commands[owner].keys}


def reset(commands: Mapping[str, Command], changed: Changed, name: str) -> dict[str, Keys]:
    """Give a command its first keys back; a command that was given one of them gives it up."""
    new = {owner: keys for owner, keys in changed.items() if owner != name}
    for key in commands[name].keys:
        other = next((owner for owner, keys in new.items() if key in keys), None)
        if other is not None:
            new[other] = tuple(kept for kept in new[other] if kept != key)
    return {owner: keys for owner, keys in new.items() if owner in commands and keys != commands[owner].keys}
