"""The training loop: a generator of frozen events. No file, no thread, no print in here.

Whoever drives it may save `Loop.state` at every event: the loop then stands between two steps, and all that a
resume needs is in there.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, optim

from workbench.engine.compile import Goal, Network
from workbench.engine.feed import Feed
from workbench.engine.tasks.base import hits_of_steps

BLOCK_STEPS = 256
BLOCK_SECONDS = 0.1
BLOCK_BYTES = 16 << 20
"""Losses and outputs are read from the device together, once in so many steps, seconds or bytes of outputs."""


@dataclass(frozen=True)
class Stepped:
    """Some steps were made."""

    steps: NDArray[np.int64]
    series: dict[str, NDArray[np.float32]]
    samples: int
    seconds: float

    @property
    def finite(self) -> bool:
        """All losses are numbers; else `NotFinite` follows, and the weights are of no use."""
        return bool(np.isfinite(self.series["train/loss"]).all())


@dataclass(frozen=True)
class Validating:
    """An epoch's steps are done and it is being validated."""

    epoch: int


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is over. Metrics are means over the epoch (`train/...`) and over the validation split (`val/...`)."""

    epoch: int
    step: int
    metrics: dict[str, float]
    best: bool


@dataclass(frozen=True)
class NotFinite:
    """The loss became NaN or infinite at this step. The loop ends; its weights are of no use."""

    step: int
    value: float


Event = Stepped | Validating | EpochEnded | NotFinite


@dataclass
class Loop:
    """All that changes while a network is trained."""

    network: Network
    optimizer: optim.Optimizer
    seed: int
    epoch: int = 0
    """Epochs finished."""
    place: int = 0
    """Batches of the present epoch that are done."""
    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    """Of the present epoch's metrics, weighted by samples."""
    seen: int = 0
    """Samples of the present epoch that the sums are over."""
    best_epoch: int = 0
    best_value: float = -math.inf
    best_metrics: dict[str, float] = field(default_factory=dict)
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def counters(self) -> dict[str, Any]:
        """The numbers of the state (the tensors are in the network, the optimiser and the best weights)."""
        names = ("seed", "epoch", "place", "step", "sums", "seen", "best_epoch", "best_value", "best_metrics")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Plan:
    """What does not change while a network is trained."""

    goals: Sequence[Goal]
    train: Feed
    validation: Feed | None
    epochs: int
    num_inputs: int
    """Of a batch's tensors, so many are inputs; the others are targets."""


def fit(loop: Loop, plan: Plan) -> Iterator[Event]:
    """Train until `plan.epochs` are done, from wherever the loop stands."""
    while loop.epoch < plan.epochs:
        for event in _epoch(loop, plan):
            yield event
            if isinstance(event, NotFinite):
                return
        yield Validating(loop.epoch + 1)
        yield _ended(loop, plan)


