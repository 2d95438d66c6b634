"""Random steps: what they change, and the dice that they are given."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from workbench.engine.steps.base import StepKind


@dataclass
class Taken:
    """A batch of one input column as it is held, and what has to change along with it."""

    values: Tensor
    """(batch, ...); pictures are bytes (batch, channels, height, width)."""
    masks: dict[str, Tensor] = field(default_factory=dict)
    """(batch, height, width) numbers of classes by column: they lie over the pictures."""
    targets: dict[str, Tensor] = field(default_factory=dict)
    """All other targets by column."""
    classes: dict[str, int] = field(default_factory=dict)
    """How many classes each target has, where it has classes."""

    def each(self, change: Callable[[Tensor], Tensor]) -> None:
        """Change pictures and masks alike."""
        self.values = change(self.values)
        self.masks = {name: change(mask) for name, mask in self.masks.items()}


class RandomStep(StepKind):
    """A step that is made in training only, anew for every sample of every batch.

    All chance comes from the dice, so that a batch is the same again after a resume; tensors are not changed in place,
    for they may be the data themselves.
    """

    finished: ClassVar[bool] = False
    """It changes what the network reads instead of what is held."""

    @abstractmethod
    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Replace what changes. Raises `ProblemError` where it cannot be done with these targets."""


def chosen(dice: np.random.Generator, count: int, share: float) -> Tensor:
    """(number chosen,) rows, each with this probability."""
    return torch.from_numpy(np.flatnonzero(dice.random(count) < share))


def uniform(dice: np.random.Generator, low: float, high: float, count: int) -> Tensor:
    """(count,) float32."""
    return torch.from_numpy(dice.uniform(low, high, count).astype(np.float32))


def put(values: Tensor, rows: Tensor, new: Tensor) -> Tensor:
    """The values with new ones in some rows; bytes are rounded."""
    if values.dtype == torch.uint8 and new.dtype != torch.uint8:
        new = new.round().clamp_(0, 255)
    return values.index_copy(0, rows, new.to(values.dtype))
