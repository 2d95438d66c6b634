"""A job: one process, one run. `fit` runs in a thread; the main thread listens to what the user wants.

Everything a job has to say it says through its run folder, so that it does not matter who started it, who watches,
and whether they are still there.
"""

import logging
import os
import platform
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from filelock import Timeout
from msgspec.structs import replace

import workbench
from workbench.core import logs, project
from workbench.core.document import Document
from workbench.core.messages import Decoder, Train
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import RunFolder, RunInfo, RunState, Status, write_json
from workbench.engine import checkpoint, threads
from workbench.engine.analyse import warm_up
from workbench.engine.compile import Goal, Network, compiled, goals
from workbench.engine.data import Bound, bound
from workbench.engine.feed import Feed
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.run_writer import RunWriter, cut_back, problem_of, release_reserve
from workbench.engine.train import EpochEnded, Loop, NotFinite, Plan, Stepped, Validating, fit, validate

LISTEN_SECONDS = 0.05
CHECKPOINT_SECONDS = 2.0
CHECKPOINT_SHARE = 50
"""A checkpoint is written at most every so many seconds, and takes at most one part in so many of the time."""

log = logging.getLogger("workbench.job")


class Control:
    """What the user wants of the job, as the fitting thread sees it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._want = "run"

    @property
    def want(self) -> str:
        """run, pause or stop."""
        return self._want

    def set(self, want: str) -> None:
        """From the main thread."""
        with self._changed:
            if self._want != "stop":
                self._want = want
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Return when the user wants something else than a pause."""
        with self._changed:
            self._changed.wait_for(lambda: self._want != "pause")


def main() -> int:
    """Wait for a run on standard input, and make it. Returns the exit status."""
    logs.start("job")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    train = _received()
    if train is None:
        return 0
    folder = RunFolder(Path(train.folder))
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        lock = folder.lock()
        lock.acquire(timeout=5)
    except Timeout:
        log.error("another job is at work in %s", folder.path)
        return 1
    with lock:
        _log_to(folder.path / "job.log")
        return _Run(folder, train).run()


def _received() -> Train | None:
    """The message that makes this process a run; None when the parent went away instead."""
    decoder = Decoder()
    while piece := os.read(0, 65536):
        for message, _ in decoder.feed(piece):
            assert isinstance(message, Train)
            return message
    return None


