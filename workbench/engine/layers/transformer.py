"""Transformer layers and stacks of them. Inputs are length × features."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.attention import causal_mask, check_heads, check_mask
from workbench.engine.layers.base import Known, Layer, Misfit, layer
from workbench.engine.layers.checks import need_float, need_rank
from workbench.engine.made import made
from workbench.engine.registry import Setting

PADDING = PortInfo("padding_mask", optional=True, help="Length: yes where a step is only padding")
MEMORY = PortInfo("memory", help="What the encoder made")
MEMORY_PADDING = PortInfo("memory_mask", optional=True, help="Length: yes where a step of the memory is only padding")

Heads = Annotated[
    int, Setting(1, label="Heads", help="The features are shared out among them", said=("{n} head", "{n} heads"))
]
NumLayers = Annotated[
    int, Setting(1, 64, label="Layers", help="Stacked one on the other", said=("{n} layer", "{n} layers"))
]
FinalNorm = Annotated[bool, Setting(label="Final norm", help="Normalise what the last layer makes")]


class Encoder(nn.Module):
    """A Transformer encoder layer, or a stack of them, with an optional causal mask."""

    def __init__(self, encoder: nn.TransformerEncoderLayer | nn.TransformerEncoder, causal: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.causal = causal

    def forward(self, x_BTF: Tensor, padding_BT: Tensor | None = None) -> Tensor:
        """(batch, length, features) to the same; yes in the mask for what is only padding."""
        mask = causal_mask(x_BTF.shape[1], x_BTF) if self.causal else None
        out_BTF: Tensor = self.encoder(x_BTF, mask, src_key_padding_mask=padding_BT, is_causal=self.causal)
        return out_BTF


class Decoder(nn.Module):
    """A Transformer decoder layer, or a stack of them, with an optional causal mask."""

    def __init__(self, decoder: nn.TransformerDecoderLayer | nn.TransformerDecoder, causal: bool) -> None:
        super().__init__()
        self.decoder = decoder
        self.causal = causal

    def forward(
        self,
        x_BTF: Tensor,
        memory_BSF: Tensor,
        padding_BT: Tensor | None = None,
        memory_padding_BS: Tensor | None = None,
    ) -> Tensor:
        """(batch, length, features) and a memory of any length to the first's shape."""
        out_BTF: Tensor = self.decoder(
            x_BTF,
            memory_BSF,
            tgt_mask=causal_mask(x_BTF.shape[1], x_BTF) if self.causal else None,
            tgt_key_padding_mask=padding_BT,
            memory_key_padding_mask=memory_padding_BS,
            tgt_is_causal=self.causal,
        )
        return out_BTF


@dataclass(frozen=True)
class _Transformer(Layer):
    nhead: Heads = 4
    dim_feedforward: Annotated[
        int,
        Setting(1, label="Feed-forward", help="Units between its two linear layers", said="feed-forward {n}"),
    ] = 512
    dropout: Annotated[float, Setting(0.0, 1.0, help="Share of values to be dropped while training")] = 0.1
    activation: Annotated[str, Setting(choices=("relu", "gelu"), help="Between its two linear layers")] = "relu"
    norm_first: Annotated[bool, Setting(label="Norm first", help="Normalise before each part: trains more easily")] = (
        False
    )
    causal: Annotated[bool, Setting(help="A step does not see later ones", said="causal")] = False
    bias: Annotated[bool, Setting(help="Learn offsets")] = True

    def sizes(self, x: Known) -> tuple[Any, ...]:
        """The arguments that torch's layers share, in their order."""
        return x.shape[-1], self.nhead, self.dim_feedforward, self.dropout, self.activation

    def options(self) -> dict[str, Any]:
        """The further arguments that torch's layers share."""
        return {"batch_first": True, "norm_first": self.norm_first, "bias": self.bias}

    def norm(self, x: Known, wanted: bool) -> nn.Module | None:
        """What stands behind a stack."""
        return made(nn.LayerNorm, x.shape[-1], bias=self.bias) if wanted else None

    def check_sequence(self, x: Known, padding: Known | None, port: str) -> None:
        """Length × features; the heads must share the features out evenly; a mask of the same length."""
        need_float(x)
        need_rank(x, 2, what="sequence")
        check_heads(x.shape[-1], self.nhead, "nhead")
        check_mask(padding, port, x.shape[0])


