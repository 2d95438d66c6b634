"""Automatic places: nothing on top of anything, what follows stands behind, few wires cross."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_blocks import networks
from tests.strategies import graphs
from workbench.core.document import Document, Graph, Layout, Node, Wire
from workbench.core.layout import COLUMN, ROW, TALL, WIDE, Direction, arranged, crossings, rearranged

DIRECTIONS = st.sampled_from(["down", "right"])


@given(graphs(), DIRECTIONS)
def test_every_node_has_room(graph: Graph, direction: Direction) -> None:
    places = arranged(graph, direction).positions
    assert places.keys() == graph.nodes.keys()
    items = sorted(places.values())
    for place, (x, y) in enumerate(items):
        assert x >= 0
        assert y >= 0
        assert all(abs(x - other_x) > COLUMN - 1 or abs(y - other_y) > ROW - 1 for other_x, other_y in items[:place])


@given(networks(), DIRECTIONS)
def test_what_follows_stands_behind(document: Document, direction: Direction) -> None:
    graph = document.graph
    places = arranged(graph, direction).positions
    depth = 1 if direction == "down" else 0
    for wire in graph.wires if len(graph.nodes) <= TALL else ():  # else they may go on in another column
        assert places[wire.src][depth] < places[wire.dst][depth]


def drawn(pairs: list[tuple[str, str]]) -> Graph:
    names = dict.fromkeys(name for pair in pairs for name in pair)
    wires = frozenset(Wire(src, "out", dst, f"in_{place}") for place, (src, dst) in enumerate(pairs))
    return Graph({name: Node(name, "relu") for name in names}, wires)


def test_a_chain_is_a_straight_line() -> None:
    places = arranged(drawn([("a", "b"), ("b", "c"), ("c", "d")])).positions
    assert list(places.values()) == [(0, 0), (0, ROW), (0, 2 * ROW), (0, 3 * ROW)]
    across = arranged(drawn([("a", "b"), ("b", "c")]), "right").positions
    assert list(across.values()) == [(0, 0), (WIDE, 0), (2 * WIDE, 0)]


def test_a_skip_stands_beside_what_it_skips() -> None:
    places = arranged(drawn([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])).positions
    assert [places[name][1] for name in "abcd"] == [0, ROW, 2 * ROW, 3 * ROW]


def test_two_branches_are_untangled() -> None:
    graph = drawn([("a", "x"), ("b", "y"), ("x", "v"), ("y", "u"), ("c", "x"), ("d", "y")])
    assert crossings(graph, arranged(graph).positions) == 0


def test_a_late_start_stands_near_what_it_feeds() -> None:
    places = arranged(drawn([("a", "b"), ("b", "c"), ("c", "d"), ("late", "d")])).positions
    assert places["late"][1] == places["c"][1]


def test_crossings_are_counted() -> None:
    graph = drawn([("a", "y"), ("b", "x")])
    assert crossings(graph, {"a": (0, 0), "b": (1, 0), "x": (0, 1), "y": (1, 1)}) == 1
    assert crossings(graph, {"a": (0, 0), "b": (1, 0), "x": (1, 1), "y": (0, 1)}) == 0


def test_sweeps_leave_few_crossings() -> None:
    dice = random.Random(3)
    pairs = [(f"n{dice.randrange(max(0, at - 9), at)}", f"n{at}") for at in range(1, 60)]
    graph = drawn(pairs)
    places = arranged(graph).positions
    shuffled = dict(zip(places, dice.sample(list(places.values()), len(places)), strict=True))
    assert crossings(graph, places) < crossings(graph, shuffled) / 10


def test_a_long_chain_fills_a_screen() -> None:
    places = arranged(drawn([(f"n{at}", f"n{at + 1}") for at in range(400)])).positions
    wide = max(x for x, _ in places.values()) + COLUMN
    high = max(y for _, y in places.values()) + ROW
    assert wide / high == pytest.approx(1.6, rel=0.2)


def test_a_part_stays_where_it_was() -> None:
    graph = drawn([("a", "b"), ("b", "c"), ("x", "a")])
    layout = Layout({"a": (500.0, 70.0), "b": (400.0, 90.0), "c": (900.0, 60.0), "x": (0.0, 0.0)})
    found = rearranged(graph, layout, ["a", "b", "c"])
    assert found == {"a": (400, 60), "b": (400, 60 + ROW), "c": (400, 60 + 2 * ROW)}
    assert rearranged(graph, Layout(), ["a"]) == {"a": (0, 0)}


def test_what_is_skipped_stays_a_straight_line() -> None:
    block = [("in", "norm"), ("norm", "q"), ("norm", "k"), ("q", "mix"), ("k", "mix"), ("mix", "out"), ("out", "add")]
    places = arranged(drawn([*block, ("in", "add"), ("add", "fc"), ("fc", "last"), ("add", "last")])).positions
    assert len({places[name][0] for name in ("in", "norm", "mix", "out", "add", "fc", "last")}) == 1
    assert places["k"][0] - places["q"][0] == COLUMN


def test_a_column_ends_where_few_wires_are_cut() -> None:
    down = [(f"enc{at}", f"enc{at + 1}") for at in range(5)]
    up = [("enc5", "dec4"), *((f"dec{at + 1}", f"dec{at}") for at in range(3, -1, -1))]
    net = drawn([*down, *up, *((f"enc{at}", f"dec{at}") for at in range(5))])
    assert len({x for x, _ in arranged(net).positions.values()}) == 1, "every cut would go through a skip"
    pieces = [(f"n{at}", f"n{at + 1}") for at in range(120)] + [(f"n{at}", f"n{at + 7}") for at in range(0, 112, 8)]
    places = arranged(drawn(pieces)).positions
    last = [at for at in range(120) if places[f"n{at + 1}"][1] < places[f"n{at}"][1]]
    assert last
    assert all(at % 8 == 7 or at >= 112 for at in last), "a column ends where only the chain goes on"
