"""A training loop set up as a job sets it up, but in this process."""

from pathlib import Path

import torch
from msgspec.structs import replace

from tests.graphs import chain
from tests.samples import IRIS
from workbench.core import project
from workbench.core.document import ColumnUse, Data, Document, Step, Training
from workbench.core.runs import RunFolder, RunInfo, Status, write_json
from workbench.engine import checkpoint
from workbench.engine.data import Bound, bound
from workbench.engine.preparation import set_up
from workbench.engine.train import Loop, Plan, fit


def prepared(document: Document) -> tuple[Loop, Plan]:
    """A fresh loop and its plan. The same document gives the same, bit for bit."""
    loop, plan, _ = set_up(bound(document, Path()), torch.device("cpu"))
    return loop, plan


def flowers(training: Training) -> Document:
    """A small classifier of iris with everything that has a state of its own: batch norm, dropout."""
    return chain(
        ("features", "input"),
        ("linear_1", "linear", {"out_features": 16}),
        ("norm", "batch_norm1d"),
        ("relu", "relu"),
        ("drop", "dropout", {"p": 0.3}),
        ("linear_2", "linear", {"out_features": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=training,
    )


def shaken_digits(training: Training) -> Document:
    """Digits that are shifted and turned at random, for a network with dropout and batch norm."""
    steps = (Step("random_crop"), Step("horizontal_flip"))
    return chain(
        ("image", "input"),
        ("flatten", "flatten"),
        ("linear_1", "linear", {"out_features": 32}),
        ("norm", "batch_norm1d"),
        ("relu", "relu"),
        ("drop", "dropout", {"p": 0.3}),
        ("linear_2", "linear", {"out_features": 10}),
        ("label", "output"),
        data=Data("digits", columns={"image": ColumnUse(steps=steps)}),
        training=replace(training, epochs=4, batch_size=64, device="cpu"),
    )


def finished_run(folder: Path, document: Document) -> RunFolder:
    """A run's folder as a job leaves it, without the cost of a process."""
    folder.mkdir(parents=True)
    data = bound(document, Path(), folder / "split.npz")
    loop, plan = prepared(document)
    list(fit(loop, plan))
    return written(folder, document, data, loop)


def written(folder: Path, document: Document, data: Bound, loop: Loop, data_folder: str = "") -> RunFolder:
    """A run that stands where its loop does."""
    run = RunFolder(folder)
    checkpoint.save(run.checkpoints, loop, {"seconds": 0.0})
    raw = project.to_raw(document)
    write_json(folder / "run.json", RunInfo(run.name, "test", 1.0, raw, data_folder, data.fingerprint, "cpu", 1))
    write_json(folder / "state.json", Status("done", epoch=loop.epoch, step=loop.step, best=loop.best_metrics))
    return run
