"""Embeddings: whole numbers become learned vectors, and steps learn where they stand."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Misfit, Native, layer
from workbench.engine.layers.checks import need_rank
from workbench.engine.registry import Setting

GROUP = "Sequence"
Vocabulary = Annotated[
    int,
    Setting(1, label="Vocabulary", help="How many different numbers there are", said=("{n} word", "{n} words")),
]
Dimensions = Annotated[
    int, Setting(1, label="Dimensions", help="Length of each vector", said=("{n} dimension", "{n} dimensions"))
]
PaddingIndex = Annotated[
    int | None,
    Setting(0, kind="int", label="Padding number", help="This number stands for nothing, and learns nothing"),
]


def _check_words(x: Known, vocabulary: int, padding: int | None) -> None:
    if x.dtype not in ("int64", "int32"):
        raise Misfit("embedding.needs_int", found=x.dtype)
    if padding is not None and padding >= vocabulary:
        raise Misfit("embedding.padding", found=padding, vocabulary=vocabulary, remedy=Change("padding_idx", 0))


@layer(
    "embedding",
    "Embedding",
    GROUP,
    synonyms=("lookup", "word vectors", "token"),
    caption=("num_embeddings", "embedding_dim"),
    formula="y = E[x]",
)
@dataclass(frozen=True)
class Embedding(Native):
    """Turns each whole number into a learned vector."""

    module = nn.Embedding

    num_embeddings: Vocabulary = 1000
    embedding_dim: Dimensions = 64
    padding_idx: PaddingIndex = None

    def check(self, x: Known) -> None:
        """Whole numbers are looked up."""
        _check_words(x, self.num_embeddings, self.padding_idx)


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
class EmbeddingBag(Native):
    """Turns a sequence of whole numbers into the mean (sum, largest) of their learned vectors."""

    module = nn.EmbeddingBag

    num_embeddings: Vocabulary = 1000
    embedding_dim: Dimensions = 64
    mode: Annotated[str, Setting(choices=("mean", "sum", "max"), help="What is made of the vectors")] = "mean"
    padding_idx: PaddingIndex = None

    def check(self, x: Known) -> None:
        """A sequence of whole numbers."""
        _check_words(x, self.num_embeddings, self.padding_idx)
        need_rank(x, 1, what="numbers")

    def export_twin(self, module: nn.Module) -> nn.Module:
        """The exporter does not know bags."""
        assert isinstance(module, nn.EmbeddingBag)
        return Bag(module)
