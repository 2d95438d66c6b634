"""The training loop: a generator of frozen events. No file, no thread, no print in here.

Whoever drives it may save the loop at every event: it then stands between two steps, and all that a resume needs is
in there.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch

from workbench.core.problems import Problem, ProblemError
from workbench.core.schedules import momenta_at, rates_at
from workbench.engine.averages import Averages
from workbench.engine.compile import Network
from workbench.engine.events import EpochEnded, Event, NotFinite, Stepped, StoppedEarly, Validating, Warned
from workbench.engine.feed import Feed
from workbench.engine.loop import Batch, Forward, Loop, Plan
from workbench.engine.points import Points, metric_name
from workbench.engine.precision import forward_of
from workbench.engine.stepping import Stepper

__all__ = [
    "EpochEnded",
    "Event",
    "Loop",
    "NotFinite",
    "Plan",
    "Stepped",
    "StoppedEarly",
    "Validating",
    "Warned",
    "fit",
    "grouped",
    "metric_name",
    "validate",
]


def fit(loop: Loop, plan: Plan) -> Iterator[Event]:
    """Train until `plan.epochs` are done or epochs get no better, from wherever the loop stands.

    Raises:
        ProblemError: an operation has no deterministic form, and the settings ask for it.
    """
    for problem in plan.warnings:
        yield Warned(problem)
    forward = forward_of(loop.network, plan)
    while loop.epoch < plan.epochs:
        if (stopped := _stopped_early(loop, plan)) is not None:
            yield stopped
            return
        for event in _epoch(loop, plan, forward):
            yield event
            if isinstance(event, NotFinite):
                return
        yield Validating(loop.epoch + 1)
        yield _ended(loop, plan, forward)


def _stopped_early(loop: Loop, plan: Plan) -> StoppedEarly | None:
    patience = plan.training.patience
    if patience is None or loop.progress.stale < patience:
        return None
    args = {"epoch": loop.epoch, "patience": patience, "best_epoch": loop.best_epoch}
    return StoppedEarly(Problem("train.stopped_early", args, severity="info"))


def _epoch(loop: Loop, plan: Plan, forward: Forward) -> Iterator[Stepped | NotFinite]:
    """The rest of the present epoch."""
    network, training = loop.network, plan.training
    network.train()
    for norm in plan.resting:
        norm.eval()
    points, stepper = Points(loop, plan), Stepper(loop, plan, forward)
    order = plan.train.order(loop.seed, loop.epoch).to(next(network.parameters()).device)
    left = -(-(plan.train.batches - loop.place) // training.accumulate)
    steps = loop.step + np.arange(max(0, left))
    rates = (rates_at(training, steps, plan.steps_per_epoch) * loop.progress.factor).tolist()
    momenta = momenta_at(training, steps, plan.steps_per_epoch)
    batches = plan.train.epoch(order, loop.place, (loop.seed << 20) + loop.epoch)
    for place, (rate, group) in enumerate(zip(rates, grouped(batches, training.accumulate), strict=True)):
        stepper.set_rate(rate)
        if momenta is not None:
            stepper.set_momentum(float(momenta[place]))
        try:
            made = stepper.make(group)
        except RuntimeError as error:
            raise _explained(error) from error
        if points.add(made, rate) or loop.step in plan.stops:
            yield from points.read()
    yield from points.read()


def grouped(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """The batches of each step; the last may have fewer."""
    them = iter(batches)
    while group := list(islice(them, size)):
        yield group


def _explained(error: RuntimeError) -> Exception:
    """An error as the problem that it stands for, where a setting is the reason."""
    if "does not have a deterministic implementation" in str(error):
        return ProblemError("train.not_deterministic", detail=str(error).split(". ")[0])
    return error


def _ended(loop: Loop, plan: Plan, forward: Forward) -> EpochEnded:
    metrics = {name: total / max(1, loop.seen) for name, total in loop.sums.items()}
    with loop.averaged():
        if plan.validation is not None:
            found = validate(loop.network, plan, plan.validation, forward)
            metrics |= {f"val/{name}": value for name, value in found.items()}
        loop.epoch += 1
        loop.place, loop.sums, loop.seen = 0, {}, 0
        value = _goodness(plan, metrics)
        loss = f"{_judged_by(plan)}/loss"
        closer = value == loop.best_value and metrics[loss] < loop.best_metrics.get(loss, -math.inf)
        loop.progress.note(value, plan.training, closer=closer)
        best = value > loop.best_value or closer
        if best:
            loop.best_epoch, loop.best_value, loop.best_metrics = loop.epoch, value, metrics
            loop.best_weights = {
                name: tensor.detach().cpu().clone() for name, tensor in loop.network.state_dict().items()
            }
    return EpochEnded(loop.epoch, loop.step, metrics, best)


def _goodness(plan: Plan, metrics: dict[str, float]) -> float:
    """Larger for a better epoch: what the settings say, or the task's own metric."""
    split = _judged_by(plan)
    monitor = plan.training.monitor
    if monitor != "auto":
        return -metrics["train/loss" if monitor == "train/loss" else f"{split}/loss"]
    name, sign = plan.goals[0].task.better if len(plan.goals) == 1 else ("loss", -1)
    return sign * metrics[f"{split}/{name}"]


def _judged_by(plan: Plan) -> str:
    """The split that tells the best epoch: what was not learned from, if there is any."""
    return "val" if plan.validation is not None else "train"


@torch.no_grad()
def validate(network: Network, plan: Plan, feed: Feed, forward: Forward | None = None) -> dict[str, float]:
    """Loss and metrics over a split, without its name: means over its samples, or over its valid tokens."""
    forward = forward or forward_of(network, plan)
    averages = Averages(plan.goals)
    network.eval()
    for whole in feed.epoch(feed.by_length()):
        batch = plan.team.part(whole)
        counts = plan.team.count(whole) > 0
        averages.add(forward(*batch[: plan.num_inputs]), batch[plan.num_inputs :], float(counts))
    return averages.joined(plan.team, next(network.parameters()).device).means()
