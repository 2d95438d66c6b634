"""Losses and metrics over many batches: means over all that counts in them, samples or tokens without padding."""

from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.engine.compile import Goal
from workbench.engine.points import metric_name
from workbench.engine.team import ALONE, Team


class Averages:
    """Sums over batches, for each output and what is measured of it."""

    def __init__(self, goals: Sequence[Goal]) -> None:
        self._goals = goals
        self._counted = [0.0] * len(goals)
        self._losses = [0.0] * len(goals)
        self._metrics: list[dict[str, float]] = [{} for _ in goals]

    def add_losses(self, outputs: Sequence[Tensor], targets: Sequence[Tensor], share: float = 1.0) -> list[float]:
        """Take in a batch, or with a share of 0 nothing but the names; how much it counts for each output."""
        amounts = [share * goal.task.counted(aim) for goal, aim in zip(self._goals, targets, strict=True)]
        for place, (goal, out, aim) in enumerate(zip(self._goals, outputs, targets, strict=True)):
            self._counted[place] += amounts[place]
            self._losses[place] += float(goal.loss(out, aim)) * amounts[place]
        return amounts

    def add(self, outputs: Sequence[Tensor], targets: Sequence[Tensor], share: float = 1.0) -> None:
        """The same, with the metrics that training watches."""
        amounts = self.add_losses(outputs, targets, share)
        for goal, found, out, aim, amount in zip(self._goals, self._metrics, outputs, targets, amounts, strict=True):
            for name, row in goal.task.hits(out[None], aim[None]).items():
                found[name] = found.get(name, 0.0) + float(row[0]) * amount

    def joined(self, team: Team = ALONE, device: torch.device | None = None) -> "Averages":
        """Those of all processes, each of which has taken in its part of every batch."""
        if team.size == 1:
            return self
        own = [*self._counted, *self._losses, *(value for found in self._metrics for value in found.values())]
        them = iter(team.total(torch.tensor(own, dtype=torch.float64, device=device)).tolist())
        whole = Averages(self._goals)
        whole._counted = [next(them) for _ in self._goals]
        whole._losses = [next(them) for _ in self._goals]
        whole._metrics = [{name: next(them) for name in found} for found in self._metrics]
        return whole

    def loss(self) -> float:
        """The weighted sum of the mean losses of all outputs."""
        means = zip(self._goals, self._losses, self._counted, strict=True)
        return sum(goal.weight * total / (counted or 1.0) for goal, total, counted in means)

    def means(self) -> dict[str, float]:
        """The loss and all metrics, without the name of a split."""
        found = {"loss": self.loss()}
        for goal, sums, counted in zip(self._goals, self._metrics, self._counted, strict=True):
            for name, total in sums.items():
                found[metric_name("", self._goals, goal, name).removeprefix("/")] = total / (counted or 1.0)
        return found
