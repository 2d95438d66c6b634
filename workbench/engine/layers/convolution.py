"""Convolutions: layers that slide learned filters."""

from dataclasses import dataclass
from math import prod
from typing import Annotated

from torch import nn

from workbench.engine.layers.base import Change, Known, Misfit, Native, for_each_dims, layer, sizes
from workbench.engine.layers.checks import need_channels, need_float, need_groups, need_rank, need_room
from workbench.engine.registry import Setting, Size

Filters = Annotated[int, Setting(1, label="Filters", help="Channels of the output", said=("{n} filter", "{n} filters"))]
Kernel = Annotated[Size, Setting(1, label="Kernel", help="Size of the window")]
Stride = Annotated[Size, Setting(1, label="Stride", help="How far the window moves each time")]
Dilation = Annotated[Size, Setting(1, help="Distance of the window's points")]
Groups = Annotated[int, Setting(1, help="Channels are worked on in this many separate groups")]
Bias = Annotated[bool, Setting(help="Add a learned offset to each filter")]


@dataclass(frozen=True)
class _Conv(Native):
    out_channels: Filters = 32
    kernel_size: Kernel = 3
    stride: Stride = 1
    padding: Annotated[Size | str, Setting(0, choices=("same", "valid"), help="Added around the edge")] = 0
    dilation: Dilation = 1
    groups: Groups = 1
    bias: Bias = True
    padding_mode: Annotated[
        str,
        Setting(
            choices=("zeros", "reflect", "replicate", "circular"), label="Padding with", help="What the edge is made of"
        ),
    ] = "zeros"

    def inferred(self, x: Known) -> tuple[int]:
        """The channels of the input."""
        return (x.shape[0],)

    def check(self, x: Known) -> None:
        """Channels, and an axis for each of the window's; the padded input must hold the window."""
        need_channels(x, self.dims)
        need_groups(x.shape[0], self.out_channels, self.groups)
        kernel, dilation = sizes(self.kernel_size, self.dims), sizes(self.dilation, self.dims)
        if self.padding == "same" and set(sizes(self.stride, self.dims)) != {1}:
            half = tuple(size // 2 for size in kernel)
            value = half[0] if len(set(half)) == 1 else half
            raise Misfit("conv.same_stride", stride=self.stride, remedy=Change("padding", value))
        around = tuple(gap * (size - 1) for gap, size in zip(dilation, kernel, strict=True))
        if not isinstance(self.padding, str):
            padding = sizes(self.padding, self.dims)
            need_room(x, kernel, padding, dilation)
        else:
            padding = tuple(size - size // 2 for size in around) if self.padding == "same" else (0,) * self.dims
            if self.padding == "valid":
                need_room(x, kernel, padding, dilation)
        self._check_mode(x, padding)

    def _check_mode(self, x: Known, padding: tuple[int, ...]) -> None:
        """Reflecting needs more than it adds, and going round at least as much."""
        spare = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        for size, added in zip(x.shape[1:], padding, strict=True):
            if spare is not None and added > size - spare:
                remedy = Change("padding_mode", "zeros")
                raise Misfit("pad.too_much", found=x.shape, added=added, mode=self.padding_mode, remedy=remedy)


for_each_dims(
    _Conv,
    "conv",
    "Conv",
    """Slides learned filters over {of}.

    The input is channels × its size; each filter gives one channel of the output. With as many groups as channels
    each channel has filters of its own (depthwise).
    """,
    group="Convolution",
    synonyms=("convolution", "filter", "cnn", "depthwise", "temporal", "video"),
    caption=("out_channels", "kernel_size", "stride", "padding"),
    formula="y[o] = b[o] + Σᵢ W[o, i] ⋆ x[i]",
)


@dataclass(frozen=True)
class _ConvTranspose(Native):
    out_channels: Filters = 32
    kernel_size: Kernel = 4
    stride: Stride = 2
    padding: Annotated[Size, Setting(0, help="Cut off around the edge of the output")] = 1
    output_padding: Annotated[Size, Setting(0, help="Added at one edge; smaller than the stride or the dilation")] = 0
    groups: Groups = 1
    bias: Bias = True
    dilation: Dilation = 1

    def inferred(self, x: Known) -> tuple[int]:
        """The channels of the input."""
        return (x.shape[0],)

    def check(self, x: Known) -> None:
        """As a convolution. (Torch itself does not notice wrong channels on `meta`.)"""
        need_channels(x, self.dims)
        need_groups(x.shape[0], self.out_channels, self.groups)
        given = (self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation)
        spread = (sizes(value, self.dims) for value in given)
        for size, kernel, stride, padding, extra, dilation in zip(x.shape[1:], *spread, strict=True):
            if extra >= max(stride, dilation):
                raise Misfit("conv.output_padding", stride=stride, found=extra, remedy=Change("output_padding", 0))
            if (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1 < 1:
                raise Misfit("conv.nothing_left", found=x.shape, remedy=Change("padding", 0))


for_each_dims(
    _ConvTranspose,
    "conv_transpose",
    "ConvTranspose",
    """Spreads each point of {of} over a window with learned filters: makes it larger.

    The usual way up in decoders and generators; kernel 4, stride 2, padding 1 doubles the size.
    """,
    group="Convolution",
    synonyms=("deconvolution", "upsample", "fractionally strided"),
    caption=("out_channels", "kernel_size", "stride"),
    formula="y[o] = b[o] + Σᵢ W[i, o] ∗ x[i]",
)


@dataclass(frozen=True)
class _Blocks(Native):
    """Base of the two that turn images into blocks of pixels and back."""

    kernel_size: Kernel = 3
    dilation: Dilation = 1
    padding: Annotated[Size, Setting(0, help="Zeros around the edge of the image")] = 0
    stride: Stride = 1


@layer(
    "unfold",
    "Unfold",
    "Convolution",
    synonyms=("im2col", "patches", "blocks"),
    caption=("kernel_size", "stride"),
    formula="(C, H, W) → (C · k · k, windows)",
)
@dataclass(frozen=True)
class Unfold(_Blocks):
    """Lays the pixels of each window of an image out as a column.

    Gives channels · window × number of windows; with a stride as large as the window these are patches.
    """

    module = nn.Unfold

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        need_channels(x, 2)
        need_room(x, sizes(self.kernel_size, 2), sizes(self.padding, 2), sizes(self.dilation, 2))


@layer(
    "fold",
    "Fold",
    "Convolution",
    synonyms=("col2im", "patches", "blocks"),
    caption=("output_size", "kernel_size"),
    formula="(C · k · k, windows) → (C, H, W), sums where windows overlap",
)
@dataclass(frozen=True)
class Fold(_Blocks):
    """Puts columns of pixels back to where Unfold took them from, and adds where windows overlap."""

    module = nn.Fold

    output_size: Annotated[Size, Setting(1, label="Output size", help="Height and width of the image")] = 28

    def check(self, x: Known) -> None:
        """Channels · window × number of windows."""
        need_float(x)
        need_rank(x, 2, what="blocks")
        given = (self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
        window, columns = prod(sizes(self.kernel_size, 2)), 1
        for size, kernel, dilation, padding, stride in zip(*(sizes(value, 2) for value in given), strict=True):
            columns *= max(0, (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)
        if x.shape[0] % window or x.shape[1] != columns:
            raise Misfit("fold.blocks", found=x.shape, window=window, columns=columns)
