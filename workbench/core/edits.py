"""Every change a person can make to a document, as a pure function from document to document.

An edit raises `ValueError` only when it is impossible (an unknown node, a wire that would close a circle is *not*
impossible: analysis reports it). What an edit leaves behind may well be a broken network; that is a state, not an
error.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from workbench.core import block_ports, frames
from workbench.core.document import (
    IDENTIFIER,
    ROOT,
    Block,
    Document,
    Flow,
    Graph,
    Layout,
    Node,
    Settings,
    Value,
    Wire,
    by_port,
    fresh_id,
    fresh_ids,
    frozen,
    on_plane,
)
from workbench.core.plain import plain

S = TypeVar("S", bound=Struct)


def _with_graph(document: Document, scope: str, graph: Graph) -> Document:
    if scope == ROOT:
        return replace(document, graph=graph)
    block = replace(document.blocks[scope], graph=graph)
    return replace(document, blocks={**document.blocks, scope: block})


def _node(graph: Graph, node: str) -> Node:
    if node not in graph.nodes:
        raise ValueError(f"there is no node {node!r}")
    return graph.nodes[node]


def add_node(
    document: Document,
    type: str,
    settings: Settings | None = None,
    *,
    position: tuple[float, float] | None = None,
    id: str | None = None,
    label: str = "",
    scope: str = ROOT,
) -> tuple[Document, str]:
    """Add a node and return the new document with the node's id (`type_1`, `type_2` ... unless given)."""
    name = id or fresh_id(document.scope(scope).nodes, type)
    node = Node(name, type, {key: frozen(value) for key, value in (settings or {}).items()}, label)
    return put_node(document, node, position=position, scope=scope), name


def put_node(
    document: Document, node: Node, *, position: tuple[float, float] | None = None, scope: str = ROOT
) -> Document:
    """Add a node as it is."""
    graph = document.scope(scope)
    if node.id in graph.nodes:
        raise ValueError(f"there is a node {node.id!r} already")
    if not IDENTIFIER.fullmatch(node.id):
        raise ValueError(f"{node.id!r} is not an identifier")
    changed = _with_graph(document, scope, replace(graph, nodes={**graph.nodes, node.id: node}))
    return move(changed, {node.id: position}, scope=scope) if position else changed


def remove_nodes(document: Document, nodes: Iterable[str], *, scope: str = ROOT) -> Document:
    """Remove nodes with their wires and places; ids that do not exist are ignored.

    Where ports of a block are among them, its uses lose the wires that led there.
    """
    graph = document.scope(scope)
    gone = set(nodes) & graph.nodes.keys()
    if not gone:
        return document
    kept = Graph(
        {key: node for key, node in graph.nodes.items() if key not in gone},
        frozenset(wire for wire in graph.wires if wire.src not in gone and wire.dst not in gone),
    )
    changed = _with_graph(document, scope, kept)
    layout = document.layout.get(scope, Layout())
    positions = {key: place for key, place in layout.positions.items() if key not in gone}
    kept_layout = replace(layout, positions=positions, frames=frames.without(layout.frames, gone))
    changed = replace(changed, layout={**document.layout, scope: kept_layout})
    return changed if scope == ROOT else block_ports.forgotten(changed, scope, [graph.nodes[node] for node in gone])


