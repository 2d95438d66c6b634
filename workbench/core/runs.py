"""Run folders: the truth about what was trained, and the whole interface between a job and everybody else.

    runs/2026-11-22_14-03-11_mnist-cnn_k3f9/
        run.json         what is being repeated: document, data fingerprint, seed, versions, device, threads
        state.json       where it stands (small, replaced as a whole, several times a second)
        events.jsonl     what happened: a line an event
        metrics.chunks   the curves (metrics.py)
        code/            the files of the user's own layers, as they were when it started
        checkpoints/     weights and the full state, one folder a checkpoint; best/ and last/ are weights alone
        lock             held by the job while it lives
        request.json     what the user wants of it: run, pause or stop, and settings to change (the one file others
                         write)
        job.log

Only the job writes in here. A run whose state says it is running, and whose lock nobody holds, *is* interrupted.
"""

import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from filelock import FileLock, Timeout
from msgspec import Struct, field
from msgspec.structs import replace

from workbench.core.files import write_atomically
from workbench.core.places import cache
from workbench.core.problems import Problem, ProblemError

VERSION = 1

RunState = Literal[
    "queued", "preparing", "training", "validating", "paused", "stopped", "done", "failed", "interrupted"
]
LIVE: frozenset[RunState] = frozenset({"preparing", "training", "validating", "paused"})
"""States that only a living job can be in."""
RESUMABLE: frozenset[RunState] = frozenset({"stopped", "failed", "interrupted"})

Want = Literal["run", "pause", "stop"]


class Edit(Struct, frozen=True):
    """A setting of the training that was changed while the run was at work."""

    step: int
    """The last step that was made with the old value."""
    name: str
    old: Any
    new: Any


class Wish(Struct, frozen=True):
    """A setting of the training that somebody wants to be changed while the run is at work."""

    time: float
    """When it was wished, seconds since 1970."""
    name: str
    value: Any


class Request(Struct, frozen=True):
    """What is wanted of a job."""

    want: Want = "run"
    time: float = 0.0
    """When it was wanted, seconds since 1970."""
    edits: tuple[Wish, ...] = ()


MOST_WISHES = 50
"""Older ones were heard long ago."""


class Snapshot(Struct, frozen=True):
    """A checkpoint of a run."""

    run: str
    step: int


class RunInfo(Struct, frozen=True):
    """What a run is: with its data, all that it takes to make it again."""

    run: str
    project: str
    started: float
    """Seconds since 1970, UTC."""
    document: dict[str, Any]
    data_folder: str = ""
    """Where relative paths to data start."""
    fingerprint: str = ""
    """Of the data."""
    device: str = ""
    threads: int = 0
    """Intra-op threads; they change rounding, so a resumed run uses the same number."""
    versions: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    """What exported models need to know: preprocessing and classes."""
    code: dict[str, str] = field(default_factory=dict)
    """The files of the user's own layers that lie with the run: the hash of each, by name."""
    edits: tuple[Edit, ...] = ()
    """What was changed while it was at work: made again when the run is repeated, or resumed from before."""
    branched_from: Snapshot | None = None
    """The weights and counters that it began with."""
    repeats: str = ""
    """The run that it makes again."""
    version: int = VERSION


class Status(Struct, frozen=True):
    """Where a run stands."""

    state: RunState
    reason: Problem | None = None
    """Why it stopped, failed or waits."""
    epoch: int = 0
    """Epochs finished."""
    epochs: int = 0
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    """Time spent, over all resumes, without pauses."""
    samples_per_second: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    """The latest of each."""
    best_epoch: int = 0
    best: dict[str, float] = field(default_factory=dict)
    """The metrics of the best epoch."""
    device: str = ""
    threads: int = 0
    updated: float = 0.0
    version: int = VERSION


class Event(Struct, frozen=True, omit_defaults=True):
    """Something that happened in a run, for its log."""

    time: float
    step: int
    code: str
    args: dict[str, Any] = field(default_factory=dict)


