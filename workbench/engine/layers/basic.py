"""Inputs, outputs, and the layers that every network has."""

from dataclasses import dataclass
from math import prod
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Layer, Misfit, largest_divisor, layer, need_float
from workbench.engine.made import made
from workbench.engine.registry import Setting

DTYPES = ("float32", "int64")

Epsilon = Annotated[
    float, Setting(0.0, 1.0, label="Epsilon", help="Added to the variance, so that nothing is divided by zero")
]


@layer("input", "Input", "Inputs and outputs", family="io", inputs=(), synonyms=("data", "source", "placeholder"))
@dataclass(frozen=True)
class Input(Layer):
    """Where data enters the network.

    An input is bound to a column of the project's data, or, while there is no data, declares its shape.
    """

    column: Annotated[str | None, Setting(kind="column", help="The column of the data that enters here")] = None
    shape: Annotated[
        tuple[int | str, ...] | None,
        Setting(
            1,
            names=True,
            help="Without the batch axis; a name such as seq stands for any length. Used while no column is bound",
        ),
    ] = None
    dtype: Annotated[str, Setting(choices=DTYPES, help="Used while no column is bound")] = "float32"

    def build(self) -> nn.Module:
        """Nothing is computed."""
        return made(nn.Identity)


@layer("output", "Output", "Inputs and outputs", family="io", outputs=(), synonyms=("loss", "target", "result"))
@dataclass(frozen=True)
class Output(Layer):
    """What the network is for: the task, and the column that holds the right answers.

    The loss is not part of the exported network: that gives the raw outputs (for classes: logits), and the
    exported file's metadata says how to read them.
    """

    task: Annotated[str, Setting(choices=("classification", "regression"), help="What the output means")] = (
        "classification"
    )
    target: Annotated[str | None, Setting(kind="column", help="The column with the right answers")] = None
    loss: Annotated[
        str,
        Setting(choices=("default", "cross_entropy", "mse", "l1", "huber"), help="What training makes small"),
    ] = "default"
    weight: Annotated[float, Setting(0.0, help="Of this output's loss in the sum of all losses")] = 1.0

    def build(self, x: Known) -> nn.Module:
        """Nothing is computed."""
        return made(nn.Identity)


@layer(
    "linear",
    "Linear",
    "Linear",
    synonyms=("dense", "fully connected", "affine"),
    caption=("out_features",),
    formula="y = x Wᵀ + b",
)
@dataclass(frozen=True)
class Linear(Layer):
    """Connects every input to every output with a learned weight.

    Works on the last axis: y = x Wᵀ + b. Earlier axes stay as they are, so an image must be flattened first.
    """

    out_features: Annotated[int, Setting(1, label="Units", help="How many outputs", said=("{n} unit", "{n} units"))] = (
        128
    )
    bias: Annotated[bool, Setting(help="Add a learned offset to each output")] = True

    def check(self, x: Known) -> None:
        """A linear layer reads numbers along a last axis."""
        need_float(x)
        if not x.shape:
            raise Misfit("layer.rank", found=x.shape, expected="features")

    def build(self, x: Known) -> nn.Module:
        """Y = x Wᵀ + b."""
        return made(nn.Linear, x.shape[-1], self.out_features, bias=self.bias)


@layer(
    "flatten",
    "Flatten",
    "Shape",
    family="operation",
    synonyms=("vectorise", "unroll"),
    formula="(a, b, c) → (a · b · c)",
)
@dataclass(frozen=True)
class Flatten(Layer):
    """Joins axes into one.

    Axis 0 is the batch and stays; by default all others become one axis.
    """

    start_dim: Annotated[int, Setting(1, label="First axis", help="1 is the first after the batch")] = 1
    end_dim: Annotated[int, Setting(label="Last axis", help="-1 is the last")] = -1

    def build(self, x: Known) -> nn.Module:
        """A view where that is possible."""
        return made(nn.Flatten, self.start_dim, self.end_dim)


@layer(
    "dropout",
    "Dropout",
    "Normalisation",
    synonyms=("regularisation",),
    caption=("p",),
    formula="y = x · m / (1 − p),  m ∈ {0, 1},  P(m = 0) = p",
)
@dataclass(frozen=True)
class Dropout(Layer):
    """Sets random values to zero while training, so that no unit relies on another.

    The rest is scaled by 1 / (1 - p); in evaluation nothing happens (Srivastava and others, 2014).
    """

    p: Annotated[float, Setting(0.0, 1.0, label="Probability", help="Of a value to be dropped")] = 0.5

    def check(self, x: Known) -> None:
        """Dropout scales what is left."""
        need_float(x)

    def build(self, x: Known) -> nn.Module:
        """One mask for every value."""
        return made(nn.Dropout, self.p)


