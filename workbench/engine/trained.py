"""A run's network with its trained weights, and the data it was trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from workbench.core import project
from workbench.core.problems import ProblemError
from workbench.core.runs import LIVE, RunFolder, RunInfo
from workbench.engine import checkpoint, kept_code
from workbench.engine.compile import Goal, Network, compiled, goals
from workbench.engine.data import Bound, bound
from workbench.engine.feed import Feed
from workbench.engine.fingerprint import differs
from workbench.engine.raw import Report, quiet

EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Trained:
    """What was trained, ready to be used; on the CPU, in evaluation mode."""

    info: RunInfo
    network: Network
    goals: list[Goal]
    data: Bound
    weights: str
    """best or last."""

    def batches(
        self, split: str, limit: int | None = None, size: int = EVALUATION_BATCH
    ) -> Iterator[tuple[tuple[Tensor, ...], tuple[Tensor, ...]]]:
        """Inputs and targets of a split (its first `limit` samples), batch by batch.

        Texts come in the order of their lengths, so that little of a batch is padding.
        """
        names = [*self.data.input_names(self.network), *(goal.column.name for goal in self.goals)]
        rows = torch.from_numpy(self.data.splits[split][:limit])
        columns = [self.data.loaded.columns[name] for name in names]
        cut = len(self.network.inputs)
        feed = Feed(columns, rows, size, torch.device("cpu"), single=True)
        for batch in feed.epoch(feed.by_length()):
            yield batch[:cut], batch[cut:]

    def back(self, goal: Goal) -> str | None:
        """The column of tokens that an output goes on with: it has the positions that the target has."""
        if not goal.task.writes:
            return None
        columns = [self.data.loaded.columns[name] for name in self.data.input_names(self.network)]
        alike = [column.name for column in columns if column.kind == "tokens" and column.shape == goal.column.shape]
        return alike[-1] if alike else None


def _none(run: RunFolder) -> ProblemError:
    """Why a run has no checkpoint."""
    status = run.status()
    if status.state in LIVE:
        return ProblemError("checkpoint.none", where=run.name)
    if status.state == "failed" and status.reason:
        return ProblemError("checkpoint.failed", where=run.name, reason=msgspec.to_builtins(status.reason))
    return ProblemError("checkpoint.ended", where=run.name)


def load(folder: Path, weights: str, report: Report = quiet) -> Trained:
    """Read a run's newest whole checkpoint, and its data.

    Raises:
        ProblemError: there is no run, no checkpoint yet, or the data are gone or have changed.
    """
    run = RunFolder(folder)
    info = run.info()
    found, damaged = checkpoint.newest(run.checkpoints)
    if found is None:
        raise ProblemError("checkpoint.all_damaged", where=run.name) if damaged else _none(run)
    kept_code.check(run, info)
    data = bound(project.from_raw(info.document), Path(info.data_folder), folder / "split.npz", report, run.code)
    if differs(info.fingerprint, data.fingerprint):
        raise ProblemError("run.data_changed", where=run.name)
    network = compiled(data.study)
    try:
        network.load_state_dict(found.weights(weights))
    except RuntimeError as error:
        raise ProblemError("checkpoint.misfit", where=str(found.path), detail=str(error)) from None
    return Trained(info, network.eval(), goals(data.study, network), data, weights)
