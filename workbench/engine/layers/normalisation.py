"""Normalisation and dropout: what keeps training steady."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Annotated, Any
from warnings import catch_warnings

from torch import nn

from workbench.engine.layers.base import Change, Known, Misfit, Native, for_each_dims, layer
from workbench.engine.layers.checks import VOLUMES, largest_divisor, need_channels, need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

Epsilon = Annotated[
    float, Setting(0.0, 1.0, label="Epsilon", help="Added to the variance, so that nothing is divided by zero")
]
Momentum = Annotated[float, Setting(0.0, 1.0, help="How fast the running mean follows")]
Affine = Annotated[bool, Setting(help="Learn a scale and an offset for each channel")]
Running = Annotated[
    bool, Setting(label="Running mean", help="Keep a mean of past batches for evaluation; else use the batch's own")
]

SCALED = "y = γ · (x − E[x]) / √(Var[x] + ε) + β"


@dataclass(frozen=True)
class _Batch(Native):
    eps: Epsilon = 1e-5
    momentum: Momentum = 0.1
    affine: Affine = True
    track_running_stats: Running = True

    def inferred(self, x: Known) -> tuple[int]:
        """The channels."""
        return (x.shape[0],)

    def check(self, x: Known) -> None:
        """Channels and the axes that statistics are taken over; another number of axes has a layer of its own."""
        need_float(x)
        meant = max(1, len(x.shape) - 1)
        if self.dims == 1 and len(x.shape) in (1, 2):
            return
        if meant != self.dims and meant in VOLUMES and x.shape:
            raise Misfit("layer.use_instead", found=x.shape, other=f"BatchNorm{meant}d")
        need_rank(x, self.dims + 1, what="features_or_sequence" if self.dims == 1 else VOLUMES[self.dims])


for_each_dims(
    _Batch,
    "batch_norm",
    "BatchNorm",
    """Normalises each channel of {of} over the batch.

    Keeps a running mean and variance for evaluation (Ioffe and Szegedy, 2015). BatchNorm1d does it for flat
    features too.
    """,
    group="Normalisation",
    synonyms=("bn",),
    formula=SCALED,
)


@dataclass(frozen=True)
class _Instance(Native):
    eps: Epsilon = 1e-5
    momentum: Momentum = 0.1
    affine: Affine = False
    track_running_stats: Running = False

    def inferred(self, x: Known) -> tuple[int]:
        """The channels."""
        return (x.shape[0],)

    def check(self, x: Known) -> None:
        """Channels and the axes that statistics are taken over, which must be more than one number."""
        need_channels(x, self.dims)
        if prod(x.shape[1:]) == 1:
            raise Misfit("instance_norm.single", found=x.shape)

    def measuring(self) -> AbstractContextManager[None]:
        """Torch warns of other channels than it was told of, which a channel axis of variable length has."""
        return catch_warnings(action="ignore")


for_each_dims(
    _Instance,
    "instance_norm",
    "InstanceNorm",
    "Normalises each channel of {of} by itself, as style transfer does (Ulyanov and others, 2016).",
    group="Normalisation",
    synonyms=("style", "in"),
    formula=SCALED,
)


@dataclass(frozen=True)
class _LastAxes(Native):
    axes: Annotated[
        int,
        Setting(
            1,
            8,
            label="Last axes",
            help="How many axes are normalised together",
            said=("last axis", "last {n} axes"),
        ),
    ] = 1

    def check(self, x: Known) -> None:
        """There must be as many axes as are normalised."""
        need_float(x)
        if self.axes > len(x.shape):
            raise Misfit("layer_norm.axes", found=x.shape, axes=self.axes, remedy=Change("axes", max(1, len(x.shape))))

    def inferred(self, x: Known) -> tuple[int | list[int]]:
        """The normalised shape: that of the last axes."""
        return (x.shape[-1] if self.axes == 1 else list(x.shape[-self.axes :]),)

    def options(self) -> dict[str, Any]:
        """Torch wants the sizes of the axes instead of their number."""
        found = super().options()
        del found["axes"]
        return found


@layer("layer_norm", "LayerNorm", "Normalisation", synonyms=("ln",), caption=("axes",), formula=SCALED)
@dataclass(frozen=True)
class LayerNorm(_LastAxes):
    """Normalises each sample over its last axes.

    Does the same in training and evaluation, whatever the batch (Ba, Kiros and Hinton, 2016).
    """

    module = nn.LayerNorm

    eps: Epsilon = 1e-5
    elementwise_affine: Annotated[bool, Setting(label="Affine", help="Learn a scale and an offset")] = True
    bias: Annotated[bool, Setting(label="Offset", help="Of what is learned, the offset")] = True


@layer(
    "rms_norm",
    "RMSNorm",
    "Normalisation",
    synonyms=("root mean square", "llama"),
    caption=("axes",),
    formula="y = γ · x / √(E[x²] + ε)",
)
@dataclass(frozen=True)
class RMSNorm(_LastAxes):
    """As LayerNorm, but only the size is brought to one, not the mean to zero: cheaper (Zhang and Sennrich, 2019)."""

    module = nn.RMSNorm

    eps: Annotated[
        float | None, Setting(0.0, 1.0, label="Epsilon", help="The smallest number of the type unless set")
    ] = None
    elementwise_affine: Annotated[bool, Setting(label="Affine", help="Learn a scale")] = True


@layer("group_norm", "GroupNorm", "Normalisation", caption=("num_groups",), formula=SCALED)
@dataclass(frozen=True)
class GroupNorm(Native):
    """Normalises groups of channels of each sample.

    One group is layer norm over all; as many groups as channels is instance norm (Wu and He, 2018).
    """

    module = nn.GroupNorm

    num_groups: Annotated[
        int,
        Setting(1, label="Groups", help="The channels are shared out among them", said=("{n} group", "{n} groups")),
    ] = 8
    eps: Epsilon = 1e-5
    affine: Affine = True

    def check(self, x: Known) -> None:
        """The channels must share out evenly."""
        need_float(x)
        if not x.shape:
            raise Misfit("layer.rank", found=x.shape, expected="channels")
        channels = x.shape[0]
        if channels % self.num_groups:
            best = largest_divisor(channels, self.num_groups)
            raise Misfit(
                "group_norm.groups", channels=channels, groups=self.num_groups, remedy=Change("num_groups", best)
            )
        if prod(x.shape) == self.num_groups:
            remedy = Change("num_groups", 1) if channels > 1 else None
            raise Misfit("group_norm.single", found=x.shape, groups=self.num_groups, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """Statistics of one number a group and sample."""
        return made(nn.GroupNorm, self.num_groups, x.shape[0], self.eps, self.affine)


@layer(
    "local_response_norm",
    "LocalResponseNorm",
    "Normalisation",
    synonyms=("lrn", "alexnet"),
    caption=("size",),
    formula="y[c] = x[c] / (k + α/n · Σ x[c′]²)^β,  c′ near c",
)
@dataclass(frozen=True)
class LocalResponseNorm(Native):
    """Divides each channel by the size of its neighbours, as AlexNet did (Krizhevsky and others, 2012)."""

    module = nn.LocalResponseNorm

    size: Annotated[int, Setting(1, 4096, help="How many neighbouring channels count", said="{n} channels")] = 5
    alpha: Annotated[float, Setting(0.0, help="Weight of the neighbours")] = 1e-4
    beta: Annotated[float, Setting(0.0, help="Power of the divisor")] = 0.75
    k: Annotated[float, Setting(0.0, label="Offset", help="Of the divisor")] = 1.0

    def check(self, x: Known) -> None:
        """Channels and at least one more axis."""
        need_float(x)
        need_rank(x, 2, 3, 4, what="channels_more")


Probability = Annotated[float, Setting(0.0, 1.0, label="Probability", help="To be dropped", said="p = {n}")]


@dataclass(frozen=True)
class _Drop(Native):
    p: Probability = 0.5

    def check(self, x: Known) -> None:
        """Dropout scales what is left."""
        need_float(x)


_dropout = partial(layer, group="Normalisation", caption=("p",))
DROPPED = "y = x · m / (1 − p),  P(m = 0) = p"


@_dropout("dropout", "Dropout", synonyms=("regularisation",), formula=DROPPED)
@dataclass(frozen=True)
class Dropout(_Drop):
    """Sets random values to zero while training, so that no unit relies on another.

    The rest is scaled by 1 / (1 - p); in evaluation nothing happens (Srivastava and others, 2014).
    """

    module = nn.Dropout


@dataclass(frozen=True)
class _ChannelDrop(_Drop):
    def check(self, x: Known) -> None:
        """Channels and the axes of each."""
        need_channels(x, self.dims)


for_each_dims(
    _ChannelDrop,
    "dropout",
    "Dropout",
    """Sets whole channels of {of} to zero while training.

    Neighbouring values say nearly the same, so that dropping single ones would do little (Tompson and others, 2015).
    """,
    group="Normalisation",
    synonyms=("spatial", "regularisation"),
    caption=("p",),
    formula=DROPPED,
)


@_dropout(
    "alpha_dropout",
    "AlphaDropout",
    synonyms=("selu", "regularisation"),
    formula="y = a · (x · m + α′ · (1 − m)) + b",
)
@dataclass(frozen=True)
class AlphaDropout(_Drop):
    """Dropout that keeps mean and variance, for networks of SELUs (Klambauer and others, 2017)."""

    module = nn.AlphaDropout


@_dropout(
    "feature_alpha_dropout",
    "FeatureAlphaDropout",
    synonyms=("selu", "regularisation"),
    formula="y = a · (x · m + α′ · (1 − m)) + b",
)
@dataclass(frozen=True)
class FeatureAlphaDropout(_Drop):
    """AlphaDropout of whole channels."""

    module = nn.FeatureAlphaDropout

    def check(self, x: Known) -> None:
        """Channels and at least one more axis."""
        need_float(x)
        need_rank(x, 2, 3, 4, what="channels_more")
