"""A graph in ranks, ordered so that few wires cross.

The method is that of Sugiyama, Tagawa and Toda (1981): ranks by the longest way from a start; a stand-in for a wire on
every rank that it passes; orders by barycentres, swept down and up, and by exchanging neighbours, while that removes
crossings.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from workbench.core.document import Graph, by_port, incoming, topological
from workbench.core.straight import straightened

LANE = 0.4
"""The room of a wire that passes a rank, in nodes."""
SWEEPS, PATIENCE = 24, 3
"""How many sweeps at most, and how many that remove no crossing."""
EXCHANGES = 3


class Layers:
    """Items are numbers: first the nodes, then the stand-ins of long wires."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = list(graph.nodes)
        ranks = _ranks(graph)
        number = {node: place for place, node in enumerate(self.nodes)}
        self.rank = [ranks[node] for node in self.nodes]
        self.rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        self._above: list[list[int]] = [[] for _ in self.nodes]
        self._below: list[list[int]] = [[] for _ in self.nodes]
        self._aims: list[list[float]] = [[] for _ in self.nodes]
        """Which part of the lower item each line to `_below` ends at, from 0 to 1: inputs stand side by side."""
        at = self.rank
        for (src, dst), aim in sorted(_aims(graph, number).items()):
            first, last = sorted((src, dst), key=at.__getitem__)
            aim = aim if last == dst else 0.5
            while at[last] - at[first] > 1:
                stand_in = len(at)
                at.append(at[first] + 1)
                self._above.append([])
                self._below.append([])
                self._aims.append([])
                self._join(first, stand_in, 0.5)
                first = stand_in
            if at[last] > at[first]:
                self._join(first, last, aim)
        for item in _walk(self._below, at):
            self.rows[at[item]].append(item)
        self.sizes = [1.0] * len(self.nodes) + [LANE] * (len(at) - len(self.nodes))
        """The room that each item takes across."""
        self._place = [0] * len(at)
        self._number_all()
        self._order()

    def lanes(self) -> list[float]:
        """Where the middle of each item stands across the ranks, in widths of a node."""
        return straightened(self.rows, self._above, self._below, self.sizes)

    def crossings(self) -> int:
        """How many pairs of wires between two ranks cross."""
        return sum(_inversions([sorted(self._ends(item)) for item in row]) for row in self.rows)

    def passing(self) -> list[int]:
        """How many wires lead from each rank to later ones, counting those of one output as little more than one."""
        return [sum(1 + len(self._below[item]) // 2 for item in row if self._below[item]) for row in self.rows]

    def _join(self, upper: int, lower: int, aim: float) -> None:
        self._below[upper].append(lower)
        self._aims[upper].append(aim)
        self._above[lower].append(upper)

    def _ends(self, item: int) -> list[float]:
        """Where the lines downwards from an item end."""
        place = self._place
        return [place[lower] + aim for lower, aim in zip(self._below[item], self._aims[item], strict=True)]

    def _number_all(self) -> None:
        for row in self.rows:
            self._number(row)

    def _number(self, row: Sequence[int]) -> None:
        for at, item in enumerate(row):
            self._place[item] = at

    def _order(self) -> None:
        """Sweep down and up; keep the order with the fewest crossings."""
        best, fewest, idle = [row[:] for row in self.rows], self.crossings(), 0
        for sweep in range(SWEEPS):
            if not fewest or idle == PATIENCE:
                break
            self._sweep(down=sweep % 2 == 0, mirrored=sweep // 2 % 2 == 1)
            for _ in range(EXCHANGES):
                if not self._exchange(ties=sweep % 4 == 3):
                    break
            count = self.crossings()
            idle = idle + 1 if count >= fewest else 0
            if count < fewest:
                best, fewest = [row[:] for row in self.rows], count
        self.rows = best
        self._number_all()
        while self._exchange():
            pass

    def _sweep(self, *, down: bool, mirrored: bool) -> None:
        """Sort each rank by the means of the places beside; what is equal is turned round when `mirrored`."""
        place = self._place

        def ends(item: int) -> list[float]:
            return [place[upper] for upper in self._above[item]] if down else self._ends(item)

        for row in self.rows[1:] if down else self.rows[-2::-1]:
            if len(row) > 1:
                means = {item: _mean(ends(item), place[item]) for item in row}
                if mirrored:
                    row.reverse()
                row.sort(key=means.__getitem__)
                self._number(row)

    def _exchange(self, *, ties: bool = False) -> bool:
        """Let neighbours on a rank change places where that removes crossings; whether it did.

        With `ties` they do so too where it makes no difference: that may open a way out of a dead end.
        """
        place, better = self._place, False
        for row in self.rows:
            for at in range(len(row) - 1):
                one, other = row[at], row[at + 1]
                gain = total = 0
                above = [[place[upper] for upper in self._above[item]] for item in (one, other)]
                for first, second in (above, (self._ends(one), self._ends(other))):
                    for a in first:
                        for b in second:
                            gain += (b < a) - (a < b)
                            total += b < a
                if gain > 0 or (ties and gain == 0 and total):
                    row[at], row[at + 1] = other, one
                    place[one], place[other] = at + 1, at
                    better = better or gain > 0
        return better


def _aims(graph: Graph, number: Mapping[str, int]) -> dict[tuple[int, int], float]:
    """The pairs of nodes that wires join, and the part of the second one that they end at."""
    found: dict[tuple[int, int], list[float]] = {}
    for feeding in incoming(graph).values():
        wires = sorted(feeding.values(), key=by_port)
        for at, wire in enumerate(wires, 1):
            found.setdefault((number[wire.src], number[wire.dst]), []).append(at / (len(wires) + 1))
    return {pair: sum(aims) / len(aims) for pair, aims in found.items()}


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


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _inversions(rows: Iterable[Sequence[float]]) -> int:
    """How many pairs stand in the wrong order, those within one of `rows` aside."""
    seen: list[float] = []
    count = 0
    for row in rows:
        count += sum(len(seen) - bisect_right(seen, place) for place in row)
        for place in row:
            insort(seen, place)
    return count
