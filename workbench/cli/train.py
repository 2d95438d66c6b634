"""`workbench train`: a job is started, and watched through its run folder like any other."""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from workbench.cli import sources
from workbench.cli.output import FAILED, INTERRUPTED, OK, Progress, metric, metrics_line, note, write, write_json
from workbench.core import project, settings, wording
from workbench.core.i18n import tr
from workbench.core.messages import Train
from workbench.core.problems import Problem, ProblemError
from workbench.core.processes import Job
from workbench.core.runs import LIVE, RESUMABLE, RunFolder, RunStore, Status

LOOK_SECONDS = 0.1
LEAST_ROOM = 1 << 20
"""Bytes without which no run can begin."""


def train(args: argparse.Namespace) -> int:
    """Train a project; or go on with a run."""
    store = sources.run_store(args.runs)
    folder, message = _resumed(store, args) if args.resume else _started(store, args)
    job = Job()
    try:
        job.start(message)
    except BrokenPipeError:
        raise ProblemError("run.died", where=folder.name) from None
    status, interrupted = _watched(job, folder)
    _report(folder, status, args)
    if interrupted:
        return INTERRUPTED
    return OK if status.state in ("done", "stopped") else FAILED


def _started(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    document, data_folder = sources.opened(args.project)
    if args.data:
        document = sources.with_data(document, args.data)
    for assignment in args.set:
        document = sources.with_setting(document, assignment)
    if args.epochs is not None:
        document = replace(document, training=replace(document.training, epochs=args.epochs))
    title = sources.titled(args.project, document)
    store.root.mkdir(parents=True, exist_ok=True)
    folder = store.new(title)
    keep = settings.load().keep_checkpoints
    return folder, Train(str(folder.path), project.to_raw(document), str(data_folder), title, keep_checkpoints=keep)


def _resumed(store: RunStore, args: argparse.Namespace) -> tuple[RunFolder, Train]:
    folder = store.find(args.resume)
    status = folder.status()
    longer = args.epochs is not None and args.epochs > status.epoch
    if status.state not in RESUMABLE and not (status.state == "done" and longer):
        raise ProblemError("run.cannot_resume", where=folder.name, state=wording.state(status.state).lower())
    return folder, Train(str(folder.path), epochs=args.epochs, keep_checkpoints=settings.load().keep_checkpoints)


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


def _watched(job: Job, folder: RunFolder) -> tuple[Status, bool]:
    """Follow the run until its job has ended."""
    progress, asked, epoch = Progress(), False, -1
    progress.show(tr("Starting"))
    with _Interrupt(folder) as interrupt:
        while True:
            alive = job.alive
            if interrupt.happened and not asked:
                asked = _ask_to_stop(folder, job)
            status = _status(folder)
            if status is not None and status.state in LIVE:
                progress.show(_line(status), _share(status), milestone=status.epoch > max(epoch, 0))
                epoch = status.epoch
            if not alive:
                progress.close()
                return _final(folder, status, interrupt.happened), interrupt.happened
            time.sleep(LOOK_SECONDS)


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
    shown = {name: value for name, value in status.metrics.items() if name.startswith(("train/loss", "val/"))}
    text = tr("epoch {epoch}/{epochs}", epoch=status.epoch, epochs=status.epochs)
    return f"{text}  {metrics_line(shown)}  {status.samples_per_second:,.0f}/s{left}"


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
        if status.state in RESUMABLE and Path(folder.path).is_dir():
            note(tr("Go on with: workbench train --resume {run}", run=folder.name))
