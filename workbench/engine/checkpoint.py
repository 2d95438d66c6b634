"""Checkpoints: weights as safetensors, and beside them all that an exact resume needs. No pickle anywhere.

    checkpoints/step-000001200/
        model.safetensors   the weights
        mean.safetensors    their running mean, where the settings ask for one
        best.safetensors    those of the best epoch so far
        state.safetensors   the optimiser's tensors and the random number generators' states
        state.json          counters, and the SHA-256 of these files

A checkpoint is written under a temporary name, flushed, and renamed; one that is damaged is passed over.
"""

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from workbench.core.files import flush_folder
from workbench.core.problems import ProblemError
from workbench.core.runs import step_name
from workbench.engine import random_states
from workbench.engine.train import Loop

VERSION = 1
MODEL, MEAN, BEST = "model.safetensors", "mean.safetensors", "best.safetensors"
OPTIMIZER = "optimizer."
STATE, META = "state.safetensors", "state.json"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk whose files are whole."""

    path: Path
    meta: dict[str, Any]

    def weights(self, which: str) -> dict[str, Tensor]:
        """The weights to be used: `last` (their mean, where there is one), or `best` (`last` while no epoch has ended).

        `trained` are those that the optimiser goes on with.
        """
        if which == "best" and (self.path / BEST).exists():
            return load_file(self.path / BEST)
        weights = load_file(self.path / MODEL)
        return weights if which == "trained" else weights | self.mean()

    def mean(self) -> dict[str, Tensor]:
        """The running mean of the weights that learn; nothing where there is none."""
        return load_file(self.path / MEAN) if (self.path / MEAN).exists() else {}


def save(folder: Path, loop: Loop, extra: dict[str, Any], *, keep: int = 2) -> Path:
    """Write a checkpoint of a loop that stands between two steps, and clear old ones away.

    Args:
        folder: the run's `checkpoints` folder.
        loop: its tensors may be on any device.
        extra: JSON-ready values to keep with it.
        keep: how many checkpoints stay.

    Raises:
        OSError: nothing is left behind, older checkpoints stand.
    """
    final = folder / step_name(loop.step)
    temporary = folder / f".{final.name}.tmp"
    replaced = folder / f"{final.name}.old"
    for left in folder.glob(".step-*.tmp"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    temporary.mkdir(parents=True)
    older = _newest_first(folder)
    try:
        _write(temporary / MODEL, dict(loop.network.state_dict()))
        if loop.average:
            _write(temporary / MEAN, loop.average.tensors())
        if loop.best_weights:
            _write_best(temporary / BEST, loop, older[0] if older else None)
        _write(temporary / STATE, random_states.tensors() | _optimizer_tensors(loop))
        meta = {
            "version": VERSION,
            "loop": loop.counters(),
            "files": {file.name: digest(file) for file in sorted(temporary.iterdir())},
            **extra,
        }
        (temporary / META).write_text(json.dumps(meta))
        for file in temporary.iterdir():
            _flush(file)
        if final.exists():  # another state of the same step, before or after the epoch's end
            shutil.rmtree(replaced, ignore_errors=True)
            final.rename(replaced)  # a crash here leaves it to be found
        temporary.rename(final)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, SafetensorError):  # safetensors wraps the system's error in its own
            raise OSError(28 if "os error 28" in str(error) else 5, str(error)) from error
        raise
    flush_folder(folder)
    shutil.rmtree(replaced, ignore_errors=True)
    for old in _newest_first(folder)[max(1, keep) :]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def newest(folder: Path) -> tuple[Checkpoint | None, list[Path]]:
    """The latest checkpoint whose files are whole, and the damaged ones that are later."""
    damaged: list[Path] = []
    for path in _newest_first(folder):
        if found := _whole(path):
            return found, damaged
        damaged.append(path)
    return None, damaged


def at(folder: Path, step: int) -> Checkpoint | None:
    """The checkpoint that was made after a step; None where there is none whose files are whole."""
    return _whole(folder / step_name(step))


def _whole(path: Path) -> Checkpoint | None:
    try:
        meta = json.loads((path / META).read_text())
        if meta["version"] == VERSION and all(digest(path / name) == sha for name, sha in meta["files"].items()):
            return Checkpoint(path, meta)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def restore(checkpoint: Checkpoint, loop: Loop) -> None:
    """Put a freshly built loop where the checkpoint stood, generators included. Raises `ProblemError`."""
    try:
        loop.network.load_state_dict(checkpoint.weights("trained"))
        if loop.average:
            loop.average.load(checkpoint.weights("last"))
        state = load_file(checkpoint.path / STATE)
    except (RuntimeError, SafetensorError, OSError) as error:
        raise ProblemError("checkpoint.misfit", where=str(checkpoint.path), detail=str(error)) from None
    loop.set_counters(checkpoint.meta["loop"])
    if (checkpoint.path / BEST).exists():
        loop.best_weights = checkpoint.weights("best")
    _restore_optimizer(loop, state)
    random_states.restore(state)


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)


def _write(path: Path, tensors: dict[str, Tensor]) -> None:
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)


def _write_best(path: Path, loop: Loop, older: Path | None) -> None:
    """Best weights that the last checkpoint holds already are linked, not written again."""
    if older is not None and (older / BEST).exists():
        try:
            meta = json.loads((older / META).read_text())
            if meta["loop"]["best_epoch"] == loop.best_epoch:
                os.link(older / BEST, path)
                return
        except (OSError, ValueError, KeyError):
            pass
    _write(path, loop.best_weights)


def _optimizer_tensors(loop: Loop) -> dict[str, Tensor]:
    """What the optimiser keeps, by the names of the weights: `optimizer.linear_1.weight.exp_avg`."""
    names = {id(weight): name for name, weight in loop.network.named_parameters()}
    return {
        f"{OPTIMIZER}{names[id(weight)]}.{slot}": torch.as_tensor(value)
        for weight, slots in loop.optimizer.state.items()
        for slot, value in slots.items()
        if value is not None
    }


def _restore_optimizer(loop: Loop, tensors: dict[str, Tensor]) -> None:
    """Give each weight back what was kept for it. The settings of groups are those of the document, not put back."""
    kept: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        if key.startswith(OPTIMIZER):
            name, _, slot = key.removeprefix(OPTIMIZER).rpartition(".")
            kept.setdefault(name, {})[slot] = tensor
    names = {id(weight): name for name, weight in loop.network.named_parameters()}
    weights = [weight for group in loop.optimizer.param_groups for weight in group["params"]]
    state = {
        number: {slot: _laid_out(tensor, weight) for slot, tensor in kept[names[id(weight)]].items()}
        for number, weight in enumerate(weights)
        if names[id(weight)] in kept
    }
    loop.optimizer.load_state_dict({"state": state, "param_groups": loop.optimizer.state_dict()["param_groups"]})


def _laid_out(tensor: Tensor, weight: Tensor) -> Tensor:
    """In memory as its weight (channels last): one kernel goes through both side by side."""
    return torch.empty_like(weight, dtype=tensor.dtype).copy_(tensor) if tensor.shape == weight.shape else tensor


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
