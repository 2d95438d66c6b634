"""Layers that tell positions in a sequence apart, which attention alone cannot."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn

from workbench.engine.layers.base import Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting


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
    synonyms=("positional encoding", "position", "gpt", "transformer"),
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
            raise Misfit("position.too_long", found=x.shape[0], most=self.num_positions)

    def build(self, x: Known) -> nn.Module:
        """A table with a row a position."""
        return made(LearnedPositions, self.num_positions, x.shape[1])
