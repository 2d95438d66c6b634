"""A document with its blocks unfolded: the flat network that is analysed, compiled and exported.

A node inside a block is known by the path of ids that leads to it: `use/inner`, and `use/0/inner`, `use/1/inner`
where a block is repeated.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from workbench.core.document import BLOCK as BLOCK
from workbench.core.document import BLOCK_INPUT as BLOCK_INPUT
from workbench.core.document import BLOCK_OUTPUT as BLOCK_OUTPUT
from workbench.core.document import (
    ROOT,
    Document,
    Graph,
    Node,
    Param,
    Settings,
    Wire,
    by_port,
    incoming,
    reachable,
    topological,
)
from workbench.core.edits import Fix, RemoveWire
from workbench.core.problems import Problem

ENDS = frozenset({"input", "output", BLOCK_INPUT, BLOCK_OUTPUT})
"""Where a graph begins and ends: what cannot be left out, nor stand inside a block."""

NOTE = "note"
"""A text on the canvas: a node without ports, that is chosen, moved, copied and framed like any other."""

NO_LAYERS = frozenset({BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, NOTE})
"""What is not there any more when a network is unfolded."""

MAX_REPEAT = 1024
MAX_DEPTH = 32
MAX_NODES = 100_000
"""Blocks that use blocks grow without end: no file may fill the memory."""

Source = tuple[str, str]
"""A path and the name of one of its output ports."""

BROKEN: Source = ("", "")
"""What feeds a port is missing for a reason that is reported elsewhere."""

Resolve = Callable[[str], Source | None]
"""What feeds a port of the block that is being unfolded; None when nothing does."""


def is_bypassed(node: Node) -> bool:
    """The node passes on what feeds its first input. (The ends of a graph and notes cannot.)"""
    return node.bypassed and node.type not in ENDS and node.type != NOTE


def without_notes(graph: Graph) -> list[str]:
    """The nodes of a graph that are more than words."""
    return [name for name, node in graph.nodes.items() if node.type != NOTE]


@dataclass(frozen=True)
class FlatNode:
    """One layer of the unfolded network, its parameters filled in."""

    path: str
    node: Node
    scope: str


@dataclass
class Flat:
    """The unfolded network."""

    nodes: dict[str, FlatNode] = field(default_factory=dict)
    """In the order of the document."""
    inputs: dict[str, dict[str, Source]] = field(default_factory=dict)
    """What feeds each input port that is fed, by path and port."""
    wires: dict[tuple[str, str], Wire] = field(default_factory=dict)
    """The wire in the document that ends at (path, port): where a remedy would be put."""
    uses: dict[str, dict[str, Source]] = field(default_factory=dict)
    """For every use of a block, and every node that is bypassed, by path: where its output ports come from."""
    scopes: dict[str, str] = field(default_factory=dict)
    """For the same, by path: the scope that it stands in."""
    broken: set[tuple[str, str]] = field(default_factory=set)
    """(path, port) of the input ports whose wire leads to something that `problems` names."""
    problems: list[Problem] = field(default_factory=list)

    def inside(self, use: str) -> Iterator[str]:
        """The paths of the layers inside a use of a block."""
        return (path for path in self.nodes if path.startswith(f"{use}/"))


def expand(document: Document) -> Flat:
    """Unfold a document. What cannot be unfolded (an unknown block, one that contains itself) is a problem."""
    flat = Flat()
    unfolding = _Unfolding(document, flat)
    unfolding.graph(_Place(document.graph), lambda port: None)
    flat.nodes = dict(sorted(flat.nodes.items(), key=lambda item: unfolding.ranks[item[0]]))
    return flat


def way_into(document: Document, uses: Sequence[str]) -> tuple[str, str] | None:
    """The block that one gets into through these uses, one inside the other, and the path before the ids in there.

    A repeated use is entered at its first turn. None when one of them is no use of a block that is there.
    """
    scope, prefix = ROOT, ""
    arguments: Settings = {}
    for use in uses:
        node = document.scope(scope).nodes.get(use)
        name = node.settings.get("definition") if node and node.type == BLOCK else None
        if node is None or not isinstance(name, str) or name not in document.blocks:
            return None
        settings = {
            key: arguments.get(value.param) if isinstance(value, Param) else value
            for key, value in node.settings.items()
        }
        given = settings.get("arguments")
        own = {
            key: arguments.get(value.param) if isinstance(value, Param) else value
            for key, value in (given.items() if isinstance(given, Mapping) else ())
        }
        arguments = {**document.blocks[name].parameters, **own}
        prefix += f"{use}/" if settings.get("repeat", 1) == 1 else f"{use}/0/"
        scope = name
    return scope, prefix


@dataclass(frozen=True)
class _Place:
    """The graph that is being unfolded, and where."""

    graph: Graph
    scope: str = ROOT
    prefix: str = ""
    arguments: Settings = field(default_factory=dict)
    stack: tuple[str, ...] = ()
    """The blocks that it is inside of."""
    rank: tuple[int, ...] = ()


class _Unfolding:
    def __init__(self, document: Document, flat: Flat) -> None:
        self._document = document
        self._flat = flat
        self.ranks: dict[str, tuple[int, ...]] = {}
        """Where each layer stands in the document."""
        self._count = 0
        self._told: set[tuple[str, ...]] = set()
        """The problems that are named already; a block that is used often may have the same ones often."""

    def graph(self, at: _Place, outer: Resolve) -> dict[str, Source]:
        """Unfold one graph; returns where its block outputs come from, by port name."""
        graph, feeding = at.graph, incoming(at.graph)
        self._wires_that_lost(at, feeding)
        results: dict[str, dict[str, Source]] = {}
        passed: dict[str, Source | None] = {}
        order, stuck = topological(graph)

        def source(node: str, port: str) -> Source | None:
            wire = feeding[node].get(port)
            if wire is None:
                return None
            producer = graph.nodes[wire.src]
            if is_bypassed(producer):
                return passed.get(wire.src, BROKEN)
            if producer.type == BLOCK_INPUT:
                return outer(wire.src)
            if producer.type in (BLOCK_OUTPUT, NOTE):
                return self._no_port(at, wire)
            if producer.type != BLOCK:
                return at.prefix + wire.src, wire.src_port
            if wire.src not in results:
                return BROKEN
            return results[wire.src].get(wire.src_port) or self._no_port(at, wire)

        ranks = {node: (*at.rank, place) for place, node in enumerate(graph.nodes)}
        for name in order:
            if is_bypassed(graph.nodes[name]):
                first = min(feeding[name].values(), key=by_port, default=None)
                end = passed[name] = source(name, first.dst_port) if first else None
                ports = {wire.src_port for wire in graph.wires if wire.src == name}
                self._stands_for(at, name, dict.fromkeys(ports, end) if end else {})
            elif graph.nodes[name].type == BLOCK:
                found = self._use(graph.nodes[name], at, ranks[name], partial(source, name))
                if found is not None:
                    results[name] = found
                    self._stands_for(at, name, found)
        self._circles(at, stuck)
        for name, node in graph.nodes.items():
            if node.type not in NO_LAYERS and not is_bypassed(node):
                self._layer(node, at, ranks[name], feeding[name], source)
        ends = [name for name, node in graph.nodes.items() if node.type == BLOCK_OUTPUT]
        return {end: source(end, "in") or self._unconnected(at.prefix + end, at.scope, "in") for end in ends}

    def _stands_for(self, at: _Place, name: str, ends: Mapping[str, Source]) -> None:
        """A node that is no layer has the outputs of others."""
        self._flat.uses[at.prefix + name] = {port: end for port, end in ends.items() if end is not BROKEN}
        self._flat.scopes[at.prefix + name] = at.scope

    def _layer(
        self,
        node: Node,
        at: _Place,
        rank: tuple[int, ...],
        feeding: Mapping[str, Wire],
        source: Callable[[str, str], Source | None],
    ) -> None:
        path = at.prefix + node.id
        settings = self._filled(node.settings, at, path)
        same = settings is node.settings
        self._flat.nodes[path] = FlatNode(path, node if same else replace(node, settings=settings), at.scope)
        self.ranks[path] = rank
        self._flat.inputs[path] = {}
        for port, wire in feeding.items():
            found = source(node.id, port)
            if found is BROKEN:
                self._flat.broken.add((path, port))
            elif found is not None:
                self._flat.inputs[path][port] = found
                self._flat.wires[path, port] = wire

    def _use(self, node: Node, at: _Place, rank: tuple[int, ...], feed: Resolve) -> dict[str, Source] | None:
        """Unfold a use of a block; None when that is not possible."""
        path, scope = at.prefix + node.id, at.scope
        name = node.settings.get("definition")
        block = self._document.blocks.get(name) if isinstance(name, str) else None
        if block is None:
            return self._refuse("block.unknown", path, scope, block=str(name))
        if name in at.stack or len(at.stack) >= MAX_DEPTH:
            return self._refuse("block.recursive", path, scope, block=str(name))
        given = node.settings.get("arguments", {})
        if not isinstance(given, Mapping):
            return self._refuse("block.arguments", path, scope, found=given)
        repeat = self._filled({"repeat": node.settings.get("repeat", 1)}, at, path).get("repeat", 1)
        if not isinstance(repeat, int) or not 1 <= repeat <= MAX_REPEAT:
            return self._refuse("block.repeat", path, scope, found=repeat, most=MAX_REPEAT)
        inputs = [inner.id for inner in block.graph.nodes.values() if inner.type == BLOCK_INPUT]
        outputs = [inner.id for inner in block.graph.nodes.values() if inner.type == BLOCK_OUTPUT]
        if repeat > 1 and len(inputs) != len(outputs):
            return self._refuse("block.repeat_ports", path, scope, inputs=len(inputs), outputs=len(outputs))
        filled = {**block.parameters, **self._filled(dict(given), at, path)}
        resolve: Resolve = lambda port: feed(port) or self._unconnected(path, scope, port)  # noqa: E731
        stack = (*at.stack, str(name))
        found: dict[str, Source] = {}
        for turn in range(repeat):
            if not self._has_room(len(block.graph.nodes) + 1, path, scope):
                return None
            prefix = f"{path}/" if repeat == 1 else f"{path}/{turn}/"
            inner = _Place(block.graph, str(name), prefix, filled, stack, (*rank, turn))
            found = self.graph(inner, resolve)
            resolve = {port: found[end] for port, end in zip(inputs, outputs, strict=False)}.get
        return found

    def _circles(self, at: _Place, stuck: frozenset[str]) -> None:
        """Name the circles through nodes that are not unfolded. (Those of layers are found in the unfolded network.)"""
        left = {name for name in stuck if at.graph.nodes[name].type == BLOCK or is_bypassed(at.graph.nodes[name])}
        while left:
            name = min(left)
            after = reachable(at.graph, [wire.dst for wire in at.graph.wires if wire.src == name])
            circle = after & reachable(at.graph, [name], backwards=True)
            if name in circle:
                wire = min(wire for wire in at.graph.wires if wire.dst == name and wire.src in circle)
                args = {"nodes": [node for node in at.graph.nodes if node in circle]}
                self._problem(
                    "graph.circle", args, at.prefix + name, at.scope, wire.dst_port, RemoveWire(wire, at.scope)
                )
            left -= circle | {name}

    def _wires_that_lost(self, at: _Place, feeding: Mapping[str, Mapping[str, Wire]]) -> None:
        """Only one wire can feed a port; a file may say otherwise."""
        if len(at.graph.wires) == sum(map(len, feeding.values())):
            return
        for wire in sorted(at.graph.wires):
            if feeding[wire.dst][wire.dst_port] != wire:
                fix = RemoveWire(wire, at.scope)
                args = {"port": wire.dst_port}
                self._problem("port.twice", args, at.prefix + wire.dst, at.scope, wire.dst_port, fix)

    def _filled(self, settings: Settings, at: _Place, path: str) -> Settings:
        """Settings with the values of the block's parameters; those of parameters that are not there are left out."""
        if not any(isinstance(value, Param) for value in settings.values()):
            return settings
        filled = {}
        for name, value in settings.items():
            if not isinstance(value, Param):
                filled[name] = value
            elif value.param in at.arguments:
                filled[name] = at.arguments[value.param]
            else:
                self._problem("block.parameter", {"name": value.param}, path, at.scope)
        return filled

    def _has_room(self, more: int, path: str, scope: str) -> bool:
        had_room = self._count < MAX_NODES
        self._count += more
        if had_room and self._count >= MAX_NODES:
            self._problem("block.too_many", {"most": MAX_NODES}, path, scope)
        return self._count < MAX_NODES

    def _no_port(self, at: _Place, wire: Wire) -> Source:
        args = {"port": wire.src_port}
        self._problem("port.unknown", args, at.prefix + wire.dst, at.scope, wire.dst_port, RemoveWire(wire, at.scope))
        return BROKEN

    def _unconnected(self, path: str, scope: str, port: str) -> Source:
        self._problem("port.unconnected", {"port": port}, path, scope, port)
        return BROKEN

    def _refuse(self, code: str, path: str, scope: str, **args: object) -> dict[str, Source] | None:
        self._problem(code, args, path, scope)
        return None

    def _problem(
        self, code: str, args: Mapping[str, object], path: str, scope: str, port: str = "", fix: Fix | None = None
    ) -> None:
        key = (code, path, scope, port, repr(args))
        if key not in self._told:
            self._told.add(key)
            self._flat.problems.append(Problem(code, dict(args), node=path, scope=scope, port=port, fix=fix))