@dataclass(frozen=True)
class _Encoder(_Transformer):
    def check(self, x: Known, padding: Known | None = None) -> None:
        """A sequence, and perhaps a mask."""
        self.check_sequence(x, padding, "padding_mask")


@dataclass(frozen=True)
class _Decoder(_Transformer):
    causal: Annotated[bool, Setting(help="A step does not see later ones", said="causal")] = True

    def check(self, x: Known, memory: Known, padding: Known | None = None, memory_padding: Known | None = None) -> None:
        """A sequence and a memory of as many features, and perhaps masks."""
        self.check_sequence(x, padding, "padding_mask")
        self.check_sequence(memory, memory_padding, "memory_mask")
        if x.shape[-1] != memory.shape[-1]:
            raise Misfit("transformer.memory", found=x.shape, memory=memory.shape)


_encoder = partial(
    layer,
    group="Sequence",
    inputs=(PortInfo("in"), PADDING),
    formula="h = norm(x + attention(x)),  y = norm(h + W₂ φ(W₁ h))",
)
_decoder = partial(
    layer,
    group="Sequence",
    inputs=(PortInfo("in"), MEMORY, PADDING, MEMORY_PADDING),
    formula="g = norm(x + attention(x)),  h = norm(g + attention(g, memory)),  y = norm(h + W₂ φ(W₁ h))",
)


@_encoder(
    "transformer_encoder_layer",
    "TransformerEncoderLayer",
    synonyms=("attention", "bert", "gpt", "block"),
    caption=("nhead", "dim_feedforward", "causal"),
)
@dataclass(frozen=True)
class TransformerEncoderLayer(_Encoder):
    """Self-attention and a feed-forward part, each with a skip connection and layer norm.

    With *causal* it is a decoder layer as GPT has it (Vaswani and others, 2017).
    """

    def build(self, x: Known, padding: Known | None = None) -> nn.Module:
        """(batch, length, features) to the same."""
        encoder = made(nn.TransformerEncoderLayer, *self.sizes(x), **self.options())
        return made(Encoder, encoder, self.causal)


@_encoder(
    "transformer_encoder",
    "TransformerEncoder",
    synonyms=("attention", "bert", "gpt", "stack"),
    caption=("num_layers", "nhead", "causal"),
)
@dataclass(frozen=True)
class TransformerEncoder(_Encoder):
    """A stack of Transformer encoder layers that are made alike and learn apart.

    With *causal* it is a language model's decoder as GPT has it (Vaswani and others, 2017).
    """

    num_layers: NumLayers = 2
    final_norm: FinalNorm = False

    def build(self, x: Known, padding: Known | None = None) -> nn.Module:
        """(batch, length, features) to the same."""
        one = made(nn.TransformerEncoderLayer, *self.sizes(x), **self.options())
        norm = self.norm(x, self.final_norm)
        stack = made(nn.TransformerEncoder, one, self.num_layers, norm, enable_nested_tensor=False)
        return made(Encoder, stack, self.causal)


@_decoder(
    "transformer_decoder_layer",
    "TransformerDecoderLayer",
    synonyms=("attention", "cross-attention", "translation", "block"),
    caption=("nhead", "dim_feedforward", "causal"),
)
@dataclass(frozen=True)
class TransformerDecoderLayer(_Decoder):
    """Self-attention, attention to an encoder's memory, and a feed-forward part (Vaswani and others, 2017)."""

    def build(self, x: Known, memory: Known, *masks: Known | None) -> nn.Module:
        """(batch, length, features) and a memory to the first's shape."""
        decoder = made(nn.TransformerDecoderLayer, *self.sizes(x), **self.options())
        return made(Decoder, decoder, self.causal)


