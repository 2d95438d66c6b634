"""Blocks are made, opened up and told apart: edits of more than one graph at once.

All functions are pure, as those of `edits` are, and raise `ValueError` for what is impossible.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from workbench.core import edits, frames
from workbench.core.document import (
    IDENTIFIER,
    ROOT,
    Block,
    Document,
    Graph,
    Layout,
    Node,
    Param,
    Settings,
    Value,
    Wire,
    fresh_id,
    incoming,
    on_plane,
    outgoing,
    reachable,
)
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, ENDS, NOTE
from workbench.core.layout import ROW
from workbench.core.ports import Ports

PortsOf = Callable[[Node], Ports]
"""The inputs and outputs of a node that must be joined for it to make sense."""


def between(graph: Graph, nodes: Iterable[str]) -> frozenset[str]:
    """These nodes and all that lie on a way from one of them to another: what can become one node without a circle."""
    chosen = frozenset(nodes)
    return chosen | (reachable(graph, chosen) & reachable(graph, chosen, backwards=True))


def can_be_grouped(graph: Graph, nodes: Iterable[str]) -> bool:
    """There is something to make a block of, and nothing in it that a block cannot hold."""
    chosen = between(graph, frozenset(nodes) & graph.nodes.keys())
    kinds = {graph.nodes[node].type for node in chosen}
    return bool(kinds - {NOTE}) and not kinds & ENDS


def group(
    document: Document, nodes: Iterable[str], title: str, ports_of: PortsOf, *, scope: str = ROOT
) -> tuple[Document, str, str]:
    """Make a block of nodes (and of what lies between them), and put one use of it in their place.

    What fed the nodes from outside becomes an input, one for each source; what left them an output, one for each
    source. A port that nothing is connected to becomes a port of the block too, so that nothing has to be thought
    of twice. Returns the document, the name of the block and the id of its use.
    """
    graph = document.scope(scope)
    chosen = between(graph, frozenset(nodes) & graph.nodes.keys())
    if not can_be_grouped(graph, chosen):
        raise ValueError("these nodes cannot become a block")
    inside = {key: node for key, node in graph.nodes.items() if key in chosen}
    ends = _ends(graph, inside, ports_of)
    name = fresh_id(document.blocks, identifier(title))
    parameters = _inherited(document, scope, inside.values())
    block = Block(ends.inner(inside, graph), parameters, title)
    layout = document.layout.get(scope, Layout())
    corner, places = _laid_out(block.graph, inside, layout.positions)
    inner_layout = Layout(places, frames.whole(layout.frames, inside))

    changed = edits.define_block(document, name, block)
    if inner_layout != Layout():
        changed = replace(changed, layout={**changed.layout, name: inner_layout})
    changed = edits.remove_nodes(changed, chosen, scope=scope)
    settings: Settings = {"definition": name}
    if parameters:
        settings["arguments"] = {key: Param(key) for key in parameters}
    changed, use = edits.add_node(changed, BLOCK, settings, position=corner, scope=scope)
    for wire in ends.outer(use):
        changed = edits.connect(changed, wire, scope=scope)
    cut_off = frames.within(layout.frames, chosen).keys() - inner_layout.frames.keys()
    return _in_frame(changed, [use], layout, min(cut_off, default=None), scope), name, use


def ungroup(document: Document, use: str, *, scope: str = ROOT) -> tuple[Document, frozenset[str]]:
    """Put what a use of a block holds in its place; a repeated one becomes that many uses in a row.

    Returns the document and the new nodes. The definition stays, for its other uses and for the library.
    """
    graph = document.scope(scope)
    node, block = _use(document, graph, use)
    repeat = node.settings.get("repeat", 1)
    if repeat != 1:
        return _unrolled(document, node, block, repeat, scope)
    return _inlined(document, node, block, scope)


def make_unique(document: Document, use: str, *, scope: str = ROOT) -> tuple[Document, str]:
    """Give a use a definition of its own, equal to the one it had. Returns the document and the new block's name."""
    node, block = _use(document, document.scope(scope), use)
    old = str(node.settings["definition"])
    name = fresh_id(document.blocks, identifier(block.title or old))
    changed = edits.define_block(document, name, block)
    if old in document.layout:
        changed = replace(changed, layout={**changed.layout, name: document.layout[old]})
    return edits.set_setting(changed, use, "definition", name, scope=scope), name


