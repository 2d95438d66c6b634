"""The one hand that writes a run's folder."""

import contextlib
import errno
import math
import os
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec.structs import replace

from workbench.core import metrics
from workbench.core.files import write_atomically
from workbench.core.problems import Problem
from workbench.core.runs import Event, RunFolder, Status, write_json
from workbench.engine.train import Stepped

RESERVE = 64 * 1024
"""Bytes set aside, so that a full disk still leaves room to say that it is full."""
DISK_FULL = Problem("run.disk_full")
STATUS_SECONDS = 0.2
CHUNK_SECONDS = (0.1, 1.0)
"""Curves are written every tenth of a second at first, every second in a long run."""


T = TypeVar("T")


class RunWriter:
    """Writes states, events and curves. All methods raise OSError when the disk does not take it.

    On a full disk the run says so and rests, where `rest` is set: it returns True when the user says that there is
    room, and False when the run is to end instead.
    """

    def __init__(self, folder: RunFolder, status: Status) -> None:
        self.folder = folder
        self.status = status
        self.rest: Callable[[], bool] | None = None
        self._metrics = folder.metrics.open("ab", buffering=0)
        self._events = (folder.path / "events.jsonl").open("ab", buffering=0)
        self._status_due = self._chunk_due = 0.0
        self._waiting: list[Stepped] = []
        self._begun = time.monotonic()
        self._hold_reserve()

    def _hold_reserve(self) -> None:
        path = _reserve(self.folder)
        if not path.exists() or path.stat().st_size < RESERVE:
            write_atomically(path, os.urandom(RESERVE), durable=False)

    def say(self, *, now: bool = False, durable: bool = False, **changes: Any) -> None:
        """Change the status; it is written now and then, or at once. Metrics that are no numbers are left out."""
        for name in {"metrics", "best"} & changes.keys():
            changes[name] = {key: value for key, value in changes[name].items() if math.isfinite(value)}
        self.status = replace(self.status, **changes, updated=time.time())
        clock = time.monotonic()
        if now or durable or clock >= self._status_due:
            path = self.folder.path / "state.json"
            self.patiently(lambda: write_json(path, self.status, durable=durable))
            self._status_due = clock + STATUS_SECONDS

    def event(self, code: str, step: int, **args: Any) -> None:
        """Append a line to the run's log."""
        line = msgspec.json.encode(Event(time.time(), step, code, args)) + b"\n"
        self.patiently(lambda: _append(self._events, line))

    def stepped(self, event: Stepped) -> None:
        """Append the points of some steps, several at a time."""
        self._waiting.append(event)
        if time.monotonic() >= self._chunk_due:
            self.flush()

    def epoch(self, step: int, values: dict[str, float]) -> None:
        """Append the points of an epoch."""
        self.flush()
        named = {f"epoch/{name}" if name.startswith("train/") else name: [value] for name, value in values.items()}
        self._append_chunk(metrics.encode([step], named))

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            steps = np.concatenate([event.steps for event in self._waiting])
            names = self._waiting[0].series
            series = {name: np.concatenate([event.series[name] for event in self._waiting]) for name in names}
            self._append_chunk(metrics.encode(steps, series))
            self._waiting.clear()
        first, later = CHUNK_SECONDS
        clock = time.monotonic()
        self._chunk_due = clock + min(later, max(first, (clock - self._begun) / 600))

    def _append_chunk(self, chunk: bytes) -> None:
        self.patiently(lambda: _append(self._metrics, chunk))

    def patiently(self, write: Callable[[], T]) -> T:
        """What `write` returns, which leaves nothing behind when it fails; on a full disk it is tried again later."""
        while True:
            try:
                return write()
            except OSError as error:
                if self.rest is None or not is_disk_full(error) or not self._rest_until_there_is_room():
                    raise

    def _rest_until_there_is_room(self) -> bool:
        """Say that the disk is full, and wait for the user."""
        assert self.rest is not None
        before = self.status
        path = self.folder.path / "state.json"
        while True:
            release_reserve(self.folder)
            with contextlib.suppress(OSError):  # another process took even that: the last word stands, and it rests
                write_json(path, replace(before, state="paused", reason=DISK_FULL, updated=time.time()))
            if not self.rest():
                return False
            try:
                self._hold_reserve()
                write_json(path, before)
            except OSError as error:
                if not is_disk_full(error):
                    raise
            else:
                return True

    def settle(self) -> None:
        """Make what was written so far survive a power cut, before a checkpoint that relies on it."""
        self.flush()
        for stream in (self._metrics, self._events):
            os.fsync(stream.fileno())

    def finish(self) -> None:
        """No more points come: their many small chunks are joined into few large ones, where the disk has room."""
        self.flush()
        self._metrics.close()
        self.rest = None  # what is left to say has its reserve
        release_reserve(self.folder)
        with contextlib.suppress(OSError):
            write_atomically(self.folder.metrics, metrics.compacted(self.folder.metrics))

    def fail(self, problem: Problem) -> None:
        """The run ends here, and why; on a full disk there is room left for this."""
        self.rest = None
        release_reserve(self.folder)
        self.say(state="failed", reason=problem, durable=True)
        self.event("failed", self.status.step, problem=problem.code)

    def close(self) -> None:
        """Close the files."""
        for stream in (self._metrics, self._events):
            with contextlib.suppress(OSError):
                stream.close()


def _append(stream: FileIO, piece: bytes) -> None:
    """Append all of a piece, or nothing: what a full disk cut off is taken back."""
    end = os.fstat(stream.fileno()).st_size
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[stream.write(rest) :]
    except OSError:
        stream.truncate(end)
        raise


def _reserve(folder: RunFolder) -> Path:
    return folder.path / ".reserve"


def release_reserve(folder: RunFolder) -> None:
    """Make room on a full disk for what has to be said now."""
    _reserve(folder).unlink(missing_ok=True)


def write_failure(folder: RunFolder, before: Status, problem: Problem) -> None:
    """As `RunWriter.fail`, for a run that has no writer yet. It stands where it stood before. Raises OSError."""
    release_reserve(folder)
    status = replace(before, state="failed", reason=problem, updated=time.time())
    write_json(folder.path / "state.json", status)


def cut_back(folder: RunFolder, step: int, epoch: int) -> None:
    """Take back what was written after a checkpoint: the resumed run writes it again."""
    for left in folder.path.glob(".*.tmp"):  # by a process that was killed
        left.unlink(missing_ok=True)
    if folder.metrics.exists():
        write_atomically(folder.metrics, metrics.compacted(folder.metrics, until=(step, epoch)))
    kept = [
        event
        for event in folder.events()
        if event.step <= step and (event.code != "epoch" or event.args["epoch"] <= epoch)
    ]
    write_atomically(folder.path / "events.jsonl", b"".join(msgspec.json.encode(event) + b"\n" for event in kept))


def is_disk_full(error: OSError) -> bool:
    """No space is left, or the user's share of it is used up."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def problem_of(error: OSError, folder: RunFolder) -> Problem:
    """Why a run could not go on writing, or reading its data."""
    if is_disk_full(error):
        return DISK_FULL
    file = str(error.filename or "")
    if file and not Path(file).is_relative_to(folder.path):
        return Problem("run.data_gone", {"detail": error.strerror or str(error)}, file)
    return Problem("run.unwritable", {"detail": str(error)})
