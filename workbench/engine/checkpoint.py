"""Checkpoints: weights as safetensors, and beside them all that an exact resume needs. No pickle anywhere.

    checkpoints/step-000001200/
        model.safetensors   the weights
        best.safetensors    those of the best epoch so far
        state.safetensors   the optimiser's tensors and the random number generators' states
        state.json          counters, and the SHA-256 of the three files

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
from torch import Tensor, optim

from workbench.core.files import flush_folder
from workbench.core.problems import ProblemError
from workbench.core.runs import step_name
from workbench.engine.train import Loop

VERSION = 1
MODEL, BEST, STATE, META = "model.safetensors", "best.safetensors", "state.safetensors", "state.json"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk whose files are whole."""

    path: Path
    meta: dict[str, Any]

    def weights(self, which: str) -> dict[str, Tensor]:
        """The weights: `last`, or `best` (the last while no epoch has ended)."""
        name = BEST if which == "best" and (self.path / BEST).exists() else MODEL
        return load_file(self.path / name)


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
        if loop.best_weights:
            _write_best(temporary / BEST, loop, older[0] if older else None)
        _write(temporary / STATE, _random_states() | _optimizer_tensors(loop.optimizer))
        meta = {
            "version": VERSION,
            "loop": loop.counters(),
            "groups": [_plain(group) for group in loop.optimizer.state_dict()["param_groups"]],
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
        loop.network.load_state_dict(checkpoint.weights("last"))
        state = load_file(checkpoint.path / STATE)
    except (RuntimeError, SafetensorError, OSError) as error:
        raise ProblemError("checkpoint.misfit", where=str(checkpoint.path), detail=str(error)) from None
    for name, value in checkpoint.meta["loop"].items():
        setattr(loop, name, value)
    if (checkpoint.path / BEST).exists():
        loop.best_weights = checkpoint.weights("best")
    _restore_optimizer(loop.optimizer, state, checkpoint.meta["groups"])
    torch.set_rng_state(state["random.cpu"])
    for name, tensor in state.items():
        if name.startswith("random.cuda."):
            torch.cuda.set_rng_state(tensor, int(name.rsplit(".", 1)[1]))


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


def _random_states() -> dict[str, Tensor]:
    states = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states |= {f"random.cuda.{number}": state for number, state in enumerate(torch.cuda.get_rng_state_all())}
    return states


def _optimizer_tensors(optimizer: optim.Optimizer) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    return {
        f"optimizer.{number}.{name}": torch.as_tensor(value)
        for number, slots in state.items()
        for name, value in slots.items()
        if value is not None
    }


def _restore_optimizer(
    optimizer: optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]] | None
) -> None:
    slots: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            slots.setdefault(int(number), {})[name] = tensor
    built = optimizer.state_dict()["param_groups"]
    merged = [{**fresh, **saved} for fresh, saved in zip(built, groups or built, strict=True)]
    optimizer.load_state_dict({"state": slots, "param_groups": merged})


def _plain(group: dict[str, Any]) -> dict[str, Any]:
    """What of an optimiser's group JSON can hold exactly; tuples (betas) are set when the optimiser is built."""
    return {name: value for name, value in group.items() if isinstance(value, bool | int | float | str | list)}


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
