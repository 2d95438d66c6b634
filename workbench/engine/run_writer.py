"""The one hand that writes a run's folder."""

import contextlib
import errno
import math
import os
import time
from pathlib import Path
from typing import Any, BinaryIO

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
STATUS_SECONDS = 0.2
CHUNK_SECONDS = (0.1, 1.0)
"""Curves are written every tenth of a second at first, every second in a long run."""


class RunWriter:
    """Writes states, events and curves. All methods raise OSError when the disk does not take it."""

    def __init__(self, folder: RunFolder, status: Status) -> None:
        self.folder = folder
        self.status = status
        self._metrics: BinaryIO = folder.metrics.open("ab")
        self._events: BinaryIO = (folder.path / "events.jsonl").open("ab")
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
            write_json(self.folder.path / "state.json", self.status, durable=durable)
            self._status_due = clock + STATUS_SECONDS

    def event(self, code: str, step: int, **args: Any) -> None:
        """Append a line to the run's log."""
        line = msgspec.json.encode(Event(time.time(), step, code, args)) + b"\n"
        self._events.write(line)
        self._events.flush()

    def stepped(self, event: Stepped) -> None:
        """Append the points of some steps, several at a time."""
        self._waiting.append(event)
        if time.monotonic() >= self._chunk_due:
            self.flush()

    def epoch(self, step: int, values: dict[str, float]) -> None:
        """Append the points of an epoch."""
        self.flush()
        named = {f"epoch/{name}" if name.startswith("train/") else name: [value] for name, value in values.items()}
        self._append(metrics.encode([step], named))

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            steps = np.concatenate([event.steps for event in self._waiting])
            names = self._waiting[0].series
            series = {name: np.concatenate([event.series[name] for event in self._waiting]) for name in names}
            self._append(metrics.encode(steps, series))
            self._waiting.clear()
        first, later = CHUNK_SECONDS
        clock = time.monotonic()
        self._chunk_due = clock + min(later, max(first, (clock - self._begun) / 600))

    def _append(self, chunk: bytes) -> None:
        """A chunk goes in whole: what a full disk cut off is taken back."""
        end = self._metrics.seek(0, os.SEEK_END)
        try:
            self._metrics.write(chunk)
            self._metrics.flush()
        except OSError:
            self._metrics = self._reopened(end)
            raise

    def _reopened(self, end: int) -> BinaryIO:
        os.truncate(self.folder.metrics, end)
        return self.folder.metrics.open("ab")

    def settle(self) -> None:
        """Make what was written so far survive a power cut, before a checkpoint that relies on it."""
        self.flush()
        for stream in (self._metrics, self._events):
            os.fsync(stream.fileno())

    def finish(self) -> None:
        """No more points come: their many small chunks are joined into few large ones, where the disk has room."""
        self.flush()
        self._metrics.close()
        release_reserve(self.folder)
        with contextlib.suppress(OSError):
            write_atomically(self.folder.metrics, metrics.compacted(self.folder.metrics))

    def fail(self, problem: Problem) -> None:
        """The run ends here, and why; on a full disk there is room left for this."""
        release_reserve(self.folder)
        self.say(state="failed", reason=problem, durable=True)
        self.event("failed", self.status.step, problem=problem.code)

    def close(self) -> None:
        """Close the files; what a full disk did not take is lost."""
        for stream in (self._metrics, self._events):
            with contextlib.suppress(OSError):
                stream.close()


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


def problem_of(error: OSError) -> Problem:
    """Why a run could not go on writing."""
    if is_disk_full(error):
        return Problem("run.disk_full", {"detail": error.strerror or str(error)})
    return Problem("run.unwritable", {"detail": str(error)})
