"""A document with its blocks unfolded: the flat network that is analysed, compiled and exported.

A node inside a block is known by the path of ids that leads to it: `use/inner`, and `use/0/inner`, `use/1/inner`
where a block is repeated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workbench.core.document import ROOT, Document, Graph, Node, Param, Settings, Value, Wire, incoming
from workbench.core.problems import Problem

BLOCK = "block"
BLOCK_INPUT = "block_input"
BLOCK_OUTPUT = "block_output"
MAX_REPEAT = 1024
MAX_DEPTH = 32

Source = tuple[str, str]
"""A path and the name of one of its output ports."""

Resolve = Callable[[str], Source | None]
"""What feeds a port of the block that is being unfolded."""


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
    inputs: dict[str, dict[str, Source]] = field(default_factory=dict)
    """What feeds each input port that is fed, by path and port."""
    wires: dict[tuple[str, str], Wire] = field(default_factory=dict)
    """The wire in the document that ends at (path, port): where a remedy would be put."""
    uses: dict[str, dict[str, Source]] = field(default_factory=dict)
    """For every use of a block, by path: where its output ports come from."""
    problems: list[Problem] = field(default_factory=list)

    def inside(self, use: str) -> Iterator[str]:
        """The paths of the layers inside a use of a block."""
        return (path for path in self.nodes if path.startswith(f"{use}/"))


def expand(document: Document) -> Flat:
    """Unfold a document. What cannot be unfolded (an unknown block, one that contains itself) is a problem."""
    flat = Flat()
    _Unfolding(document, flat).graph(document.graph, ROOT, "", {}, lambda port: None, ())
    return flat


class _Unfolding:
    def __init__(self, document: Document, flat: Flat) -> None:
        self._document = document
        self._flat = flat

    def graph(
        self, graph: Graph, scope: str, prefix: str, arguments: Settings, outer: Resolve, stack: tuple[str, ...]
    ) -> dict[str, Source]:
        """Unfold one graph; returns where its block outputs come from, by port name."""
        feeding = incoming(graph)
        results: dict[str, dict[str, Source]] = {}
        open_uses: set[str] = set()

        def source(node: str, port: str) -> Source | None:
            wire = feeding[node].get(port)
            if wire is None:
                return None
            producer = graph.nodes[wire.src]
            if producer.type == BLOCK_INPUT:
                return outer(wire.src)
            if producer.type != BLOCK:
                return prefix + wire.src, wire.src_port
            return unfolded(producer).get(wire.src_port)

        def unfolded(node: Node) -> dict[str, Source]:
            if node.id not in results and node.id not in open_uses:
                open_uses.add(node.id)
                results[node.id] = self._use(node, scope, prefix, arguments, lambda port: source(node.id, port), stack)
                self._flat.uses[prefix + node.id] = results[node.id]
            return results.get(node.id, {})

        for node in graph.nodes.values():
            if node.type == BLOCK:
                unfolded(node)
            elif node.type not in (BLOCK_INPUT, BLOCK_OUTPUT):
                self._layer(node, scope, prefix, arguments, feeding, source)
        ends = (node.id for node in graph.nodes.values() if node.type == BLOCK_OUTPUT)
        return {end: found for end in ends if (found := source(end, "in"))}

    def _layer(
        self,
        node: Node,
        scope: str,
        prefix: str,
        arguments: Settings,
        feeding: dict[str, dict[str, Wire]],
        source: Callable[[str, str], Source | None],
    ) -> None:
        path = prefix + node.id
        settings = {name: self._resolved(value, arguments, path, scope) for name, value in node.settings.items()}
        self._flat.nodes[path] = FlatNode(path, Node(node.id, node.type, settings, node.label), scope)
        self._flat.inputs[path] = {}
        for port, wire in feeding[node.id].items():
            found = source(node.id, port)
            if found:
                self._flat.inputs[path][port] = found
                self._flat.wires[path, port] = wire

    def _use(
        self, node: Node, scope: str, prefix: str, arguments: Settings, feed: Resolve, stack: tuple[str, ...]
    ) -> dict[str, Source]:
        path = prefix + node.id
        name = node.settings.get("definition")
        block = self._document.blocks.get(name) if isinstance(name, str) else None
        if block is None:
            return self._refuse("block.unknown", path, scope, block=str(name))
        if name in stack or len(stack) >= MAX_DEPTH:
            return self._refuse("block.recursive", path, scope, block=str(name))
        given = node.settings.get("arguments", {})
        values = {key: self._resolved(value, arguments, path, scope) for key, value in given.items()}
        filled = {**block.parameters, **values}
        repeat = self._resolved(node.settings.get("repeat", 1), arguments, path, scope)
        if not isinstance(repeat, int) or not 1 <= repeat <= MAX_REPEAT:
            return self._refuse("block.repeat", path, scope, found=repeat, most=MAX_REPEAT)
        inputs = [inner.id for inner in block.graph.nodes.values() if inner.type == BLOCK_INPUT]
        outputs = [inner.id for inner in block.graph.nodes.values() if inner.type == BLOCK_OUTPUT]
        if repeat > 1 and len(inputs) != len(outputs):
            return self._refuse("block.repeat_ports", path, scope, inputs=len(inputs), outputs=len(outputs))
        inner_stack = (*stack, str(name))
        if repeat == 1:
            return self.graph(block.graph, str(name), f"{path}/", filled, feed, inner_stack)
        resolve = feed
        found: dict[str, Source] = {}
        for turn in range(repeat):
            found = self.graph(block.graph, str(name), f"{path}/{turn}/", filled, resolve, inner_stack)
            chained = {port: found.get(end) for port, end in zip(inputs, outputs, strict=True)}
            resolve = chained.get
        return found

    def _resolved(self, value: Value, arguments: Settings, path: str, scope: str) -> Value:
        if not isinstance(value, Param):
            return value
        if value.param in arguments:
            return arguments[value.param]
        self._flat.problems.append(Problem("block.parameter", {"name": value.param}, node=path, scope=scope))
        return None

    def _refuse(self, code: str, path: str, scope: str, **args: object) -> dict[str, Source]:
        self._flat.problems.append(Problem(code, args, node=path, scope=scope))
        return {}
