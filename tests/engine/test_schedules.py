"""The curve of the learning rate is that of torch's own scheduler, step for step."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import optim
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from tests.engine.training import flowers, prepared
from workbench.core.document import Training
from workbench.core.schedules import momenta_at, rates_at, schedule_curve
from workbench.engine.train import fit

STEPS = 7
"""In an epoch."""
BASE = Training(learning_rate=0.3, epochs=12)
TOTAL = STEPS * BASE.epochs


def of_torch(make: Callable[[optim.Optimizer], LRScheduler], *, each: int = 1) -> list[float]:
    """The rates of a scheduler of torch that is stepped once in so many steps."""
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], BASE.learning_rate)
    scheduler, found = make(optimizer), []
    for step in range(1, TOTAL + 1):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if step % each == 0 and step < TOTAL:
            scheduler.step()
    return found


def warmed(optimizer: optim.Optimizer) -> LRScheduler:
    rising = lr_scheduler.LinearLR(optimizer, 1 / 10, total_iters=9)
    falling = lr_scheduler.CosineAnnealingLR(optimizer, TOTAL - 10)
    return lr_scheduler.SequentialLR(optimizer, [rising, falling], [10])


CASES = {
    "constant": (BASE, lambda o: lr_scheduler.ConstantLR(o, 1.0), 1),
    "cosine": (
        replace(BASE, schedule="cosine", final_factor=0.1),
        lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL, 0.03),
        1,
    ),
    "linear": (
        replace(BASE, schedule="linear", final_factor=0.2),
        lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, TOTAL),
        1,
    ),
    "one cycle": (replace(BASE, schedule="one_cycle"), lambda o: lr_scheduler.OneCycleLR(o, 0.3, TOTAL), 1),
    "one cycle, early peak": (
        replace(BASE, schedule="one_cycle", pct_start=0.1, div_factor=10, final_div_factor=100),
        lambda o: lr_scheduler.OneCycleLR(o, 0.3, TOTAL, pct_start=0.1, div_factor=10, final_div_factor=100),
        1,
    ),
    "step": (
        replace(BASE, schedule="step", step_size=5, gamma=0.5),
        lambda o: lr_scheduler.StepLR(o, 5, 0.5),
        STEPS,
    ),
    "exponential": (replace(BASE, schedule="exponential"), lambda o: lr_scheduler.ExponentialLR(o, 0.95), STEPS),
    "warm-up, cosine": (replace(BASE, schedule="cosine", warmup=10), warmed, 1),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:The epoch parameter")  # torch's own SequentialLR steps so
def test_a_curve_is_that_of_torch(name: str) -> None:
    training, make, each = CASES[name]
    found = schedule_curve(training, STEPS)
    assert found.shape == (TOTAL,)
    np.testing.assert_allclose(found, of_torch(make, each=each), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("key", "setting"), [("sgd", "momentum"), ("adamw", "betas")])
def test_momentum_moves_against_the_rate_as_in_torch(key: str, setting: str) -> None:
    """In the optimiser itself, at every step; and the rate is what it was."""
    cycled = replace(BASE, optimizer=key, schedule="one_cycle", cycle_momentum=True, base_momentum=0.7, epochs=3)
    loop, plan = prepared(flowers(replace(cycled, batch_size=16)))
    seen: list[tuple[float, float]] = []

    def note(optimizer: optim.Optimizer, *rest: object) -> None:
        group = optimizer.param_groups[0]
        seen.append((group["lr"], group["momentum"] if setting == "momentum" else group["betas"][0]))

    loop.optimizer.register_step_pre_hook(note)
    list(fit(loop, plan))
    weights = [torch.zeros(1, requires_grad=True)]
    torchs = optim.SGD(weights, 0.3, 0.9) if key == "sgd" else optim.AdamW(weights, 0.3)
    scheduler = lr_scheduler.OneCycleLR(torchs, 0.3, plan.steps, base_momentum=0.7)
    expected = []
    for _ in range(plan.steps):
        note(torchs)
        expected.append(seen.pop())
        torchs.step()
        if len(expected) < plan.steps:
            scheduler.step()
    np.testing.assert_allclose(seen, expected, rtol=1e-9)
    assert min(momentum for _, momentum in seen) < 0.71
    assert momenta_at(BASE, [0], STEPS) is None


@pytest.mark.parametrize("schedule", ["constant", "cosine", "linear", "one_cycle", "step", "exponential", "plateau"])
@pytest.mark.parametrize("warmup", [0, 1, 5, 10_000])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_every_curve_is_finite_and_never_above_the_rate(schedule: str, warmup: int, steps: int) -> None:
    for epochs in (1, 3):
        training = Training(schedule=schedule, warmup=warmup, epochs=epochs, learning_rate=0.5)  # type: ignore[arg-type]
        curve = schedule_curve(training, steps)
        assert curve.shape == (epochs * steps,)
        assert np.isfinite(curve).all()
        assert (curve >= 0).all()
        assert (curve <= 0.5).all()
        late = rates_at(training, [epochs * steps, epochs * steps + 1000], steps)
        np.testing.assert_array_equal(late, [curve[-1]] * 2)  # what is trained on stays where it ended
