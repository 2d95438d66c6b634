"""Layers that read sequences: recurrent ones and attention. Inputs are length × features."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import (
    Change,
    Cost,
    Known,
    Layer,
    Misfit,
    layer,
)
from workbench.engine.layers.checks import largest_divisor, need_float, need_rank
from workbench.engine.made import made
from workbench.engine.recurrent import gru_keeps, lstm_keeps
from workbench.engine.registry import Setting


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


RECURRENT_PORTS = (
    PortInfo("out", help="The hidden state of the last layer at every step"),
    PortInfo("last", help="The final hidden state of the last layer (both directions, one after the other)"),
)


class Recurrent(nn.Module):
    """An LSTM or GRU over batch-first sequences that also gives its final hidden state."""

    def __init__(self, rnn: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x_BTF: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden)."""
        out_BTH, hidden = self.rnn(x_BTF)
        state_LBH = hidden[0] if isinstance(hidden, tuple) else hidden
        directions = 2 if self.rnn.bidirectional else 1
        return out_BTH, torch.cat(tuple(state_LBH[-directions:]), dim=-1)


class OnnxRecurrent(nn.Module):
    """The same as one ONNX LSTM or GRU node a layer, with any batch size and length.

    The exporter would trace torch's own layer for one length, and fails on the second export of a bidirectional
    or deep one in the same process. Gate order: torch's LSTM has input, forget, cell, output and ONNX input,
    output, forget, cell; torch's GRU has reset, update, new and ONNX update, reset, new (ONNX operators LSTM-14
    and GRU-14).
    """

    GATES: ClassVar = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}

    def __init__(self, rnn: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.kind = type(rnn).__name__
        self.hidden, self.layers = rnn.hidden_size, rnn.num_layers
        self.directions = 2 if rnn.bidirectional else 1
        for number in range(self.layers):
            weights = [self._reordered(rnn, number, direction) for direction in range(self.directions)]
            for name, parts in zip("wrb", zip(*weights, strict=True), strict=True):
                self.register_buffer(f"{name}{number}", torch.stack(parts))

    def _reordered(self, rnn: nn.LSTM | nn.GRU, number: int, direction: int) -> tuple[Tensor, Tensor, Tensor]:
        suffix = f"_l{number}" + ("_reverse" if direction else "")

        def ordered(name: str) -> Tensor:
            gates = getattr(rnn, name + suffix).detach().chunk(len(self.GATES[self.kind]))
            return torch.cat([gates[place] for place in self.GATES[self.kind]])

        w, r = ordered("weight_ih"), ordered("weight_hh")
        b = torch.cat([ordered("bias_ih"), ordered("bias_hh")]) if rnn.bias else w.new_zeros(2 * w.shape[0])
        return w, r, b

    def forward(self, x_BTF: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden)."""
        x_TBF = x_BTF.transpose(0, 1)
        length, batch = x_TBF.shape[0], x_TBF.shape[1]
        shapes = [(length, self.directions, batch, self.hidden), (self.directions, batch, self.hidden)]
        attributes: dict[str, Any] = {
            "hidden_size": self.hidden,
            "direction": "bidirectional" if self.directions == 2 else "forward",
        }
        if self.kind == "LSTM":
            shapes.append(shapes[1])
        else:
            attributes["linear_before_reset"] = 1
        last_DBH = x_TBF
        for number in range(self.layers):
            weights = [getattr(self, f"{name}{number}") for name in "wrb"]
            out_TDBH, last_DBH, *_ = torch.onnx.ops.symbolic_multi_out(
                self.kind, [x_TBF, *weights], attributes, dtypes=[x_TBF.dtype] * len(shapes), shapes=shapes, version=20
            )
            x_TBF = out_TDBH.permute(0, 2, 1, 3).reshape(length, batch, self.directions * self.hidden)
        return x_TBF.transpose(0, 1), torch.cat(tuple(last_DBH[d] for d in range(self.directions)), dim=-1)


@dataclass(frozen=True)
class _RecurrentLayer(Layer):
    hidden_size: Annotated[
        int, Setting(1, label="Units", help="Length of the hidden state", said=("{n} unit", "{n} units"))
    ] = 128
    num_layers: Annotated[int, Setting(1, 64, label="Layers", help="Stacked one on the other")] = 1
    bidirectional: Annotated[bool, Setting(help="Read forwards and backwards")] = False
    dropout: Annotated[float, Setting(0.0, 1.0, help="Between stacked layers")] = 0.0
    bias: Annotated[bool, Setting(help="Learn offsets of the gates")] = True

    GATES = 4

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def check(self, x: Known) -> None:
        """Length × features."""
        need_float(x)
        need_rank(x, 2, what="sequence")

    def infer(self, x: Known) -> tuple[Known, ...]:
        """Torch unrolls recurrent layers on `meta`, which takes up to a second."""
        width = self.hidden_size * self._directions
        return Known((x.shape[0], width), x.dtype), Known((width,), x.dtype)

    def cost(self, x: Known) -> Cost:
        """Two matrix products a gate and step; the backward pass keeps gates and states of every step."""
        length, features = x.shape
        flops = saved = 0
        for number in range(self.num_layers):
            read = features if number == 0 else self.hidden_size * self._directions
            flops += 2 * self.GATES * self.hidden_size * (read + self.hidden_size) * length * self._directions
            saved += 4 * self._directions * self._kept(length, read)
        below = 4 * (self.num_layers - 1) * self._directions * self.hidden_size * length  # outputs of lower layers
        return Cost(flops, saved + below + 4 * features * length)

    def _kept(self, length: int, features: int) -> int:
        """Numbers that one layer keeps for the backward pass in one direction, of one sample."""
        raise NotImplementedError

    def _options(self) -> dict[str, int | bool | float]:
        return {
            "num_layers": self.num_layers,
            "bias": self.bias,
            "batch_first": True,
            "dropout": self.dropout if self.num_layers > 1 else 0.0,
            "bidirectional": self.bidirectional,
        }

    def export_twin(self, module: nn.Module) -> nn.Module:
        """Real ONNX nodes instead of an unrolled loop."""
        assert isinstance(module, Recurrent)
        return OnnxRecurrent(module.rnn)


@layer(
    "lstm",
    "LSTM",
    "Sequence",
    outputs=RECURRENT_PORTS,
    synonyms=("recurrent", "rnn", "memory"),
    caption=("hidden_size",),
    formula="c = f ⊙ c′ + i ⊙ g,  h = o ⊙ tanh(c),  i, f, o = σ(W x + U h′ + b),  g = tanh(W x + U h′ + b)",
)
@dataclass(frozen=True)
class LSTM(_RecurrentLayer):
    """Reads a sequence step by step and keeps a memory that gates open and close.

    `out` is the hidden state at every step, `last` the final one (Hochreiter and Schmidhuber, 1997).
    """

    def _kept(self, length: int, features: int) -> int:
        return lstm_keeps(length, 1, features, self.hidden_size)

    def build(self, x: Known) -> nn.Module:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden)."""
        return made(Recurrent, made(nn.LSTM, x.shape[-1], self.hidden_size, **self._options()))


@layer(
    "gru",
    "GRU",
    "Sequence",
    outputs=RECURRENT_PORTS,
    synonyms=("recurrent", "rnn"),
    caption=("hidden_size",),
    formula="h = (1 − z) ⊙ n + z ⊙ h′,  r, z = σ(W x + U h′ + b),  n = tanh(W x + b + r ⊙ (U h′ + c))",
)
@dataclass(frozen=True)
class GRU(_RecurrentLayer):
    """Reads a sequence step by step with two gates: lighter than an LSTM.

    `out` is the hidden state at every step, `last` the final one (Cho and others, 2014).
    """

    GATES = 3

    def _kept(self, length: int, features: int) -> int:
        return gru_keeps(length, 1, self.hidden_size)

    def build(self, x: Known) -> nn.Module:
        """(batch, length, features) to (batch, length, hidden) and (batch, hidden)."""
        return made(Recurrent, made(nn.GRU, x.shape[-1], self.hidden_size, **self._options()))


def _mask(length: int, like: Tensor) -> Tensor:
    """Above the diagonal minus infinity: a step does not see later ones."""
    return torch.full((length, length), float("-inf"), dtype=like.dtype, device=like.device).triu(1)


class Attention(nn.Module):
    """Multi-head attention with an optional second and third input and a causal mask."""

    def __init__(self, attention: nn.MultiheadAttention, causal: bool) -> None:
        super().__init__()
        self.attention = attention
        self.causal = causal

    def forward(self, query: Tensor, key: Tensor | None = None, value: Tensor | None = None) -> Tensor:
        """(batch, length, features), and the same of other lengths, to (batch, length, features)."""
        key = query if key is None else key
        mask = _mask(query.shape[1], query) if self.causal else None
        out: Tensor = self.attention(
            query, key, key if value is None else value, need_weights=False, attn_mask=mask, is_causal=self.causal
        )[0]
        return out


def _need_heads(width: int, heads: int, name: str) -> None:
    if width % heads:
        remedy = Change(name, largest_divisor(width, heads))
        raise Misfit("attention.heads", width=width, heads=heads, remedy=remedy)


@layer(
    "multihead_attention",
    "MultiheadAttention",
    "Sequence",
    inputs=(
        PortInfo("query", help="What asks"),
        PortInfo("key", optional=True, help="What is asked; the query itself when nothing is connected"),
        PortInfo("value", optional=True, help="What is answered; the key when nothing is connected"),
    ),
    synonyms=("self-attention", "transformer", "mha"),
    caption=("num_heads",),
    formula="y = concat(softmax(Q Kᵀ / √d) V) Wᵒ,  one Q, K, V a head",
)
@dataclass(frozen=True)
class MultiheadAttention(Layer):
    """Lets every step of a sequence look at all others and take what it needs.

    With only `query` connected this is self-attention (Vaswani and others, 2017).
    """

    num_heads: Annotated[
        int, Setting(1, label="Heads", help="The features are shared out among them", said=("{n} head", "{n} heads"))
    ] = 4
    dropout: Annotated[float, Setting(0.0, 1.0, help="Of attention weights")] = 0.0
    causal: Annotated[bool, Setting(help="A step does not see later ones")] = False
    bias: Annotated[bool, Setting(help="Learn offsets of the projections")] = True

    def check(self, query: Known, key: Known | None = None, value: Known | None = None) -> None:
        """Length × features each; the heads must share the features out evenly."""
        for x in (query, key, value):
            if x is not None:
                need_float(x)
                need_rank(x, 2, what="sequence")
        _need_heads(query.shape[-1], self.num_heads, "num_heads")
        key = key or query
        if value is not None and key.shape[0] != value.shape[0]:
            raise Misfit("attention.lengths", key=key.shape, value=value.shape)
        if self.causal and key.shape[0] != query.shape[0]:
            raise Misfit("attention.causal", query=query.shape, key=key.shape, remedy=Change("causal", False))

    def build(self, query: Known, key: Known | None = None, value: Known | None = None) -> nn.Module:
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
        return made(Attention, attention, self.causal)


class EncoderLayer(nn.Module):
    """A Transformer encoder layer with an optional causal mask."""

    def __init__(self, encoder: nn.TransformerEncoderLayer, causal: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.causal = causal

    def forward(self, x_BTF: Tensor) -> Tensor:
        """(batch, length, features) to the same."""
        mask = _mask(x_BTF.shape[1], x_BTF) if self.causal else None
        out_BTF: Tensor = self.encoder(x_BTF, src_mask=mask, is_causal=self.causal)
        return out_BTF


@layer(
    "transformer_encoder_layer",
    "TransformerEncoderLayer",
    "Sequence",
    synonyms=("attention", "bert", "gpt", "block"),
    caption=("nhead", "dim_feedforward"),
    formula="h = norm(x + attention(x)),  y = norm(h + W₂ φ(W₁ h))",
)
@dataclass(frozen=True)
class TransformerEncoderLayer(Layer):
    """Self-attention and a feed-forward part, each with a skip connection and layer norm.

    With *causal* it is a decoder layer as GPT has it (Vaswani and others, 2017).
    """

    nhead: Annotated[
        int, Setting(1, label="Heads", help="The features are shared out among them", said=("{n} head", "{n} heads"))
    ] = 4
    dim_feedforward: Annotated[
        int, Setting(1, label="Feed-forward", help="Units between its two linear layers", said="feed-forward {n}")
    ] = 512
    dropout: Annotated[float, Setting(0.0, 1.0, help="Share of values to be dropped while training")] = 0.1
    activation: Annotated[str, Setting(choices=("relu", "gelu"), help="Between its two linear layers")] = "relu"
    norm_first: Annotated[bool, Setting(label="Norm first", help="Normalise before each part: trains more easily")] = (
        False
    )
    causal: Annotated[bool, Setting(help="A step does not see later ones")] = False

    def check(self, x: Known) -> None:
        """Length × features; the heads must share the features out evenly."""
        need_float(x)
        need_rank(x, 2, what="sequence")
        _need_heads(x.shape[-1], self.nhead, "nhead")

    def build(self, x: Known) -> nn.Module:
        """(batch, length, features) to the same."""
        encoder = made(
            nn.TransformerEncoderLayer,
            x.shape[-1],
            self.nhead,
            self.dim_feedforward,
            self.dropout,
            self.activation,
            batch_first=True,
            norm_first=self.norm_first,
        )
        return made(EncoderLayer, encoder, self.causal)