def heal(document: Document, nodes: Iterable[str], *, scope: str = ROOT) -> Document:
    """Remove nodes and rejoin what they stood between: what each of them fed is fed by what fed its first input.

    They go one after the other, in their order, and all in one walk: many of 5,000 would otherwise take seconds.
    """
    graph, gone = document.scope(scope), tuple(nodes)
    into: dict[str, set[Wire]] = {node: set() for node in graph.nodes}
    out: dict[str, set[Wire]] = {node: set() for node in graph.nodes}
    for wire in graph.wires:
        into[wire.dst].add(wire)
        out[wire.src].add(wire)
    for node in gone:
        if node not in graph.nodes:
            continue
        feeding = min((wire for wire in into[node] if wire.src != node), key=by_port, default=None)
        after = sorted(wire for wire in out[node] if wire.dst != node)
        for wire in (*into[node], *after):
            into[wire.dst].discard(wire)
            out[wire.src].discard(wire)
        for wire in after:
            if feeding is None:
                break
            for other in [other for other in into[wire.dst] if other.dst_port == wire.dst_port]:
                into[wire.dst].discard(other)
                out[other.src].discard(other)
            new = Wire(feeding.src, feeding.src_port, wire.dst, wire.dst_port)
            into[new.dst].add(new)
            out[new.src].add(new)
    joined = replace(graph, wires=frozenset().union(*into.values()))
    return remove_nodes(_with_graph(document, scope, joined), gone, scope=scope)


def take_out(document: Document, node: str, *, scope: str = ROOT) -> Document:
    """Remove a node; what fed it, if that was one wire, then feeds what it fed."""
    into = [wire for wire in document.scope(scope).wires if wire.dst == node != wire.src]
    return (heal if len(into) == 1 else remove_nodes)(document, [node], scope=scope)


def bypass(document: Document, nodes: Iterable[str], bypassed: bool, *, scope: str = ROOT) -> Document:
    """Let nodes pass on what feeds their first input, as if they were not there; or let them work again."""
    graph = document.scope(scope)
    changed = {node: replace(_node(graph, node), bypassed=bypassed) for node in nodes}
    return _with_graph(document, scope, replace(graph, nodes={**graph.nodes, **changed}))


def connect(document: Document, wire: Wire, *, scope: str = ROOT) -> Document:
    """Add a wire; it replaces whatever fed that input port."""
    graph = document.scope(scope)
    _node(graph, wire.src)
    _node(graph, wire.dst)
    kept = {w for w in graph.wires if (w.dst, w.dst_port) != (wire.dst, wire.dst_port)}
    return _with_graph(document, scope, replace(graph, wires=frozenset(kept | {wire})))


def disconnect(document: Document, wires: Iterable[Wire], *, scope: str = ROOT) -> Document:
    """Remove wires; wires that are not there are ignored."""
    graph = document.scope(scope)
    return _with_graph(document, scope, replace(graph, wires=graph.wires - frozenset(wires)))


def insert_on_wire(
    document: Document,
    wire: Wire,
    type: str,
    settings: Settings | None = None,
    *,
    in_port: str = "in",
    out_port: str = "out",
    scope: str = ROOT,
) -> tuple[Document, str]:
    """Put a new node in the middle of a wire, drawn half-way between its ends."""
    if wire not in document.scope(scope).wires:
        raise ValueError(f"there is no wire {wire}")
    places = document.layout.get(scope, Layout()).positions
    (x0, y0), (x1, y1) = places.get(wire.src, (0.0, 0.0)), places.get(wire.dst, (0.0, 0.0))
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    added, name = add_node(document, type, settings, position=middle, scope=scope)
    return put_between(added, wire, name, in_port=in_port, out_port=out_port, scope=scope), name


def put_between(
    document: Document, wire: Wire, node: str, *, in_port: str = "in", out_port: str = "out", scope: str = ROOT
) -> Document:
    """Let a node that is there stand between the ends of a wire."""
    cut = disconnect(document, [wire], scope=scope)
    joined = connect(cut, Wire(wire.src, wire.src_port, node, in_port), scope=scope)
    return connect(joined, Wire(node, out_port, wire.dst, wire.dst_port), scope=scope)


def set_setting(document: Document, node: str, name: str, value: Value, *, scope: str = ROOT) -> Document:
    """Change one setting of a node."""
    graph = document.scope(scope)
    old = _node(graph, node)
    new = replace(old, settings={**old.settings, name: frozen(value)})
    return _with_graph(document, scope, replace(graph, nodes={**graph.nodes, node: new}))