class RunRecord(Struct, frozen=True):
    """A run as a row of a list."""

    run: str
    project: str
    started: float
    status: Status

    @property
    def state(self) -> RunState:
        """Short for `status.state`."""
        return self.status.state


class RunFolder:
    """One run's folder, as a reader, or as somebody who wants something of the job, sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def metrics(self) -> Path:
        """The file of curves."""
        return self.path / "metrics.chunks"

    @property
    def code(self) -> Path:
        """The folder of the user's own files."""
        return self.path / "code"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def has_checkpoint(self) -> bool:
        """There is something to go on from, or to look at."""
        return any(self.checkpoints.glob("step-*"))

    def info(self) -> RunInfo:
        """What the run is. Raises `ProblemError` when the folder is no run or is damaged."""
        return _read(self.path / "run.json", RunInfo, "run.damaged")

    def status(self) -> Status:
        """Where the run stands; `interrupted` when its job is gone."""
        status = self._written()
        if status.state in LIVE and not self.is_locked():
            # The job may have ended between the two looks: what it wrote last counts.
            status = self._written()
            if status.state in LIVE:
                return replace(status, state="interrupted", reason=None)
        return status

    def _written(self) -> Status:
        """What the job wrote last; it begins with what the run is, and a power cut may come before the rest."""
        path = self.path / "state.json"
        if not path.exists() and (self.path / "run.json").exists():
            return Status("preparing")
        return _read(path, Status, "run.damaged")

    def record(self) -> RunRecord:
        """The run as a row of a list."""
        info = self.info()
        return RunRecord(info.run, info.project, info.started, self.status())

    def events(self) -> list[Event]:
        """What happened; a line that a crash cut short is left out."""
        found = []
        try:
            lines = (self.path / "events.jsonl").read_bytes().splitlines()
        except FileNotFoundError:
            return []
        for line in lines:
            try:
                found.append(msgspec.json.decode(line, type=Event))
            except msgspec.DecodeError:
                break
        return found

    def lock(self) -> FileLock:
        """The lock that the job holds while it lives."""
        return FileLock(self.path / "lock")

    def is_locked(self) -> bool:
        """A job is alive in this folder."""
        if not (self.path / "lock").exists():
            return False
        try:
            with self.lock().acquire(timeout=0):
                return False
        except Timeout:
            return True

    def checkpoint(self, step: int) -> Path:
        """The folder of the checkpoint that was made after a step."""
        return self.checkpoints / step_name(step)

    def snapshots(self) -> list[int]:
        """The steps of its checkpoints, the earliest first."""
        found = (path.name.removeprefix("step-") for path in self.checkpoints.glob("step-*"))
        return sorted(int(step) for step in found if step.isdecimal())

    def ask(self, want: Want) -> None:
        """Tell the job what is wanted of it; it answers by its state. Raises OSError."""
        with self._asking():
            self._put(replace(self.request(), want=want, time=time.time()))

    def ask_for(self, name: str, value: Any) -> None:
        """Wish that a setting of the training be changed from the next step on. Raises OSError."""
        with self._asking():
            now = self.request()
            edits = (*now.edits, Wish(time.time(), name, value))[-MOST_WISHES:]
            self._put(replace(now, edits=edits))

    def request(self) -> Request:
        """What is wanted of the job."""
        try:
            return msgspec.json.decode((self.path / "request.json").read_bytes(), type=Request)
        except (OSError, msgspec.DecodeError):
            return Request()

    def _asking(self) -> FileLock:
        """Two who ask at once: neither is to be forgotten."""
        return FileLock(self.path / "request.lock")

    def _put(self, request: Request) -> None:
        write_atomically(self.path / "request.json", msgspec.json.encode(request), durable=False)


def step_name(step: int) -> str:
    """What the folder of a checkpoint is called: names sort as steps do."""
    return f"step-{step:09d}"


