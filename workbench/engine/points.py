"""The points of curves: losses and metrics of steps, read from the device together now and then."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.compile import Goal
from workbench.engine.events import NotFinite, Stepped
from workbench.engine.loop import Loop, Plan
from workbench.engine.stepping import Made
from workbench.engine.tasks.base import hits_of_steps

BLOCK_STEPS = 256
BLOCK_SECONDS = 0.1
BLOCK_BYTES = 16 << 20
"""Losses and outputs are read once in so many steps, seconds or bytes of outputs."""

TEAM_STEPS = 16
"""The processes of a team read together, so that none waits for another: it cannot depend on the time of each."""

Floats = NDArray[np.float32]


class Points:
    """Losses and outputs of some steps, kept on the device until they are read together."""

    def __init__(self, loop: Loop, plan: Plan) -> None:
        self._loop, self._plan = loop, plan
        self._begin()

    def _begin(self) -> None:
        self._made: list[Made] = []
        self._rates: list[float] = []
        self._bytes = 0
        self._since = time.perf_counter()

    def add(self, made: Made, rate: float) -> bool:
        """Keep one step; True when it is time to read."""
        self._made.append(made)
        self._rates.append(rate)
        self._bytes += sum(out.nbytes for outputs in made.outputs for out in outputs)
        if self._plan.team.size > 1:
            return len(self._made) >= TEAM_STEPS
        return (
            len(self._made) >= BLOCK_STEPS
            or self._bytes >= BLOCK_BYTES
            or time.perf_counter() - self._since >= BLOCK_SECONDS
        )

    def read(self) -> Iterator[Stepped | NotFinite]:
        """Read what was kept and begin anew."""
        if not self._made:
            return
        made, count = self._made, len(self._made)
        each = np.array([size for one in made for size in one.sizes])
        first = np.cumsum([0, *(len(one.sizes) for one in made[:-1])])
        sizes = np.add.reduceat(each, first)
        values = {"train/loss": _read(self._plan.team.total(torch.stack([one.loss for one in made])))}
        values |= {name: self._of_steps(_read(self._of_team(row)), each, first) for name, row in self._hits().items()}
        norms = [one.norm for one in made if one.norm is not None]
        if norms:
            values["grad_norm"] = _read(torch.stack(norms))
        values["lr"] = np.array(self._rates, np.float32)
        steps = np.arange(self._loop.step - count + 1, self._loop.step + 1)
        bad = np.flatnonzero(~np.isfinite(values["train/loss"]))
        seconds = time.perf_counter() - self._since
        self._sum_up(values, sizes)
        self._begin()
        yield Stepped(steps, values, int(sizes.sum()), seconds)
        if len(bad):
            yield NotFinite(int(steps[bad[0]]), float(values["train/loss"][bad[0]]))

    def _of_team(self, row: Tensor) -> Tensor:
        """Values of this process's parts of batches as those of the whole batches."""
        team = self._plan.team
        if team.size == 1:
            return row
        shares = [share for made in self._made for share in made.shares]
        return team.total(row.float() * torch.tensor(shares, device=row.device))

    def _of_steps(self, row: Floats, each: NDArray[np.int64], first: NDArray[np.int64]) -> Floats:
        """Values of batches as means of the steps that they belong to."""
        if len(first) == len(row):
            return row
        means: Floats = (np.add.reduceat(row * each, first) / np.add.reduceat(each, first)).astype(np.float32)
        return means

    def _hits(self) -> dict[str, Tensor]:
        """Metrics of each batch."""
        outputs = [row for made in self._made for row in made.outputs]
        targets = [row for made in self._made for row in made.targets]
        return {
            metric_name("train", self._plan.goals, goal, name): values
            for place, goal in enumerate(self._plan.goals)
            for name, values in hits_of_steps(
                goal.task, [row[place] for row in outputs], [row[place] for row in targets]
            ).items()
        }

    def _sum_up(self, values: dict[str, Floats], sizes: NDArray[np.int64]) -> None:
        for name, row in values.items():
            if name.startswith("train/"):
                self._loop.sums[name] = self._loop.sums.get(name, 0.0) + float((row.astype(np.float64) * sizes).sum())
        self._loop.seen += int(sizes.sum())


def _read(row: Tensor) -> Floats:
    values: Floats = row.float().cpu().numpy()
    return values


def metric_name(split: str, goals: Sequence[Goal], goal: Goal, name: str) -> str:
    """`val/accuracy`, and with several outputs `val/output_1/accuracy`."""
    return f"{split}/{name}" if len(goals) == 1 else f"{split}/{goal.path}/{name}"
