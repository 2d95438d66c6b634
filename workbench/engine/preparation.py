"""From what a run is to what fitting it needs: data, network, optimiser, device and threads. Writes no state."""

import dataclasses
import os
import platform
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor

import workbench
from workbench.core.document import Training
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder, RunInfo, RunStore
from workbench.engine import checkpoint, kept_code, threads
from workbench.engine.augmenting import augmenting
from workbench.engine.beginning import Beginning
from workbench.engine.columns.base import Column
from workbench.engine.columns.values import take
from workbench.engine.compile import Goal, Network, compiled, goals
from workbench.engine.data import Bound, bound
from workbench.engine.feed import Feed
from workbench.engine.fingerprint import differs
from workbench.engine.groups import freeze, groups
from workbench.engine.initialisation import initialise
from workbench.engine.loop import Average, Loop, Plan
from workbench.engine.optimizers import made
from workbench.engine.precision import prepared_forward, scaler_of
from workbench.engine.raw import Report

VALIDATION_BATCH = 256
"""Batches are at least this large where nothing is learned from them."""
COUNTED_AT_ONCE = 4096
"""Samples whose classes are counted together: those of lazy columns are read for that."""


@dataclass(frozen=True)
class Prepared:
    """A run that can be fitted from where it stands."""

    loop: Loop
    plan: Plan
    test: Feed | None
    """The samples for the test at its end."""
    device: torch.device
    threads: int
    info: RunInfo
    """What the run is, now that its data are known."""


def prepare(beginning: Beginning, report: Report, most_threads: int = 0) -> Prepared:
    """Load the data, build the loop, and put it where the run stands. Raises `ProblemError`.

    How many threads are best is tried out, unless it is known, or a team has its `most_threads` a process.
    """
    info, folder = beginning.info, beginning.folder
    kept_code.check(folder, info)
    data = bound(beginning.document, Path(info.data_folder), folder.path / "split.npz", report, folder.code)
    if differs(info.fingerprint, data.fingerprint):
        raise ProblemError("run.data_changed", where=folder.name)
    device = chosen_device(beginning.document.training.device)
    loop, plan, test = set_up(data, device)
    if beginning.saved:
        checkpoint.restore(beginning.saved, loop)
    wanted = info.threads or beginning.document.training.threads or most_threads
    number = wanted or threads.choose(loop, plan, _others_at_work(folder))
    torch.set_num_threads(number)
    if not info.fingerprint:  # a run that was killed before it came this far has none yet
        info = _completed(info, data, device, number)
    return Prepared(loop, plan, test, device, number, info)


def _others_at_work(folder: RunFolder) -> int:
    """The jobs that want the same processors."""
    return sum(record.run != folder.name for record in RunStore(folder.path.parent).at_work())


def set_up(data: Bound, device: torch.device) -> tuple[Loop, Plan, Feed | None]:
    """A fresh loop, its plan, and the samples for the test. The same data give the same, bit for bit.

    Raises:
        ProblemError: the document has errors, or there is nothing to learn, or nothing to learn from.
    """
    training = data.study.document.training
    _seed(training)
    network = _built(data, device)
    resting = freeze(network, training)
    loop = Loop(network, made(groups(network, training), training), training.seed)
    loop.scaler = scaler_of(training, device)
    if training.ema_decay is not None:
        loop.average = Average(network)
    aims = goals(data.study, network)
    names = [*data.input_names(network), *(goal.column.name for goal in aims)]
    columns = [data.loaded.columns[name] for name in names]
    weights = [column for column in data.loaded.columns.values() if column.kind == "weight"]

    def feed(split: str, batch: int) -> Feed | None:
        rows = torch.from_numpy(data.splits[split])
        learned = split == "train"  # what is measured is measured on samples that all count the same
        read = [*columns, *weights] if learned else columns
        augmentation = data.loaded.augmentation if learned else None
        return Feed(read, rows, batch, device, augmentation) if len(rows) else None

    train = feed("train", training.batch_size)
    if train is None:
        raise ProblemError("train.no_samples")
    batch = max(training.batch_size, VALIDATION_BATCH)
    forward, warnings = prepared_forward(network, training)
    plan = Plan(
        [_learned(goal, data, device) for goal in aims],
        train,
        feed("validation", batch),
        training,
        len(network.inputs),
        forward=forward,
        resting=resting,
        warnings=warnings,
        weighted=bool(weights),
        augmenting=augmenting(data.loaded),
    )
    return loop, plan, feed("test", batch)


def _seed(training: Training) -> None:
    """Put all generators at their start, and choose how exact operations have to be."""
    random.seed(training.seed)
    np.random.seed(training.seed % 2**32)
    torch.manual_seed(training.seed)
    if training.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(training.deterministic)


def _built(data: Bound, device: torch.device) -> Network:
    """The network with its first weights, where it is trained."""
    training = data.study.document.training
    network = compiled(data.study)
    initialise(network, training.initialisation)
    network = network.to(device)
    return network.to(memory_format=torch.channels_last) if training.channels_last else network


def _learned(goal: Goal, data: Bound, device: torch.device) -> Goal:
    """A goal as the settings want it learned: smoothed, and with rare classes made heavier."""
    training = data.study.document.training
    weights = None
    if training.class_weights == "balanced" and goal.column.classes:
        weights = balanced(data.loaded.columns[goal.column.name], data.splits["train"], len(goal.column.classes))
    return dataclasses.replace(
        goal,
        class_weights=None if weights is None else weights.to(device),
        label_smoothing=training.label_smoothing,
    )


def balanced(column: Column, rows: NDArray[np.int64], classes: int) -> Tensor | None:
    """Weights of classes with which each counts the same in all: samples / (classes * samples of the class).

    A class without samples has weight 0, and does not count as a class. None where targets are no classes.
    """
    counts = torch.zeros(classes)
    for part in torch.split(torch.from_numpy(rows), COUNTED_AT_ONCE):
        labels = take(column.data, part)
        if labels.is_floating_point():
            return None
        counts += torch.bincount(labels[labels >= 0].long(), minlength=classes)
    return torch.where(counts > 0, counts.sum() / (counts > 0).sum() / counts.clamp_min(1), 0.0)


def chosen_device(name: str) -> torch.device:
    """The device of this name; `auto` takes an accelerator where there is one. Raises `ProblemError`."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((kind for kind in ("cuda", "mps") if there[kind]), "cpu")
    if not there.get(name, False):
        raise ProblemError("train.no_device", found=name, known=[kind for kind, usable in there.items() if usable])
    return torch.device(name)


def _completed(info: RunInfo, data: Bound, device: torch.device, number: int) -> RunInfo:
    """What the run is, with all that repeating and exporting it needs."""
    versions = {
        "workbench": workbench.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "platform": platform.platform(),
    }
    return replace(
        info,
        fingerprint=data.fingerprint,
        device=str(device),
        threads=number,
        versions=versions,
        inputs=data.described(),
    )
