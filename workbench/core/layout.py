"""Where nodes are drawn when nobody has placed them: in layers, with few crossings; long chains in columns."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from workbench.core.document import Flow, Graph, Layout
from workbench.core.layers import Layers

COLUMN = 264.0
"""Distance of two nodes beside each other."""
ROW = 104.0
"""Distance of two nodes that follow one another."""
WIDE = 296.0
"""The same from left to right: what flows is written between them."""
GRID = 8.0
TALL = 8
"""A graph of more ranks than this goes on in another column."""
WHOLE = 24
"""One of at most so many ranks does so only where a single wire leads there."""
ASPECT = 1.6
"""Width to height of a large graph: about that of a screen."""
TRIALS = 3
"""How often the number of columns is put right."""
SLACK = 0.3
"""How much longer or shorter a column may be, so that few wires lead to the next."""

Direction = Flow


def arranged(graph: Graph, direction: Direction = "down") -> Layout:
    """Places for all nodes: each behind what feeds it, those of one rank beside each other."""
    layers = Layers(graph)
    at, sizes = layers.lanes(), layers.sizes
    across, along = pitch(direction)
    places = {}
    left = 0.0
    for first, last in pairwise(_breaks(layers, at, direction)):
        low, high = _span(layers, at, first, last)
        for item in (item for row in layers.rows[first:last] for item in row):
            if item < len(layers.nodes):
                lane = left + at[item] - sizes[item] / 2 - low
                x, y = _on_grid(lane * across), _on_grid((layers.rank[item] - first) * along)
                places[layers.nodes[item]] = (x, y) if direction == "down" else (y, x)
        left += high - low
    return Layout({node: places[node] for node in layers.nodes}, flow=direction)


def pitch(direction: Direction) -> tuple[float, float]:
    """The distance of nodes beside each other, and of those that follow one another."""
    return (COLUMN, ROW) if direction == "down" else (ROW, WIDE)


def rearranged(
    graph: Graph, layout: Layout, nodes: Iterable[str] | None = None, direction: Direction = "down"
) -> dict[str, tuple[float, float]]:
    """New places for some nodes (all by default), the upper left corner of their box staying where it was."""
    chosen = graph.nodes.keys() if nodes is None else graph.nodes.keys() & set(nodes)
    part = Graph(
        {key: node for key, node in graph.nodes.items() if key in chosen},
        frozenset(wire for wire in graph.wires if wire.src in chosen and wire.dst in chosen),
    )
    found = arranged(part, direction).positions
    before = [layout.positions[node] for node in found if node in layout.positions]
    if not before:
        return found
    left, top = (min(axis) for axis in zip(*before, strict=True))
    return {node: (x + left, y + top) for node, (x, y) in found.items()}


def crossings(graph: Graph, layout: Mapping[str, tuple[float, float]]) -> int:
    """How many pairs of wires cross when each is a straight line between places; for comparisons, not for speed."""
    lines = [(*layout[wire.src], *layout[wire.dst], wire) for wire in graph.wires if wire.src != wire.dst]
    count = 0
    for place, (ax, ay, bx, by, one) in enumerate(lines):
        for cx, cy, dx, dy, other in lines[:place]:
            if {one.src, one.dst} & {other.src, other.dst}:
                continue
            sides = _side(ax, ay, bx, by, cx, cy) * _side(ax, ay, bx, by, dx, dy)
            others = _side(cx, cy, dx, dy, ax, ay) * _side(cx, cy, dx, dy, bx, by)
            count += sides < 0 and others < 0
    return count


def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


def _breaks(layers: Layers, at: Sequence[float], direction: Direction) -> list[int]:
    """The ranks at which a column begins, and the number of all: as many columns as fill a screen."""
    num = len(layers.rows)
    if num <= TALL:
        return [0, num] if num else []
    across, along = pitch(direction)
    wanted = (ASPECT if direction == "down" else 1 / ASPECT) * along / across
    folds = math.sqrt(wanted * num / (max(at) - min(at) + 1))
    for _ in range(TRIALS):
        breaks = _folded(layers, num / max(1, min(round(folds), -(-num // TALL))))
        width = sum(_width(layers, at, *column) for column in pairwise(breaks))
        height = max(last - first for first, last in pairwise(breaks))
        folds *= math.sqrt(wanted * height / width)
    return breaks


def _folded(layers: Layers, height: float) -> list[int]:
    """Columns of about this height, each ending where few wires lead on."""
    num, passing = len(layers.rows), layers.passing()
    breaks = [0]
    while num - breaks[-1] > height * (1 + SLACK):
        ideal = breaks[-1] + height
        choice = range(round(ideal - SLACK * height), round(ideal + SLACK * height) + 1)
        best = min(choice, key=lambda rank: (passing[rank - 1], abs(rank - ideal)))
        if passing[best - 1] > 1 and num <= WHOLE:
            break
        breaks.append(best)
    return [*breaks, num]


def _width(layers: Layers, at: Sequence[float], first: int, last: int) -> float:
    """The width of a column, in nodes."""
    low, high = _span(layers, at, first, last)
    return high - low


def _span(layers: Layers, at: Sequence[float], first: int, last: int) -> tuple[float, float]:
    """Where a column of ranks begins and ends across."""
    items, sizes = [item for row in layers.rows[first:last] for item in row], layers.sizes
    return min(at[item] - sizes[item] / 2 for item in items), max(at[item] + sizes[item] / 2 for item in items)


def _on_grid(value: float) -> float:
    """The nearest line of the grid; half-way is always up, so that what is straight stays so."""
    return math.floor(value / GRID + 0.501) * GRID
