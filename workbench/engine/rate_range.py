"""The learning-rate range test: a few steps at rates that rise, on a copy that is thrown away."""

import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core import project
from workbench.core.rate_range import FindRate, RateTest
from workbench.engine import random_states
from workbench.engine.data import bound
from workbench.engine.loop import Batch, Loop, Plan
from workbench.engine.precision import forward_of
from workbench.engine.preparation import chosen_device, set_up
from workbench.engine.raw import Report, quiet
from workbench.engine.stepping import Stepper
from workbench.engine.train import grouped

SMOOTHING = 0.9
"""How much of the running mean of the loss stays at each step."""
EXPLODED = 4.0
"""The test ends when the loss is so many times its smallest."""
SETTLED = 5
"""Steps before the running mean says anything."""


def found_rate(question: FindRate, report: Report = quiet) -> RateTest:
    """Try rates on a document. Raises `ProblemError` where it cannot be trained."""
    document = project.from_raw(question.document)
    data = bound(document, Path(question.folder), report=report)
    loop, plan, _ = set_up(data, chosen_device(document.training.device))
    return range_test(loop, plan, question.lowest, question.highest, question.steps, report)


def range_test(
    loop: Loop, plan: Plan, lowest: float = 1e-6, highest: float = 10.0, steps: int = 100, report: Report = quiet
) -> RateTest:
    """Make steps at rates from `lowest` to `highest`, each the same factor above the last (Smith, 2017).

    They are made on a copy, and the generators of random numbers are put back: the loop is as it was.
    """
    states = random_states.tensors()
    trial = copy.deepcopy(loop)
    trial.network.train()
    names = {id(module): name for name, module in loop.network.named_modules()}
    for norm in plan.resting:
        trial.network.get_submodule(names[id(norm)]).eval()
    stepper = Stepper(trial, plan, forward_of(trial.network, replace(plan, forward=None)))
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    smallest = math.inf
    try:
        batches = islice(grouped(_endless(trial, plan), plan.training.accumulate), steps)
        for done, (rate, group) in enumerate(zip(rates.tolist(), batches, strict=True)):
            report("train.testing_rates", done, steps)
            stepper.set_rate(rate)
            losses.append(float(stepper.make(group).loss))
            latest = float(smoothed(losses)[-1])
            smallest = min(smallest, latest) if done >= SETTLED else smallest
            if not math.isfinite(latest) or latest > EXPLODED * smallest:
                break
    finally:
        random_states.restore(states)
    finite = [loss for loss in losses if math.isfinite(loss)]
    curve = smoothed(finite)
    return RateTest(tuple(rates[: len(finite)].tolist()), tuple(finite), tuple(curve.tolist()), _steepest(rates, curve))


def smoothed(losses: list[float]) -> NDArray[np.float64]:
    """Their running mean, free of the bias of its beginning (as Adam's)."""
    found, mean = [], 0.0
    for step, loss in enumerate(losses, 1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        found.append(mean / (1 - SMOOTHING**step))
    return np.array(found)


def _steepest(rates: NDArray[np.float64], curve: NDArray[np.float64]) -> float | None:
    """The rate at which the loss falls fastest by the logarithm of the rate, before its smallest value."""
    end = int(np.argmin(curve)) + 1 if len(curve) else 0
    if end <= SETTLED + 1:
        return None
    slopes = np.gradient(curve[:end], np.log(rates[:end]))[SETTLED:]
    place = int(np.argmin(slopes))
    return float(f"{rates[SETTLED + place]:.2g}") if slopes[place] < 0 else None


def _endless(loop: Loop, plan: Plan) -> Iterator[Batch]:
    """Batches of one epoch after the other."""
    device = next(loop.network.parameters()).device
    for epoch in count():
        yield from plan.train.epoch(plan.train.order(loop.seed, epoch).to(device), 0, (loop.seed << 20) + epoch)
