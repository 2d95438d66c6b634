"""The learning rate at each step, as a pure function of the settings: what is drawn before a run is what is used.

The curves are those of torch's schedulers. A plateau depends on how training goes: it is constant here, and the loop
lowers it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.core.training import Training

Floats = NDArray[np.float64]

GAMMA = {"step": 0.1, "exponential": 0.95, "plateau": 0.1}
"""What a rate is multiplied by at each fall, unless the settings say."""


def gamma(training: Training) -> float:
    """What the rate is multiplied by at each fall."""
    return GAMMA.get(training.schedule, 1.0) if training.gamma is None else training.gamma


def schedule_curve(training: Training, steps_per_epoch: int) -> Floats:
    """The learning rate at each step of the whole run, shape (epochs * steps_per_epoch,)."""
    return rates_at(training, np.arange(training.epochs * steps_per_epoch), steps_per_epoch)


def rates_at(training: Training, steps: ArrayLike, steps_per_epoch: int) -> Floats:
    """The learning rate at some steps.

    Args:
        training: `epochs` says where the run ends.
        steps: counted from 0 at the run's start.
        steps_per_epoch: steps of the optimiser in an epoch.

    Returns:
        One rate a step. Beyond the end it stays where it ended.
    """
    total = max(1, training.epochs * steps_per_epoch)
    at = np.minimum(np.asarray(steps, np.float64), total - 1)
    if training.schedule == "one_cycle":
        return training.learning_rate * _one_cycle(training, at, total)
    warmup = min(training.warmup, total)
    rising = np.minimum((at + 1) / warmup, 1.0) if warmup else np.ones_like(at)
    return training.learning_rate * rising * _factor(training, at, warmup, total, steps_per_epoch)


def _factor(training: Training, at: Floats, warmup: int, total: int, steps_per_epoch: int) -> Floats:
    """Of the learning rate, apart from the warm-up."""
    final = training.final_factor
    done = np.maximum(at - warmup, 0) / max(1, total - warmup)
    epoch = at // max(1, steps_per_epoch)
    match training.schedule:
        case "cosine":
            return final + (1 - final) * (1 + np.cos(np.pi * done)) / 2
        case "linear":
            return 1 + (final - 1) * done
        case "step":
            return gamma(training) ** (epoch // training.step_size)
        case "exponential":
            return gamma(training) ** epoch
        case _:
            return np.ones_like(at)


def _one_cycle(training: Training, at: Floats, total: int) -> Floats:
    """Up to the learning rate and far down again along cosines (Smith and Topin, 2018)."""
    first = 1 / training.div_factor
    return _up_and_down(first, 1.0, first / training.final_div_factor, training.pct_start, at, total)


def momenta_at(training: Training, steps: ArrayLike, steps_per_epoch: int) -> Floats | None:
    """The momentum at some steps, where the schedule moves it: against the rate. Arguments as for `rates_at`."""
    if training.schedule != "one_cycle" or not training.cycle_momentum:
        return None
    total = max(1, training.epochs * steps_per_epoch)
    at = np.minimum(np.asarray(steps, np.float64), total - 1)
    most = training.max_momentum
    return _up_and_down(most, training.base_momentum, most, training.pct_start, at, total)


def _up_and_down(first: float, middle: float, last: float, share: float, at: Floats, total: int) -> Floats:
    """Along cosines from the first value to the one in the middle, which comes after a share of all steps."""
    top = share * total - 1
    up = np.clip(at / top, 0, 1) if top > 0 else np.ones_like(at)
    down = np.clip((at - top) / max(total - 1 - top, 1e-12), 0, 1)
    return np.where(at <= top, _between(first, middle, up), _between(middle, last, down))


def _between(start: float, end: float, share: Floats) -> Floats:
    return end + (start - end) * (1 + np.cos(np.pi * share)) / 2
