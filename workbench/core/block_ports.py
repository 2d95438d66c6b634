"""The ports of a block: its nodes of type `block_input` and `block_output`. Whatever happens to one, uses follow.

All functions are pure, as those of `edits` are.
"""

from collections.abc import Callable, Collection
from typing import Literal

from msgspec.structs import replace

from workbench.core import frames
from workbench.core.document import (
    BLOCK,
    BLOCK_INPUT,
    BLOCK_OUTPUT,
    IDENTIFIER,
    ROOT,
    Document,
    Graph,
    Layout,
    Node,
    Wire,
    fresh_id,
    on_plane,
)

Side = Literal["block_input", "block_output"]


def ports(graph: Graph, side: str) -> list[str]:
    """The names of the ports of one side, in their order."""
    return [node.id for node in graph.nodes.values() if node.type == side]


def is_port(graph: Graph, node: str) -> bool:
    """The node stands for a port of the block."""
    return node in graph.nodes and graph.nodes[node].type in (BLOCK_INPUT, BLOCK_OUTPUT)


def added(document: Document, block: str, side: Side, *, name: str = "") -> tuple[Document, str]:
    """Give a block one more port, behind the others of its side and drawn beside them. Returns its name too."""
    old = document.blocks[block]
    stem = "in" if side == BLOCK_INPUT else "out"
    free = name or (stem if stem not in old.graph.nodes else fresh_id(old.graph.nodes, stem))
    _free(old.graph, free)
    graph = replace(old.graph, nodes={**old.graph.nodes, free: Node(free, side)})
    changed = replace(document, blocks={**document.blocks, block: replace(old, graph=graph)})
    places = document.layout.get(block, Layout()).positions
    beside = [places[port] for port in ports(old.graph, side) if port in places]
    if not beside:
        return changed, free
    x, y = max(beside)
    layout = document.layout[block]
    moved = replace(layout, positions={**places, free: on_plane((x + 240.0, y))})
    return replace(changed, layout={**document.layout, block: moved}), free


def renamed(document: Document, block: str, port: str, name: str) -> Document:
    """Call a port something else; the wires inside and those of every use go on as they were.

    Raises ValueError when there is no such port, or the name is no identifier or taken.
    """
    old = document.blocks[block]
    if not is_port(old.graph, port):
        raise ValueError(f"there is no port {port!r}")
    if name == port:
        return document
    _free(old.graph, name)

    def called(node: str) -> str:
        return name if node == port else node

    side = old.graph.nodes[port].type
    nodes = {called(key): replace(node, id=called(key)) for key, node in old.graph.nodes.items()}
    wires = {replace(wire, src=called(wire.src), dst=called(wire.dst)) for wire in old.graph.wires}
    changed = replace(document, blocks={**document.blocks, block: replace(old, graph=Graph(nodes, frozenset(wires)))})
    if block in document.layout:
        layout = document.layout[block]
        places = {called(key): place for key, place in layout.positions.items()}
        around = frames.called(layout.frames, {node: called(node) for node in old.graph.nodes}, ())
        changed = replace(changed, layout={**document.layout, block: Layout(places, around, layout.flow)})

    def follow(wire: Wire, uses: Collection[str]) -> Wire:
        if side == BLOCK_INPUT and wire.dst in uses and wire.dst_port == port:
            return replace(wire, dst_port=name)
        if side == BLOCK_OUTPUT and wire.src in uses and wire.src_port == port:
            return replace(wire, src_port=name)
        return wire

    return _at_uses(changed, block, follow)


def shifted(document: Document, block: str, port: str, by: int) -> Document:
    """Move a port so many places on among those of its side; every wire stays where it is."""
    old = document.blocks[block]
    if not is_port(old.graph, port):
        raise ValueError(f"there is no port {port!r}")
    order = ports(old.graph, old.graph.nodes[port].type)
    at = order.index(port)
    to = min(max(at + by, 0), len(order) - 1)
    if to == at:
        return document
    order.insert(to, order.pop(at))
    following = iter(order)
    mine = set(order)
    keys = [next(following) if key in mine else key for key in old.graph.nodes]
    graph = replace(old.graph, nodes={key: old.graph.nodes[key] for key in keys})
    return replace(document, blocks={**document.blocks, block: replace(old, graph=graph)})


def forgotten(document: Document, block: str, gone: Collection[Node]) -> Document:
    """Take the wires of every use away that lead to ports which the block has no more."""
    inputs = {node.id for node in gone if node.type == BLOCK_INPUT}
    outputs = {node.id for node in gone if node.type == BLOCK_OUTPUT}
    if not inputs and not outputs:
        return document

    def follow(wire: Wire, uses: Collection[str]) -> Wire | None:
        into = wire.dst in uses and wire.dst_port in inputs
        return None if into or (wire.src in uses and wire.src_port in outputs) else wire

    return _at_uses(document, block, follow)


def _free(graph: Graph, name: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name!r} is not an identifier")
    if name in graph.nodes:
        raise ValueError(f"there is a node {name!r} already")


def _at_uses(document: Document, block: str, follow: Callable[[Wire, Collection[str]], Wire | None]) -> Document:
    """Let the wires at every use of a block follow a change of its ports, in whatever graph it is used."""
    changed = document
    for scope in (ROOT, *document.blocks):
        graph = changed.scope(scope)
        uses = {
            key for key, node in graph.nodes.items() if node.type == BLOCK and node.settings.get("definition") == block
        }
        if not uses:
            continue
        wires = frozenset(kept for wire in graph.wires if (kept := follow(wire, uses)) is not None)
        if wires != graph.wires:
            new = replace(graph, wires=wires)
            if scope == ROOT:
                changed = replace(changed, graph=new)
            else:
                blocks = {**changed.blocks, scope: replace(changed.blocks[scope], graph=new)}
                changed = replace(changed, blocks=blocks)
    return changed
