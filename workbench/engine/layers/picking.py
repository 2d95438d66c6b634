"""Operations that pick from a tensor: places, ranges, what another tensor names."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Axis, Change, Known, Layer, Misfit, Operation, layer
from workbench.engine.layers.checks import need_axis, need_int, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Shape"

Index = Annotated[int, Setting(help="Counted from 0; -1 is the last", said="[{n}]")]


@layer(
    "select",
    "Select",
    GROUP,
    family="operation",
    synonyms=("index", "last step", "class token", "pick", "take"),
    caption=("index", "dim"),
    formula="y = x[index]",
)
@dataclass(frozen=True)
class Select(Operation):
    """Takes one place along an axis, and the axis away: the last step of a sequence, a class token."""

    function = torch.select

    dim: Axis = 1
    index: Index = -1

    def check(self, x: Known) -> None:
        """The place must be there."""
        size = x.shape[need_axis(x, self.dim)]
        if not -size <= self.index < size:
            raise Misfit(
                "select.index", found=x.shape, size=size, index=self.index, remedy=Change("index", -1) if size else None
            )


class Sliced(nn.Module):
    """Takes places from one to another along an axis."""

    def __init__(self, dim: int, start: int, end: int | None, step: int) -> None:
        super().__init__()
        self.dim, self.places = dim, slice(start, end, step)

    def forward(self, x: Tensor) -> Tensor:
        """The other axes stay as they are."""
        before = self.dim if self.dim >= 0 else x.dim() + self.dim
        return x[(slice(None),) * before + (self.places,)]


@layer(
    "slice",
    "Slice",
    GROUP,
    family="operation",
    synonyms=("narrow", "crop", "range", "cut"),
    caption=("start", "end", "dim"),
    formula="y = x[start : end : step]",
)
@dataclass(frozen=True)
class Slice(Layer):
    """Takes the places from one to another along an axis, as Python counts them."""

    dim: Axis = 1
    start: Annotated[int, Setting(help="The first; less than 0 counts from the end", said="from {n}")] = 0
    end: Annotated[
        int | None, Setting(help="The first that is left out; less than 0 counts from the end", said="to {n}")
    ] = None
    step: Annotated[int, Setting(1, help="Every so many")] = 1

    def check(self, x: Known) -> None:
        """Something must be left."""
        size = x.shape[need_axis(x, self.dim)]
        if not range(*slice(self.start, self.end, self.step).indices(size)):
            remedy = Change("end", None) if -size <= self.start < size else Change("start", 0)
            raise Misfit("slice.empty", found=x.shape, size=size, start=self.start, end=self.end, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """The other axes stay as they are."""
        return made(Sliced, self.dim, self.start, self.end, self.step)


class Indexed(nn.Module):
    """Takes fixed places along an axis."""

    index: Tensor

    def __init__(self, dim: int, index: tuple[int, ...]) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("index", torch.tensor(index), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The other axes stay as they are."""
        return x.index_select(self.dim, self.index)


@layer(
    "index_select",
    "IndexSelect",
    GROUP,
    family="operation",
    synonyms=("positions", "reorder", "channels"),
    caption=("index", "dim"),
    formula="yᵢ = x[indexᵢ]",
)
@dataclass(frozen=True)
class IndexSelect(Layer):
    """Takes certain places along an axis, in the order in which you name them."""

    dim: Axis = 1
    index: Annotated[tuple[int, ...], Setting(0, label="Places", help="Counted from 0", said="[{n}]")] = (0,)

    def check(self, x: Known) -> None:
        """The places must be there."""
        size = x.shape[need_axis(x, self.dim)]
        if not self.index or max(self.index) >= size:
            kept = tuple(place for place in self.index if place < size) or (0,)
            remedy = Change("index", kept) if size else None
            raise Misfit("select.index", found=x.shape, size=size, index=max(self.index, default=0), remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """The other axes stay as they are."""
        return made(Indexed, self.dim, self.index)


class Gathered(nn.Module):
    """Takes the places along an axis that a second input names."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        """Two tensors with the same number of axes to the shape of the second."""
        return x.gather(self.dim, index)


@layer(
    "gather",
    "Gather",
    GROUP,
    family="operation",
    inputs=(PortInfo("in"), PortInfo("index", help="Places along the axis, counted from 0")),
    synonyms=("lookup", "index", "take"),
    caption=("dim",),
    formula="y[i, j] = x[index[i, j], j]",
)
@dataclass(frozen=True)
class Gather(Layer):
    """Takes, number by number, the places along an axis that its second input names."""

    dim: Axis = -1

    def check(self, x: Known, index: Known) -> None:
        """As many axes, none of which but the gathered one may be longer than the input's."""
        need_int(index, "index")
        at = need_axis(x, self.dim)
        fits = len(x.shape) == len(index.shape) and all(
            place == at or n <= m for place, (n, m) in enumerate(zip(index.shape, x.shape, strict=True))
        )
        if not fits:
            raise Misfit("gather.shapes", shapes=(x.shape, index.shape), axis=self.dim)

    def build(self, x: Known, index: Known) -> nn.Module:
        """The shape of the index."""
        return made(Gathered, self.dim)


class Picked(nn.Module):
    """Takes the steps of each sample that a second input names."""

    def forward(self, x: Tensor, index: Tensor) -> Tensor:
        """(batch, steps, ...) and (batch, ...) of whole numbers to (batch, ..., ...)."""
        flat = index.reshape(index.shape[0], -1)
        places = flat.reshape(*flat.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])
        return x.gather(1, places).reshape(*index.shape, *x.shape[2:])


@layer(
    "pick",
    "Pick",
    GROUP,
    family="operation",
    inputs=(PortInfo("in"), PortInfo("index", help="Which steps, counted from 0")),
    synonyms=("index by position", "gather rows", "take", "last word"),
    formula="y = x[index], for each sample",
)
@dataclass(frozen=True)
class Pick(Layer):
    """Takes the steps along the first axis that its second input names, for each sample by itself."""

    def check(self, x: Known, index: Known) -> None:
        """Something to pick from, and places."""
        need_int(index, "index")
        need_rank(x, *range(1, 9), what="features")

    def build(self, x: Known, index: Known) -> nn.Module:
        """The index's shape, and what a step is."""
        return made(Picked)


class OneHotted(nn.Module):
    """Turns whole numbers into vectors of noughts with a single one."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, ..., num_classes)."""
        return (x.unsqueeze(-1) == torch.arange(self.num_classes, device=x.device)).to(torch.float32)


@layer(
    "one_hot",
    "OneHot",
    GROUP,
    family="operation",
    synonyms=("classes", "indicator", "dummy"),
    caption=("num_classes",),
    formula="y[i] = 1 for i = x, else 0",
)
@dataclass(frozen=True)
class OneHot(Layer):
    """Turns each whole number into a vector of zeros with a single one; targets do not need it."""

    num_classes: Annotated[
        int, Setting(1, label="Classes", help="How many different numbers there are", said=("{n} class", "{n} classes"))
    ] = 10

    def check(self, x: Known) -> None:
        """Whole numbers."""
        need_int(x, "in")

    def build(self, x: Known) -> nn.Module:
        """(batch, ...) to (batch, ..., num_classes)."""
        return made(OneHotted, self.num_classes)
