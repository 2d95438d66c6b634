"""Layers that make images larger or smaller without weights, and that move pixels into channels and back."""

from dataclasses import dataclass
from typing import Annotated, Any

from torch import Tensor, nn

from workbench.engine.layers.base import Axis, Change, Known, Layer, Misfit, Native, layer
from workbench.engine.layers.checks import largest_divisor, need_axis, need_channels, need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Size and padding"
MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear")
MODE_OF = {1: "linear", 2: "bilinear", 3: "trilinear"}


@layer(
    "upsample",
    "Upsample",
    GROUP,
    family="pooling",
    synonyms=("interpolate", "resize", "enlarge", "scale"),
    caption=("scale_factor", "mode"),
    formula="y[p] = x[p / scale]",
)
@dataclass(frozen=True)
class Upsample(Native):
    """Makes a sequence, an image or a volume larger (or smaller) by repeating or blending its points."""

    module = nn.Upsample

    size: Annotated[
        tuple[int, ...] | None,
        Setting(1, kind="ints", help="Of the output, one number for each axis after the channels"),
    ] = None
    scale_factor: Annotated[float, Setting(0.01, 64.0, help="Used while no size is set", said="× {n}")] = 2.0
    mode: Annotated[str, Setting(choices=MODES, help="Repeat the nearest point, or blend neighbours")] = "nearest"
    align_corners: Annotated[bool, Setting(help="The corners stay where they are; else the edges of pixels")] = False

    def check(self, x: Known) -> None:
        """Channels and one to three axes, for which the mode must be."""
        need_float(x)
        need_rank(x, 2, 3, 4, what="channels_more")
        axes = len(x.shape) - 1
        if self.mode not in ("nearest", MODE_OF[axes], *(["bicubic"] if axes == 2 else [])):
            raise Misfit("upsample.mode", found=x.shape, mode=self.mode, remedy=Change("mode", MODE_OF[axes]))
        if self.size is not None and len(self.size) not in (1, axes):
            raise Misfit("upsample.size", found=x.shape, wanted=axes, remedy=Change("size", None))
        if self.size is None and min(int(size * self.scale_factor) for size in x.shape[1:]) < 1:
            raise Misfit("conv.nothing_left", found=x.shape, remedy=Change("scale_factor", 1.0))

    def options(self) -> dict[str, Any]:
        """Torch takes a size or a factor, and corners only where it blends."""
        found: dict[str, Any] = {"mode": self.mode}
        if self.size is None:
            found["scale_factor"] = self.scale_factor
        else:
            found["size"] = self.size[0] if len(self.size) == 1 else self.size
        return found if self.mode == "nearest" else {**found, "align_corners": self.align_corners}


@layer(
    "pixel_shuffle",
    "PixelShuffle",
    GROUP,
    family="pooling",
    synonyms=("depth to space", "super-resolution", "sub-pixel"),
    caption=("upscale_factor",),
    formula="(C · r², H, W) → (C, H · r, W · r)",
)
@dataclass(frozen=True)
class PixelShuffle(Native):
    """Moves channels into pixels: the image becomes larger (Shi and others, 2016)."""

    module = nn.PixelShuffle

    upscale_factor: Annotated[int, Setting(1, 1024, label="Factor", help="How many times larger", said="× {n}")] = 2

    def check(self, x: Known) -> None:
        """A multiple of the factor squared as channels."""
        need_channels(x, 2)
        if x.shape[0] % self.upscale_factor**2:
            raise Misfit("shuffle.channels", channels=x.shape[0], wanted=self.upscale_factor**2)


@layer(
    "pixel_unshuffle",
    "PixelUnshuffle",
    GROUP,
    family="pooling",
    synonyms=("space to depth",),
    caption=("downscale_factor",),
    formula="(C, H · r, W · r) → (C · r², H, W)",
)
@dataclass(frozen=True)
class PixelUnshuffle(Native):
    """Moves pixels into channels: the image becomes smaller and nothing is lost."""

    module = nn.PixelUnshuffle

    downscale_factor: Annotated[int, Setting(1, 1024, label="Factor", help="How many times smaller", said="÷ {n}")] = 2

    def check(self, x: Known) -> None:
        """Height and width must be multiples of the factor."""
        need_channels(x, 2)
        if x.shape[1] % self.downscale_factor or x.shape[2] % self.downscale_factor:
            raise Misfit("shuffle.pixels", found=x.shape, factor=self.downscale_factor)


class Shuffled(nn.Module):
    """Deals channels out in turn, as cards."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) to the same."""
        dealt = x.reshape(x.shape[0], self.groups, x.shape[1] // self.groups, *x.shape[2:])
        return dealt.transpose(1, 2).flatten(1, 2)


@layer(
    "channel_shuffle",
    "ChannelShuffle",
    GROUP,
    family="pooling",
    synonyms=("shufflenet", "groups"),
    caption=("groups",),
    formula="(g · n, …) → (n · g, …)",
)
@dataclass(frozen=True)
class ChannelShuffle(Layer):
    """Mixes the channels of groups, so that grouped convolutions learn from one another (Zhang and others, 2018)."""

    groups: Annotated[
        int, Setting(1, help="How many groups the channels come in", said=("{n} group", "{n} groups"))
    ] = 2

    def check(self, x: Known) -> None:
        """The channels must share out evenly."""
        need_float(x)
        need_rank(x, *range(1, 9), what="channels")
        if x.shape[0] % self.groups:
            best = largest_divisor(x.shape[0], self.groups)
            raise Misfit("group_norm.groups", channels=x.shape[0], groups=self.groups, remedy=Change("groups", best))

    def build(self, x: Known) -> nn.Module:
        """(batch, channels, ...) to the same."""
        return made(Shuffled, self.groups)


class Padded(nn.Module):
    """Adds one number before and behind along an axis."""

    def __init__(self, dim: int, before: int, behind: int, value: float) -> None:
        super().__init__()
        self.dim, self.value = dim, value
        self.before, self.behind = before, behind

    def forward(self, x: Tensor) -> Tensor:
        """The other axes stay as they are."""
        after = x.dim() - 1 - self.dim if self.dim >= 0 else -1 - self.dim
        return nn.functional.pad(x, (0, 0) * after + (self.before, self.behind), value=self.value)


@layer(
    "pad",
    "Pad",
    GROUP,
    family="pooling",
    synonyms=("zero", "extend", "border"),
    caption=("dim",),
    formula="y = [c, x, c]",
)
@dataclass(frozen=True)
class Pad(Layer):
    """Adds one number before and behind along any axis; less than 0 cuts off."""

    dim: Axis = 1
    before: Annotated[int, Setting(help="How many before")] = 0
    behind: Annotated[int, Setting(help="How many behind")] = 1
    value: Annotated[float, Setting(help="What is added")] = 0.0

    def check(self, x: Known) -> None:
        """Something must be left."""
        need_float(x)
        size = x.shape[need_axis(x, self.dim)]
        if size + self.before + self.behind < 1 or min(self.before, self.behind) < -size:
            name = "before" if self.before < self.behind else "behind"
            raise Misfit("conv.nothing_left", found=x.shape, remedy=Change(name, 0))

    def build(self, x: Known) -> nn.Module:
        """The other axes stay as they are."""
        return made(Padded, self.dim, self.before, self.behind, self.value)
