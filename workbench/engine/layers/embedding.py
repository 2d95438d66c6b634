"""Embeddings: whole numbers become learned vectors, and steps learn where they stand."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Layer, Misfit, Native, layer
from workbench.engine.layers.checks import need_float, need_rank
from workbench.engine.made import made
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
Base = Annotated[float, Setting(1.0, help="The longest wave is this many times 2π steps")]


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


class Positions(nn.Module):
    """Adds a learned vector for each step."""

    def __init__(self, max_length: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(max_length, features) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, features) to the same."""
        return x + self.weight[: x.shape[1]]


@layer(
    "positional_embedding",
    "PositionalEmbedding",
    GROUP,
    synonyms=("position", "learned", "order", "gpt", "bert"),
    caption=("max_length",),
    formula="y[t] = x[t] + P[t]",
)
@dataclass(frozen=True)
class PositionalEmbedding(Layer):
    """Adds a learned vector for each step, so that attention knows where it stands."""

    max_length: Annotated[
        int, Setting(1, label="Longest", help="Steps of the longest sequence", said=("{n} step", "{n} steps"))
    ] = 512

    def check(self, x: Known) -> None:
        """Length × features, not longer than the longest."""
        need_float(x)
        need_rank(x, 2, what="sequence")
        if x.shape[0] > self.max_length:
            raise Misfit(
                "position.length", found=x.shape[0], most=self.max_length, remedy=Change("max_length", x.shape[0])
            )

    def build(self, x: Known) -> nn.Module:
        """(batch, length, features) to the same."""
        return made(Positions, self.max_length, x.shape[-1])


class Sinusoids(nn.Module):
    """Adds waves of different lengths over the steps."""

    def __init__(self, base: float) -> None:
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, features) to the same."""
        length, features = x.shape[1], x.shape[2]
        pitch_H = self.base ** (-torch.arange(0, features, 2, dtype=x.dtype, device=x.device) / features)
        angles_TH = torch.arange(length, dtype=x.dtype, device=x.device).unsqueeze(1) * pitch_H
        return x + torch.stack((angles_TH.sin(), angles_TH.cos()), -1).flatten(1)[:, :features]


@layer(
    "sinusoidal_encoding",
    "SinusoidalEncoding",
    GROUP,
    synonyms=("position", "waves", "positional encoding"),
    formula="y[t, 2i] = x + sin(t · b^(−2i/F)),  y[t, 2i+1] = x + cos(t · b^(−2i/F))",
)
@dataclass(frozen=True)
class SinusoidalEncoding(Layer):
    """Adds waves of different lengths over the steps, so that attention knows where it stands.

    Learns nothing and works for any length (Vaswani and others, 2017).
    """

    base: Base = 10000.0

    def check(self, x: Known) -> None:
        """Length × features."""
        need_float(x)
        need_rank(x, 2, what="sequence")

    def build(self, x: Known) -> nn.Module:
        """(batch, length, features) to the same."""
        return made(Sinusoids, self.base)


class Rotated(nn.Module):
    """Turns pairs of features by an angle that grows with the step."""

    def __init__(self, base: float) -> None:
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ..., length, features) to the same; the first half of the features pairs with the second."""
        length, half = x.shape[-2], x.shape[-1] // 2
        pitch_H = self.base ** (-torch.arange(half, dtype=x.dtype, device=x.device) / half)
        angles_TH = torch.arange(length, dtype=x.dtype, device=x.device).unsqueeze(1) * pitch_H
        sin, cos = angles_TH.sin(), angles_TH.cos()
        a, b = x[..., :half], x[..., half:]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


@layer(
    "rotary_embedding",
    "RotaryEmbedding",
    GROUP,
    synonyms=("rope", "position", "rotation", "llama"),
    formula="(a, b)[t] → (a cos tθ − b sin tθ, b cos tθ + a sin tθ)",
)
@dataclass(frozen=True)
class RotaryEmbedding(Layer):
    """Turns queries and keys by an angle that grows with the step: their product then tells how far apart they are.

    Works on length × features, or heads × length × features (Su and others, 2021).
    """

    base: Base = 10000.0

    def check(self, x: Known) -> None:
        """An even number of features."""
        need_float(x)
        need_rank(x, 2, 3, what="sequence")
        if x.shape[-1] % 2 or not x.shape[-1]:
            raise Misfit("glu.odd", found=x.shape, size=x.shape[-1], axis=-1)

    def build(self, x: Known) -> nn.Module:
        """(batch, ..., length, features) to the same."""
        return made(Rotated, self.base)
