"""How a run begins, or goes on: what it is, written down or read again, and the checkpoint that it stands at."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from workbench.core import project
from workbench.core.document import Document
from workbench.core.live_edits import document_at, in_order
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.runs import Edit, RunFolder, RunInfo, Status, write_json
from workbench.engine import branching, checkpoint, kept_code
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.run_writer import cut_back


@dataclass(frozen=True)
class Beginning:
    """A run that is written down, its curves and events cut back to where it goes on."""

    folder: RunFolder
    info: RunInfo
    document: Document
    status: Status
    """Where it stands."""
    resuming: bool
    saved: Checkpoint | None
    """Where it goes on; None at its very start."""
    damaged: Sequence[Path]
    """Checkpoints that had to be passed over."""
    keep: int
    """How many checkpoints stay."""

    @property
    def seconds(self) -> float:
        """Time spent on it so far."""
        return float(self.saved.meta["seconds"]) if self.saved else 0.0


def status_before(folder: RunFolder, train: Train) -> Status:
    """Where the run stood: a resume that fails must not forget it."""
    if train.document is None:
        try:
            return folder.status()
        except ProblemError:
            pass
    return Status("preparing")


def begin(folder: RunFolder, train: Train, before: Status) -> Beginning:
    """Write down what the run is, or read it again, and take up where it stood `before`.

    Raises:
        ProblemError: it cannot be read, or none of its checkpoints is whole.
        OSError: it cannot be written down.
    """
    resuming = train.document is None
    if resuming:
        info = folder.info()
        if train.at is not None:
            _go_back(folder, train.at)
    else:
        info = _new(folder, train)
        write_json(folder.path / "run.json", info)
    saved, damaged = checkpoint.newest(folder.checkpoints)
    if damaged and saved is None:
        raise ProblemError("checkpoint.all_damaged", where=str(folder.checkpoints))
    step, epoch = (saved.meta["loop"][name] if saved else 0 for name in ("step", "epoch"))
    if train.epochs is not None:
        info = _with_end(info, step, train.epochs)
        write_json(folder.path / "run.json", info)
    if resuming:
        cut_back(folder, step, epoch)
    document = document_at(info, step)
    status = replace(before, state="preparing", reason=None, epochs=document.training.epochs)
    return Beginning(folder, info, document, status, resuming, saved, damaged, train.keep_checkpoints)


def look_at(folder: RunFolder) -> Beginning:
    """A run that another process has begun. Raises `ProblemError` when it cannot be read."""
    info = folder.info()
    saved, damaged = checkpoint.newest(folder.checkpoints)
    document = document_at(info, saved.meta["loop"]["step"] if saved else 0)
    return Beginning(folder, info, document, folder.status(), saved is not None, saved, damaged, 0)


def _new(folder: RunFolder, train: Train) -> RunInfo:
    """What a run is that has not been there before. It is written last: without it, nobody takes the rest for a run."""
    assert train.document is not None
    document = project.from_raw(train.document)
    models = [RunFolder(Path(path)) for path in (train.repeats, train.origin) if path]
    if models:
        branching.take_split(folder, document, models[0])
    repeated = RunFolder(Path(train.repeats)).info() if train.repeats else None
    return RunInfo(
        folder.name,
        train.project,
        time.time(),
        train.document,
        train.data_folder,
        threads=repeated.threads if repeated else 0,
        code=kept_code.keep(folder, document, models[0].code if models else Path(train.data_folder)),
        branched_from=branching.take_over(folder, document, train) if train.origin else None,
        repeats=repeated.run if repeated else "",
        edits=train.edits,
    )


def _go_back(folder: RunFolder, step: int) -> None:
    """Make the checkpoint of a step the latest. Raises `ProblemError` when there is none that is whole."""
    branching.chosen(folder, step)
    for later in folder.snapshots():
        if later > step:
            shutil.rmtree(folder.checkpoint(later))


def _with_end(info: RunInfo, step: int, epochs: int) -> RunInfo:
    """A run that has another number of epochs from a step on, whatever it was given later."""
    kept = tuple(edit for edit in info.edits if edit.step <= step or edit.name != "epochs")
    old = document_at(info, step).training.epochs
    return replace(info, edits=in_order(*kept, Edit(step, "epochs", old, epochs)))