def titled(document: Document, block: str, title: str) -> Document:
    """Call a block something else on the screen; its name in the file stays."""
    old, new = document.blocks[block], title.strip()
    return edits.define_block(document, block, replace(old, title=new)) if new and new != old.title else document


def uses(document: Document, block: str) -> Iterator[tuple[str, Node]]:
    """All uses of a block: the scope that each stands in, and its node."""
    for scope in (ROOT, *document.blocks):
        for node in document.scope(scope).nodes.values():
            if node.type == BLOCK and node.settings.get("definition") == block:
                yield scope, node


def needed(document: Document, graph: Graph) -> dict[str, Block]:
    """The blocks that a graph uses, and those that they use."""
    found: dict[str, Block] = {}
    waiting = [graph]
    while waiting:
        for node in waiting.pop().nodes.values():
            name = node.settings.get("definition")
            if node.type == BLOCK and isinstance(name, str) and name in document.blocks and name not in found:
                found[name] = document.blocks[name]
                waiting.append(found[name].graph)
    return {name: block for name, block in document.blocks.items() if name in found}


def forget(document: Document, block: str) -> Document:
    """Remove the definition of a block. Raises `ValueError` while it is in use."""
    if next(uses(document, block), None):
        raise ValueError(f"the block {block!r} is in use")
    return replace(
        document,
        blocks={name: kept for name, kept in document.blocks.items() if name != block},
        layout={name: kept for name, kept in document.layout.items() if name != block},
    )


def identifier(title: str) -> str:
    """A title as the stem of an identifier: *Residual block* becomes `residual_block`."""
    words = "".join(letter if letter.isalnum() and letter.isascii() else " " for letter in title).lower().split()
    stem = "_".join(words)
    return stem if IDENTIFIER.fullmatch(stem) else f"block_{stem}".rstrip("_")


@dataclass
class _Ends:
    """The ports of a block that is being made."""

    inputs: dict[tuple[str, str], str] = field(default_factory=dict)
    """What feeds each from outside (node, port), or the end inside that nothing feeds yet, and its name."""
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    """The end inside (node, port) that each shows, and its name."""
    entering: list[Wire] = field(default_factory=list)
    leaving: list[Wire] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)
    """Inputs inside that nothing feeds."""

    def inner(self, inside: Mapping[str, Node], graph: Graph) -> Graph:
        """The graph of the block."""
        ports = {name: Node(name, BLOCK_INPUT) for name in self.inputs.values()}
        ends = {name: Node(name, BLOCK_OUTPUT) for name in self.outputs.values()}
        wires = {wire for wire in graph.wires if wire.src in inside and wire.dst in inside}
        wires |= {Wire(self.inputs[wire.src, wire.src_port], "out", wire.dst, wire.dst_port) for wire in self.entering}
        wires |= {Wire(self.inputs[end], "out", *end) for end in self.open}
        wires |= {Wire(*end, name, "in") for end, name in self.outputs.items()}
        return Graph({**ports, **inside, **ends}, frozenset(wires))

    def outer(self, use: str) -> Iterator[Wire]:
        """What joins the use of the block with the rest of the graph."""
        for (node, port), name in self.inputs.items():
            if (node, port) not in self.open:
                yield Wire(node, port, use, name)
        for wire in self.leaving:
            yield Wire(use, self.outputs[wire.src, wire.src_port], wire.dst, wire.dst_port)


