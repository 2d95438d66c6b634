"""Convolutions and pooling: layers that slide a window."""

from dataclasses import dataclass
from math import gcd
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import (
    Change,
    InsertBefore,
    Known,
    Layer,
    Misfit,
    largest_divisor,
    layer,
    need_float,
    pair,
)
from workbench.engine.made import made
from workbench.engine.registry import Pair, Setting

Kernel = Annotated[Pair, Setting(1, label="Kernel", help="Height and width of the window")]
Stride = Annotated[Pair, Setting(1, label="Stride", help="How far the window moves each time")]
Padding = Annotated[Pair | str, Setting(0, choices=("same", "valid"), kind="pair", help="Zeros around the edge")]
Groups = Annotated[int, Setting(1, help="Channels are worked on in this many separate groups")]


def _pad(padding: Pair | str) -> tuple[int, int]:
    return (0, 0) if isinstance(padding, str) else pair(padding)


def _need_channels(x: Known, axes: int, what: str) -> None:
    need_float(x)
    if len(x.shape) == axes - 1 and axes == 3:
        raise Misfit(
            "layer.rank", found=x.shape, expected=what, remedy=InsertBefore("reshape", (("shape", (1, *x.shape)),))
        )
    if len(x.shape) != axes:
        raise Misfit("layer.rank", found=x.shape, expected=what)


def _need_groups(channels: int, out_channels: int, groups: int) -> None:
    if channels % groups or out_channels % groups:
        best = largest_divisor(gcd(channels, out_channels), groups)
        raise Misfit(
            "conv.groups", channels=channels, out_channels=out_channels, groups=groups, remedy=Change("groups", best)
        )


def _need_room(x: Known, kernel: tuple[int, ...], padding: tuple[int, ...], dilation: int, setting: str) -> None:
    """The window must fit into the padded input."""
    for axis, (size, window, pad) in enumerate(zip(x.shape[1:], kernel, padding, strict=True)):
        if dilation * (window - 1) + 1 > size + 2 * pad:
            raise Misfit("conv.kernel_too_large", found=x.shape, kernel=window, size=size + 2 * pad, axis=axis + 1)


