"""Tensors that come from nowhere: constants and learned ones. An input tells how many samples there are."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Known, Layer, layer
from workbench.engine.made import made
from workbench.engine.registry import Setting

LIKE = (PortInfo("in", help="Anything: only how many samples it has counts"),)
Shape = Annotated[tuple[int, ...], Setting(1, help="Without the batch axis", said="{n}")]


class Constant(nn.Module):
    """One number everywhere."""

    def __init__(self, shape: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.shape, self.value = shape, value

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, *shape)."""
        return torch.full((x.shape[0], *self.shape), self.value, device=x.device)


@layer(
    "constant",
    "Constant",
    "Inputs and outputs",
    family="io",
    inputs=LIKE,
    synonyms=("fixed", "zeros", "ones", "full", "number"),
    caption=("value",),
    formula="y = c",
)
@dataclass(frozen=True)
class ConstantTensor(Layer):
    """A tensor that holds one fixed number everywhere."""

    shape: Shape = (1,)
    value: Annotated[float, Setting(help="The number", said="{n}")] = 0.0

    def build(self, x: Known) -> nn.Module:
        """(batch, ...) to (batch, *shape)."""
        return made(Constant, self.shape, self.value)


class Learned(nn.Module):
    """A learned tensor, the same for every sample."""

    def __init__(self, shape: tuple[int, ...], std: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(shape) * std)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, *shape)."""
        return self.weight.unsqueeze(0).expand(x.shape[0], *self.weight.shape)


@layer(
    "parameter",
    "Parameter",
    "Inputs and outputs",
    family="io",
    inputs=LIKE,
    synonyms=("learned", "weight", "class token", "query", "trainable"),
    caption=("shape",),
    formula="y = W",
)
@dataclass(frozen=True)
class ParameterTensor(Layer):
    """A tensor that is learned and the same for every sample: a class token, queries, a scale."""

    shape: Shape = (1, 64)
    std: Annotated[float, Setting(0.0, label="Spread", help="Of the random numbers that it begins with")] = 0.02

    def build(self, x: Known) -> nn.Module:
        """(batch, ...) to (batch, *shape)."""
        return made(Learned, self.shape, self.std)
