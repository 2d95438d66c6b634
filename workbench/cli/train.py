"""`workbench train`: a job is started, and watched through its run folder like any other."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from workbench.cli import sources
from workbench.cli.output import FAILED, INTERRUPTED, OK, Progress, metric, metrics_line, note, say, write, write_json
from workbench.cli.queue import put
from workbench.cli.starting import needs, wanted
from workbench.core import wording
from workbench.core.edits import Fix, SetTraining, Several
from workbench.core.i18n import tr
from workbench.core.problems import Problem, ProblemError
from workbench.core.processes import Job
from workbench.core.runs import LIVE, RESUMABLE, Event, RunFolder, Status

LOOK_SECONDS = 0.1
LEAST_ROOM = 1 << 20
"""Bytes without which no run can begin."""


def train(args: argparse.Namespace) -> int:
    """Train a project; or go on with a run, branch from one or repeat one."""
    store = sources.run_store(args.runs)
    store.root.mkdir(parents=True, exist_ok=True)
    if args.queue:
        start = wanted(store, args)
        return put(store, start.folder, start.message, needs(start, args), as_document=args.json)
    job = Job()  # it gets ready while the engine looks at the document
    try:
        start = wanted(store, args)
    except BaseException:
        job.dismiss()
        raise
    folder, begun = start.folder, time.time()
    try:
        job.start(start.message)
    except BrokenPipeError:
        raise ProblemError("run.died", where=folder.name) from None
    status, interrupted = _watched(job, folder, begun)
    _report(folder, status, args)
    if interrupted:
        return INTERRUPTED
    return OK if status.state in ("done", "stopped") else FAILED


class _Interrupt:
    """Ctrl-C asks the job to stop at the next step; nothing is lost."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.happened = False
        self._before: Any = None

    def __enter__(self) -> "_Interrupt":
        self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _stop(self, number: int, frame: object) -> None:
        self.happened = True


def _watched(job: Job, folder: RunFolder, begun: float) -> tuple[Status, bool]:
    """Follow the run until its job has ended."""
    progress, asked_to_stop = Progress(), False
    epochs, rest = _Epochs(folder, begun), _Rest(folder)
    progress.show(tr("Starting"))
    with _Interrupt(folder) as interrupt:
        while True:
            alive = job.alive
            if interrupt.happened and not asked_to_stop:
                asked_to_stop = _ask_to_stop(folder, job)
            status = _status(folder)
            for event in epochs.ended():
                progress.passed(_epoch_line(event, status or Status("training")))
            if status is not None and status.state in LIVE:
                progress.show(_line(status), _share(status))
                rest.look_at(status)
            if not alive:
                progress.close()
                return _final(folder, status, interrupt.happened), interrupt.happened
            time.sleep(LOOK_SECONDS)


class _Rest:
    """A run that had to pause by itself: why, and how it goes on, is said once."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._is_said = False

    def look_at(self, status: Status) -> None:
        """Say it when it begins."""
        rests = status.state == "paused" and status.reason is not None
        if rests and not self._is_said and status.reason:
            say(status.reason)
            note(tr("Go on with: workbench go-on {run}", run=self._folder.name))
        self._is_said = rests


class _Epochs:
    """The ends of epochs in the log of a run; the state of a quick run passes over some of them."""

    def __init__(self, folder: RunFolder, begun: float) -> None:
        self._folder, self._begun = folder, begun
        self._last = 0
        self._size = -1

    def ended(self) -> list[Event]:
        """The epochs that ended since this was asked last; not those from before the run was resumed."""
        size = _size(self._folder.path / "events.jsonl")
        if size == self._size:
            return []
        self._size = size
        epochs = (event for event in self._folder.events() if event.code == "epoch" and event.time >= self._begun)
        new = [event for event in epochs if event.args["epoch"] > self._last]
        self._last = max((event.args["epoch"] for event in new), default=self._last)
        return new


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _ask_to_stop(folder: RunFolder, job: Job) -> bool:
    """The folder is not there before the job has made it."""
    if folder.path.is_dir():
        folder.ask("stop")
        return True
    if sys.platform != "win32":
        os.kill(job.pid, signal.SIGKILL)
    return True


def _status(folder: RunFolder) -> Status | None:
    try:
        return folder.status()
    except ProblemError:
        return None


def _final(folder: RunFolder, status: Status | None, interrupted: bool) -> Status:
    """How it ended. A job that could not even say so was stopped before it began, or found no room, or died."""
    status = _status(folder) or status
    if status is not None:
        return status
    if interrupted:
        return Status("stopped", Problem("run.stopped", severity="info"))
    full = shutil.disk_usage(folder.path.parent).free < LEAST_ROOM
    return Status("failed", Problem("run.disk_full" if full else "run.died", node=folder.name))


def _share(status: Status) -> float:
    return status.step / status.steps if status.steps else 0.0


def _line(status: Status) -> str:
    if status.state == "preparing":
        return wording.activity(status.reason.code) if status.reason else wording.state("preparing")
    left = ""
    if status.step and status.seconds > 1:
        left = tr(", {time} left", time=wording.duration(status.seconds / status.step * (status.steps - status.step)))
    return f"{_epoch(status.epoch, status)}  {_shown(status.metrics)}  {status.samples_per_second:,.0f}/s{left}"


def _epoch_line(event: Event, status: Status) -> str:
    measured = {name: value for name, value in event.args.items() if "/" in name}
    return f"{_epoch(event.args['epoch'], status)}  {_shown(measured)}"


def _epoch(number: int, status: Status) -> str:
    return tr("epoch {epoch}/{epochs}", epoch=number, epochs=status.epochs)


def _shown(metrics: dict[str, float]) -> str:
    return metrics_line({name: value for name, value in metrics.items() if name.startswith(("train/loss", "val/"))})


def _report(folder: RunFolder, status: Status, args: argparse.Namespace) -> None:
    metrics = status.metrics if args.weights == "last" else status.best or status.metrics
    reason = wording.what(status.reason) if status.reason else ""
    if args.json:
        write_json(
            {
                "run": folder.name,
                "state": status.state,
                "reason": reason,
                "epochs": status.epoch,
                "steps": status.step,
                "seconds": status.seconds,
                "metrics": {name: value for name, value in metrics.items() if name != "lr"},
                "best_epoch": status.best_epoch,
                "device": status.device,
                "threads": status.threads,
                "folder": str(folder.path),
            }
        )
    else:
        write(folder.name)
        for name, value in metrics.items():
            if name != "lr":
                write(f"  {name:18} {metric(name, value)}")
    if status.state != "done":
        advice = wording.remedy(status.reason) if status.reason else ""
        note(f"{wording.state(status.state)}. {reason} {advice}".rstrip())
        _note_the_way_on(folder, status)
    elif reason:  # it stopped early
        note(reason)


def _note_the_way_on(folder: RunFolder, status: Status) -> None:
    """The command that goes on: with the settings that remedy what went wrong, where there are some."""
    remedies = _training_remedies(status.reason.fix) if status.reason else []
    if remedies:
        changes = " ".join(f"--set training.{step.name}={json.dumps(step.value)}" for step in remedies)
        note(tr("Go on with: workbench train --branch {run} {changes}", run=folder.name, changes=changes))
    elif status.state in RESUMABLE and folder.has_checkpoint:
        note(tr("Go on with: workbench train --resume {run}", run=folder.name))


def _training_remedies(fix: Fix | None) -> list[SetTraining]:
    steps = fix.steps if isinstance(fix, Several) else (fix,)
    return [step for step in steps if isinstance(step, SetTraining)]