@layer(
    "conv1d",
    "Conv1d",
    "Convolution",
    synonyms=("convolution", "temporal"),
    caption=("out_channels", "kernel_size", "stride", "padding"),
    formula="y[o] = b[o] + Σᵢ W[o, i] ⋆ x[i]",
)
@dataclass(frozen=True)
class Conv1d(Layer):
    """Slides learned filters along a sequence.

    The input is channels × length; each filter gives one channel of the output.
    """

    out_channels: Annotated[
        int, Setting(1, label="Filters", help="Channels of the output", said=("{n} filter", "{n} filters"))
    ] = 32
    kernel_size: Annotated[int, Setting(1, label="Kernel", help="Length of the window")] = 3
    stride: Annotated[int, Setting(1, help="How far the window moves each time")] = 1
    padding: Annotated[int | str, Setting(0, choices=("same", "valid"), kind="int", help="Zeros around the edge")] = 0
    dilation: Annotated[int, Setting(1, help="Distance of the window's points")] = 1
    groups: Groups = 1
    bias: Annotated[bool, Setting(help="Add a learned offset to each filter")] = True

    def check(self, x: Known) -> None:
        """Channels × length."""
        _need_channels(x, 2, "channels_length")
        _need_groups(x.shape[0], self.out_channels, self.groups)
        if self.padding == "same" and self.stride != 1:
            raise Misfit("conv.same_stride", stride=self.stride, remedy=Change("padding", self.kernel_size // 2))
        if self.padding != "same":
            pad = 0 if isinstance(self.padding, str) else self.padding
            _need_room(x, (self.kernel_size,), (pad,), self.dilation, "kernel_size")

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, length) to (batch, out_channels, length')."""
        return made(
            nn.Conv1d,
            x.shape[0],
            self.out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.bias,
        )


@layer(
    "conv2d",
    "Conv2d",
    "Convolution",
    synonyms=("convolution", "filter", "cnn"),
    caption=("out_channels", "kernel_size", "stride", "padding"),
    formula="y[o] = b[o] + Σᵢ W[o, i] ⋆ x[i]",
)
@dataclass(frozen=True)
class Conv2d(Layer):
    """Slides learned filters over an image.

    The input is channels × height × width; each filter gives one channel of the output.
    """

    out_channels: Annotated[
        int, Setting(1, label="Filters", help="Channels of the output", said=("{n} filter", "{n} filters"))
    ] = 32
    kernel_size: Kernel = 3
    stride: Stride = 1
    padding: Padding = 0
    dilation: Annotated[int, Setting(1, help="Distance of the window's points")] = 1
    groups: Groups = 1
    bias: Annotated[bool, Setting(help="Add a learned offset to each filter")] = True

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        _need_channels(x, 3, "image")
        _need_groups(x.shape[0], self.out_channels, self.groups)
        kernel = pair(self.kernel_size)
        if self.padding == "same" and pair(self.stride) != (1, 1):
            half = (kernel[0] // 2, kernel[1] // 2)
            value = half[0] if half[0] == half[1] else half
            raise Misfit("conv.same_stride", stride=self.stride, remedy=Change("padding", value))
        if self.padding != "same":
            _need_room(x, kernel, _pad(self.padding), self.dilation, "kernel_size")

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, height, width) to (batch, out_channels, height', width')."""
        padding = self.padding if isinstance(self.padding, str) else pair(self.padding)
        return made(
            nn.Conv2d,
            x.shape[0],
            self.out_channels,
            pair(self.kernel_size),
            pair(self.stride),
            padding,
            self.dilation,
            self.groups,
            self.bias,
        )


@layer(
    "conv_transpose2d",
    "ConvTranspose2d",
    "Convolution",
    synonyms=("deconvolution", "upsample", "fractionally strided"),
    caption=("out_channels", "kernel_size", "stride"),
    formula="y[o] = b[o] + Σᵢ W[i, o] ∗ x[i]",
)
@dataclass(frozen=True)
class ConvTranspose2d(Layer):
    """Spreads each point of an image over a window with learned filters: makes it larger.

    The usual way up in decoders and generators; kernel 4, stride 2, padding 1 doubles height and width.
    """

    out_channels: Annotated[
        int, Setting(1, label="Filters", help="Channels of the output", said=("{n} filter", "{n} filters"))
    ] = 32
    kernel_size: Kernel = 4
    stride: Stride = 2
    padding: Annotated[Pair, Setting(0, help="Cut off around the edge of the output")] = 1
    output_padding: Annotated[Pair, Setting(0, help="Added at one edge; smaller than the stride")] = 0
    groups: Groups = 1
    bias: Annotated[bool, Setting(help="Add a learned offset to each filter")] = True

    def check(self, x: Known) -> None:
        """Channels × height × width. (Torch itself does not notice wrong channels on `meta`.)"""
        _need_channels(x, 3, "image")
        _need_groups(x.shape[0], self.out_channels, self.groups)
        for size, kernel, stride, padding, extra in zip(
            x.shape[1:],
            pair(self.kernel_size),
            pair(self.stride),
            pair(self.padding),
            pair(self.output_padding),
            strict=True,
        ):
            if extra >= stride:
                raise Misfit("conv.output_padding", stride=stride, found=extra, remedy=Change("output_padding", 0))
            if (size - 1) * stride - 2 * padding + kernel + extra < 1:
                raise Misfit("conv.nothing_left", found=x.shape, remedy=Change("padding", 0))

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, height, width) to (batch, out_channels, height', width')."""
        return made(
            nn.ConvTranspose2d,
            x.shape[0],
            self.out_channels,
            pair(self.kernel_size),
            pair(self.stride),
            pair(self.padding),
            pair(self.output_padding),
            self.groups,
            self.bias,
        )


def _check_pool(x: Known, kernel: Pair, padding: Pair) -> None:
    _need_channels(x, 3, "image")
    for window, pad in zip(pair(kernel), pair(padding), strict=True):
        if pad > window // 2:
            raise Misfit("pool.padding", kernel=window, found=pad, remedy=Change("padding", window // 2))
    _need_room(x, pair(kernel), pair(padding), 1, "kernel_size")


@layer(
    "max_pool1d",
    "MaxPool1d",
    "Pooling",
    synonyms=("subsample",),
    caption=("kernel_size", "stride"),
    formula="y[t] = max over k of x[s · t + k]",
)
@dataclass(frozen=True)
class MaxPool1d(Layer):
    """Keeps the largest number of each window along a sequence."""

    kernel_size: Annotated[int, Setting(1, label="Kernel", help="Length of the window")] = 2
    stride: Annotated[int | None, Setting(1, help="As long as the window unless set")] = None

    def check(self, x: Known) -> None:
        """Channels × length."""
        _need_channels(x, 2, "channels_length")
        _need_room(x, (self.kernel_size,), (0,), 1, "kernel_size")

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, length) to (batch, channels, length')."""
        return made(nn.MaxPool1d, self.kernel_size, self.stride)


@layer(
    "max_pool2d",
    "MaxPool2d",
    "Pooling",
    synonyms=("subsample", "downsample"),
    caption=("kernel_size", "stride"),
    formula="y[i, j] = max over k, l of x[s · i + k, s · j + l]",
)
@dataclass(frozen=True)
class MaxPool2d(Layer):
    """Keeps the largest number of each window of an image: makes it smaller."""

    kernel_size: Kernel = 2
    stride: Annotated[Pair | None, Setting(1, help="As large as the window unless set")] = None
    padding: Annotated[Pair, Setting(0, help="Around the edge, at most half the window")] = 0

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        _check_pool(x, self.kernel_size, self.padding)

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, height, width) to (batch, channels, height', width')."""
        stride = None if self.stride is None else pair(self.stride)
        return made(nn.MaxPool2d, pair(self.kernel_size), stride, pair(self.padding))


@layer(
    "avg_pool2d",
    "AvgPool2d",
    "Pooling",
    synonyms=("mean", "downsample"),
    caption=("kernel_size", "stride"),
    formula="y[i, j] = mean over k, l of x[s · i + k, s · j + l]",
)
@dataclass(frozen=True)
class AvgPool2d(Layer):
    """Takes the mean of each window of an image: makes it smaller and smoother."""

    kernel_size: Kernel = 2
    stride: Annotated[Pair | None, Setting(1, help="As large as the window unless set")] = None
    padding: Annotated[Pair, Setting(0, help="Around the edge, at most half the window")] = 0

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        _check_pool(x, self.kernel_size, self.padding)

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, height, width) to (batch, channels, height', width')."""
        stride = None if self.stride is None else pair(self.stride)
        return made(nn.AvgPool2d, pair(self.kernel_size), stride, pair(self.padding))


@layer(
    "adaptive_avg_pool2d",
    "AdaptiveAvgPool2d",
    "Pooling",
    synonyms=("resize", "mean"),
    caption=("output_size",),
    formula="y[i, j] = mean of window (i, j) of x",
)
@dataclass(frozen=True)
class AdaptiveAvgPool2d(Layer):
    """Takes means over windows that are chosen so that the output has a given size."""

    output_size: Annotated[Pair, Setting(1, help="Height and width of the output")] = 7

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        _need_channels(x, 3, "image")

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, height, width) to (batch, channels, *output_size)."""
        return made(nn.AdaptiveAvgPool2d, pair(self.output_size))


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
        if len(x.shape) < 2:
            raise Misfit("layer.rank", found=x.shape, expected="channels_more")


@layer(
    "global_avg_pool",
    "GlobalAvgPool",
    "Pooling",
    synonyms=("mean", "gap", "squeeze"),
    formula="y[c] = mean of x[c]",
)
@dataclass(frozen=True)
class GlobalAvgPool(_Global):
    """Takes the mean of each channel: what is left is one number a channel.

    The usual step from convolutions to the last linear layer (Lin, Chen and Yan, 2014).
    """

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, ...) to (batch, channels)."""
        return made(GlobalPool, largest=False)


@layer(
    "global_max_pool",
    "GlobalMaxPool",
    "Pooling",
    synonyms=("largest", "squeeze"),
    formula="y[c] = max of x[c]",
)
@dataclass(frozen=True)
class GlobalMaxPool(_Global):
    """Takes the largest number of each channel: what is left is one number a channel."""

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, ...) to (batch, channels)."""
        return made(GlobalPool, largest=True)