@layer(
    "batch_norm1d",
    "BatchNorm1d",
    "Normalisation",
    synonyms=("bn",),
    formula="y = γ · (x − E[x]) / √(Var[x] + ε) + β",
)
@dataclass(frozen=True)
class BatchNorm1d(Layer):
    """Normalises each feature over the batch.

    For flat features, or features along a sequence (Ioffe and Szegedy, 2015).
    """

    eps: Epsilon = 1e-5
    momentum: Annotated[float, Setting(0.0, 1.0, help="How fast the running mean follows")] = 0.1
    affine: Annotated[bool, Setting(help="Learn a scale and an offset for each feature")] = True

    def check(self, x: Known) -> None:
        """Features, or features × length."""
        need_float(x)
        if len(x.shape) == 3:
            raise Misfit("layer.use_instead", found=x.shape, other="BatchNorm2d")
        if len(x.shape) not in (1, 2):
            raise Misfit("layer.rank", found=x.shape, expected="features_or_sequence")

    def build(self, x: Known) -> nn.Module:
        """Statistics of one number a feature."""
        return made(nn.BatchNorm1d, x.shape[0], self.eps, self.momentum, self.affine)


@layer(
    "batch_norm2d",
    "BatchNorm2d",
    "Normalisation",
    synonyms=("bn",),
    formula="y = γ · (x − E[x]) / √(Var[x] + ε) + β",
)
@dataclass(frozen=True)
class BatchNorm2d(Layer):
    """Normalises each channel of an image over the batch.

    Keeps a running mean and variance for evaluation (Ioffe and Szegedy, 2015).
    """

    eps: Epsilon = 1e-5
    momentum: Annotated[float, Setting(0.0, 1.0, help="How fast the running mean follows")] = 0.1
    affine: Annotated[bool, Setting(help="Learn a scale and an offset for each channel")] = True

    def check(self, x: Known) -> None:
        """Channels × height × width."""
        need_float(x)
        if len(x.shape) in (1, 2):
            raise Misfit("layer.use_instead", found=x.shape, other="BatchNorm1d")
        if len(x.shape) != 3:
            raise Misfit("layer.rank", found=x.shape, expected="image")

    def build(self, x: Known) -> nn.Module:
        """Statistics of one number a channel."""
        return made(nn.BatchNorm2d, x.shape[0], self.eps, self.momentum, self.affine)


@layer(
    "layer_norm",
    "LayerNorm",
    "Normalisation",
    synonyms=("ln",),
    caption=("axes",),
    formula="y = γ · (x − E[x]) / √(Var[x] + ε) + β",
)
@dataclass(frozen=True)
class LayerNorm(Layer):
    """Normalises each sample over its last axes.

    Does the same in training and evaluation, whatever the batch (Ba, Kiros and Hinton, 2016).
    """

    axes: Annotated[
        int,
        Setting(
            1, 8, label="Last axes", help="How many axes are normalised together", said=("last axis", "last {n} axes")
        ),
    ] = 1
    eps: Epsilon = 1e-5
    elementwise_affine: Annotated[bool, Setting(label="Affine", help="Learn a scale and an offset")] = True

    def check(self, x: Known) -> None:
        """There must be as many axes as are normalised."""
        need_float(x)
        if self.axes > len(x.shape):
            raise Misfit("layer_norm.axes", found=x.shape, axes=self.axes, remedy=Change("axes", max(1, len(x.shape))))

    def build(self, x: Known) -> nn.Module:
        """The normalised shape is that of the last axes."""
        shape = x.shape[-1] if self.axes == 1 else list(x.shape[-self.axes :])
        return made(nn.LayerNorm, shape, self.eps, self.elementwise_affine)


@layer(
    "group_norm",
    "GroupNorm",
    "Normalisation",
    caption=("num_groups",),
    formula="y = γ · (x − E[x]) / √(Var[x] + ε) + β",
)
@dataclass(frozen=True)
class GroupNorm(Layer):
    """Normalises groups of channels of each sample.

    One group is layer norm over all; as many groups as channels is instance norm (Wu and He, 2018).
    """

    num_groups: Annotated[
        int, Setting(1, label="Groups", help="The channels are shared out among them", said=("{n} group", "{n} groups"))
    ] = 8
    eps: Epsilon = 1e-5
    affine: Annotated[bool, Setting(help="Learn a scale and an offset for each channel")] = True

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
    "embedding",
    "Embedding",
    "Sequence",
    synonyms=("lookup", "word vectors", "token"),
    caption=("num_embeddings", "embedding_dim"),
    formula="y = E[x]",
)
@dataclass(frozen=True)
class Embedding(Layer):
    """Turns each whole number into a learned vector."""

    num_embeddings: Annotated[
        int, Setting(1, label="Vocabulary", help="How many different numbers there are", said=("{n} word", "{n} words"))
    ] = 1000
    embedding_dim: Annotated[
        int, Setting(1, label="Dimensions", help="Length of each vector", said=("{n} dimension", "{n} dimensions"))
    ] = 64

    def check(self, x: Known) -> None:
        """Whole numbers are looked up."""
        if x.dtype not in ("int64", "int32"):
            raise Misfit("embedding.needs_int", found=x.dtype)

    def build(self, x: Known) -> nn.Module:
        """A table with a row a number."""
        return made(nn.Embedding, self.num_embeddings, self.embedding_dim)


@layer(
    "reshape",
    "Reshape",
    "Shape",
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


class Reshaped(nn.Module):
    """Reshapes all axes but the batch."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ...) to (batch, *shape)."""
        return x.reshape(x.shape[0], *self.shape)
