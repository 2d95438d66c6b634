"""Attention: every step of a sequence looks at others. Inputs are length × features."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Change, Known, Layer, Misfit, layer
from workbench.engine.layers.checks import largest_divisor, need_bool, need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

GROUP = "Sequence"

PADDING_MASK = PortInfo("key_padding_mask", optional=True, help="Length: yes where a key is only padding")
ATTENTION_MASK = PortInfo("attn_mask", optional=True, help="Length × length: yes where a query may not see a key")

Dropout = Annotated[float, Setting(0.0, 1.0, help="Of attention weights")]
Causal = Annotated[bool, Setting(help="A step does not see later ones", said="causal")]


def causal_mask(length: int, like: Tensor) -> Tensor:
    """(length, length), yes above the diagonal: a step does not see later ones."""
    return torch.ones(length, length, dtype=torch.bool, device=like.device).triu(1)


def check_heads(width: int, heads: int, name: str) -> None:
    """Raise `Misfit` unless the features can be shared out evenly among the heads."""
    if width % heads:
        remedy = Change(name, largest_divisor(width, heads))
        raise Misfit("attention.heads", width=width, heads=heads, remedy=remedy)


def check_mask(mask: Known | None, port: str, *wanted: int) -> None:
    """Raise `Misfit` unless a mask holds yes and no, in this shape."""
    need_bool(mask, port)
    if mask is not None and mask.shape != wanted:
        raise Misfit("attention.mask", port=port, found=mask.shape, wanted=wanted)


def check_attention(
    query: Known, key: Known | None, value: Known | None, padding: Known | None, mask: Known | None, causal: bool
) -> None:
    """Raise `Misfit` unless these can be attended to: length × features each, masks of their lengths."""
    for x in (query, key, value):
        if x is not None:
            need_float(x)
            need_rank(x, 2, what="sequence")
    key = key or query
    if value is not None and key.shape[0] != value.shape[0]:
        raise Misfit("attention.lengths", key=key.shape, value=value.shape)
    if causal and key.shape[0] != query.shape[0]:
        raise Misfit("attention.causal", query=query.shape, key=key.shape, remedy=Change("causal", False))
    check_mask(padding, "key_padding_mask", key.shape[0])
    check_mask(mask, "attn_mask", query.shape[0], key.shape[0])


class Attention(nn.Module):
    """Multi-head attention with optional keys, values and masks."""

    def __init__(self, attention: nn.MultiheadAttention, causal: bool, need_weights: bool = False) -> None:
        super().__init__()
        self.attention = attention
        self.causal, self.need_weights = causal, need_weights

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        attn_mask: Tensor | None = None,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """(batch, length, features), and the same of other lengths, to (batch, length, features).

        Masks are (batch, keys) and (batch, queries, keys), with yes for what is not to be seen. With
        `need_weights` there is a second output, (batch, queries, keys).
        """
        key = query if key is None else key
        mask = causal_mask(query.shape[1], query) if self.causal else None
        if attn_mask is not None:
            hidden = attn_mask if mask is None else attn_mask | mask
            mask = hidden.repeat_interleave(self.attention.num_heads, 0)
        out, weights = self.attention(
            query,
            key,
            key if value is None else value,
            key_padding_mask=key_padding_mask,
            need_weights=self.need_weights,
            attn_mask=mask,
            is_causal=self.causal and attn_mask is None,
        )
        return (out, weights) if self.need_weights else out


@layer(
    "multihead_attention",
    "MultiheadAttention",
    GROUP,
    inputs=(
        PortInfo("query", help="What asks"),
        PortInfo("key", optional=True, help="What is asked; the query itself when nothing is connected"),
        PortInfo("value", optional=True, help="What is answered; the key when nothing is connected"),
        PADDING_MASK,
        ATTENTION_MASK,
    ),
    outputs=(PortInfo("out"), PortInfo("weights", when="need_weights", help="Who looks at whom: queries × keys")),
    synonyms=("self-attention", "cross-attention", "transformer", "mha"),
    caption=("num_heads", "causal"),
    formula="y = concat(softmax(Q Kᵀ / √d) V) Wᵒ,  one Q, K, V a head",
)
@dataclass(frozen=True)
class MultiheadAttention(Layer):
    """Lets every step of a sequence look at all others and take what it needs.

    With only `query` connected this is self-attention (Vaswani and others, 2017).
    """

    num_heads: Annotated[
        int,
        Setting(1, label="Heads", help="The features are shared out among them", said=("{n} head", "{n} heads")),
    ] = 4
    dropout: Dropout = 0.0
    causal: Causal = False
    bias: Annotated[bool, Setting(help="Learn offsets of the projections")] = True
    need_weights: Annotated[bool, Setting(label="Weights", help="A second output: who looks at whom")] = False

    def check(
        self,
        query: Known,
        key: Known | None = None,
        value: Known | None = None,
        key_padding_mask: Known | None = None,
        attn_mask: Known | None = None,
    ) -> None:
        """Length × features each; the heads must share the features out evenly."""
        need_float(query)
        need_rank(query, 2, what="sequence")
        check_heads(query.shape[-1], self.num_heads, "num_heads")
        check_attention(query, key, value, key_padding_mask, attn_mask, self.causal)

    def build(
        self, query: Known, key: Known | None = None, value: Known | None = None, *masks: Known | None
    ) -> nn.Module:
        """Projections, scaled dot products, and a projection of the result."""
        key = key or query
        attention = made(
            nn.MultiheadAttention,
            query.shape[-1],
            self.num_heads,
            dropout=self.dropout,
            bias=self.bias,
            kdim=key.shape[-1],
            vdim=(value or key).shape[-1],
            batch_first=True,
        )
        return made(Attention, attention, self.causal, self.need_weights)


class DotProducts(nn.Module):
    """Scaled dot products of queries and keys weigh values."""

    def __init__(self, causal: bool, dropout: float) -> None:
        super().__init__()
        self.causal, self.dropout = causal, dropout

    def forward(self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        """(batch, ..., length, features) thrice; a mask is (batch, length, length), with yes for what is hidden."""
        mask = None if attn_mask is None else ~attn_mask.unsqueeze(1)
        if mask is not None and self.causal:
            mask = mask & ~causal_mask(query.shape[-2], query)
        heads = query.dim() == 4
        out: Tensor = nn.functional.scaled_dot_product_attention(
            *((query, key, value) if heads else (query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1))),
            attn_mask=mask,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal and attn_mask is None,
        )
        return out if heads else out.squeeze(1)


@layer(
    "scaled_dot_product_attention",
    "ScaledDotProductAttention",
    GROUP,
    inputs=(PortInfo("query"), PortInfo("key"), PortInfo("value"), ATTENTION_MASK),
    synonyms=("sdpa", "attention", "flash"),
    caption=("causal",),
    formula="y = softmax(Q Kᵀ / √d) V",
)
@dataclass(frozen=True)
class ScaledDotProductAttention(Layer):
    """Attention without weights of its own, for queries, keys and values that you make yourself.

    Each is length × features, or heads × length × features.
    """

    causal: Causal = False
    dropout: Dropout = 0.0

    def check(self, query: Known, key: Known, value: Known, attn_mask: Known | None = None) -> None:
        """The same features of queries and keys, as many keys as values, and heads that are the same."""
        need_float(query, key, value)
        need_rank(query, 2, 3, what="sequence")
        heads = {x.shape[:-2] for x in (query, key, value)}
        if len(heads) > 1 or query.shape[-1] != key.shape[-1]:
            raise Misfit("operation.vectors", shapes=(query.shape, key.shape))
        flat = [Known(x.shape[-2:], x.dtype) for x in (query, key, value)]
        check_attention(flat[0], flat[1], flat[2], None, attn_mask, self.causal)

    def build(self, query: Known, key: Known, value: Known, attn_mask: Known | None = None) -> nn.Module:
        """(batch, ..., length, features)."""
        return made(DotProducts, self.causal, self.dropout)
