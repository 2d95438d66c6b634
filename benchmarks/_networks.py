"""Networks that benchmarks and tests share, as documents."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from workbench.core import edits
from workbench.core.document import Block, Document, Graph, Node, Param, Settings, Wire

Layer = tuple[str, Settings]


def chain(*layers: Layer) -> Document:
    """Layers that feed one another, from an input to an output."""
    nodes = {
        f"{kind}_{place}": Node(f"{kind}_{place}", kind, settings) for place, (kind, settings) in enumerate(layers)
    }
    names = list(nodes)
    ports = {"multihead_attention": "query"}
    wires = (Wire(source, "out", target, ports.get(nodes[target].type, "in")) for source, target in pairwise(names))
    return Document(Graph(nodes, frozenset(wires)))


def long_chain(count: int) -> Document:
    """A network of so many nodes, no two linear layers of the same size."""
    pairs: Iterable[Layer] = (
        layer for width in range((count - 2) // 2) for layer in (("linear", {"out_features": 64 + width}), ("relu", {}))
    )
    return chain(("input", {"shape": (64,)}), *pairs, ("output", {}))


def mlp() -> Document:
    """Three linear layers with dropout."""
    return chain(
        ("input", {"shape": (784,)}),
        ("linear", {"out_features": 512}),
        ("relu", {}),
        ("linear", {"out_features": 512}),
        ("relu", {}),
        ("dropout", {}),
        ("linear", {"out_features": 10}),
        ("output", {}),
    )


def cnn() -> Document:
    """Two convolutions with batch norm and pooling."""
    stages: list[Layer] = []
    for width in (32, 64):
        stages += [("conv2d", {"out_channels": width, "padding": "same"}), ("batch_norm2d", {}), ("relu", {})]
        stages += [("max_pool2d", {})]
    return chain(
        ("input", {"shape": (3, 32, 32)}), *stages, ("flatten", {}), ("linear", {"out_features": 10}), ("output", {})
    )


def recurrent(kind: str, **settings: object) -> Document:
    """Two recurrent layers over a sequence."""
    return chain(
        ("input", {"shape": (20, 32)}),
        (kind, {"hidden_size": 100, "num_layers": 2, **settings}),
        ("flatten", {}),
        ("linear", {"out_features": 10}),
        ("output", {}),
    )


def transformer(dropout: float = 0.1) -> Document:
    """Two encoder layers over tokens."""
    layer: Layer = ("transformer_encoder_layer", {"dim_feedforward": 256, "dropout": dropout})
    return chain(
        ("input", {"shape": (32,), "dtype": "int64"}),
        ("embedding", {"num_embeddings": 500, "embedding_dim": 64}),
        layer,
        layer,
        ("flatten", {}),
        ("linear", {"out_features": 10}),
        ("output", {}),
    )


FAMILIES: dict[str, Callable[[], Document]] = {
    "MLP": mlp,
    "CNN": cnn,
    "LSTM": lambda: recurrent("lstm", bidirectional=True, dropout=0.2),
    "GRU": lambda: recurrent("gru"),
    "Transformer": transformer,
    "Transformer without dropout": lambda: transformer(0.0),
}
"""What a forecast of memory is measured on."""


def resnet50() -> Document:
    """ResNet-50 (He and others, 2015): bottlenecks in four stages, as blocks."""
    document = Document(blocks={"bottleneck": Block(_bottleneck(project=False), _widths(64, 1))})
    document.blocks["projecting"] = Block(_bottleneck(project=True), _widths(64, 1))
    nodes: list[tuple[str, str, Settings]] = [
        ("image", "input", {"shape": (3, 224, 224)}),
        ("stem", "conv2d", {"out_channels": 64, "kernel_size": 7, "stride": 2, "padding": 3, "bias": False}),
        ("norm", "batch_norm2d", {}),
        ("relu", "relu", {}),
        ("pool", "max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
    ]
    for stage, repeat in enumerate((3, 4, 6, 3)):
        width, stride = 64 << stage, 2 if stage else 1
        given = _widths(width, stride)
        nodes.append((f"first_{stage}", "block", {"definition": "projecting", "arguments": given}))
        rest = {"definition": "bottleneck", "repeat": repeat - 1, "arguments": _widths(width, 1)}
        nodes.append((f"rest_{stage}", "block", rest))
    nodes += [("mean", "global_avg_pool", {}), ("head", "linear", {"out_features": 1000}), ("label", "output", {})]
    before = ""
    for name, kind, settings in nodes:
        document, _ = edits.add_node(document, kind, settings, id=name)
        if before:
            ports = ("y" if before.startswith(("first", "rest")) else "out", "x" if kind == "block" else "in")
            document = edits.connect(document, Wire(before, ports[0], name, ports[1]))
        before = name
    return document


def _widths(width: int, stride: int) -> Settings:
    return {"width": width, "wide": 4 * width, "stride": stride}


def _bottleneck(*, project: bool) -> Graph:
    """1×1, 3×3 and 1×1 convolutions, each with batch norm, beside a skip connection."""
    nodes = {"x": Node("x", "block_input")}
    wires: list[Wire] = []

    def add(name: str, kind: str, source: str, port: str = "in", **settings: Any) -> str:
        nodes[name] = Node(name, kind, dict(settings))
        wires.append(Wire(source, "out", name, port))
        return name

    def convolved(name: str, source: str, width: str, **settings: Any) -> str:
        conv = add(f"conv{name}", "conv2d", source, out_channels=Param(width), bias=False, **settings)
        return add(f"norm{name}", "batch_norm2d", conv)

    one = add("relu1", "relu", convolved("1", "x", "width", kernel_size=1))
    two = add("relu2", "relu", convolved("2", one, "width", kernel_size=3, stride=Param("stride"), padding=1))
    three = convolved("3", two, "wide", kernel_size=1)
    skip = convolved("s", "x", "wide", kernel_size=1, stride=Param("stride")) if project else "x"
    add("sum", "add", three, "in_1")
    wires.append(Wire(skip, "out", "sum", "in_2"))
    add("y", "block_output", add("relu3", "relu", "sum"))
    return Graph(nodes, frozenset(wires))