def change_type(document: Document, node: str, type: str, settings: Settings, *, scope: str = ROOT) -> Document:
    """Make a node another kind of layer, with these settings; its id, label and wires stay."""
    graph = document.scope(scope)
    held = {key: frozen(value) for key, value in settings.items()}
    new = replace(_node(graph, node), type=type, settings=held)
    return _with_graph(document, scope, replace(graph, nodes={**graph.nodes, node: new}))


def rename(document: Document, node: str, label: str, *, scope: str = ROOT) -> Document:
    """Change what a node is called on the screen; its id stays."""
    graph = document.scope(scope)
    new = replace(_node(graph, node), label=label.strip())
    return _with_graph(document, scope, replace(graph, nodes={**graph.nodes, node: new}))


def move(document: Document, places: Mapping[str, tuple[float, float]], *, scope: str = ROOT) -> Document:
    """Put nodes at new places (scene pixels, top left corner), or as near as the plane allows."""
    layout = document.layout.get(scope, Layout())
    known = document.scope(scope).nodes
    moved = {key: on_plane(place) for key, place in places.items() if key in known}
    changed = replace(layout, positions={**layout.positions, **moved})
    return replace(document, layout={**document.layout, scope: changed})


def flow(document: Document, where: Flow, *, scope: str = ROOT) -> Document:
    """Let wires lead down or to the right."""
    layout = document.layout.get(scope, Layout())
    if layout.flow == where:
        return document
    return replace(document, layout={**document.layout, scope: replace(layout, flow=where)})


def define_block(document: Document, name: str, block: Block) -> Document:
    """Add a block, or replace its definition; every use follows."""
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name!r} is not an identifier")
    return replace(document, blocks={**document.blocks, name: block})


def duplicate(
    document: Document, nodes: Iterable[str], *, offset: tuple[float, float] = (32.0, 32.0), scope: str = ROOT
) -> tuple[Document, dict[str, str]]:
    """Copy nodes with the wires between them; returns the document and the new id of each old one."""
    chosen = set(nodes)
    graph = document.scope(scope)
    part = Graph({key: node for key, node in graph.nodes.items() if key in chosen}, graph.wires)
    return put_graph(document, part, document.layout.get(scope, Layout()), offset=offset, fresh=True, scope=scope)


def put_graph(
    document: Document,
    part: Graph,
    layout: Layout,
    *,
    offset: tuple[float, float] = (0.0, 0.0),
    fresh: bool = False,
    scope: str = ROOT,
) -> tuple[Document, dict[str, str]]:
    """Add nodes, the wires between them and the frames around them.

    Returns the document and what each node is called now.

    An id that is taken already (or, with `fresh`, every one) becomes the first free one of its type.
    """
    graph, before = document.scope(scope), document.layout.get(scope, Layout())
    nodes, positions = dict(graph.nodes), dict(before.positions)
    names: dict[str, str] = {}
    free = fresh_ids(nodes)
    for old, node in part.nodes.items():
        names[old] = free(node.type) if fresh or old in nodes else old
        nodes[names[old]] = replace(node, id=names[old])
        if old in layout.positions:
            x, y = layout.positions[old]
            positions[names[old]] = on_plane((x + offset[0], y + offset[1]))
    wires = {
        Wire(names[wire.src], wire.src_port, names[wire.dst], wire.dst_port)
        for wire in part.wires
        if wire.src in names and wire.dst in names
    }
    changed = _with_graph(document, scope, Graph(nodes, graph.wires | wires))
    around = frames.called(frames.whole(layout.frames, names), names, before.frames)
    grown = replace(before, positions=positions, frames=before.frames | around)
    return replace(changed, layout={**document.layout, scope: grown}), names


def set_field(value: S, name: str, new: object) -> S:
    """A copy of a struct with one field changed and checked against its type.

    Raises `ValueError` with the found and the expected type, or when there is no such field.
    """
    if name not in value.__struct_fields__:
        raise ValueError(f"there is no setting {name!r}; there are {', '.join(value.__struct_fields__)}")
    raw = msgspec.to_builtins(value)
    raw[name] = new
    try:
        return msgspec.convert(raw, type(value))
    except msgspec.ValidationError as error:
        raise ValueError(plain(error)) from None