def _epoch(loop: Loop, plan: Plan) -> Iterator[Stepped | NotFinite]:
    """The rest of the present epoch."""
    network, optimizer, inputs = loop.network, loop.optimizer, plan.num_inputs
    network.train()
    block = _Block(loop, plan)
    order = plan.train.order(loop.seed, loop.epoch).to(next(network.parameters()).device)
    single = plan.goals[0] if len(plan.goals) == 1 and plan.goals[0].weight == 1.0 else None
    for batch in plan.train.epoch(order, loop.place, (loop.seed << 20) + loop.epoch):
        outputs = network(*batch[:inputs])
        targets = batch[inputs:]
        loss = single.loss(outputs[0], targets[0]) if single else total_loss(plan.goals, outputs, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        loop.place += 1
        loop.step += 1
        if block.add(loss, outputs, targets):
            yield from block.read()
    yield from block.read()


def total_loss(goals: Sequence[Goal], outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    """The weighted sum of the losses of all outputs."""
    losses = [goal.weight * goal.loss(out, aim) for goal, out, aim in zip(goals, outputs, targets, strict=True)]
    return torch.stack(losses).sum()


class _Block:
    """Losses and outputs of some steps, kept on the device until they are read together."""

    def __init__(self, loop: Loop, plan: Plan) -> None:
        self._loop, self._plan = loop, plan
        self._begin()

    def _begin(self) -> None:
        self._losses: list[Tensor] = []
        self._outputs: list[Sequence[Tensor]] = []
        self._targets: list[Sequence[Tensor]] = []
        self._bytes = 0
        self._since = time.perf_counter()

    def add(self, loss: Tensor, outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> bool:
        """Keep one step; True when it is time to read."""
        self._losses.append(loss.detach())
        self._outputs.append([out.detach() for out in outputs])
        self._targets.append(targets)
        self._bytes += sum(out.nbytes for out in outputs)
        return (
            len(self._losses) >= BLOCK_STEPS
            or self._bytes >= BLOCK_BYTES
            or time.perf_counter() - self._since >= BLOCK_SECONDS
        )

    def read(self) -> Iterator[Stepped | NotFinite]:
        """Read what was kept and begin anew."""
        if not self._losses:
            return
        count = len(self._losses)
        series = {"train/loss": torch.stack(self._losses)}
        series |= self._hits()
        values = {name: row.float().cpu().numpy() for name, row in series.items()}
        values["lr"] = np.full(count, self._loop.optimizer.param_groups[0]["lr"], np.float32)
        steps = np.arange(self._loop.step - count + 1, self._loop.step + 1)
        sizes = np.array([len(targets[0]) for targets in self._targets])
        bad = np.flatnonzero(~np.isfinite(values["train/loss"]))
        seconds = time.perf_counter() - self._since
        self._sum_up(values, sizes)
        self._begin()
        yield Stepped(steps, values, int(sizes.sum()), seconds)
        if len(bad):
            yield NotFinite(int(steps[bad[0]]), float(values["train/loss"][bad[0]]))

    def _hits(self) -> dict[str, Tensor]:
        """Metrics of each step."""
        return {
            metric_name("train", self._plan.goals, goal, name): values
            for place, goal in enumerate(self._plan.goals)
            for name, values in hits_of_steps(
                goal.task, [row[place] for row in self._outputs], [row[place] for row in self._targets]
            ).items()
        }

    def _sum_up(self, values: dict[str, NDArray[np.float32]], sizes: NDArray[np.int64]) -> None:
        for name, row in values.items():
            if name != "lr":
                self._loop.sums[name] = self._loop.sums.get(name, 0.0) + float((row.astype(np.float64) * sizes).sum())
        self._loop.seen += int(sizes.sum())


def metric_name(split: str, goals: Sequence[Goal], goal: Goal, name: str) -> str:
    """`val/accuracy`, and with several outputs `val/output_1/accuracy`."""
    return f"{split}/{name}" if len(goals) == 1 else f"{split}/{goal.path}/{name}"


def _ended(loop: Loop, plan: Plan) -> EpochEnded:
    metrics = {name: total / max(1, loop.seen) for name, total in loop.sums.items()}
    if plan.validation is not None:
        found = validate(loop.network, plan, plan.validation)
        metrics |= {f"val/{name}": value for name, value in found.items()}
    loop.epoch += 1
    loop.place, loop.sums, loop.seen = 0, {}, 0
    value = _goodness(plan, metrics)
    best = value > loop.best_value
    if best:
        loop.best_epoch, loop.best_value, loop.best_metrics = loop.epoch, value, metrics
        loop.best_weights = {name: tensor.detach().cpu().clone() for name, tensor in loop.network.state_dict().items()}
    return EpochEnded(loop.epoch, loop.step, metrics, best)


def _goodness(plan: Plan, metrics: dict[str, float]) -> float:
    """Larger for a better epoch: the task's own metric, on the validation split where there is one."""
    split = "val" if plan.validation is not None else "train"
    name, sign = plan.goals[0].task.better if len(plan.goals) == 1 else ("loss", -1)
    return sign * metrics[f"{split}/{name}"]


@torch.no_grad()
def validate(network: Network, plan: Plan, feed: Feed) -> dict[str, float]:
    """Loss and metrics over a split, without its name."""
    sums: dict[str, float] = {}
    seen = 0
    network.eval()
    for batch in feed.epoch():
        outputs, targets = network(*batch[: plan.num_inputs]), batch[plan.num_inputs :]
        values = {"loss": total_loss(plan.goals, outputs, targets)}
        for goal, out, aim in zip(plan.goals, outputs, targets, strict=True):
            for name, row in goal.task.hits(out[None], aim[None]).items():
                values[metric_name("", plan.goals, goal, name).removeprefix("/")] = row[0]
        size = len(targets[0])
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
        seen += size
    return {name: total / seen for name, total in sums.items()}
