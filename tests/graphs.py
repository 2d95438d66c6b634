"""Documents written down in a line or two."""

from msgspec.structs import replace

from workbench.core import edits
from workbench.core.catalogue import shipped
from workbench.core.document import Block, Data, Document, Graph, Node, Settings, Training, Wire

Layer = tuple[str, str] | tuple[str, str, Settings]


def graph(layers: dict[str, tuple[str, Settings] | str], *wires: str) -> Graph:
    """Nodes by id, as a type or (type, settings); wires as `a > b`, `a/last > b/query`."""
    nodes = {name: Node(name, *(layer if isinstance(layer, tuple) else (layer, {}))) for name, layer in layers.items()}
    found = set()
    for wire in wires:
        (src, _, src_port), (dst, _, dst_port) = (end.strip().partition("/") for end in wire.split(">"))
        found.add(Wire(src, src_port or "out", dst, dst_port or "in"))
    return Graph(nodes, frozenset(found))


def chain(*layers: Layer, data: Data | None = None, training: Training = Training(), title: str = "") -> Document:
    """Layers (id, type, settings) that feed one another in this order."""
    document = Document(data=data, training=training, title=title)
    previous = ""
    for name, kind, *settings in layers:
        document, _ = edits.add_node(document, kind, settings[0] if settings else {}, id=name)
        if previous:
            document = edits.connect(document, Wire(previous, "out", name, first_port(kind)))
        previous = name
    return document


def with_blocks(document: Document, **blocks: Graph | Block) -> Document:
    """The document with these blocks defined."""
    whole = {name: block if isinstance(block, Block) else Block(block) for name, block in blocks.items()}
    return replace(document, blocks={**document.blocks, **whole})


def first_port(kind: str) -> str:
    """The port that a chain goes in at."""
    info = shipped().layers.get(kind)
    if info is None or not info.inputs:
        return "in"
    return f"{info.inputs[0].name}_1" if info.inputs[0].repeat else info.inputs[0].name
