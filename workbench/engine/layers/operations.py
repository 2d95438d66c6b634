"""Operations on tensors without weights: join, multiply, rearrange."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Axis, Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_broadcast
from workbench.engine.made import made
from workbench.engine.registry import Setting

MANY = (PortInfo("in", repeat="num_inputs"),)
NumInputs = Annotated[int, Setting(2, 16, label="Inputs", help="How many tensors come together")]


class Combined(nn.Module):
    """Folds a function of two tensors over all inputs."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        """Shapes must broadcast."""
        return reduce(self.function, inputs)


@layer(
    "add",
    "Add",
    "Operation",
    inputs=MANY,
    synonyms=("sum", "residual", "skip", "plus"),
    formula="y = x₁ + x₂ + …",
)
@dataclass(frozen=True)
class Add(Layer):
    """Adds tensors of the same shape, as a skip connection does.

    An axis of size 1 is repeated to fit.
    """

    num_inputs: NumInputs = 2

    def check(self, *inputs: Known) -> None:
        """The shapes must fit."""
        need_broadcast(*inputs)

    def build(self, *inputs: Known) -> nn.Module:
        """The sum."""
        return made(Combined, torch.add)


@layer(
    "multiply",
    "Multiply",
    "Operation",
    inputs=MANY,
    synonyms=("product", "gate", "times", "hadamard"),
    formula="y = x₁ · x₂ · …",
)
@dataclass(frozen=True)
class Multiply(Layer):
    """Multiplies tensors of the same shape, number by number, as a gate does.

    An axis of size 1 is repeated to fit.
    """

    num_inputs: NumInputs = 2

    def check(self, *inputs: Known) -> None:
        """The shapes must fit."""
        need_broadcast(*inputs)

    def build(self, *inputs: Known) -> nn.Module:
        """The product."""
        return made(Combined, torch.mul)


class Joined(nn.Module):
    """Concatenates along one axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        """All other axes must be equal."""
        return torch.cat(inputs, self.dim)


@layer(
    "concat",
    "Concat",
    "Operation",
    inputs=MANY,
    synonyms=("concatenate", "join", "cat", "stack"),
    caption=("dim",),
    formula="y = [x₁, x₂, …]",
)
@dataclass(frozen=True)
class Concat(Layer):
    """Puts tensors one after the other along an axis."""

    num_inputs: NumInputs = 2
    dim: Axis = 1

    def check(self, *inputs: Known) -> None:
        """All other axes must be equal."""
        axes = len(inputs[0].shape)
        if not (1 <= self.dim <= axes or -axes <= self.dim <= -1):
            raise Misfit("layer.no_axis", found=inputs[0].shape, axis=self.dim)
        at = self.dim - 1 if self.dim > 0 else axes + self.dim
        rest = {x.shape[:at] + x.shape[at + 1 :] for x in inputs}
        if len(rest) > 1 or len({len(x.shape) for x in inputs}) > 1:
            raise Misfit("operation.concat", shapes=tuple(x.shape for x in inputs), axis=self.dim)

    def build(self, *inputs: Known) -> nn.Module:
        """The concatenation."""
        return made(Joined, self.dim)


class Product(nn.Module):
    """Matrix product of two inputs."""

    def __init__(self, transpose: bool) -> None:
        super().__init__()
        self.transpose = transpose

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """(batch, ..., n, k) and (batch, ..., k, m) to (batch, ..., n, m)."""
        return a @ (b.transpose(-1, -2) if self.transpose else b)


@layer(
    "matmul",
    "MatMul",
    "Operation",
    inputs=(PortInfo("a"), PortInfo("b")),
    synonyms=("matrix product", "dot"),
    formula="y = a b",
)
@dataclass(frozen=True)
class MatMul(Layer):
    """Multiplies two matrices: rows of the first with columns of the second."""

    transpose_b: Annotated[bool, Setting(label="Transpose b", help="Use rows of b instead of columns")] = False

    def check(self, a: Known, b: Known) -> None:
        """The inner axes must be equal."""
        if len(a.shape) < 2 or len(b.shape) < 2:
            raise Misfit("matmul.rank", shapes=(a.shape, b.shape))
        inner = b.shape[-1] if self.transpose_b else b.shape[-2]
        if a.shape[-1] != inner or a.shape[:-2] != b.shape[:-2]:
            raise Misfit("matmul.inner", shapes=(a.shape, b.shape), left=a.shape[-1], right=inner)

    def build(self, a: Known, b: Known) -> nn.Module:
        """A @ b."""
        return made(Product, self.transpose_b)


class Permuted(nn.Module):
    """Reorders all axes but the batch."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        """Axis i of the output is axis dims[i - 1] of the input."""
        return x.permute(0, *self.dims)


@layer(
    "permute",
    "Permute",
    "Shape",
    family="operation",
    synonyms=("transpose", "swap axes"),
    caption=("dims",),
    formula="y[i, j] = x[j, i]",
)
@dataclass(frozen=True)
class Permute(Layer):
    """Puts the axes in another order.

    Axis 0 is the batch and stays first: 2, 1 swaps the two axes of a sequence.
    """

    dims: Annotated[tuple[int, ...], Setting(1, label="Axes", help="For example 2, 1; every axis once")] = (2, 1)

    def check(self, x: Known) -> None:
        """Every axis once."""
        if sorted(self.dims) != list(range(1, len(x.shape) + 1)):
            raise Misfit("permute.axes", found=x.shape, axes=self.dims)

    def build(self, x: Known) -> nn.Module:
        """A view."""
        return made(Permuted, self.dims)
