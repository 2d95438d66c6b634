"""The figures of a network: shapes, parameters, operations and activations of its layers, its blocks, and the whole."""

from workbench.core.analysis import Analysis, NodeAnalysis
from workbench.core.catalogue import port_names
from workbench.core.expand import Flat
from workbench.engine.flow import Flow


def figures(flat: Flat, flow: Flow, before: tuple[Flow, Analysis] | None = None) -> Analysis:
    """An analysis without problems and forecast. Operations and memory are known only where no axis is variable.

    `before` is a flow and what was said of it: of layers that are the same in both it is said again.
    """
    variable = bool(flow.lengths.sizes)
    same = _same(flow, *before) if before else {}
    nodes = {
        path: same[path] if path in same else _layer(path, flat, flow, variable)
        for path in flat.nodes
        if path in flow.measured
    }
    for use in flat.uses:
        nodes[use] = _block(use, flat, flow, nodes, variable)
    items = flow.measured.values()
    return Analysis(
        nodes=nodes,
        parameters=sum(item.parameters for item in items),
        flops=None if variable else sum(item.flops for item in items),
    )


def _same(flow: Flow, before: Flow, said: Analysis) -> dict[str, NodeAnalysis]:
    """What was said of the layers that are as they were. (Names of variable axes depend on all that comes before.)"""
    if flow.lengths.sizes or before.lengths.sizes:
        return {}
    return {path: said.nodes[path] for path, visit in flow.visits.items() if before.visits.get(path) is visit}


def _layer(path: str, flat: Flat, flow: Flow, variable: bool) -> NodeAnalysis:
    item, node = flow.measured[path], flat.nodes[path].node
    info = flow.kinds.of(node.type).info
    return NodeAnalysis(
        outputs={port: flow.spec((path, port)) for port in port_names(info.outputs, node.settings, info.fields)},
        parameters=item.parameters,
        flops=None if variable else item.flops,
        activation_bytes=None if variable else item.saved_bytes,
    )


def _block(use: str, flat: Flat, flow: Flow, nodes: dict[str, NodeAnalysis], variable: bool) -> NodeAnalysis:
    """A use of a block is the sum of what is inside of it."""
    inside = [nodes[path] for path in flat.inside(use) if path in nodes]
    return NodeAnalysis(
        outputs={port: flow.spec(source) for port, source in flat.uses[use].items() if source in flow.ports},
        parameters=sum(node.parameters for node in inside),
        flops=None if variable else sum(node.flops or 0 for node in inside),
        activation_bytes=None if variable else sum(node.activation_bytes or 0 for node in inside),
    )
