"""Where nodes are drawn when nobody has placed them: in layers, with few crossings; long chains in columns.

The method is that of Sugiyama, Tagawa and Toda (1981): ranks by the longest way from a start; a stand-in for a wire on
every rank that it passes; orders by barycentres, swept down and up while that removes crossings. Places on a rank are
the nearest to the barycentres that keep order and distance (least squares, solved by pooling adjacent violators).
"""

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from workbench.core.document import Graph, Layout, incoming, topological

COLUMN = 264.0
"""Distance of two nodes beside each other."""
ROW = 104.0
"""Distance of two nodes that follow one another."""
TALL = 8
"""A graph of more ranks than this goes on in another column."""
ASPECT = 1.6
"""Width to height of a large graph: about that of a screen."""
LANE = 0.4
"""The room of a wire that passes a rank, in nodes."""
SWEEPS = 8

Direction = Literal["down", "right"]


def arranged(graph: Graph, direction: Direction = "down") -> Layout:
    """Places for all nodes: each behind what feeds it, those of one rank beside each other."""
    layers = _Layers(graph)
    layers.order()
    lanes = layers.lanes()
    return Layout(_folded(layers.ranks, lanes, direction))


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


class _Layers:
    """A graph in ranks. Items are numbers: first the nodes, then the stand-ins of long wires."""

    def __init__(self, graph: Graph) -> None:
        self._nodes = list(graph.nodes)
        number = {node: place for place, node in enumerate(self._nodes)}
        self.ranks = _ranks(graph)
        at = [self.ranks[node] for node in self._nodes]
        self._rows: list[list[int]] = [[] for _ in range(max(at, default=-1) + 1)]
        self._above: list[list[int]] = [[] for _ in self._nodes]
        self._below: list[list[int]] = [[] for _ in self._nodes]
        for pair in sorted({(number[wire.src], number[wire.dst]) for wire in graph.wires}):
            first, last = sorted(pair, key=at.__getitem__)
            while at[last] - at[first] > 1:
                stand_in = len(at)
                at.append(at[first] + 1)
                self._above.append([])
                self._below.append([])
                self._join(first, stand_in)
                first = stand_in
            if at[last] > at[first]:
                self._join(first, last)
        for item in _walk(self._below, at):
            self._rows[at[item]].append(item)

    def _join(self, upper: int, lower: int) -> None:
        self._below[upper].append(lower)
        self._above[lower].append(upper)

    def order(self) -> None:
        """Sweep down and up; keep the order with the fewest crossings."""
        best, fewest = [row[:] for row in self._rows], self._crossings()
        for sweep in range(SWEEPS):
            if not fewest:
                break
            down = sweep % 2 == 0
            rows = self._rows[1:] if down else self._rows[-2::-1]
            beside = self._above if down else self._below
            place = self._places()
            for row in rows:
                row.sort(key=lambda item: _barycentre(beside[item], place, place[item]))
                for at, item in enumerate(row):
                    place[item] = at
            count = self._crossings()
            if count < fewest:
                best, fewest = [row[:] for row in self._rows], count
        self._rows = best

    def _places(self) -> list[float]:
        place = [0.0] * len(self._above)
        for row in self._rows:
            for at, item in enumerate(row):
                place[item] = at
        return place

    def _crossings(self) -> int:
        place = self._places()
        return sum(
            _inversions([sorted(place[lower] for lower in self._below[item]) for item in row]) for row in self._rows
        )

    def lanes(self) -> dict[str, float]:
        """Where each node stands across the ranks, in widths of a node, the least being 0."""
        at = [0.0] * len(self._above)
        for row in self._rows:
            for item, place in zip(row, self._spread(row, [0.0] * len(row)), strict=True):
                at[item] = place
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            beside = self._above if down else self._below
            for row in self._rows if down else reversed(self._rows):
                wanted = [_barycentre(beside[item], at, at[item]) for item in row]
                for item, place in zip(row, self._spread(row, wanted), strict=True):
                    at[item] = place
        least = min(at[: len(self._nodes)], default=0.0)
        return {node: at[number] - least for number, node in enumerate(self._nodes)}

    def _spread(self, row: Sequence[int], wanted: Sequence[float]) -> list[float]:
        """The places nearest to the wanted ones that keep order and distance."""
        sizes = [1.0 if item < len(self._nodes) else LANE for item in row]
        offsets = [0.0]
        for one, other in pairwise(sizes):
            offsets.append(offsets[-1] + (one + other) / 2)
        pools: list[tuple[float, int]] = []  # mean and number of what stands as close as it may
        for want, offset in zip(wanted, offsets, strict=True):
            mean, count = want - offset, 1
            while pools and pools[-1][0] >= mean:
                before, number = pools.pop()
                mean, count = (before * number + mean * count) / (number + count), number + count
            pools.append((mean, count))
        means = [mean for mean, count in pools for _ in range(count)]
        return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _ranks(graph: Graph) -> dict[str, int]:
    """The longest way to each node from a start; a start stands right above what it feeds."""
    order, stuck = topological(graph)
    feeding = incoming(graph)
    ranks: dict[str, int] = {}
    for node in [*order, *(node for node in graph.nodes if node in stuck)]:
        sources = (ranks[wire.src] for wire in feeding[node].values() if wire.src in ranks)
        ranks[node] = max(sources, default=-1) + 1
    nearest: dict[str, int] = {}
    for wire in graph.wires:
        nearest[wire.src] = min(nearest.get(wire.src, ranks[wire.dst]), ranks[wire.dst])
    for node in graph.nodes:
        if not feeding[node] and nearest.get(node, 0) > 1:
            ranks[node] = nearest[node] - 1
    return ranks


def _walk(below: Sequence[Sequence[int]], at: Sequence[int]) -> list[int]:
    """All items, branch by branch: a first order in which what belongs together stands together."""
    seen = [False] * len(at)
    found: list[int] = []
    for start in sorted(range(len(at)), key=at.__getitem__):
        stack = [start]
        while stack:
            item = stack.pop()
            if not seen[item]:
                seen[item] = True
                found.append(item)
                stack.extend(reversed(below[item]))
    return found


def _barycentre(items: Sequence[int], place: Sequence[float], otherwise: float) -> float:
    return sum(place[item] for item in items) / len(items) if items else otherwise


def _inversions(rows: Iterable[Sequence[float]]) -> int:
    """How many pairs stand in the wrong order, those within one of `rows` aside."""
    seen: list[float] = []
    count = 0
    for row in rows:
        count += sum(len(seen) - bisect_right(seen, place) for place in row)
        for place in row:
            insort(seen, place)
    return count


def _folded(
    ranks: Mapping[str, int], lanes: Mapping[str, float], direction: Direction
) -> dict[str, tuple[float, float]]:
    """Ranks and lanes as places; many ranks go on in further columns (or rows), so that a screen can hold them."""
    across, along = (COLUMN, ROW) if direction == "down" else (ROW, COLUMN)
    num_ranks = max(ranks.values(), default=-1) + 1
    width = max(lanes.values(), default=0.0) + 1
    folds = 1
    if num_ranks > TALL:
        wanted = ASPECT if direction == "down" else 1 / ASPECT
        folds = max(1, round(math.sqrt(wanted * num_ranks * along / (width * across))))
        folds = min(folds, -(-num_ranks // TALL))
    height = -(-num_ranks // folds) if num_ranks else 1
    places = {}
    for node, rank in ranks.items():
        fold, depth = divmod(rank, height)
        x, y = (lanes[node] + fold * width) * across, depth * along
        places[node] = (x, y) if direction == "down" else (y, x)
    return places