def _ends(graph: Graph, inside: Mapping[str, Node], ports_of: PortsOf) -> _Ends:
    ends = _Ends()
    feeding, following = incoming(graph), outgoing(graph)
    for key, node in inside.items():
        wires = feeding[key]
        inputs, outputs = ports_of(node)
        order = [*inputs, *(port for port in wires if port not in inputs)]
        ends.entering += (wires[port] for port in order if port in wires and wires[port].src not in inside)
        ends.open += ((key, port) for port in inputs if port not in wires)
        ends.leaving += (wire for wire in following[key] if wire.dst not in inside)
        joined = {wire.src_port for wire in following[key]}
        shown = [wire.src_port for wire in following[key] if wire.dst not in inside]
        if not joined and outputs:
            shown.append(outputs[0])
        for port in shown:
            ends.outputs.setdefault((key, port), "")
    into: dict[tuple[str, str], tuple[str, str]] = {}
    for wire in ends.entering:
        into.setdefault((wire.src, wire.src_port), (wire.dst, wire.dst_port))
    into |= {end: end for end in ends.open}
    taken = set(inside)
    for source, end in into.items():
        ends.inputs[source] = _port_name("in", inside[end[0]], end[1], len(into) == 1, taken)
    for end in tuple(ends.outputs):
        ends.outputs[end] = _port_name("out", inside[end[0]], end[1], len(ends.outputs) == 1, taken)
    return ends


def _port_name(stem: str, node: Node, port: str, alone: bool, taken: set[str]) -> str:
    """A name that says what the port is for: the one of the port inside where that says it (query), else its node's."""
    plain = port.partition("_")[0] == stem
    named = port if not plain else f"{identifier(node.label) if node.label else node.id}_{port}"
    name = stem if alone and plain else named
    name = name if name not in taken else fresh_id(taken, name)
    taken.add(name)
    return name


def _inherited(document: Document, scope: str, nodes: Iterable[Node]) -> Settings:
    """The parameters of the block around that these nodes refer to, with their defaults."""
    if scope == ROOT:
        return {}
    around = document.blocks[scope].parameters
    named = {name for node in nodes for name in names_in(node.settings)}
    return {name: value for name, value in around.items() if name in named}


def names_in(value: Value) -> Iterator[str]:
    """The parameters that a setting, or all of them, refer to."""
    if isinstance(value, Param):
        yield value.param
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item)


def _in_frame(document: Document, nodes: Iterable[str], before: Layout, frame: str | None, scope: str) -> Document:
    """Let nodes that take the place of others belong to the frame that those were in `before`."""
    layout = document.layout.get(scope, Layout())
    free = [node for node in nodes if frames.frame_of(layout, node) is None]
    if frame is None or not free:
        return document
    if frame in layout.frames:
        return frames.joined(document, free, frame, scope=scope)
    return frames.framed(document, free, before.frames[frame].title, scope=scope)[0]


def _laid_out(
    inner: Graph, inside: Mapping[str, Node], places: Mapping[str, tuple[float, float]]
) -> tuple[tuple[float, float] | None, dict[str, tuple[float, float]]]:
    """Where the use goes, and where things are drawn inside: as they were, the ports above and below."""
    found = {node: places[node] for node in inside if node in places}
    if not found:
        return None, {}
    left, top = min(x for x, _ in found.values()), min(y for _, y in found.values())
    right, bottom = max(x for x, _ in found.values()), max(y for _, y in found.values())
    positions = {node: (x - left, y - top + ROW) for node, (x, y) in found.items()}
    for kind, height in ((BLOCK_INPUT, 0.0), (BLOCK_OUTPUT, bottom - top + 2 * ROW)):
        ports = [node.id for node in inner.nodes.values() if node.type == kind]
        for place, port in enumerate(ports):
            positions[port] = ((right - left) / 2 + (place - (len(ports) - 1) / 2) * 2 * ROW, height)
    return ((left + right) / 2, (top + bottom) / 2), {node: on_plane(place) for node, place in positions.items()}


def _use(document: Document, graph: Graph, use: str) -> tuple[Node, Block]:
    node = graph.nodes.get(use)
    block = document.blocks.get(str(node.settings.get("definition", ""))) if node and node.type == BLOCK else None
    if node is None or block is None:
        raise ValueError(f"{use!r} is no use of a block that is there")
    return node, block