class RunStore:
    """All runs below one folder. The folder may be shared by several windows and command lines."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def new(self, title: str) -> RunFolder:
        """A folder for a new run: sortable by time, readable, unique. The job creates it."""
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:32] or "run"
        stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
        return RunFolder(self.root / f"{stamp}_{slug}_{secrets.token_hex(2)}")

    def find(self, name: str) -> RunFolder:
        """A run by its id, an unambiguous part of it, its folder, or `last`.

        Raises:
            ProblemError: no run, or several, are meant.
        """
        if (Path(name) / "run.json").is_file():
            return RunFolder(Path(name).resolve())
        ids = sorted(path.name for path in self._folders())
        if name == "last" and (runs := self.list()):
            return RunFolder(self.root / runs[0].run)
        meant = [run for run in ids if run == name] or [run for run in ids if name in run]
        if len(meant) == 1:
            return RunFolder(self.root / meant[0])
        code = "run.ambiguous" if meant else "run.unknown"
        raise ProblemError(code, where=name, folder=str(self.root), runs=meant[:5])

    def list(self) -> list[RunRecord]:
        """All runs, the latest first. Folders that cannot be read are left out."""
        with _Index(self.root) as index:
            found = [record for path in self._folders() if (record := index.record(RunFolder(path)))]
        return sorted(found, key=lambda record: record.started, reverse=True)

    def at_work(self) -> Sequence[RunRecord]:
        """The runs that have a job."""
        return [record for record in self.list() if record.state in LIVE]

    def delete(self, run: RunFolder) -> None:
        """Remove a run's folder. Raises `ProblemError` while its job lives, OSError when files cannot be removed."""
        if run.is_locked():
            raise ProblemError("run.alive", where=run.name)
        shutil.rmtree(run.path)

    def _folders(self) -> Iterator[Path]:
        try:
            with os.scandir(self.root) as entries:
                yield from (Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith("."))
        except FileNotFoundError:
            return


class _Index:
    """SQLite over run folders, so that listing thousands does not read thousands of files; rebuilt when damaged."""

    def __init__(self, root: Path) -> None:
        key = sha256(str(root.resolve()).encode()).hexdigest()[:16]
        self._file = cache() / f"runs-{key}-v{VERSION}.sqlite"
        self._known: dict[str, tuple[int, int, bytes]] = {}
        self._fresh: list[tuple[str, int, int, bytes]] = []

    def __enter__(self) -> "_Index":
        try:
            with closing(self._open()) as base:
                self._known = {row[0]: row[1:] for row in base.execute("select run, mtime, size, record from runs")}
        except sqlite3.Error as error:
            self._give_up(error)
        return self

    def __exit__(self, *error: object) -> None:
        if not self._fresh:
            return
        try:
            with closing(self._open()) as base, base:
                base.executemany("insert or replace into runs values (?, ?, ?, ?)", self._fresh)
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: sqlite3.Error) -> None:
        """An index that is damaged is made anew; one that is only busy is left alone."""
        if not isinstance(error, sqlite3.OperationalError):
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._file, timeout=2)
        base.execute("pragma journal_mode=wal")
        base.execute("create table if not exists runs (run text primary key, mtime, size, record blob)")
        return base

    def record(self, run: RunFolder) -> RunRecord | None:
        try:
            status = (run.path / "state.json").stat()
            known = self._known.get(run.name)
            if known and known[:2] == (status.st_mtime_ns, status.st_size):
                return msgspec.json.decode(known[2], type=RunRecord)
            record = run.record()
        except (OSError, ProblemError, msgspec.DecodeError):
            return None
        if record.state not in LIVE and record.state != "interrupted":
            self._fresh.append((run.name, status.st_mtime_ns, status.st_size, msgspec.json.encode(record)))
        return record


def write_json(path: Path, value: Struct, *, durable: bool = True) -> None:
    """Write a struct as JSON, as a whole or not at all. Raises OSError."""
    write_atomically(path, msgspec.json.encode(value), durable=durable)


S = TypeVar("S", bound=Struct)


def _read(path: Path, kind: type[S], code: str) -> S:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise ProblemError(code, where=path.parent.name, file=path.name, detail=str(error)) from None
