"""Operations that put tensors together and take them apart."""

from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Axis, Change, Known, Layer, Misfit, Operation, layer
from workbench.engine.layers.checks import need_axis
from workbench.engine.layers.elementwise import MANY, NumInputs
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Shape"
PARTS = (PortInfo("out", repeat="num_outputs"),)
NumOutputs = Annotated[
    int, Setting(2, 16, label="Outputs", help="How many parts there are", said=("{n} part", "{n} parts"))
]


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
    GROUP,
    family="operation",
    inputs=MANY,
    synonyms=("concatenate", "join", "cat", "merge"),
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
        at = need_axis(inputs[0], self.dim)
        rest = {x.shape[:at] + x.shape[at + 1 :] for x in inputs}
        if len(rest) > 1 or len({len(x.shape) for x in inputs}) > 1:
            raise Misfit("operation.concat", shapes=tuple(x.shape for x in inputs), axis=self.dim)

    def build(self, *inputs: Known) -> nn.Module:
        """The concatenation."""
        return made(Joined, self.dim)


class Stacked(nn.Module):
    """Stacks along a new axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        """Tensors of one shape."""
        return torch.stack(inputs, self.dim)


@layer(
    "stack",
    "Stack",
    GROUP,
    family="operation",
    inputs=MANY,
    synonyms=("new axis", "join"),
    caption=("dim",),
    formula="y[i] = xᵢ",
)
@dataclass(frozen=True)
class Stack(Layer):
    """Puts tensors of one shape side by side along a new axis."""

    num_inputs: NumInputs = 2
    dim: Annotated[int, Setting(-8, 8, label="Axis", help="Where the new one will be", said="axis {n}")] = 1

    def check(self, *inputs: Known) -> None:
        """One shape, and an axis that is not the batch."""
        shapes = tuple(x.shape for x in inputs)
        if len(set(shapes)) > 1:
            raise Misfit("operation.broadcast", shapes=shapes)
        need_axis(inputs[0], self.dim, spare=1)

    def build(self, *inputs: Known) -> nn.Module:
        """The stack."""
        return made(Stacked, self.dim)


@layer(
    "chunk",
    "Chunk",
    GROUP,
    family="operation",
    outputs=PARTS,
    synonyms=("split evenly", "divide", "query key value", "halves"),
    caption=("num_outputs", "dim"),
    formula="[y₁, y₂, …] = x",
)
@dataclass(frozen=True)
class Chunk(Layer):
    """Cuts a tensor along an axis into parts of one size, each an output of its own."""

    num_outputs: NumOutputs = 2
    dim: Axis = -1

    def check(self, x: Known) -> None:
        """The axis must share out evenly."""
        size = x.shape[need_axis(x, self.dim)]
        if size % self.num_outputs:
            best = next((parts for parts in range(self.num_outputs, 1, -1) if size % parts == 0), None)
            remedy = Change("num_outputs", best) if best else None
            raise Misfit("chunk.uneven", found=x.shape, size=size, parts=self.num_outputs, axis=self.dim, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """As many parts as there are outputs."""
        return made(Cut, (x.shape[need_axis(x, self.dim)] // self.num_outputs,) * self.num_outputs, self.dim)


class Cut(nn.Module):
    """Cuts along one axis into parts of given sizes."""

    def __init__(self, sizes: tuple[int, ...], dim: int) -> None:
        super().__init__()
        self.sizes, self.dim = sizes, dim

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """One tensor for each size."""
        return torch.split_with_sizes(x, self.sizes, self.dim)


@layer(
    "split",
    "Split",
    GROUP,
    family="operation",
    outputs=PARTS,
    synonyms=("divide", "slice", "parts"),
    caption=("split_sizes", "dim"),
    formula="[y₁, y₂, …] = x",
)
@dataclass(frozen=True)
class Split(Layer):
    """Cuts a tensor along an axis into parts of sizes that you choose, each an output of its own."""

    num_outputs: NumOutputs = 2
    split_sizes: Annotated[
        tuple[int, ...], Setting(-1, label="Sizes", help="One for each output; one may be -1: what is left", said="{n}")
    ] = (1, -1)
    dim: Axis = -1

    def check(self, x: Known) -> None:
        """A size for each output, which together make the axis."""
        size, given = x.shape[need_axis(x, self.dim)], self.split_sizes
        if len(given) != self.num_outputs:
            raise Misfit(
                "split.outputs",
                sizes=len(given),
                outputs=self.num_outputs,
                remedy=Change("num_outputs", len(given)) if 2 <= len(given) <= 16 else None,
            )
        left = size - sum(part for part in given if part != -1)
        if given.count(-1) > 1 or 0 in given or (left < 1 if -1 in given else left != 0):
            rest = size - (len(given) - 1)
            remedy = Change("split_sizes", (*[1] * (len(given) - 1), -1)) if rest >= 1 else None
            raise Misfit("split.sizes", found=x.shape, size=size, axis=self.dim, wanted=given, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """As many parts as there are outputs."""
        size = x.shape[need_axis(x, self.dim)]
        left = size - sum(part for part in self.split_sizes if part != -1)
        return made(Cut, tuple(left if part == -1 else part for part in self.split_sizes), self.dim)


@layer(
    "unbind",
    "Unbind",
    GROUP,
    family="operation",
    outputs=PARTS,
    synonyms=("unstack", "take apart"),
    caption=("dim",),
    formula="yᵢ = x[i]",
)
@dataclass(frozen=True)
class Unbind(Operation):
    """Takes a tensor apart along an axis: each place of it becomes an output of its own."""

    function = torch.unbind

    num_outputs: NumOutputs = 2
    dim: Axis = 1

    def check(self, x: Known) -> None:
        """As many outputs as places."""
        size = x.shape[need_axis(x, self.dim)]
        if size != self.num_outputs:
            remedy = Change("num_outputs", size) if 2 <= size <= 16 else None
            raise Misfit(
                "unbind.outputs", found=x.shape, size=size, axis=self.dim, outputs=self.num_outputs, remedy=remedy
            )

    def options(self) -> dict[str, Any]:
        """How many outputs there are follows from the axis."""
        return {"dim": self.dim}
