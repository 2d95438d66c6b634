"""Random mixtures of two samples and of their targets."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from workbench.core.problems import ProblemError
from workbench.engine.registry import Setting
from workbench.engine.steps.base import step
from workbench.engine.steps.changing import RandomStep, Taken, put
from workbench.engine.steps.colours import holes

MIXING = "Mixing samples"
ALPHA = Setting(0.01, 10.0, help="Of the Beta distribution that shares are drawn from: 1 is even, less is less mixed")
SHARE = Setting(0.0, 1.0, label="Probability", help="Of a batch to be mixed")


class Mixing(RandomStep):
    """Mixes each sample with another of its batch; targets are mixed in the same shares, classes as probabilities."""

    alpha: float
    probability: float

    @abstractmethod
    def mixed(self, values: Tensor, others: Tensor, shares: Tensor, dice: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(batch, ...) of the first by (batch,) shares, and the shares that it came to."""

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Values and targets. Raises `ProblemError` where a target cannot be mixed."""
        able = [name for name, target in taken.targets.items() if target.is_floating_point() or _is_label(taken, name)]
        if unable := [name for name in (*taken.targets, *taken.masks) if name not in able]:
            raise ProblemError("step.target", where=self.info.title, name=unable[0])
        if dice.random() >= self.probability:
            return
        count = len(taken.values)
        order = torch.from_numpy(dice.permutation(count))
        drawn = torch.from_numpy(dice.beta(self.alpha, self.alpha, count).astype(np.float32))
        values, shares = self.mixed(taken.values, taken.values[order], drawn, dice)
        taken.values = put(taken.values, torch.arange(count), values)
        for name, target in taken.targets.items():
            spread = probabilities(target, taken.classes[name]) if _is_label(taken, name) else target
            taken.targets[name] = _blended(spread, spread[order], shares)


def _is_label(taken: Taken, name: str) -> bool:
    target = taken.targets[name]
    return name in taken.classes and target.ndim == 1 and not target.is_floating_point()


def probabilities(labels: Tensor, classes: int) -> Tensor:
    """(batch,) numbers of classes as (batch, classes) float32, all zero where there is no class."""
    return functional.one_hot(labels.clamp(0), classes).float() * (labels >= 0)[:, None]


def _blended(values: Tensor, others: Tensor, shares: Tensor) -> Tensor:
    share = shares.view(-1, *[1] * (values.ndim - 1))
    return values * share + others * (1 - share)


@step("mixup", "MixUp", MIXING, kinds=("image", "audio", "array"), random=True)
@dataclass(frozen=True)
class MixUp(Mixing):
    """Lay two samples over each other, and mix their targets in the same share (Zhang and others, 2017)."""

    alpha: Annotated[float, ALPHA] = 0.2
    probability: Annotated[float, SHARE] = 1.0

    def mixed(self, values: Tensor, others: Tensor, shares: Tensor, dice: np.random.Generator) -> tuple[Tensor, Tensor]:
        """A weighted mean."""
        return _blended(values.float(), others.float(), shares), shares


@step("cutmix", "CutMix", MIXING, kinds=("image",), random=True)
@dataclass(frozen=True)
class CutMix(Mixing):
    """Put a rectangle of another picture into each, and mix their targets by the areas (Yun and others, 2019)."""

    alpha: Annotated[float, ALPHA] = 1.0
    probability: Annotated[float, SHARE] = 1.0

    def mixed(self, values: Tensor, others: Tensor, shares: Tensor, dice: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Rectangles of the picture's proportions."""
        hole = holes(dice, 1 - shares, values.shape[-2:], stretch=1.0)
        return torch.where(hole[:, None], others, values), 1 - hole.float().mean((1, 2))
