"""Operations that arrange the same numbers otherwise. Axis 0 is the batch and stays first."""

from dataclasses import dataclass
from math import prod
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.engine.layers.base import Axis, Change, Known, Layer, Misfit, Native, Operation, layer
from workbench.engine.layers.checks import need_axes, need_axis
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Shape"
Axes = Annotated[
    tuple[int, ...], Setting(-8, 8, label="Axes", help="Axis 0 is the batch; -1 is the last", said="axes {n}")
]


@layer(
    "flatten",
    "Flatten",
    GROUP,
    family="operation",
    synonyms=("vectorise", "unroll"),
    formula="(a, b, c) → (a · b · c)",
)
@dataclass(frozen=True)
class Flatten(Native):
    """Joins axes into one.

    Axis 0 is the batch and stays; by default all others become one axis.
    """

    module = nn.Flatten

    start_dim: Annotated[int, Setting(1, label="First axis", help="1 is the first after the batch")] = 1
    end_dim: Annotated[int, Setting(label="Last axis", help="-1 is the last")] = -1


@layer(
    "unflatten",
    "Unflatten",
    GROUP,
    family="operation",
    synonyms=("split axis", "heads", "view"),
    caption=("dim", "unflattened_size"),
    formula="(a · b, c) → (a, b, c)",
)
@dataclass(frozen=True)
class Unflatten(Native):
    """Splits one axis into several; one of them may be -1: it takes what is left."""

    module = nn.Unflatten

    dim: Axis = 1
    unflattened_size: Annotated[
        tuple[int, ...], Setting(-1, label="Sizes", help="What the axis becomes, for example 8, -1", said="{n}")
    ] = (-1, 1)

    def check(self, x: Known) -> None:
        """The sizes must multiply to that of the axis."""
        size, known = x.shape[need_axis(x, self.dim)], prod(part for part in self.unflattened_size if part != -1)
        holes = self.unflattened_size.count(-1)
        fits = known > 0 and holes <= 1 and (size % known == 0 if holes else size == known)
        if not fits or not self.unflattened_size:
            raise Misfit(
                "unflatten.sizes",
                found=x.shape,
                size=size,
                axis=self.dim,
                wanted=self.unflattened_size,
                remedy=Change("unflattened_size", (-1, 1)),
            )


class Reshaped(nn.Module):
    """Reshapes all axes but the batch."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, *shape)."""
        return x.reshape(x.shape[0], *self.shape)


@layer(
    "reshape",
    "Reshape",
    GROUP,
    family="operation",
    synonyms=("view", "unflatten"),
    caption=("shape",),
    formula="(a, b, c) → shape",
)
@dataclass(frozen=True)
class Reshape(Layer):
    """Arranges the same numbers in another shape, without the batch axis.

    One axis may be -1: it takes what is left.
    """

    shape: Annotated[tuple[int, ...], Setting(-1, help="For example 16, 7, 7; one axis may be -1")] = (-1,)

    def check(self, x: Known) -> None:
        """As many numbers must come out as go in."""
        total, known = prod(x.shape), prod(size for size in self.shape if size != -1)
        holes = self.shape.count(-1)
        fits = known and holes <= 1 and (total % known == 0 if holes else total == known)
        if not fits or 0 in self.shape:
            raise Misfit("reshape.count", found=x.shape, wanted=self.shape, remedy=Change("shape", (-1,)))

    def build(self, x: Known) -> nn.Module:
        """A view where that is possible."""
        return made(Reshaped, self.shape)


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
    GROUP,
    family="operation",
    synonyms=("transpose", "swap axes", "channels last"),
    caption=("dims",),
    formula="(a, b) → (b, a)",
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


@layer(
    "transpose",
    "Transpose",
    GROUP,
    family="operation",
    synonyms=("swap axes", "permute"),
    caption=("dim0", "dim1"),
    formula="y = xᵀ",
)
@dataclass(frozen=True)
class Transpose(Operation):
    """Swaps two axes."""

    function = torch.transpose

    dim0: Annotated[int, Setting(-8, 8, label="One axis", help="Axis 0 is the batch; -1 is the last", said="{n}")] = -1
    dim1: Annotated[int, Setting(-8, 8, label="The other", help="Axis 0 is the batch; -1 is the last", said="{n}")] = -2

    def check(self, x: Known) -> None:
        """Both must be there."""
        need_axis(x, self.dim0, "dim0")
        need_axis(x, self.dim1, "dim1")


@layer(
    "squeeze",
    "Squeeze",
    GROUP,
    family="operation",
    synonyms=("remove axis", "drop axis"),
    caption=("dim",),
    formula="(a, 1, b) → (a, b)",
)
@dataclass(frozen=True)
class Squeeze(Operation):
    """Takes an axis of size 1 out."""

    function = torch.squeeze

    dim: Axis = 1

    def check(self, x: Known) -> None:
        """The axis must be of size 1."""
        if x.shape[need_axis(x, self.dim)] != 1:
            remedy = Change("dim", x.shape.index(1) + 1) if 1 in x.shape else None
            raise Misfit("squeeze.size", found=x.shape, axis=self.dim, remedy=remedy)


