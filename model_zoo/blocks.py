"""Blocks that ship with the program: each is a document with one use of the block."""

from collections.abc import Iterable
from itertools import pairwise

from model_zoo.registry import block
from workbench.core import library
from workbench.core.document import (
    BLOCK_INPUT,
    BLOCK_OUTPUT,
    Block,
    Document,
    Graph,
    Node,
    Param,
    Settings,
    Wire,
)
from workbench.core.layout import arranged

Layer = tuple[str, str, Settings]


@block("Residual block", "Vision")
def residual_block() -> Document:
    """Two 3×3 convolutions with a skip connection (He et al., 2015): the basic block of ResNet-18 and -34."""
    layers: list[Layer] = [
        ("conv_1", "conv2d", _conv(Param("channels"), 3)),
        ("norm_1", "batch_norm2d", {}),
        ("relu_1", "relu", {}),
        ("conv_2", "conv2d", _conv(Param("channels"), 3)),
        ("norm_2", "batch_norm2d", {}),
        ("add", "add", {}),
        ("relu_2", "relu", {}),
    ]
    wires = [*_chain("in", *(name for name, _, _ in layers), "out"), Wire("in", "out", "add", "in_2")]
    return _made("residual_block", "Residual block", layers, wires, {"channels": 64})


@block("Residual block with projection", "Vision")
def projection_block() -> Document:
    """As the residual block, for where the size changes: a strided 1×1 convolution brings the skip to the new shape."""
    layers: list[Layer] = [
        ("conv_1", "conv2d", {**_conv(Param("channels"), 3), "stride": Param("stride")}),
        ("norm_1", "batch_norm2d", {}),
        ("relu_1", "relu", {}),
        ("conv_2", "conv2d", _conv(Param("channels"), 3)),
        ("norm_2", "batch_norm2d", {}),
        ("projection", "conv2d", {**_conv(Param("channels"), 1), "stride": Param("stride")}),
        ("norm_3", "batch_norm2d", {}),
        ("add", "add", {}),
        ("relu_2", "relu", {}),
    ]
    wires = [
        *_chain("in", "conv_1", "norm_1", "relu_1", "conv_2", "norm_2", "add", "relu_2", "out"),
        *_chain("in", "projection", "norm_3"),
        Wire("norm_3", "out", "add", "in_2"),
    ]
    title = "Residual block with projection"
    return _made("projection_block", title, layers, wires, {"channels": 128, "stride": 2})


@block("Transformer block", "Language")
def transformer_block() -> Document:
    """Attention and a feed-forward part, each normalised first and with a skip (Vaswani et al., 2017; as in GPT-2)."""
    attention = {"num_heads": Param("heads"), "causal": Param("causal"), "dropout": Param("dropout")}
    layers: list[Layer] = [
        ("norm_1", "layer_norm", {}),
        ("attention", "multihead_attention", attention),
        ("dropout_1", "dropout", {"p": Param("dropout")}),
        ("add_1", "add", {}),
        ("norm_2", "layer_norm", {}),
        ("linear_1", "linear", {"out_features": Param("hidden")}),
        ("gelu", "gelu", {}),
        ("linear_2", "linear", {"out_features": Param("width")}),
        ("dropout_2", "dropout", {"p": Param("dropout")}),
        ("add_2", "add", {}),
    ]
    wires = [
        *_chain("in", "norm_1"),
        *(Wire("norm_1", "out", "attention", port) for port in ("query", "key", "value")),
        *_chain(
            "attention", "dropout_1", "add_1", "norm_2", "linear_1", "gelu", "linear_2", "dropout_2", "add_2", "out"
        ),
        Wire("in", "out", "add_1", "in_2"),
        Wire("add_1", "out", "add_2", "in_2"),
    ]
    parameters = {"width": 64, "hidden": 256, "heads": 4, "causal": False, "dropout": 0.1}
    return _made("transformer_block", "Transformer block", layers, wires, parameters)


def _conv(channels: Param, kernel: int) -> Settings:
    """A convolution before a normalisation, which has a bias of its own."""
    return {"out_channels": channels, "kernel_size": kernel, "padding": kernel // 2, "bias": False}


def _chain(*names: str) -> list[Wire]:
    """Layers that feed one another in this order, each at its first input."""
    return [Wire(one, "out", other, _first_input(other)) for one, other in pairwise(names)]


def _first_input(name: str) -> str:
    return "in_1" if name.startswith("add") else "in"


def _made(name: str, title: str, layers: Iterable[Layer], wires: Iterable[Wire], parameters: Settings) -> Document:
    nodes = {key: Node(key, kind, settings) for key, kind, settings in layers}
    ends = {"in": Node("in", BLOCK_INPUT), **nodes, "out": Node("out", BLOCK_OUTPUT)}
    graph = Graph(ends, frozenset(wires))
    whole = Document(blocks={name: Block(graph, parameters, title)}, layout={name: arranged(graph)})
    return library.part_of(whole, name)
