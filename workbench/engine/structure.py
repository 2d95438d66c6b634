"""What can be said of a network before any layer is asked: its order, what is used, its circles and its names."""

from collections.abc import Iterator
from functools import cache

from msgspec.structs import replace
from torch import fx, nn

from workbench.core.edits import RemoveWire
from workbench.core.expand import Flat
from workbench.core.problems import Problem

NETWORK_NAMES = (
    "begun", "ended", "inputs", "outputs", "run", "size", "steps", "swap", "type_of", "use_export_twins", "_add",
    "_ends", "_layers", "_place", "_put",
)  # fmt: skip
"""What the compiled network itself is made of (`compile.py`)."""


@cache
def reserved_ids() -> frozenset[str]:
    """Names that a node may not have: torch's modules, and the graphs that it exports, use them themselves."""
    return frozenset({*dir(nn.Module()), *dir(fx.GraphModule), *NETWORK_NAMES})


def order_of(flat: Flat) -> tuple[list[str], frozenset[str]]:
    """Layers in an order in which each comes after what feeds it, and those that lie behind a circle."""
    waiting = {path: len(sources) for path, sources in flat.inputs.items()}
    followers: dict[str, list[str]] = {path: [] for path in flat.nodes}
    for path, sources in flat.inputs.items():
        for source, _ in sources.values():
            followers[source].append(path)
    order = [path for path, count in waiting.items() if count == 0]
    for path in order:
        for follower in followers[path]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                order.append(follower)
    return order, frozenset(flat.nodes) - frozenset(order)


def used_layers(flat: Flat) -> frozenset[str]:
    """The layers that an output depends on, outputs included."""
    stack = [path for path, node in flat.nodes.items() if node.node.type == "output"]
    used = set(stack)
    while stack:
        for source, _ in flat.inputs[stack.pop()].values():
            if source not in used:
                used.add(source)
                stack.append(source)
    return frozenset(used)


def unfolding_problems(flat: Flat, used: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with blocks. One that no output depends on may stand there unconnected: that is a warning."""
    for problem in flat.problems:
        unconnected = problem.code == "port.unconnected" and problem.node in flat.uses
        unused = unconnected and not used.intersection(flat.inside(problem.node))
        yield replace(problem, severity="warning") if unused else problem


def reserved_names(flat: Flat) -> Iterator[Problem]:
    """Layers and blocks whose id torch uses itself."""
    scopes = {path: node.scope for path, node in flat.nodes.items()} | flat.scopes
    for path, scope in scopes.items():
        name = path.rpartition("/")[2]
        if name in reserved_ids():
            yield Problem("node.reserved_id", {"id": name}, path, scope=scope)


def circles(flat: Flat, stuck: frozenset[str]) -> Iterator[Problem]:
    """A wire of each circle, once; what only lies behind a circle stays quiet."""
    left = set(stuck)
    while left:
        trail = [min(left)]
        while trail[-1] not in trail[:-1]:
            sources = (source for source, _ in flat.inputs[trail[-1]].values())
            trail.append(next(source for source in sources if source in stuck))
        circle = trail[trail.index(trail[-1]) : -1]
        if left.issuperset(circle):
            path, fed = circle[0], circle[1 % len(circle)]
            port = next(name for name, (source, _) in flat.inputs[path].items() if source == fed)
            scope = flat.nodes[path].scope
            fix = RemoveWire(flat.wires[path, port], scope)
            yield Problem("graph.circle", {"nodes": circle}, path, scope=scope, port=port, fix=fix)
        left -= {*trail}


def missing_output(flat: Flat) -> Iterator[Problem]:
    """A network of which nothing is used; an empty one is only not begun yet."""
    if flat.nodes and all(node.node.type != "output" for node in flat.nodes.values()):
        yield Problem("graph.no_output", severity="warning")