@_decoder(
    "transformer_decoder",
    "TransformerDecoder",
    synonyms=("attention", "cross-attention", "translation", "stack"),
    caption=("num_layers", "nhead", "causal"),
)
@dataclass(frozen=True)
class TransformerDecoder(_Decoder):
    """A stack of Transformer decoder layers that are made alike and learn apart (Vaswani and others, 2017)."""

    num_layers: NumLayers = 2
    final_norm: FinalNorm = False

    def build(self, x: Known, memory: Known, *masks: Known | None) -> nn.Module:
        """(batch, length, features) and a memory to the first's shape."""
        one = made(nn.TransformerDecoderLayer, *self.sizes(x), **self.options())
        stack = made(nn.TransformerDecoder, one, self.num_layers, self.norm(x, self.final_norm))
        return made(Decoder, stack, self.causal)


class EncoderDecoder(nn.Module):
    """A whole Transformer with masks."""

    def __init__(self, transformer: nn.Transformer, causal: bool) -> None:
        super().__init__()
        self.transformer = transformer
        self.causal = causal

    def forward(
        self,
        source_BSF: Tensor,
        target_BTF: Tensor,
        source_padding_BS: Tensor | None = None,
        target_padding_BT: Tensor | None = None,
    ) -> Tensor:
        """(batch, source length, features) and (batch, target length, features) to the second's shape."""
        out_BTF: Tensor = self.transformer(
            source_BSF,
            target_BTF,
            tgt_mask=causal_mask(target_BTF.shape[1], target_BTF) if self.causal else None,
            src_key_padding_mask=source_padding_BS,
            tgt_key_padding_mask=target_padding_BT,
            memory_key_padding_mask=source_padding_BS,
            tgt_is_causal=self.causal,
        )
        return out_BTF


@layer(
    "transformer",
    "Transformer",
    "Sequence",
    inputs=(
        PortInfo("source", help="What is read"),
        PortInfo("target", help="What has been written so far"),
        PortInfo("source_mask", optional=True, help="Length: yes where a step is only padding"),
        PortInfo("target_mask", optional=True, help="Length: yes where a step is only padding"),
    ),
    synonyms=("attention", "translation", "sequence to sequence", "encoder-decoder"),
    caption=("num_encoder_layers", "num_decoder_layers", "nhead"),
    formula="y = decoder(target, encoder(source))",
)
@dataclass(frozen=True)
class Transformer(_Transformer):
    """An encoder that reads one sequence and a decoder that writes another (Vaswani and others, 2017)."""

    causal: Annotated[bool, Setting(help="A step of the target does not see later ones", said="causal")] = True
    num_encoder_layers: Annotated[int, Setting(1, 64, label="Encoder layers", help="Which read", said="{n} +")] = 2
    num_decoder_layers: Annotated[
        int, Setting(1, 64, label="Decoder layers", help="Which write", said=("{n} layer", "{n} layers"))
    ] = 2

    def check(
        self, source: Known, target: Known, source_mask: Known | None = None, target_mask: Known | None = None
    ) -> None:
        """Two sequences of as many features, and perhaps masks."""
        self.check_sequence(source, source_mask, "source_mask")
        self.check_sequence(target, target_mask, "target_mask")
        if source.shape[-1] != target.shape[-1]:
            raise Misfit("transformer.memory", found=target.shape, memory=source.shape)

    def build(self, source: Known, target: Known, *masks: Known | None) -> nn.Module:
        """(batch, source length, features) and (batch, target length, features) to the second's shape."""
        transformer = made(
            nn.Transformer,
            source.shape[-1],
            self.nhead,
            self.num_encoder_layers,
            self.num_decoder_layers,
            self.dim_feedforward,
            self.dropout,
            self.activation,
            **self.options(),
        )
        return made(EncoderDecoder, transformer, self.causal)
