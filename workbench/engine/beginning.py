"""How a run begins, or goes on: what it is, written down or read again, and the checkpoint that it stands at."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from workbench.core import project
from workbench.core.document import Document
from workbench.core.messages import Train
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder, RunInfo, Status, write_json
from workbench.engine import checkpoint, kept_code
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
    if train.document is None:
        info = folder.info()
    else:
        code = kept_code.keep(folder, project.from_raw(train.document), Path(train.data_folder))
        info = RunInfo(folder.name, train.project, time.time(), train.document, train.data_folder, code=code)
    document = project.from_raw(info.document)
    if train.epochs is not None:
        document = replace(document, training=replace(document.training, epochs=train.epochs))
        info = replace(info, document=project.to_raw(document))
    resuming = train.document is None
    if not resuming or train.epochs is not None:
        write_json(folder.path / "run.json", info)
    saved, damaged = checkpoint.newest(folder.checkpoints)
    if damaged and saved is None:
        raise ProblemError("checkpoint.all_damaged", where=str(folder.checkpoints))
    if resuming:
        counters = saved.meta["loop"] if saved else {"step": 0, "epoch": 0}
        cut_back(folder, counters["step"], counters["epoch"])
    status = replace(before, state="preparing", reason=None, epochs=document.training.epochs)
    return Beginning(folder, info, document, status, resuming, saved, damaged, train.keep_checkpoints)
