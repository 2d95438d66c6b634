"""Inputs, outputs, and the layers that every network has."""

from dataclasses import dataclass
from math import prod
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float
from workbench.engine.made import made
from workbench.engine.registry import Setting

DTYPES = ("float32", "int64")


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
