"""Unsaved work survives a crash: a copy of it in a journal apart from the user's file, which it never touches.

Every window has a journal of its own, and a lock on it. A journal whose lock nobody holds belongs to a window that
did not end properly; what it holds is offered at the next start.
"""

import contextlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.core import project
from workbench.core.document import Document
from workbench.core.files import write_atomically
from workbench.core.places import state
from workbench.core.problems import ProblemError

_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Recovered:
    """Work that a window left behind."""

    journal: Path
    document: Document
    path: Path | None
    """The user's file it belongs to."""
    time: float
    """When it was written, seconds since 1970."""


def _folder() -> Path:
    folder = state() / "journal"
    folder.mkdir(exist_ok=True)
    return folder


class Journal:
    """The journal of this window."""

    def __init__(self) -> None:
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(2)}"
        self._path = _folder() / f"{name}.json"
        self._lock = FileLock(self._path.with_suffix(".lock"))
        self._lock.acquire(timeout=5)  # another window may be looking at it just now

    def write(self, document: Document, path: Path | None) -> None:
        """Keep a copy of unsaved work. Raises OSError."""
        raw = {"path": str(path) if path else None, "time": time.time(), "project": project.dumps(document)}
        write_atomically(self._path, json.dumps(raw).encode(), durable=False)

    def clear(self) -> None:
        """There is no unsaved work."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """The window ends properly."""
        self.clear()
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)


def left_behind() -> list[Recovered]:
    """The work of windows that did not end properly, the latest first. Empty or damaged journals are cleared away."""
    found = []
    for path in _folder().glob("*.json"):
        if not _is_locked(path.with_suffix(".lock")):
            recovered = _read(path)
            if recovered:
                found.append(recovered)
    for lock in _folder().glob("*.lock"):
        # A young one may belong to a window that is just starting.
        old = time.time() - lock.stat().st_mtime > _DAY
        if old and not lock.with_suffix(".json").exists() and not _is_locked(lock):
            lock.unlink(missing_ok=True)
    return sorted(found, key=lambda item: item.time, reverse=True)


def discard(recovered: Recovered) -> None:
    """Forget recovered work: it was saved, or the user does not want it."""
    recovered.journal.unlink(missing_ok=True)
    recovered.journal.with_suffix(".lock").unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _read(path: Path) -> Recovered | None:
    try:
        raw = json.loads(path.read_bytes())
        document = project.loads(raw["project"], where=str(path))
        return Recovered(path, document, Path(raw["path"]) if raw["path"] else None, float(raw["time"]))
    except (OSError, ValueError, KeyError, TypeError, ProblemError):
        with contextlib.suppress(OSError):  # another window may have cleared it away just now
            path.replace(path.with_suffix(".damaged"))
        return None
