"""From what a run is to what fitting it needs: data, network, optimiser, device and threads. Writes no state."""

import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace

import workbench
from workbench.core.problems import ProblemError
from workbench.core.runs import RunInfo
from workbench.engine import checkpoint, kept_code, threads
from workbench.engine.beginning import Beginning
from workbench.engine.compile import compiled, goals
from workbench.engine.data import Bound, bound
from workbench.engine.feed import Feed
from workbench.engine.fingerprint import differs
from workbench.engine.groups import groups
from workbench.engine.optimizers import made
from workbench.engine.raw import Report
from workbench.engine.train import Loop, Plan

VALIDATION_BATCH = 256
"""Batches are at least this large where nothing is learned from them."""


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


def prepare(beginning: Beginning, report: Report) -> Prepared:
    """Load the data, build the loop, and put it where the run stands. Raises `ProblemError`."""
    info, folder = beginning.info, beginning.folder
    kept_code.check(folder, info)
    data = bound(beginning.document, Path(info.data_folder), folder.path / "split.npz", report, folder.code)
    if differs(info.fingerprint, data.fingerprint):
        raise ProblemError("run.data_changed", where=folder.name)
    device = chosen_device(beginning.document.training.device)
    loop, plan, test = set_up(data, device)
    if beginning.saved:
        checkpoint.restore(beginning.saved, loop)
    number = info.threads or threads.choose(loop, plan)
    torch.set_num_threads(number)
    if not info.fingerprint:  # a run that was killed before it came this far has none yet
        info = _completed(info, data, device, number)
    return Prepared(loop, plan, test, device, number, info)


def set_up(data: Bound, device: torch.device) -> tuple[Loop, Plan, Feed | None]:
    """A fresh loop, its plan, and the samples for the test. The same data give the same, bit for bit.

    Raises:
        ProblemError: the document has errors, or there is nothing to learn, or nothing to learn from.
    """
    training = data.study.document.training
    torch.manual_seed(training.seed)
    network = compiled(data.study).to(device)
    aims = goals(data.study, network)
    optimizer = made(groups(network, training), training)
    names = [*data.input_names(network), *(goal.column.name for goal in aims)]
    columns = [data.loaded.columns[name] for name in names]

    def feed(split: str, batch: int) -> Feed | None:
        rows = torch.from_numpy(data.splits[split])
        augmentation = data.loaded.augmentation if split == "train" else None
        return Feed(columns, rows, batch, device, augmentation) if len(rows) else None

    train = feed("train", training.batch_size)
    if train is None:
        raise ProblemError("train.no_samples")
    batch = max(training.batch_size, VALIDATION_BATCH)
    plan = Plan(aims, train, feed("validation", batch), training.epochs, len(network.inputs))
    return Loop(network, optimizer, training.seed), plan, feed("test", batch)


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
