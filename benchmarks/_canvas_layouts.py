"""Automatic layouts of the same graphs, drawn by the same canvas: how long they take, and what the wires run into."""

import random
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from benchmarks._report import Row
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.metrics import Floats
from widgets.node_canvas.scene import NodeBox, Scene, WireLine
from widgets.node_canvas.shapes import grown, lines_meet, pairs
from workbench.core.document import Graph, Node, Wire
from workbench.core.layout import COLUMN, ROW, arranged

Places = Mapping[str, tuple[float, float]]


def layout_rows(num: int, peers: str) -> Iterator[Row]:
    """Ours beside networkx's multipartite layout, which puts ranks beside each other and orders nothing."""
    for name, graph in (("chain with skips", chained(num)), ("branches", branched(num))):
        start = time.process_time()
        ours = arranged(graph).positions
        seconds = time.process_time() - start
        crossed, through = drawn(graph, ours)
        label = f"layout of {len(graph.nodes)} nodes, {name}"
        if not peers:
            yield Row(f"{label}: time", round(seconds, 4), "s")
            yield Row(f"{label}: crossings", crossed, "pairs")
            yield Row(f"{label}: wires through nodes", through, "pairs")
            continue
        multipartite(chained(5), peers)  # it loads what it needs when it is first called
        start = time.process_time()
        theirs = multipartite(graph, peers)
        theirs_seconds = time.process_time() - start
        other = drawn(graph, theirs)
        peer = "networkx multipartite"
        for what, mine, yours, unit in (
            ("time", round(seconds, 4), round(theirs_seconds, 4), "s"),
            ("crossings", crossed, other[0], "pairs"),
            ("wires through nodes", through, other[1], "pairs"),
        ):
            yield Row(f"{label}: {what}", mine, unit, peer, yours, ratio(mine, yours))


def ratio(ours: float, theirs: float) -> float | None:
    """How many times less ours is."""
    return round(theirs / ours, 3) if ours else None


def chained(num: int, seed: int = 1) -> Graph:
    """A chain with skips over 2 to 12 layers."""
    dice = random.Random(seed)
    pairs_ = [(k - 1, k) for k in range(1, num)]
    pairs_ += [(k - dice.randint(2, 12), k) for k in range(13, num) if dice.random() < 0.3]
    return graph_of(num, pairs_)


def branched(num: int) -> Graph:
    """Blocks of four branches of 1 to 3 layers, joined by a layer, with a skip around every second block."""
    found: list[tuple[int, int]] = []
    last, free, block = 0, 1, 0
    while free + 9 <= num:
        joint = free + 8
        branch = free
        for length in (1, 2, 3, 2):
            steps = [last, *range(branch, branch + length), joint]
            found += pairwise(steps)
            branch += length
        if block % 2:
            found.append((last, joint))
        last, free, block = joint, joint + 1, block + 1
    return graph_of(free, found)


def graph_of(num: int, wires: list[tuple[int, int]]) -> Graph:
    """Layers with as many inputs as they need."""
    ports = [0] * num
    made = set()
    for src, dst in wires:
        made.add(Wire(f"n{src}", "out", f"n{dst}", f"in{ports[dst]}"))
        ports[dst] += 1
    return Graph({f"n{k}": Node(f"n{k}", "relu") for k in range(num)}, frozenset(made))


def multipartite(graph: Graph, peers: str) -> Places:
    """The ranks of a topological sort, each one a row."""
    sys.path.append(peers)
    import networkx  # type: ignore[import-untyped]

    net = networkx.DiGraph()
    net.add_nodes_from(graph.nodes)
    net.add_edges_from((wire.src, wire.dst) for wire in sorted(graph.wires))
    ranks = list(networkx.topological_generations(net))
    layers = dict(enumerate(ranks))
    places = networkx.multipartite_layout(net, subset_key=layers, align="horizontal")
    # It scales everything to a square around 0; ranks are one unit apart, as are the nodes of a rank.
    heights = sorted({round(float(y), 9) for _, y in places.values()})
    unit = min((high - low for low, high in pairwise(heights)), default=1.0)
    return {node: (float(x) / unit * COLUMN, float(y) / unit * ROW) for node, (x, y) in places.items()}


def drawn(graph: Graph, places: Places) -> tuple[int, int]:
    """Pairs of wires that cross, and of wires and foreign nodes that touch, as our canvas draws the wires."""
    ordered = sorted(graph.wires)
    inputs: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for each in ordered:
        inputs[each.dst].append(each.dst_port)
    nodes = tuple(NodeBox(key, key, ("64",), "", *places[key], tuple(inputs[key]), ("out",)) for key in graph.nodes)
    wires = tuple(WireLine(each.src, each.src_port, each.dst, each.dst_port) for each in ordered)
    table = Geometry(Scene(nodes, wires))
    lines, boxes = table.wires.routes.line, table.wires.routes.box
    src, dst = table.wires.src, table.wires.dst
    through = crossed = 0
    for wire, node in pairs(boxes, table.nodes.rects):
        foreign = (node != src[wire]) & (node != dst[wire])
        hit = lines_meet(lines[wire[foreign]], grown(table.nodes.rects[node[foreign]], -1.0))
        through += int(hit.sum())
    for one, other in pairs(boxes, boxes):
        apart = one < other
        for ends in (src, dst):
            apart &= (ends[one] != src[other]) & (ends[one] != dst[other])
        for start in range(0, int(apart.sum()), 4096):
            some = np.flatnonzero(apart)[start : start + 4096]
            crossed += int(_meet(lines[one[some]], lines[other[some]]).sum())
    return crossed, through


def _meet(ones: Floats, others: Floats) -> "np.typing.NDArray[np.bool_]":
    """Whether polylines (k, points, 2) cross each other, pair by pair."""
    p, r = ones[:, :-1, None], (ones[:, 1:] - ones[:, :-1])[:, :, None]
    q, s = others[:, None, :-1], (others[:, 1:] - others[:, :-1])[:, None, :]
    away = q - p
    scale = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (away[..., 0] * s[..., 1] - away[..., 1] * s[..., 0]) / scale
        across = (away[..., 0] * r[..., 1] - away[..., 1] * r[..., 0]) / scale
        hit = (along > 0) & (along < 1) & (across > 0) & (across < 1)
    return np.asarray(hit.any(axis=(1, 2)))
