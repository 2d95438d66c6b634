"""Embeddings: whole numbers become learned vectors, and steps learn where they stand."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Misfit, Native, layer
from workbench.engine.layers.checks import need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Sequence"
USUAL = 1000
Vocabulary = Annotated[
    int | None,
    Setting(
        1,
        kind="int",
        label="Vocabulary",
        help="How many different numbers there are; left open, as many as the data have (1,000 where they do not say)",
        said=("{n} word", "{n} words"),
    ),
]
Dimensions = Annotated[
    int, Setting(1, label="Dimensions", help="Length of each vector", said=("{n} dimension", "{n} dimensions"))
]
PaddingIndex = Annotated[
    int | None,
    Setting(0, kind="int", label="Padding number", help="This number stands for nothing, and learns nothing"),
]


@dataclass(frozen=True)
class Lookup(Native):
    """Base of layers that look whole numbers up in a table."""

    num_embeddings: Vocabulary = None
    embedding_dim: Dimensions = 64
    padding_idx: PaddingIndex = None

    def rows(self, x: Known) -> int:
        """Of the table."""
        return self.num_embeddings or x.size or USUAL

    def check(self, x: Known) -> None:
        """Whole numbers, each of which has a row."""
        if x.dtype not in ("int64", "int32"):
            raise Misfit("embedding.needs_int", found=x.dtype)
        rows = self.rows(x)
        if rows < x.size:
            remedy = Change("num_embeddings", x.size)
            raise Misfit("embedding.small", found=rows, wanted=x.size, remedy=remedy)
        if self.padding_idx is not None and self.padding_idx >= rows:
            raise Misfit("embedding.padding", found=self.padding_idx, vocabulary=rows, remedy=Change("padding_idx", 0))

    def build(self, x: Known) -> nn.Module:
        """(batch, ...) numbers to their vectors."""
        return made(self.module, **{**self.options(), "num_embeddings": self.rows(x)})


@layer(
    "embedding",
    "Embedding",
    GROUP,
    synonyms=("lookup", "word vectors", "token"),
    caption=("num_embeddings", "embedding_dim"),
    formula="y = E[x]",
)
@dataclass(frozen=True)
class Embedding(Lookup):
    """Turns each whole number into a learned vector."""

    module = nn.Embedding


class Bag(nn.Module):
    """A bag of embeddings of operations that ONNX has."""

    def __init__(self, bag: nn.EmbeddingBag) -> None:
        super().__init__()
        self.weight, self.mode, self.padding = bag.weight, bag.mode, bag.padding_idx

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length) to (batch, dimensions)."""
        vectors_BTE = nn.functional.embedding(x, self.weight)
        there_BT1 = (x >= 0 if self.padding is None else x != self.padding).unsqueeze(-1)
        if self.mode == "max":
            highest_BE = vectors_BTE.masked_fill(~there_BT1, float("-inf")).amax(1)
            return highest_BE.masked_fill(~there_BT1.any(1), 0.0)
        sums_BE = (vectors_BTE * there_BT1).sum(1)
        return sums_BE if self.mode == "sum" else sums_BE / there_BT1.sum(1).clamp(min=1)


@layer(
    "embedding_bag",
    "EmbeddingBag",
    GROUP,
    synonyms=("bag of words", "lookup", "text classification"),
    caption=("num_embeddings", "embedding_dim", "mode"),
    formula="y = mean of E[x₁], E[x₂], …",
)
@dataclass(frozen=True)
class EmbeddingBag(Lookup):
    """Turns a sequence of whole numbers into the mean (sum, largest) of their learned vectors."""

    module = nn.EmbeddingBag

    mode: Annotated[str, Setting(choices=("mean", "sum", "max"), help="What is made of the vectors")] = "mean"

    def check(self, x: Known) -> None:
        """A sequence of whole numbers."""
        super().check(x)
        need_rank(x, 1, what="numbers")

    def export_twin(self, module: nn.Module) -> nn.Module:
        """The exporter does not know bags."""
        assert isinstance(module, nn.EmbeddingBag)
        return Bag(module)