def _log_to(path: Path) -> None:
    """From here on this process's output belongs to its run."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


class _StoppedEarly(Exception):
    """The user wants no more of it before the first step."""


class _Run:
    def __init__(self, folder: RunFolder, train: Train) -> None:
        self._folder, self._train = folder, train
        self._control = Control()
        self._resuming = train.document is None
        self._exit = 0
        self._checkpoint_due = 0.0
        self._before = Status("preparing")

    def run(self) -> int:
        """Listen, while the work is done in a thread of its own."""
        signal.signal(signal.SIGTERM, self._terminated)
        worker = threading.Thread(target=self._work, name="fit")
        worker.start()
        while worker.is_alive():
            worker.join(LISTEN_SECONDS)
            self._control.set(self._folder.wanted(self._train.asked))
        return self._exit

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        self._control.set("stop")

    def _work(self) -> None:
        try:
            self._begin()
            self._fit()
        except _StoppedEarly:
            self._writer.say(state="stopped", reason=Problem("run.stopped", severity="info"), durable=True)
        except ProblemError as error:
            self._fail(error.problem)
        except OSError as error:
            self._fail(problem_of(error))
        except Exception as error:  # noqa: BLE001 - whatever happens, the run must end in a named state
            traceback.print_exc()
            logs.report_crash("job", type(error), error, error.__traceback__)
            self._fail(_why(error))
        finally:
            if hasattr(self, "_writer"):
                self._writer.close()

    def _fail(self, problem: Problem) -> None:
        self._exit = 1
        try:
            release_reserve(self._folder)
            if not hasattr(self, "_writer"):
                status = replace(self._before, state="failed", reason=problem, updated=time.time())
                write_json(self._folder.path / "state.json", status)
            else:
                self._writer.say(state="failed", reason=problem, durable=True)
                self._writer.event("failed", self._writer.status.step, problem=problem.code)
        except OSError:
            log.exception("cannot say why the run failed: %s", problem.code)

    def _begin(self) -> None:
        """Write down what the run is (or read it again) and prepare it."""
        if self._resuming:
            self._before = self._status_before()
            info = self._folder.info()
            document, data_folder = project.from_raw(info.document), info.data_folder
        else:
            assert self._train.document is not None
            document, data_folder = project.from_raw(self._train.document), self._train.data_folder
            info = RunInfo(self._folder.name, self._train.project, time.time(), self._train.document, data_folder)
            write_json(self._folder.path / "run.json", info)
        if self._train.epochs is not None:
            document = replace(document, training=replace(document.training, epochs=self._train.epochs))
            info = replace(info, document=project.to_raw(document))
            write_json(self._folder.path / "run.json", info)
        saved, damaged = checkpoint.newest(self._folder.checkpoints)
        if damaged and saved is None:
            raise ProblemError("checkpoint.all_damaged", where=str(self._folder.checkpoints))
        if self._resuming:
            counters = saved.meta["loop"] if saved else {"step": 0, "epoch": 0}
            cut_back(self._folder, counters["step"], counters["epoch"])
        self._seconds = float(saved.meta["seconds"]) if saved else 0.0
        status = replace(self._before, state="preparing", reason=None, epochs=document.training.epochs)
        self._writer = RunWriter(self._folder, status)
        self._writer.say(now=True)
        for path in damaged:
            self._writer.event("checkpoint.damaged", 0, name=path.name)
        self._prepare(document, Path(data_folder), info, saved)

    def _status_before(self) -> Status:
        """Where the run stood: a resume that fails must not forget it."""
        try:
            return self._folder.status()
        except ProblemError:
            return Status("preparing")

    def _prepare(
        self, document: Document, data_folder: Path, info: RunInfo, saved: checkpoint.Checkpoint | None
    ) -> None:
        data = bound(document, data_folder, self._folder.path / "split.npz", self._report)
        if info.fingerprint and info.fingerprint != data.fingerprint:
            raise ProblemError("run.data_changed", where=self._folder.name)
        training = document.training
        device = chosen_device(training.device)
        torch.manual_seed(training.seed)
        network = compiled(data.study).to(device)
        if not any(True for _ in network.parameters()):
            raise ProblemError("train.no_parameters")
        aims = goals(data.study, network)
        optimizer = OPTIMIZERS[training.optimizer].build(network.parameters(), training)
        self._loop = Loop(network, optimizer, training.seed)
        self._plan, self._test = _plan(document, network, aims, data, device)
        if saved:
            checkpoint.restore(saved, self._loop)
        number = info.threads or threads.choose(self._loop, self._plan)
        torch.set_num_threads(number)
        if not info.fingerprint:  # a run that was killed before it came this far has none yet
            self._write_info(info, data, device, number)
        self._writer.say(
            now=True,
            epoch=self._loop.epoch,
            step=self._loop.step,
            steps=self._plan.epochs * self._plan.train.batches,
            device=str(device),
            threads=number,
            best_epoch=self._loop.best_epoch,
            best=self._loop.best_metrics,
            metrics=self._loop.best_metrics,
        )

    def _report(self, code: str, done: int, total: int) -> None:
        if self._control.want == "stop":
            raise _StoppedEarly
        self._writer.say(reason=Problem(code, {"done": done, "total": total}, severity="info"))

    def _write_info(self, info: RunInfo, data: Bound, device: torch.device, number: int) -> None:
        versions = {
            "workbench": workbench.__version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "platform": platform.platform(),
        }
        info = replace(
            info,
            fingerprint=data.fingerprint,
            device=str(device),
            threads=number,
            versions=versions,
            inputs=data.described(),
        )
        write_json(self._folder.path / "run.json", info)

    def _fit(self) -> None:
        self._writer.event("resumed" if self._resuming else "started", self._loop.step)
        self._writer.say(state="training", reason=None, now=True)
        self._clock = time.monotonic()
        self._checkpoint_due = self._clock + CHECKPOINT_SECONDS
        for event in fit(self._loop, self._plan):
            self._take(event)
            if isinstance(event, NotFinite):
                args = {"step": event.step, "value": str(event.value), "rate": self._rate()}
                self._fail(Problem("train.not_finite", args))
                return
            if isinstance(event, Stepped) and not event.finite:
                continue  # these weights must not be saved
            if self._control.want == "pause":
                self._pause()
            if self._control.want == "stop":
                self._save()
                self._writer.event("stopped", self._loop.step)
                self._ended("stopped", Problem("run.stopped", severity="info"))
                return
            if time.monotonic() >= self._checkpoint_due and not isinstance(event, Validating):
                self._save()
        self._save()
        self._writer.event("done", self._loop.step)
        self._ended("done")

    def _rate(self) -> float:
        return float(self._loop.optimizer.param_groups[0]["lr"])

    def _ended(self, state: RunState, reason: Problem | None = None) -> None:
        """No more points come: the last and the best weights are measured once on the test split."""
        seconds = self._spent()
        self._writer.say(state="validating", now=True)
        last, best = self._tested()
        self._writer.finish()
        self._writer.say(
            state=state,
            reason=reason,
            seconds=seconds,
            metrics=self._writer.status.metrics | last,
            best=self._loop.best_metrics | best,
            durable=True,
        )

    def _tested(self) -> tuple[dict[str, float], dict[str, float]]:
        """The metrics of the last and of the best weights on the test split. The loop's network is used up."""
        if self._test is None:
            return {}, {}
        network = self._loop.network
        last = best = validate(network, self._plan, self._test)
        if self._loop.best_weights:
            network.load_state_dict(self._loop.best_weights)
            best = validate(network, self._plan, self._test)
        return tuple({f"test/{name}": value for name, value in part.items()} for part in (last, best))  # type: ignore[return-value]

    def _spent(self) -> float:
        return self._seconds + time.monotonic() - self._clock

    def _take(self, event: Stepped | Validating | EpochEnded | NotFinite) -> None:
        match event:
            case Stepped():
                self._writer.stepped(event)
                latest = {name: float(row[-1]) for name, row in event.series.items()}
                self._writer.say(
                    state="training",
                    step=self._loop.step,
                    seconds=self._spent(),
                    samples_per_second=event.samples / max(event.seconds, 1e-9),
                    metrics=self._writer.status.metrics | latest,
                )
            case Validating():
                self._writer.say(state="validating")
            case EpochEnded():
                self._writer.epoch(event.step, event.metrics)
                self._writer.event("epoch", event.step, epoch=event.epoch, best=event.best, **event.metrics)
                self._writer.say(
                    state="training",
                    epoch=event.epoch,
                    seconds=self._spent(),
                    metrics=self._writer.status.metrics | event.metrics,
                    best_epoch=self._loop.best_epoch,
                    best=self._loop.best_metrics,
                )

    def _save(self) -> None:
        begun = time.monotonic()
        if not all(tensor.isfinite().all() for tensor in self._loop.network.parameters()):
            return  # the next loss will say so; what was saved before is of more use
        self._writer.settle()
        extra = {"seconds": self._spent()}
        checkpoint.save(self._folder.checkpoints, self._loop, extra, keep=self._train.keep_checkpoints)
        ended = time.monotonic()
        self._checkpoint_due = ended + max(CHECKPOINT_SECONDS, CHECKPOINT_SHARE * (ended - begun))

    def _pause(self) -> None:
        self._save()
        self._writer.event("paused", self._loop.step)
        self._writer.say(state="paused", durable=True)
        self._seconds = self._spent()
        self._control.wait_while_paused()
        self._clock = time.monotonic()
        if self._control.want == "run":
            self._writer.event("continued", self._loop.step)
            self._writer.say(state="training", now=True)


