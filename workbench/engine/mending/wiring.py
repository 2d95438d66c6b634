"""Remedies for what is missing: wires, outputs, shapes, types."""

from collections.abc import Iterator
from difflib import get_close_matches

from workbench.core.catalogue import default_of, shipped
from workbench.core.document import Node, Wire, outgoing, reachable, topological
from workbench.core.edits import AddWire, AppendNode, ChangeType, Fix, RemoveNode, RemoveWire, SetSetting, Several
from workbench.core.ports import ports_of
from workbench.engine.layers import LAYERS
from workbench.engine.mending.spot import Spot, remedies

NEAREST = 3
"""So many nodes are tried as the source of a wire that is missing."""
SHAPE = (1, 28, 28)
"""Of an input that knows nothing: a small grey picture, as when one is added."""


@remedies("port.unconnected")
def fed(spot: Spot) -> Iterator[Fix]:
    """A wire from the nearest node that feeds nothing yet, else from the nearest; or one port less."""
    name, scope, port = spot.problem.node.rpartition("/")[2], spot.problem.scope, spot.problem.port
    node = spot.document.scope(scope).nodes.get(name)
    if node is None:
        return
    yield from (spot.wire(src, out, port) for src, out in _producers(spot, name)[:NEAREST])
    yield from _one_less(spot, node)
    yield RemoveNode(name, scope)


def _producers(spot: Spot, name: str) -> list[tuple[str, str]]:
    """Output ports that may feed a node without a circle: those that feed nothing yet first, then the last computed.

    (Where nodes are drawn is not known here: no analysis depends on it.)
    """
    graph = spot.document.scope(spot.problem.scope)
    after, leaving = reachable(graph, [name]), outgoing(graph)
    found = []
    for place, node in enumerate(topological(graph)[0]):
        for port in _outputs(spot, graph.nodes[node])[:1] if node not in after else ():
            used = any(wire.src_port == port for wire in leaving[node])
            found.append((used, -place, node, port))
    return [(node, port) for *_, node, port in sorted(found)]


def _outputs(spot: Spot, node: Node) -> tuple[str, ...]:
    return ports_of(node, shipped(), spot.document)[1]


def _one_less(spot: Spot, node: Node) -> Iterator[Fix]:
    """A node that joins many can join fewer: what feeds the last port moves to the empty one."""
    scope, port = spot.problem.scope, spot.problem.port
    info = LAYERS[node.type].info if node.type in LAYERS else None
    repeat = next((item.repeat for item in info.inputs if item.repeat), "") if info else ""
    count = node.settings.get(repeat, default_of(info.fields, repeat)) if info and repeat else None
    if not isinstance(count, int) or count < 3:
        return
    fewer = SetSetting(node.id, repeat, count - 1, scope)
    last = f"{port.rpartition('_')[0]}_{count}"
    if last == port:
        yield fewer
        return
    wire = next(
        (item for item in spot.document.scope(scope).wires if (item.dst, item.dst_port) == (node.id, last)), None
    )
    if wire is not None:
        moved = Wire(wire.src, wire.src_port, node.id, port)
        yield Several((RemoveWire(wire, scope), AddWire(moved, scope), fewer))


@remedies("graph.no_output")
def ending(spot: Spot) -> Iterator[Fix]:
    """An Output behind what feeds nothing yet."""
    graph, leaving = spot.document.graph, outgoing(spot.document.graph)
    for name in reversed(topological(graph)[0]):
        ports = _outputs(spot, graph.nodes[name])
        if ports and not leaving[name]:
            yield AppendNode(name, ports[-1], "output")


@remedies("input.no_shape")
def shaped(spot: Spot) -> Iterator[Fix]:
    """A shape to begin with."""
    yield spot.set("shape", SHAPE)


@remedies("node.unknown_type")
def known_type(spot: Spot) -> Iterator[Fix]:
    """The type whose name is nearly the same."""
    named = {key.replace("_", ""): key for key in LAYERS}
    typed = spot.type.lower().replace("_", "").replace("-", "")
    for near in get_close_matches(typed, named, n=2, cutoff=0.75):
        before = spot.document.scope(spot.problem.scope).nodes[spot.node.node.id].settings
        yield ChangeType(spot.node.node.id, named[near], before, spot.problem.scope)


@remedies("block.unknown")
def gone(spot: Spot) -> Iterator[Fix]:
    """Nothing can stand in for a block that is not there."""
    yield RemoveNode(spot.problem.node.rpartition("/")[2], spot.problem.scope)


@remedies("block.repeat", "block.repeat_ports")
def once(spot: Spot) -> Iterator[Fix]:
    """Used once, any block works."""
    yield SetSetting(spot.problem.node.rpartition("/")[2], "repeat", 1, spot.problem.scope)


@remedies("block.arguments")
def defaults(spot: Spot) -> Iterator[Fix]:
    """Without arguments the block's own values count."""
    yield SetSetting(spot.problem.node.rpartition("/")[2], "arguments", {}, spot.problem.scope)
