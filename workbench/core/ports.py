"""Which ports a node has: from the catalogue for a layer, from its definition for a use of a block, none for a note."""

from workbench.core.catalogue import Catalogue, port_names
from workbench.core.document import Document, Node
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, NOTE

Ports = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of the inputs and of the outputs."""


def ports_of(node: Node, catalogue: Catalogue, document: Document) -> Ports:
    """The names of a node's inputs and outputs. An unknown type shows one of each, so that its wires have ends."""
    if node.type == NOTE:
        return (), ()
    if node.type == BLOCK_INPUT:
        return (), ("out",)
    if node.type == BLOCK_OUTPUT:
        return ("in",), ()
    if node.type == BLOCK:
        block = document.blocks.get(str(node.settings.get("definition", "")))
        inner = block.graph.nodes.values() if block else ()
        return (
            tuple(item.id for item in inner if item.type == BLOCK_INPUT),
            tuple(item.id for item in inner if item.type == BLOCK_OUTPUT),
        )
    info = catalogue.layers.get(node.type)
    if info is None:
        return ("in",), ("out",)
    return (
        port_names(info.inputs, node.settings, info.fields),
        port_names(info.outputs, node.settings, info.fields),
    )


def needed_ports(node: Node, catalogue: Catalogue, document: Document) -> Ports:
    """As `ports_of`, without the inputs that a layer can do without."""
    inputs, outputs = ports_of(node, catalogue, document)
    info = catalogue.layers.get(node.type)
    if info is None:
        return inputs, outputs
    needed = tuple(port for port in info.inputs if not port.optional)
    return port_names(needed, node.settings, info.fields), outputs
