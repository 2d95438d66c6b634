"""Real jobs for tests: processes that train, are killed, and go on."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tests.waiting import until
from workbench.core import metrics, project
from workbench.core.document import Document
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.processes import Job
from workbench.core.runs import RunFolder, RunStore, Status
from workbench.engine import checkpoint

PATIENCE = 300.0
"""Seconds. What takes two on an idle machine takes many of them on one that is shared; how long is never tested."""

_turn = count()


@contextmanager
def on_one_processor() -> Iterator[None]:
    """What is started in here uses one thread, whatever its trials would say: more threads change rounding."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(usable)[next(_turn) % len(usable)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


class Jobs:
    """Starts jobs; one is always kept ready, as the program itself does, since starting one takes seconds."""

    def __init__(self) -> None:
        self._all: list[Job] = []
        self.spare = self._made()

    def _made(self) -> Job:
        with on_one_processor():
            job = Job()
        self._all.append(job)
        return job

    def begin(self, train: Train) -> Job:
        job, self.spare = self.spare, self._made()
        job.start(train)
        return job

    def start(self, folder: RunFolder, document: Document) -> Job:
        return self.begin(Train(str(folder.path), project.to_raw(document), str(Path.cwd()), "test"))

    def resume(self, folder: RunFolder, epochs: int | None = None) -> Job:
        return self.begin(Train(str(folder.path), epochs=epochs))

    def finish(self, folder: RunFolder, document: Document | None = None) -> Status:
        """Start or resume, and wait for the end."""
        job = self.start(folder, document) if document else self.resume(folder)
        assert job.wait(PATIENCE) is not None
        return folder.status()

    def close(self) -> None:
        for job in self._all:
            job.dismiss()
            if job.alive:
                os.kill(job.pid, 9)
            job.wait()


def state_of(folder: RunFolder) -> str:
    """Where a run stands; empty while it has no folder yet."""
    try:
        return folder.status().state
    except ProblemError:
        return ""


def step_of(folder: RunFolder) -> int:
    try:
        return folder.status().step
    except ProblemError:
        return 0


def reaches(folder: RunFolder, state: str) -> None:
    until(lambda: state_of(folder) == state, PATIENCE)


def everything(folder: RunFolder) -> dict[str, Tensor]:
    """All tensors of the newest checkpoint: last and best weights, the optimiser, the generators."""
    found, damaged = checkpoint.newest(folder.checkpoints)
    assert found is not None
    assert not damaged
    tensors = {f"best.{name}": tensor for name, tensor in found.weights("best").items()}
    from safetensors.torch import load_file

    return tensors | found.weights("last") | load_file(found.path / checkpoint.STATE)


def _same(one: Tensor, other: Tensor) -> bool:
    """Bit for bit; what stands for nothing (NaN) is the same as itself."""
    return torch.equal(one.nan_to_num(), other.nan_to_num()) if one.is_floating_point() else torch.equal(one, other)


def differences(one: RunFolder, other: RunFolder) -> list[str]:
    """In what two finished runs differ; nothing when they were trained alike, bit for bit."""
    mine, theirs = everything(one), everything(other)
    found = [name for name in mine.keys() | theirs.keys() if not _same(mine[name], theirs[name])]
    curves, others = metrics.read(one.metrics), metrics.read(other.metrics)
    found += [f"curve {name}" for name in curves.keys() ^ others.keys()]
    for name in curves.keys() & others.keys():
        same_steps = np.array_equal(curves[name].steps, others[name].steps)
        # Means over an epoch are summed up block by block, and blocks end when time is up.
        close = np.allclose if name.startswith("epoch/") else np.array_equal
        if not same_steps or not close(curves[name].values, others[name].values):
            found.append(f"curve {name}")
    steps = curves["train/loss"].steps.tolist()
    if steps != list(range(1, len(steps) + 1)):
        found.append("steps")
    before, after = one.status(), other.status()
    if (before.best_epoch, before.step, before.epoch) != (after.best_epoch, after.step, after.epoch):
        found.append("status")
    return found


def leftovers(folder: RunFolder) -> list[str]:
    """Temporary files that should not be there after the end."""
    return sorted(
        path.name for path in folder.path.rglob("*") if path.name.startswith(".") or path.suffix in (".tmp", ".old")
    )


def kill(job: Job) -> None:
    os.kill(job.pid, signal.SIGKILL)
    job.wait()


def leave_a_checkpoint(run: RunFolder) -> None:
    """Pause, and go on."""
    run.ask("pause")
    reaches(run, "paused")
    run.ask("run")
    reaches(run, "training")


def killed_at_random(jobs: Jobs, run: RunFolder, whole: RunFolder, document: Document, kills: int, seed: int) -> None:
    """Kill a job at so many random instants, go on each time, and compare the end with an undisturbed run's."""
    chance = random.Random(seed)
    steps = whole.status().step
    job = jobs.start(run, document)
    for turn in range(kills):
        first, last = steps * turn // kills, steps * (turn + 1) // kills
        instant = chance.randrange(max(first, 1), last)
        if chance.random() < 0.5:
            until(lambda: step_of(run) > first or not job.alive, PATIENCE, 0.001)  # noqa: B023
            leave_a_checkpoint(run)
        until(lambda: step_of(run) >= instant or not job.alive, PATIENCE, 0.001)  # noqa: B023
        assert job.alive, f"seed {seed}: it ended before it could be killed"
        kill(job)
        assert run.status().state == "interrupted"
        assert [record.state for record in RunStore(run.path.parent).list()] == ["interrupted"]
        job = jobs.resume(run)
    assert job.wait(PATIENCE) == 0
    assert (run.status().state, run.status().reason) == ("done", None)
    assert differences(run, whole) == [], f"seed {seed}"
    assert leftovers(run) == []