@layer(
    "unsqueeze",
    "Unsqueeze",
    GROUP,
    family="operation",
    synonyms=("add axis", "new axis", "expand dims"),
    caption=("dim",),
    formula="(a, b) → (a, 1, b)",
)
@dataclass(frozen=True)
class Unsqueeze(Operation):
    """Puts an axis of size 1 in, which other tensors are then repeated along."""

    function = torch.unsqueeze

    dim: Annotated[int, Setting(-8, 8, label="Axis", help="Where it will be; -1 is the last", said="axis {n}")] = 1

    def check(self, x: Known) -> None:
        """It may be the last, but not the batch."""
        need_axis(x, self.dim, spare=1)


class Repeated(nn.Module):
    """Repeats axes of size 1."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, *sizes); -1 leaves an axis as it is."""
        return x.expand(x.shape[0], *self.sizes)


@layer(
    "expand",
    "Expand",
    GROUP,
    family="operation",
    synonyms=("broadcast", "repeat"),
    caption=("sizes",),
    formula="(1, b) → (n, b)",
)
@dataclass(frozen=True)
class Expand(Layer):
    """Repeats axes of size 1 to a given size, without the batch axis."""

    sizes: Annotated[tuple[int, ...], Setting(-1, help="One for each axis; -1 leaves it as it is")] = (-1,)

    def check(self, x: Known) -> None:
        """One size for each axis, and only axes of size 1 change."""
        pairs = zip(self.sizes, x.shape, strict=False)
        if len(self.sizes) != len(x.shape) or any(new not in (-1, old) and (old != 1 or new < 1) for new, old in pairs):
            remedy = Change("sizes", (-1,) * len(x.shape))
            raise Misfit("expand.sizes", found=x.shape, wanted=self.sizes, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """A view."""
        return made(Repeated, self.sizes)


class Tiled(nn.Module):
    """Repeats a tensor along its axes."""

    def __init__(self, repeats: tuple[int, ...]) -> None:
        super().__init__()
        self.repeats = repeats

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, larger ...)."""
        return x.repeat(1, *self.repeats)


@layer(
    "tile",
    "Tile",
    GROUP,
    family="operation",
    synonyms=("repeat", "copy"),
    caption=("repeats",),
    formula="y = [x, x, …]",
)
@dataclass(frozen=True)
class Tile(Layer):
    """Puts copies of a tensor beside one another along its axes."""

    repeats: Annotated[
        tuple[int, ...], Setting(1, 2**20, help="How often, one number for each axis after the batch", said="× {n}")
    ] = (2,)

    def check(self, x: Known) -> None:
        """One number for each axis."""
        if len(self.repeats) != len(x.shape) or not x.shape:
            remedy = Change("repeats", (*self.repeats, *[1] * len(x.shape))[: len(x.shape)]) if x.shape else None
            raise Misfit("tile.repeats", found=x.shape, wanted=self.repeats, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """(batch, ...) to (batch, larger ...)."""
        return made(Tiled, self.repeats)


@layer(
    "roll",
    "Roll",
    GROUP,
    family="operation",
    synonyms=("shift", "rotate", "cyclic", "swin"),
    caption=("shifts",),
    formula="yᵢ = xᵢ₋ₛ, from the end to the start",
)
@dataclass(frozen=True)
class Roll(Operation):
    """Shifts numbers along axes; what falls off at one end comes in at the other."""

    function = torch.roll

    shifts: Annotated[tuple[int, ...], Setting(help="How far, one number for each axis that is named")] = (1,)
    dims: Axes = (-1,)

    def check(self, x: Known) -> None:
        """One shift for each axis."""
        need_axes(x, self.dims, "dims")
        if len(self.shifts) != len(self.dims):
            remedy = Change("shifts", (*self.shifts, *[0] * len(self.dims))[: len(self.dims)])
            raise Misfit("roll.shifts", shifts=len(self.shifts), axes=len(self.dims), remedy=remedy)


@layer(
    "flip",
    "Flip",
    GROUP,
    family="operation",
    synonyms=("reverse", "mirror", "backwards"),
    caption=("dims",),
    formula="yᵢ = xₙ₋ᵢ",
)
@dataclass(frozen=True)
class Flip(Operation):
    """Reverses the order of numbers along axes."""

    function = torch.flip

    dims: Axes = (-1,)

    def check(self, x: Known) -> None:
        """The axes must be there."""
        need_axes(x, self.dims, "dims")


@layer(
    "identity",
    "Identity",
    GROUP,
    family="operation",
    synonyms=("nothing", "pass through", "junction"),
    formula="y = x",
)
@dataclass(frozen=True)
class Identity(Native):
    """Gives what it gets: a place with a name."""

    module = nn.Identity
