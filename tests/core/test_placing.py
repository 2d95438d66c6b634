"""Where nodes go that an edit has put in."""

from itertools import pairwise

from tests.graphs import chain
from workbench.core import edits
from workbench.core.document import Document, Wire
from workbench.core.edits import InsertNode, Several
from workbench.core.layout import COLUMN, ROW
from workbench.core.placing import placed


def column() -> Document:
    document = chain(*((name, "relu") for name in "abcd"))
    return edits.move(document, {name: (0.0, ROW * place) for place, name in enumerate("abcd")})


def test_in_a_column_what_follows_moves_down() -> None:
    before = column()
    first = InsertNode(Wire("b", "out", "c", "in"), "flatten")
    second = InsertNode(Wire("flatten_1", "out", "c", "in"), "linear")
    after = placed(before, edits.apply(before, Several((first, second))))
    places = after.layout[""].positions
    order = ["a", "b", "flatten_1", "linear_1", "c", "d"]
    assert {places[name][0] for name in order} == {0.0}
    assert {places[after][1] - places[name][1] for name, after in pairwise(order)} == {ROW}
    assert before.layout[""].positions["c"] == (0.0, 2 * ROW)


def test_on_a_way_around_it_stands_beside() -> None:
    before = edits.connect(column(), Wire("a", "out", "d", "in_2"))
    before = edits.move(before, {"e": (0.0, 0.0)})
    before, _ = edits.add_node(before, "relu", id="e", position=(COLUMN, 1.5 * ROW))
    after = placed(before, edits.apply(before, InsertNode(Wire("a", "out", "d", "in_2"), "conv2d")))
    places = after.layout[""].positions
    assert places["conv2d_1"] == (-COLUMN, 1.5 * ROW), "to the right something stands"
    assert {name: places[name] for name in "abcde"} == before.layout[""].positions


def test_without_places_there_is_nothing_to_keep_to() -> None:
    before = chain(("a", "relu"), ("b", "relu"))
    after = edits.apply(before, InsertNode(Wire("a", "out", "b", "in"), "relu"))
    assert placed(before, after).layout == {"": after.layout[""]}