class SetSetting(Struct, frozen=True, tag_field="do", tag="set"):
    """A remedy: change one setting of a node."""

    node: str
    name: str
    value: Value
    scope: str = ROOT


class SetArgument(Struct, frozen=True, tag_field="do", tag="argue"):
    """A remedy: give a parameter of a block another value, for one use of it."""

    node: str
    name: str
    value: Value
    scope: str = ROOT


class ChangeType(Struct, frozen=True, tag_field="do", tag="retype"):
    """A remedy: make a node another kind of layer, with these settings; id, label and wires stay."""

    node: str
    type: str
    settings: Settings = msgspec.field(default_factory=dict)
    scope: str = ROOT


class InsertNode(Struct, frozen=True, tag_field="do", tag="insert"):
    """A remedy: put a node on a wire."""

    wire: Wire
    type: str
    settings: Settings = msgspec.field(default_factory=dict)
    scope: str = ROOT


class AppendNode(Struct, frozen=True, tag_field="do", tag="append"):
    """A remedy: let an output port feed a new node."""

    node: str
    port: str
    type: str
    settings: Settings = msgspec.field(default_factory=dict)
    scope: str = ROOT


class RemoveNode(Struct, frozen=True, tag_field="do", tag="remove"):
    """A remedy: take a node out."""

    node: str
    scope: str = ROOT


class AddWire(Struct, frozen=True, tag_field="do", tag="connect"):
    """A remedy: draw a wire."""

    wire: Wire
    scope: str = ROOT


class RemoveWire(Struct, frozen=True, tag_field="do", tag="cut"):
    """A remedy: take a wire out."""

    wire: Wire
    scope: str = ROOT


class SetTraining(Struct, frozen=True, tag_field="do", tag="train"):
    """A remedy: change one setting of the training."""

    name: str
    value: Value
    scope: str = ROOT


Step = SetSetting | SetArgument | ChangeType | InsertNode | AppendNode | RemoveNode | AddWire | RemoveWire | SetTraining


class Several(Struct, frozen=True, tag_field="do", tag="several"):
    """A remedy that takes several steps, one after the other; all in one scope."""

    steps: tuple[Step, ...]

    @property
    def scope(self) -> str:
        """Where it changes something."""
        return self.steps[0].scope if self.steps else ROOT


Fix = Step | Several
"""An edit as data, so that it can cross the pipe with the problem it remedies."""


def apply(document: Document, fix: Fix) -> Document:
    """Apply a remedy. Raises `ValueError` when what it refers to is gone."""
    scope = fix.scope
    match fix:
        case Several():
            for step in fix.steps:
                document = apply(document, step)
            return document
        case SetSetting():
            return set_setting(document, fix.node, fix.name, fix.value, scope=scope)
        case SetArgument():
            given = _node(document.scope(scope), fix.node).settings.get("arguments")
            arguments = {**(given if isinstance(given, Mapping) else {}), fix.name: fix.value}
            return set_setting(document, fix.node, "arguments", arguments, scope=scope)
        case ChangeType():
            return change_type(document, fix.node, fix.type, fix.settings, scope=scope)
        case InsertNode():
            return insert_on_wire(document, fix.wire, fix.type, fix.settings, scope=scope)[0]
        case AppendNode():
            added, name = add_node(document, fix.type, fix.settings, scope=scope)
            return connect(added, Wire(fix.node, fix.port, name, "in"), scope=scope)
        case RemoveNode():
            return take_out(document, fix.node, scope=scope)
        case AddWire():
            return connect(document, fix.wire, scope=scope)
        case RemoveWire():
            return disconnect(document, [fix.wire], scope=scope)
        case SetTraining():
            return replace(document, training=set_field(document.training, fix.name, fix.value))
