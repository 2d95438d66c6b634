"""What the user has set for the program itself, apart from any document. Versioned; a damaged file is set aside."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from workbench.core.files import write_atomically
from workbench.core.places import config, runs

Raw = dict[str, Any]

MIGRATIONS: tuple[Callable[[Raw], Raw], ...] = ()
VERSION = len(MIGRATIONS) + 1
RECENT = 12
EXPORTS = 50


class Settings(Struct, frozen=True):
    """All settings with their defaults."""

    theme: Literal["system", "dark", "light"] = "system"
    language: str = ""
    """Empty follows the system."""
    recent: tuple[str, ...] = ()
    """Project files, the latest first."""
    exports: dict[str, str] = field(default_factory=dict)
    """The file that each run was exported to last, by run; the latest last."""
    runs_folder: str = ""
    """Empty is the platform's place."""
    keep_checkpoints: int = 2
    """How many checkpoints of a run are kept, besides its best and last weights."""
    layout: dict[str, str] = field(default_factory=dict)
    """Where windows and panels stand, as the window wrote it (base 64)."""
    trusted: dict[str, str] = field(default_factory=dict)
    """The files of the user's own layers that may be run (`trust.py`)."""
    shortcuts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    """How often each type of layer was added: what is used most is offered first."""

    @property
    def runs(self) -> Path:
        """Where runs are kept."""
        return Path(self.runs_folder) if self.runs_folder else runs()

    def with_recent(self, path: Path) -> "Settings":
        """These settings with `path` as the latest project."""
        rest = (other for other in self.recent if other != str(path))
        return replace(self, recent=(str(path), *rest)[:RECENT])

    def with_used(self, kind: str) -> "Settings":
        """These settings with one more use of a type of layer."""
        return replace(self, used={**self.used, kind: self.used.get(kind, 0) + 1})

    def with_export(self, run: str, path: Path) -> "Settings":
        """These settings with the file that a run was just exported to."""
        rest = [item for item in self.exports.items() if item[0] != run][-EXPORTS + 1 :]
        return replace(self, exports=dict([*rest, (run, str(path))]))


def settings_file() -> Path:
    """Where the settings are kept."""
    return config() / "settings.json"


def load() -> Settings:
    """The settings; defaults where there are none. A file that makes no sense is kept as `settings.json.damaged`."""
    path = settings_file()
    try:
        raw = json.loads(path.read_bytes())
        for step in MIGRATIONS[raw.pop("version") - 1 :]:
            raw = step(raw)
        return msgspec.convert(raw, Settings)
    except FileNotFoundError:
        return Settings()
    except (ValueError, KeyError, TypeError, AttributeError):  # msgspec's and json's errors are ValueErrors
        path.replace(path.with_name(path.name + ".damaged"))
        return Settings()


def save(settings: Settings) -> None:
    """Write the settings. Raises OSError."""
    raw = {"version": VERSION, **msgspec.to_builtins(settings)}
    write_atomically(settings_file(), json.dumps(raw, indent=1, ensure_ascii=False).encode(), durable=False)


def merged(before: Settings, mine: Settings, theirs: Settings) -> Settings:
    """What another window has written (`theirs`), with what this one has changed since it wrote or read last.

    Of what is kept by key, each entry is looked at by itself: trust that one window took back does not come back when
    the other one trusts something else.
    """
    fields = Settings.__struct_fields__
    return Settings(**{name: _merged(*(getattr(item, name) for item in (before, mine, theirs))) for name in fields})


def _merged(before: Any, mine: Any, theirs: Any) -> Any:
    if not isinstance(mine, dict):
        return theirs if mine == before else mine
    if list(mine.items()) == list(before.items()):
        return theirs
    kept = {key: value for key, value in theirs.items() if key not in before or key in mine}
    changed = {key: value for key, value in mine.items() if key not in before or before[key] != value}
    return {key: value for key, value in kept.items() if key not in changed} | changed
