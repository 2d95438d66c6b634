"""Runs that wait for the devices there are, in an order that several windows and command lines share.

    runs/queue.json      the runs that wait, in order, with what they are expected to need
    runs/queue-lock      held while that file is changed, or runs are taken from it
    runs/RUN/train.json  the message with which the run's job will be started

A run that waits is in the state `queued`. Whoever is there starts what there is room for: a window, the command line,
and each job when it has ended, so that a queue is worked off though nobody looks on.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock
from msgspec import Struct
from msgspec.structs import replace

from workbench.core import project, room
from workbench.core.files import write_atomically
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.runs import LIVE, RunFolder, RunInfo, RunStore, Status, write_json

STARTING_SECONDS = 60.0
"""So long after it was started, the memory that a run will need is not taken yet; and so long it may take to begin."""
BESIDES = 600 << 20
"""Bytes of main memory that a job takes besides what is forecast: torch itself, and the data."""
SHARE = 0.9
"""Of what is free, so much is given away."""


class Entry(Struct, frozen=True, omit_defaults=True):
    """A run that waits, or was started a moment ago."""

    run: str
    device: str = "cpu"
    memory: int | None = None
    """Bytes that its training is forecast to need on that device; None where that is not known."""
    started: float = 0.0
    """When it was taken from the queue, seconds since 1970; 0 while it waits."""

    @property
    def waits(self) -> bool:
        """Nobody has started it yet."""
        return not self.started


class _Stored(Struct, frozen=True):
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Machine:
    """What there is to share out."""

    processors: int
    free: Callable[[str], int | None]
    """Bytes that are free on a device."""


def this_machine() -> Machine:
    """The processors that this process may use, and the memory that is free."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(usable, room.free_bytes)


def has_room(entry: Entry, starting: Sequence[Entry], at_work: int, machine: Machine) -> bool:
    """A run may start beside those at work, of which `starting` have not taken their memory yet.

    The first may always: whether it fits it will say itself. Further ones need a processor each, and as much memory
    as is forecast for them; one of which nothing is known waits until it is alone.
    """
    if not at_work:
        return True
    if at_work >= machine.processors or entry.memory is None:
        return False
    main = [*starting, entry]
    on_device = [one for one in main if one.device == entry.device and one.device != "cpu"]
    needs = {"cpu": len(main) * BESIDES + sum(one.memory or 0 for one in main if one.device == "cpu")}
    if on_device:
        needs[entry.device] = sum(one.memory or 0 for one in on_device)
    return all((free := machine.free(device)) is None or need <= free * SHARE for device, need in needs.items())


class RunQueue:
    """The queue of a run store. Every method may raise OSError."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._file = store.root / "queue.json"

    def waiting(self) -> list[Entry]:
        """What waits, in order."""
        return [entry for entry in self._known() if entry.waits]

    def starting(self) -> list[Entry]:
        """What was taken from the queue and may not be at work yet."""
        return [entry for entry in self._known() if not entry.waits]

    def add(self, folder: RunFolder, train: Train, device: str = "cpu", memory: int | None = None) -> int:
        """Put a run at the end; its place, the first of which is 1.

        The message is kept without what may be run of the user's own code: a folder that came from somebody else must
        not bring its trust along.
        """
        folder.path.mkdir(parents=True, exist_ok=True)
        write_atomically(folder.path / "train.json", msgspec.json.encode(replace(train, trusted=())))
        epochs = 0
        if train.document is not None:
            epochs = project.from_raw(train.document).training.epochs
            info = RunInfo(folder.name, train.project, time.time(), train.document, train.data_folder)
            write_json(folder.path / "run.json", info)
        before = folder.status() if train.document is None else Status("queued", epochs=epochs)
        write_json(folder.path / "state.json", replace(before, state="queued", reason=None))
        with self._locked():
            entries = [entry for entry in self._known() if entry.run != folder.name]
            self._keep([*entries, Entry(folder.name, device, memory)])
            return sum(entry.waits for entry in entries) + 1

    def move(self, run: str, place: int) -> None:
        """Let a run wait at another place, the first of which is 1. Raises `ProblemError` when it does not wait."""
        with self._locked():
            known = self._known()
            waiting = [entry for entry in known if entry.waits]
            moved = _find(waiting, run)
            rest = [entry for entry in waiting if entry is not moved]
            at = min(max(place, 1), len(rest) + 1) - 1
            self._keep([*(entry for entry in known if not entry.waits), *rest[:at], moved, *rest[at:]])

    def remove(self, run: str) -> None:
        """Let a run wait no longer: one that was stopped before is stopped again, a new one is gone.

        Raises `ProblemError` for one that does not wait.
        """
        with self._locked():
            known = self._known()
            gone = _find([entry for entry in known if entry.waits], run)
            self._keep([entry for entry in known if entry is not gone])
        folder = RunFolder(self._store.root / run)
        if folder.has_checkpoint:
            write_json(folder.path / "state.json", replace(folder.status(), state="stopped"))
            (folder.path / "train.json").unlink(missing_ok=True)
        else:
            shutil.rmtree(folder.path)

    def take(self, machine: Machine | None = None) -> list[tuple[RunFolder, Train]]:
        """The runs that there is room for now, with the messages that start them. They wait no longer."""
        if not self._file.exists():
            return []
        machine = machine or this_machine()
        taken: list[tuple[RunFolder, Train]] = []
        with self._locked():
            known = self._known()
            waiting, starting = ([entry for entry in known if entry.waits is waits] for waits in (True, False))
            busy = {record.run for record in self._store.at_work()} | {entry.run for entry in starting}
            while waiting and has_room(waiting[0], starting, len(busy), machine):  # nobody overtakes
                entry = waiting.pop(0)
                if (message := self._message(entry.run)) is not None:
                    taken.append((RunFolder(Path(message.folder)), message))
                    starting.append(replace(entry, started=time.time()))
                    busy.add(entry.run)
            if taken:
                self._keep([*starting, *waiting])
        return taken

    def _message(self, run: str) -> Train | None:
        """What starts a run; None when its folder is damaged."""
        path = self._store.root / run
        try:
            message = msgspec.json.decode((path / "train.json").read_bytes(), type=Train)
        except (OSError, msgspec.DecodeError):
            return None
        return replace(message, folder=str(path), asked=time.time())

    def _known(self) -> list[Entry]:
        """What the file says, so far as it is still true."""
        try:
            stored = msgspec.json.decode(self._file.read_bytes(), type=_Stored)
        except (OSError, msgspec.DecodeError):
            return []
        return [now for entry in stored.entries if (now := self._now(entry)) is not None]

    def _now(self, entry: Entry) -> Entry | None:
        """An entry as it is now: one whose job never began waits again; None where it neither waits nor begins."""
        folder = RunFolder(self._store.root / entry.run)
        try:
            state = folder.status().state
        except ProblemError:
            return None
        is_new = time.time() - entry.started < STARTING_SECONDS
        if state == "queued":
            return entry if is_new or folder.is_locked() else replace(entry, started=0.0)
        return entry if is_new and state in LIVE else None

    def _keep(self, entries: Iterable[Entry]) -> None:
        write_atomically(self._file, msgspec.json.encode(_Stored(tuple(entries))))

    def _locked(self) -> FileLock:
        self._store.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self._store.root / "queue-lock")


def _find(entries: Iterable[Entry], run: str) -> Entry:
    found = next((entry for entry in entries if entry.run == run), None)
    if found is None:
        raise ProblemError("queue.not_waiting", where=run)
    return found
