"""The optimisers, one function each."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor, optim

from workbench.core.catalogue import OptimizerInfo
from workbench.core.document import Training
from workbench.engine.registry import Registry, first_line

Build = Callable[[Iterable[Tensor], Training], optim.Optimizer]


class Entry(NamedTuple):
    """One optimiser."""

    info: OptimizerInfo
    build: Build
    slots: Callable[[Training], int]
    """How many numbers it keeps for each weight."""


OPTIMIZERS: Registry[Entry] = Registry("optimizer")


def optimizer(
    key: str, title: str, *settings: str, slots: Callable[[Training], int] = lambda training: 2
) -> Callable[[Build], Build]:
    """Register an optimiser that reads these training settings."""

    def register(build: Build) -> Build:
        info = OptimizerInfo(key, title, "Optimisers", first_line(build.__doc__), settings)
        OPTIMIZERS.add(key)(Entry(info, build, slots))
        return build

    return register


@optimizer("sgd", "SGD", "learning_rate", "momentum", "weight_decay", slots=lambda training: int(training.momentum > 0))
def _sgd(parameters: Iterable[Tensor], training: Training) -> optim.Optimizer:
    """Plain steps down the gradient, with momentum."""
    return optim.SGD(
        parameters, training.learning_rate, training.momentum, weight_decay=training.weight_decay, fused=_fused()
    )


@optimizer("adam", "Adam", "learning_rate", "weight_decay")
def _adam(parameters: Iterable[Tensor], training: Training) -> optim.Optimizer:
    """Steps scaled for each weight by how its gradient behaved (Kingma and Ba, 2015)."""
    return optim.Adam(parameters, training.learning_rate, weight_decay=training.weight_decay, fused=_fused())


@optimizer("adamw", "AdamW", "learning_rate", "weight_decay")
def _adamw(parameters: Iterable[Tensor], training: Training) -> optim.Optimizer:
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019)."""
    return optim.AdamW(parameters, training.learning_rate, weight_decay=training.weight_decay, fused=_fused())


def _fused() -> bool:
    """One kernel for all weights: half of a small network's step is the optimiser."""
    return not torch.backends.mps.is_available()
