"""Lines, gaps and layouts: what was asked for is so afterwards, and nothing else moved."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_editing import chain
from workbench.core import edits, project
from workbench.core.alignment import GRID, Box, Line, aligned, distributed, snapped
from workbench.core.arranging import arranging
from workbench.core.commands import table
from workbench.core.session import Session

sizes = st.integers(10, 300).map(float)
places = st.integers(-2000, 2000).map(float)
boxes_of_nodes = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(lambda x, y, w, h: (x, y, x + w, y + h), places, places, sizes, sizes),
    min_size=3,
)


def moved(boxes: dict[str, Box], found: dict[str, tuple[float, float]]) -> dict[str, Box]:
    return {node: (x, y, x + boxes[node][2] - boxes[node][0], y + boxes[node][3] - boxes[node][1])
            for node, (x, y) in found.items()}  # fmt: skip


@given(boxes_of_nodes, st.sampled_from(("left", "centre", "right", "top", "middle", "bottom")))
def test_edges_come_in_line(boxes: dict[str, Box], line: Line) -> None:
    after = moved(boxes, aligned(boxes, line))
    across = line in ("left", "centre", "right")
    axis = 0 if across else 1
    low, high = min(box[axis] for box in boxes.values()), max(box[axis + 2] for box in boxes.values())
    for node, box in after.items():
        assert box[1 - axis] == boxes[node][1 - axis], "the other way nothing moves"
        given_line = {"left": box[0], "top": box[1], "right": box[2], "bottom": box[3]}.get(
            line, (box[axis] + box[axis + 2]) / 2
        )
        wanted = {"left": low, "top": low, "right": high, "bottom": high}.get(line, (low + high) / 2)
        assert given_line == pytest.approx(wanted)
        assert aligned(after, line)[node] == pytest.approx(box[:2]), "twice is once"


@given(boxes_of_nodes, st.sampled_from(("across", "along")))
def test_gaps_are_equal_and_the_ends_stay(boxes: dict[str, Box], axis: str) -> None:
    low = 0 if axis == "across" else 1
    after = moved(boxes, distributed(boxes, axis))  # type: ignore[arg-type]
    order = sorted(boxes, key=lambda node: (boxes[node][low] + boxes[node][low + 2], node))
    gaps = [after[second][low] - after[first][low + 2] for first, second in pairwise(order)]
    assert gaps == pytest.approx([gaps[0]] * len(gaps))
    assert after[order[0]][low] == boxes[order[0]][low]
    assert after[order[-1]][low + 2] == pytest.approx(boxes[order[-1]][low + 2])
    assert all(after[node][1 - low] == boxes[node][1 - low] for node in boxes)


@given(boxes_of_nodes)
def test_the_grid_is_near(boxes: dict[str, Box]) -> None:
    for node, (x, y) in snapped(boxes).items():
        assert (x % GRID, y % GRID) == (0, 0)
        assert max(abs(x - boxes[node][0]), abs(y - boxes[node][1])) <= GRID / 2


class Drawn:
    """Boxes that are all of one size."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def boxes(self) -> dict[str, Box]:
        return {node: (x, y, x + 100, y + 40)
                for node, (x, y) in self.session.state.document.layout[""].positions.items()}  # fmt: skip


def test_each_command_is_one_step_of_the_selection() -> None:
    session = Session()
    session.open(edits.move(chain(), {"relu": (700, 3), "linear": (9, 9)}))
    before = session.state.document
    commands = table(arranging(session, Drawn(session)))

    def run(key: str, *nodes: str) -> dict[str, tuple[float, float]]:
        session.select(nodes)
        assert commands[f"arrange.{key}"].when(session.state)
        commands[f"arrange.{key}"].run()
        return session.state.document.layout[""].positions

    assert run("left", "relu", "linear")["relu"] == (9, 3)
    assert run("grid", "relu")["relu"] == (8, 0)
    assert session.state.undo_label == "Snap to the grid"
    assert run("down") == chain().layout[""].positions
    places = run("right", "linear", "relu")
    assert (places["linear"], places["relu"]) == ((0, 104), (296, 104))
    assert session.state.document.layout[""].flow == "down", "a part does not turn the whole"
    assert run("right")["relu"] == (2 * 296, 0)
    turned = session.state.document
    assert turned.layout[""].flow == "right"
    assert project.loads(project.dumps(turned)) == turned
    gone = edits.remove_nodes(turned, ["relu"])
    assert gone.layout[""].flow == edits.duplicate(gone, ["linear"])[0].layout[""].flow == "right"
    for _ in range(5):
        session.undo()
    assert session.state.document is before
    session.select(["relu"])
    assert not commands["arrange.left"].when(session.state)
