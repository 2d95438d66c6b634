"""Layers that tell positions in a sequence apart, which attention alone cannot."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.engine.layers.base import Change, Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

Base = Annotated[float, Setting(1.0, help="The longest wave is this many times 2π steps")]


class LearnedPositions(nn.Module):
    """Adds a learned vector for each position (GPT-2's way)."""

    def __init__(self, num_positions: int, features: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_positions, features)

    def forward(self, x_BLF: Tensor) -> Tensor:
        """(batch, length, features), the length at most the number of positions, to the same."""
        return x_BLF + self.embedding.weight[: x_BLF.shape[1]]


@layer(
    "position_embedding",
    "PositionEmbedding",
    "Sequence",
    synonyms=("positional embedding", "positional encoding", "learned", "position", "gpt", "bert"),
    caption=("num_positions",),
    formula="yₜ = xₜ + E[t]",
)
@dataclass(frozen=True)
class PositionEmbedding(Layer):
    """Adds a learned vector to each step of a sequence, so that what follows knows where it stands."""

    num_positions: Annotated[
        int,
        Setting(1, label="Positions", help="The longest sequence there is", said=("{n} position", "{n} positions")),
    ] = 256

    def check(self, x: Known) -> None:
        """Length × features, no longer than there are positions."""
        need_float(x)
        need_rank(x, 2, what="sequence")
        if x.shape[0] > self.num_positions:
            remedy = Change("num_positions", x.shape[0])
            raise Misfit("position.too_long", found=x.shape[0], most=self.num_positions, remedy=remedy)

    def build(self, x: Known) -> nn.Module:
        """A table with a row a position."""
        return made(LearnedPositions, self.num_positions, x.shape[1])


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
    "Sequence",
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
    "Sequence",
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
