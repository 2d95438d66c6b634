"""How a run begins with the weights, optimiser and counters of another one's checkpoint."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from workbench.core import metrics, project
from workbench.core.document import Document, Training
from workbench.core.files import write_atomically
from workbench.core.live_edits import apart_from_steps, document_at
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder, Snapshot
from workbench.engine import checkpoint
from workbench.engine.checkpoint import Checkpoint

BUILT_IN = ("optimizer", "amsgrad", "centered")
"""With one of these changed, what the optimiser kept for the weights does not fit any more."""


def take_over(folder: RunFolder, document: Document, train: Train) -> Snapshot:
    """Copy what a new run begins with into its folder; what it began with.

    A run that had no checkpoint yet gives nothing.

    Raises:
        ProblemError: the other run cannot be read, has no such checkpoint, or none that is whole.
        OSError: it cannot be copied.
    """
    origin = RunFolder(Path(train.origin))
    info = origin.info()
    saved = chosen(origin, train.at)
    if saved is None:
        return Snapshot(info.run, 0)
    counters = saved.meta["loop"]
    step, epoch = counters["step"], counters["epoch"]
    if origin.metrics.exists():
        write_atomically(folder.metrics, metrics.compacted(origin.metrics, until=(step, epoch)))
    _copy(saved, folder.checkpoints, document_at(info, step).training, document.training)
    return Snapshot(info.run, step)


def take_split(folder: RunFolder, document: Document, model: RunFolder) -> None:
    """With the same data, samples are shared out as they were. Raises OSError, and as `RunFolder.info`."""
    before = project.from_raw(model.info().document).data
    same = document.data and before and apart_from_steps(document.data) == apart_from_steps(before)
    if same and (model.path / "split.npz").exists():
        shutil.copyfile(model.path / "split.npz", folder.path / "split.npz")


def chosen(run: RunFolder, step: int | None) -> Checkpoint | None:
    """The checkpoint of a step, or the latest; None where there is none at all.

    Raises `ProblemError` when there is no such checkpoint, or none that is whole.
    """
    if step is None:
        saved, damaged = checkpoint.newest(run.checkpoints)
        if damaged and saved is None:
            raise ProblemError("checkpoint.all_damaged", where=str(run.checkpoints))
        return saved
    saved = checkpoint.at(run.checkpoints, step)
    if saved is None:
        raise ProblemError("checkpoint.no_step", where=run.name, step=step, known=run.snapshots())
    return saved


def _copy(saved: Checkpoint, folder: Path, old: Training, new: Training) -> None:
    """Put a checkpoint into another run's folder, as the settings of that run need it."""
    target = folder / saved.path.name
    temporary = folder / f".{target.name}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name in saved.meta["files"]:
        _link(saved.path / name, temporary / name)
    meta = {**saved.meta, "loop": _counters(saved.meta["loop"], old, new)}
    if any(getattr(old, name) != getattr(new, name) for name in BUILT_IN):
        state = temporary / checkpoint.STATE
        tensors = {name: one for name, one in load_file(state).items() if not name.startswith("optimizer.")}
        state.unlink()  # it may be the other run's own file under a second name
        save_file(tensors, state)
        meta["files"] = {**meta["files"], state.name: checkpoint.digest(state)}
    write_atomically(temporary / checkpoint.META, json.dumps(meta).encode())
    temporary.rename(target)


def _counters(loop: dict[str, Any], old: Training, new: Training) -> dict[str, Any]:
    """Where the loop stands in batches of the new size, and the seed that the orders of samples to come follow."""
    return {**loop, "seed": new.seed, "place": loop["place"] * old.batch_size // new.batch_size}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(source, target)
