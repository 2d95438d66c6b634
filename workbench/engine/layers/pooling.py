"""Pooling: what is left of each window is one number."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Change, Known, Layer, Misfit, Native, for_each_dims, layer, sizes
from workbench.engine.layers.checks import need_channels, need_float, need_int, need_rank, need_room
from workbench.engine.made import made
from workbench.engine.registry import Setting, Size

Kernel = Annotated[Size, Setting(1, label="Kernel", help="Size of the window")]
Stride = Annotated[Size | None, Setting(1, help="As large as the window unless set")]
Padding = Annotated[Size, Setting(0, help="Around the edge, at most half the window")]
Ceil = Annotated[bool, Setting(label="Round up", help="Keep a last window that is not full")]

INDICES = PortInfo("indices", when="return_indices", help="Where each number was found, for MaxUnpool")


@dataclass(frozen=True)
class _Pool(Native):
    kernel_size: Kernel = 2
    stride: Stride = None
    padding: Padding = 0

    def check(self, x: Known) -> None:
        """Channels and an axis for each of the window's; padding at most half the window."""
        need_channels(x, self.dims)
        kernel, padding = sizes(self.kernel_size, self.dims), sizes(self.padding, self.dims)
        for window, pad in zip(kernel, padding, strict=True):
            if pad > window // 2:
                raise Misfit("pool.padding", kernel=window, found=pad, remedy=Change("padding", window // 2))
        need_room(x, kernel, padding, sizes(getattr(self, "dilation", 1), self.dims))

    def options(self) -> dict[str, Any]:
        """Without a stride the module itself takes the window's."""
        found = super().options()
        return found if found["stride"] is not None else {**found, "stride": found["kernel_size"]}


@dataclass(frozen=True)
class _MaxPool(_Pool):
    dilation: Annotated[Size, Setting(1, help="Distance of the window's points")] = 1
    return_indices: Annotated[bool, Setting(label="Indices", help="A second output says where each was found")] = False
    ceil_mode: Ceil = False


for_each_dims(
    _MaxPool,
    "max_pool",
    "MaxPool",
    "Keeps the largest number of each window of {of}: makes it smaller.",
    group="Pooling",
    outputs=(PortInfo("out"), INDICES),
    synonyms=("subsample", "downsample", "maximum"),
    caption=("kernel_size", "stride"),
    formula="y[p] = max over k of x[s · p + k]",
)


class Scattered(nn.Module):
    """Max-unpooling as one scatter, which ONNX has."""

    def __init__(self, kernel_size: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]) -> None:
        super().__init__()
        self.windows = tuple(zip(kernel_size, stride, padding, strict=True))

    def forward(self, x: Tensor, indices: Tensor) -> Tensor:
        """(batch, channels, ...) twice to (batch, channels, larger ...)."""
        shape = [(n - 1) * s - 2 * p + k for n, (k, s, p) in zip(x.shape[2:], self.windows, strict=True)]
        empty = torch.zeros(x.shape[0], x.shape[1], prod(shape), dtype=x.dtype)
        return empty.scatter(2, indices.flatten(2), x.flatten(2)).reshape(*x.shape[:2], *shape)


@dataclass(frozen=True)
class _MaxUnpool(Native):
    kernel_size: Kernel = 2
    stride: Stride = None
    padding: Padding = 0

    def check(self, x: Known, indices: Known) -> None:
        """What MaxPool gave, and where it found it."""
        need_channels(x, self.dims)
        need_int(indices, "indices")
        if x.shape != indices.shape:
            raise Misfit("unpool.indices", found=x.shape, other=indices.shape)
        for size, kernel, step, padding in zip(x.shape[1:], *self._windows(), strict=True):
            if (size - 1) * step - 2 * padding + kernel < 1:
                raise Misfit("conv.nothing_left", found=x.shape, remedy=Change("padding", 0))

    def export_twin(self, module: nn.Module) -> nn.Module:
        """The exporter does not know max-unpooling."""
        return Scattered(*self._windows())

    def _windows(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Kernel, stride and padding, with one number for each axis."""
        stride = self.kernel_size if self.stride is None else self.stride
        return sizes(self.kernel_size, self.dims), sizes(stride, self.dims), sizes(self.padding, self.dims)


for_each_dims(
    _MaxUnpool,
    "max_unpool",
    "MaxUnpool",
    """Puts the numbers that a MaxPool kept of {of} back to where they were found, with zeros between.

    The way up in segmentation networks that remember where edges were (Badrinarayanan and others, 2017).
    """,
    group="Pooling",
    inputs=(PortInfo("in"), PortInfo("indices", help="The second output of MaxPool")),
    synonyms=("upsample", "segnet"),
    caption=("kernel_size", "stride"),
    formula="y[indices] = x, else 0",
)


@dataclass(frozen=True)
class _AvgPool(_Pool):
    ceil_mode: Ceil = False
    count_include_pad: Annotated[bool, Setting(label="Count padding", help="Zeros of the padding count too")] = True


for_each_dims(
    _AvgPool,
    "avg_pool",
    "AvgPool",
    "Takes the mean of each window of {of}: makes it smaller and smoother.",
    group="Pooling",
    synonyms=("mean", "downsample"),
    caption=("kernel_size", "stride"),
    formula="y[p] = mean over k of x[s · p + k]",
)


@dataclass(frozen=True)
class _LPPool(Native):
    norm_type: Annotated[
        float,
        Setting(
            1.0,
            16.0,
            label="Power",
            help="1 is the sum, 2 the root of the sum of squares; odd powers need positive numbers",
            said="p = {n}",
        ),
    ] = 2.0
    kernel_size: Kernel = 2
    stride: Stride = None
    ceil_mode: Ceil = False

    def check(self, x: Known) -> None:
        """Channels and an axis for each of the window's."""
        need_channels(x, self.dims)
        need_room(x, sizes(self.kernel_size, self.dims))


for_each_dims(
    _LPPool,
    "lp_pool",
    "LPPool",
    "Takes a power mean of each window of {of}: between the mean and the maximum.",
    group="Pooling",
    synonyms=("power",),
    caption=("norm_type", "kernel_size", "stride"),
    formula="y[i] = (Σₖ |x[s · i + k]|ᵖ)^(1/p)",
)


class AxisByAxis(nn.Module):
    """Adaptive pooling as slices: torch's windows begin at ⌊i·n/m⌋ and end at ⌈(i+1)·n/m⌉ along each axis."""

    def __init__(self, output_size: tuple[int, ...], largest: bool) -> None:
        super().__init__()
        self.output_size, self.largest = output_size, largest

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) to (batch, channels, *output_size)."""
        for axis, windows in enumerate(self.output_size, 2):
            size = x.shape[axis]
            ends = [(at * size // windows, -(-(at + 1) * size // windows)) for at in range(windows)]
            parts = [x.narrow(axis, start, end - start) for start, end in ends]
            reduced = [part.amax(axis) if self.largest else part.mean(axis) for part in parts]
            x = torch.stack(reduced, axis)
        return x


@dataclass(frozen=True)
class _Adaptive(Native):
    output_size: Annotated[Size, Setting(1, help="Size of the output")] = 7

    def check(self, x: Known) -> None:
        """Channels and an axis for each of the output's."""
        need_channels(x, self.dims)

    def export_twin(self, module: nn.Module) -> nn.Module:
        """The exporter knows only means, and those of at most two axes."""
        largest = "Max" in type(module).__name__
        return AxisByAxis(sizes(self.output_size, self.dims), largest) if largest or self.dims == 3 else module


for_each_dims(
    _Adaptive,
    "adaptive_avg_pool",
    "AdaptiveAvgPool",
    "Takes means over windows of {of} that are chosen so that the output has a given size.",
    group="Pooling",
    synonyms=("resize", "mean"),
    caption=("output_size",),
    formula="y[p] = mean of window p of x",
)
for_each_dims(
    _Adaptive,
    "adaptive_max_pool",
    "AdaptiveMaxPool",
    "Keeps the largest numbers of windows of {of} that are chosen so that the output has a given size.",
    group="Pooling",
    synonyms=("resize", "maximum"),
    caption=("output_size",),
    formula="y[p] = max of window p of x",
)


class GlobalPool(nn.Module):
    """Reduces all axes after the channels to one number each."""

    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) to (batch, channels)."""
        flat_BCL = x.flatten(2)
        return flat_BCL.amax(2) if self.largest else flat_BCL.mean(2)


@dataclass(frozen=True)
class _Global(Layer):
    def check(self, x: Known) -> None:
        """Channels and at least one more axis."""
        need_float(x)
        need_rank(x, *range(2, 64), what="channels_more")


@layer(
    "global_avg_pool", "GlobalAvgPool", "Pooling", synonyms=("mean", "gap", "squeeze"), formula="y[c] = mean of x[c]"
)
@dataclass(frozen=True)
class GlobalAvgPool(_Global):
    """Takes the mean of each channel: what is left is one number a channel.

    The usual step from convolutions to the last linear layer (Lin, Chen and Yan, 2014).
    """

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, ...) to (batch, channels)."""
        return made(GlobalPool, largest=False)


@layer("global_max_pool", "GlobalMaxPool", "Pooling", synonyms=("largest", "squeeze"), formula="y[c] = max of x[c]")
@dataclass(frozen=True)
class GlobalMaxPool(_Global):
    """Takes the largest number of each channel: what is left is one number a channel."""

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, ...) to (batch, channels)."""
        return made(GlobalPool, largest=True)