def _unrolled(
    document: Document, node: Node, block: Block, repeat: Value, scope: str
) -> tuple[Document, frozenset[str]]:
    inner = block.graph.nodes.values()
    inputs = [item.id for item in inner if item.type == BLOCK_INPUT]
    outputs = [item.id for item in inner if item.type == BLOCK_OUTPUT]
    if not isinstance(repeat, int) or repeat < 1 or len(inputs) != len(outputs):
        raise ValueError("this many turns cannot be laid out in a row")
    graph, around = document.scope(scope), document.layout.get(scope, Layout())
    place = around.positions.get(node.id)
    settings = {key: value for key, value in node.settings.items() if key != "repeat"}
    changed = edits.remove_nodes(document, [node.id], scope=scope)
    row: list[str] = []
    for turn in range(repeat):
        at = place and (place[0], place[1] + turn * ROW)
        changed, name = edits.add_node(changed, BLOCK, settings, position=at, label=node.label, scope=scope)
        if row:
            for source, target in zip(outputs, inputs, strict=True):
                changed = edits.connect(changed, Wire(row[-1], source, name, target), scope=scope)
        row.append(name)
    for wire in sorted(graph.wires):
        if wire.dst == node.id != wire.src:
            changed = edits.connect(changed, Wire(wire.src, wire.src_port, row[0], wire.dst_port), scope=scope)
        elif wire.src == node.id != wire.dst:
            changed = edits.connect(changed, Wire(row[-1], wire.src_port, wire.dst, wire.dst_port), scope=scope)
    framed = _in_frame(changed, row, around, frames.frame_of(around, node.id), scope)
    return framed, frozenset(row)


def _inlined(document: Document, node: Node, block: Block, scope: str) -> tuple[Document, frozenset[str]]:
    graph = document.scope(scope)
    given = node.settings.get("arguments", {})
    arguments = {**block.parameters, **(given if isinstance(given, Mapping) else {})}
    layout = document.layout.get(str(node.settings["definition"]), Layout())
    kept = {
        key: replace(inner, settings=filled(inner.settings, arguments))
        for key, inner in block.graph.nodes.items()
        if inner.type not in (BLOCK_INPUT, BLOCK_OUTPUT)
    }
    around = document.layout.get(scope, Layout())
    place = around.positions.get(node.id)
    offset = _offset(layout, place) if place else (0.0, 0.0)
    changed = edits.remove_nodes(document, [node.id], scope=scope)
    part = Graph(kept, frozenset())
    inner = Layout(layout.positions if place else {}, frames.within(layout.frames, kept))
    changed, names = edits.put_graph(changed, part, inner, offset=offset, scope=scope)
    for wire in _joined(graph, block.graph, node.id, names):
        changed = edits.connect(changed, wire, scope=scope)
    framed = _in_frame(changed, names.values(), around, frames.frame_of(around, node.id), scope)
    return framed, frozenset(names.values())


def _joined(outer: Graph, inner: Graph, use: str, names: Mapping[str, str]) -> Iterator[Wire]:
    """The wires of a block that is opened up: those inside, and those that lead through its ports."""
    feeding, within = incoming(outer)[use], incoming(inner)

    def source(wire: Wire) -> tuple[str, str] | None:
        """Where a wire inside really comes from."""
        if wire.src in names:
            return names[wire.src], wire.src_port
        around = feeding.get(wire.src)  # the id of a port's node is the port's name
        return (around.src, around.src_port) if around and around.src != use else None

    for wire in sorted(inner.wires):
        if wire.dst in names and (found := source(wire)):
            yield Wire(*found, names[wire.dst], wire.dst_port)
    for wire in sorted(outer.wires):
        end = within.get(wire.src_port, {}).get("in") if wire.src == use != wire.dst else None
        if end and (found := source(end)):
            yield Wire(*found, wire.dst, wire.dst_port)


def _offset(layout: Layout, to: tuple[float, float]) -> tuple[float, float]:
    """What brings the middle of a layout to a place."""
    if not layout.positions:
        return 0.0, 0.0
    middle = [(min(axis) + max(axis)) / 2 for axis in zip(*layout.positions.values(), strict=True)]
    return to[0] - middle[0], to[1] - middle[1]


def filled(value: Value, arguments: Mapping[str, Value]) -> Value:
    """Settings with the block's parameters put in; one that is not there stays a name."""
    if isinstance(value, Param):
        return arguments.get(value.param, value)
    if isinstance(value, Mapping):
        return {key: filled(item, arguments) for key, item in value.items()}
    return value