def _plan(
    document: Document, network: Network, aims: list[Goal], data: Bound, device: torch.device
) -> tuple[Plan, Feed | None]:
    """What training needs, and the samples for the test at its end."""
    names = [*data.input_names(network), *(goal.column.name for goal in aims)]
    columns = [data.loaded.columns[name] for name in names]
    batch = document.training.batch_size

    def feed(split: str, size: int) -> Feed | None:
        rows = torch.from_numpy(data.splits[split])
        return Feed(columns, rows, size, device) if len(rows) else None

    train = feed("train", batch)
    if train is None:
        raise ProblemError("train.no_samples")
    plan = Plan(aims, train, feed("validation", max(batch, 256)), document.training.epochs, len(network.inputs))
    return plan, feed("test", max(batch, 256))


def chosen_device(name: str) -> torch.device:
    """The device of this name; `auto` takes an accelerator where there is one. Raises `ProblemError`."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((kind for kind in ("cuda", "mps") if there[kind]), "cpu")
    if not there.get(name, False):
        raise ProblemError("train.no_device", found=name, known=[kind for kind, usable in there.items() if usable])
    return torch.device(name)


def _why(error: BaseException) -> Problem:
    """The problem that an unexpected error of torch stands for."""
    text = str(error)
    memory: Iterable[Any] = ("out of memory", "can't allocate memory", "not enough memory")
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in text for words in memory):
        return Problem("train.out_of_memory", {"detail": text.split("\n")[0]})
    return Problem("run.crashed", {"detail": f"{type(error).__name__}: {text}".split("\n")[0]})


if __name__ == "__main__":
    sys.exit(main())
