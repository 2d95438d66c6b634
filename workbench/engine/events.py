"""What the training loop tells, as frozen values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.problems import Problem
from workbench.core.runs import Edit


@dataclass(frozen=True)
class Warned:
    """Something that the settings ask for cannot be had here; training goes on without it."""

    problem: Problem


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
class StoppedEarly:
    """Epochs got no better any more. The loop ends."""

    problem: Problem
    """Says so, as information."""


@dataclass(frozen=True)
class NotFinite:
    """The loss became NaN or infinite at this step. The loop ends; its weights are of no use."""

    step: int
    value: float


@dataclass(frozen=True)
class Edited:
    """A setting was changed while the run is at work."""

    edit: Edit
    epochs: int
    """Of the whole run, as it is planned now."""
    steps: int


Event = Warned | Edited | Stepped | Validating | EpochEnded | StoppedEarly | NotFinite
