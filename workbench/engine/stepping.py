"""One step of training: forwards, backwards over one batch or several, and what is done to the gradients."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from workbench.engine.loop import Batch, Forward, Loop, Plan


@dataclass(frozen=True)
class Made:
    """What a step gave; nothing of it holds on to the graph of gradients."""

    loss: Tensor
    """Over all its samples, a scalar on the device."""
    outputs: list[list[Tensor]]
    """Of each batch, one for each output of the network."""
    targets: list[Batch]
    sizes: list[int]
    """Of each batch, the samples of the whole team."""
    shares: list[float]
    """Of each batch, how many of its samples are among the outputs."""
    norm: Tensor | None = None
    """Of the gradient before it was clipped."""


_ALL = (1.0,)
"""Of a batch that is a step by itself, everything counts."""


class Stepper:
    """Makes steps of a loop."""

    def __init__(self, loop: Loop, plan: Plan, forward: Forward) -> None:
        self._loop, self._plan, self._forward = loop, plan, forward
        self._training = plan.training
        self._cut = plan.num_inputs
        self._end = plan.num_inputs + len(plan.goals)
        self._single = plan.goals[0] if len(plan.goals) == 1 and plan.goals[0].weight == 1.0 else None
        self._learning = [weight for group in loop.optimizer.param_groups for weight in group["params"]]
        self._rate = -1.0

    def set_rate(self, rate: float) -> None:
        """The learning rate from now on; groups learn at their share of it."""
        if rate != self._rate:
            self._rate = rate
            for group in self._loop.optimizer.param_groups:
                group["lr"] = rate * group["factor"]

    def set_momentum(self, momentum: float) -> None:
        """The momentum from now on, where the optimiser has one; of Adam and its kin it is the first beta."""
        for group in self._loop.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            elif "momentum" in group:
                group["momentum"] = momentum

    def make(self, batches: Sequence[Batch]) -> Made:
        """One step over all these batches as if they were one."""
        loop = self._loop
        for weight in self._learning:
            weight.grad = None  # as `zero_grad` does, in a fifth of the time: what it reports to profilers counts
        team = self._plan.team
        parts = [team.part(batch) for batch in batches]
        shares = self._shares(batches, parts) if len(batches) > 1 or team.size > 1 else None
        losses, outputs = [], []
        for place, batch in enumerate(parts):
            out = self._forward(*batch[: self._cut])
            loss = self._loss(out, batch[self._cut :], shares[place] if shares else None)
            whole = loss * team.size if team.size > 1 else loss  # the mean over the team is taken of gradients
            (loop.scaler.scale(whole) if loop.scaler else whole).backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
            outputs.append([tensor.detach() for tensor in out])
        norm = self._clipped()
        if loop.scaler:
            loop.scaler.step(loop.optimizer)
            loop.scaler.update()
        else:
            loop.optimizer.step()
        loop.step += 1
        loop.place += len(batches)
        if loop.average is not None and self._training.ema_decay is not None:
            loop.average.update(self._training.ema_decay, loop.step)
        sizes = [len(batch[0]) for batch in batches]
        return Made(
            losses[0] if len(losses) == 1 else torch.stack(losses).sum(),
            outputs,
            [part[self._cut : self._end] for part in parts],
            sizes,
            [team.count(batch) / size for batch, size in zip(batches, sizes, strict=True)],
            norm,
        )

    def _loss(self, outputs: Sequence[Tensor], wanted: Sequence[Tensor], shares: Sequence[float] | None) -> Tensor:
        """`wanted` are the targets, and behind them the weights of the samples where they have some."""
        goals, weights = self._plan.goals, wanted[-1] if self._plan.weighted else None
        if shares is None and self._single is not None:
            return self._single.criterion(outputs[0], wanted[0], weights)
        count = len(goals)
        losses = [
            goal.weight * share * goal.criterion(out, aim, weights)
            for goal, out, aim, share in zip(goals, outputs, wanted[:count], shares or _ALL * count, strict=True)
        ]
        return torch.stack(losses).sum()

    def _shares(self, batches: Sequence[Batch], parts: Sequence[Batch]) -> list[list[float]]:
        """How much each part counts for each goal: the mean over all of them is what one large batch would give."""
        totals = [sum(column) or 1.0 for column in zip(*map(self._amounts, batches), strict=True)]
        counts = map(self._plan.team.count, batches)
        amounts = [
            self._amounts(part) if count else [0.0] * len(totals) for part, count in zip(parts, counts, strict=True)
        ]
        return [[amount / total for amount, total in zip(row, totals, strict=True)] for row in amounts]

    def _amounts(self, batch: Batch) -> list[float]:
        if self._plan.weighted:
            return [float(batch[-1].sum())] * len(self._plan.goals)
        return [goal.amount(aim) for goal, aim in zip(self._plan.goals, batch[self._cut : self._end], strict=True)]

    def _clipped(self) -> Tensor | None:
        training = self._training
        if training.clip_norm is None and training.clip_value is None:
            return None
        if self._loop.scaler:
            self._loop.scaler.unscale_(self._loop.optimizer)
        if training.clip_value is not None:
            clip_grad_value_(self._learning, training.clip_value)
        return None if training.clip_norm is None else clip_grad_norm_(self._learning, training.clip_norm)
