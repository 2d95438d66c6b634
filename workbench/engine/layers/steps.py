"""Layers that draw the steps of a sequence together, so that padding changes nothing. Inputs are length × features."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.attention import check_mask
from workbench.engine.layers.base import Known, Layer, layer
from workbench.engine.layers.checks import need_float, need_int, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

PADDING = PortInfo("padding_mask", optional=True, help="Length: yes where a step is only padding")


def lengths_of(padding_BT: Tensor) -> Tensor:
    """How many steps there are up to the last that is no padding, (batch,); 1 at least."""
    places = torch.arange(1, padding_BT.shape[1] + 1, device=padding_BT.device)
    return (places * ~padding_BT).amax(1).clamp_min(1)


class IsPadding(nn.Module):
    """Tells the number that fills up sequences from all others."""

    def __init__(self, padding_idx: int) -> None:
        super().__init__()
        self.padding_idx = padding_idx

    def forward(self, tokens_BT: Tensor) -> Tensor:
        """(batch, length) of whole numbers to the same of yes and no."""
        return tokens_BT == self.padding_idx


@layer(
    "padding_mask",
    "PaddingMask",
    "Sequence",
    synonyms=("key padding mask", "lengths", "attention mask"),
    formula="y = (x = padding)",
)
@dataclass(frozen=True)
class PaddingMask(Layer):
    """Says yes where a text holds only padding: what layers need to leave it out.

    Connect the tokens to it, and it to the padding mask of attention, recurrent layers and pooling.
    """

    padding_idx: Annotated[int, Setting(0, label="Padding", help="The number that fills up shorter texts")] = 0

    def check(self, x: Known) -> None:
        """Whole numbers."""
        need_int(x, "in")
        need_rank(x, 1, what="numbers")

    def build(self, x: Known) -> nn.Module:
        """(batch, length) to the same."""
        return made(IsPadding, self.padding_idx)


class LastStep(nn.Module):
    """Takes the last step that is no padding."""

    def forward(self, x_BTF: Tensor, padding_BT: Tensor | None = None) -> Tensor:
        """(batch, length, features) to (batch, features)."""
        if padding_BT is None:
            return x_BTF[:, -1]
        places_B11 = (lengths_of(padding_BT) - 1)[:, None, None]
        return x_BTF.gather(1, places_B11.expand(-1, 1, x_BTF.shape[-1])).squeeze(1)


class MaskedPool(nn.Module):
    """Reduces the steps that are no padding to one."""

    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, x_BTF: Tensor, padding_BT: Tensor | None = None) -> Tensor:
        """(batch, length, features) to (batch, features); zeros where all is padding."""
        if padding_BT is None:
            return x_BTF.amax(1) if self.largest else x_BTF.mean(1)
        hidden_BT1 = padding_BT.unsqueeze(-1)
        if self.largest:
            largest_BF = x_BTF.masked_fill(hidden_BT1, float("-inf")).amax(1)
            return largest_BF.masked_fill(padding_BT.all(1, keepdim=True), 0.0)
        return x_BTF.masked_fill(hidden_BT1, 0.0).sum(1) / (~hidden_BT1).sum(1).clamp_min(1)


@dataclass(frozen=True)
class _Drawn(Layer):
    def check(self, x: Known, padding_mask: Known | None = None) -> None:
        """Length × features, and a mask of the same length."""
        need_float(x)
        need_rank(x, 2, what="sequence")
        check_mask(padding_mask, "padding_mask", x.shape[0])


_drawn = partial(layer, group="Sequence", inputs=(PortInfo("in"), PADDING))


@_drawn(
    "last_step",
    "LastStep",
    synonyms=("final", "last word", "last token", "sequence to vector"),
    formula="y = x[length - 1]",
)
@dataclass(frozen=True)
class Last(_Drawn):
    """Takes the last step of a sequence that is no padding: what a causal network made of all before it."""

    def build(self, x: Known, padding_mask: Known | None = None) -> nn.Module:
        """(batch, length, features) to (batch, features)."""
        return made(LastStep)


@_drawn(
    "masked_mean",
    "MaskedMean",
    synonyms=("average", "pool", "sentence vector", "padding"),
    formula="y = Σ xᵢ / n,  over steps that are no padding",
)
@dataclass(frozen=True)
class MaskedMean(_Drawn):
    """Takes the mean over the steps that are no padding: one vector for a whole text."""

    def build(self, x: Known, padding_mask: Known | None = None) -> nn.Module:
        """(batch, length, features) to (batch, features)."""
        return made(MaskedPool, largest=False)


@_drawn(
    "masked_max",
    "MaskedMax",
    synonyms=("largest", "pool", "sentence vector", "padding"),
    formula="y = max xᵢ,  over steps that are no padding",
)
@dataclass(frozen=True)
class MaskedMax(_Drawn):
    """Keeps the largest number of each feature over the steps that are no padding."""

    def build(self, x: Known, padding_mask: Known | None = None) -> nn.Module:
        """(batch, length, features) to (batch, features)."""
        return made(MaskedPool, largest=True)
