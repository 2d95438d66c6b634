"""Where things are on the canvas: against brute force, and against building all of it anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.node_canvas import routes
from widgets.node_canvas.geometry import EVERYTHING, Geometry
from widgets.node_canvas.metrics import (
    FRAME_FOOT,
    FRAME_SIDE,
    FRAME_TITLE,
    LABEL_HEIGHT,
    PORT_PITCH,
    WIDTH,
    node_size,
    port_offsets,
)
from widgets.node_canvas.scene import FrameBox, NodeBox, Picture, Scene, WireLine
from widgets.node_canvas.shapes import distances, grown, lines_meet, overlapping, pairs

PLACES = st.integers(-60, 60).map(lambda k: k * 16.0)
NAMES = [f"n{k}" for k in range(9)]
PORTS = ("a", "b", "c")


@st.composite
def node_boxes(draw, name):
    return NodeBox(
        name,
        draw(st.sampled_from(("Conv2d", "ReLU", "A long name that does not fit into any node"))),
        draw(st.sampled_from(((), ("2×2",), ("32 filters", "320 parameters")))),
        draw(st.sampled_from(("io", "linear", "pooling"))),
        draw(PLACES),
        draw(PLACES),
        PORTS[: draw(st.integers(0, 3))],
        PORTS[: draw(st.integers(0, 3))],
        draw(st.sampled_from(("", "", "", "warning", "error"))),
        draw(st.sampled_from(("", "needs a flat input"))),
    )


@st.composite
def scenes(draw, names=NAMES):
    kept = draw(st.lists(st.sampled_from(names), unique=True))
    nodes = tuple(draw(node_boxes(name)) for name in kept)
    ends = st.tuples(st.sampled_from(names), st.sampled_from(PORTS), st.sampled_from(names), st.sampled_from(PORTS))
    keys = draw(st.lists(ends, unique=True, max_size=14))
    labels = st.sampled_from(("", "10", "64 × 14 × 14"))
    return Scene(nodes, tuple(WireLine(*key, draw(labels), draw(st.booleans())) for key in keys))


def edits(scene):
    """Scenes that differ from `scene` in a few nodes or wires."""

    @st.composite
    def edit(draw):
        nodes, wires = list(scene.nodes), list(scene.wires)
        for row in draw(st.lists(st.integers(0, max(len(nodes) - 1, 0)), max_size=2)) if nodes else ():
            if draw(st.booleans()):
                nodes[row] = replace(nodes[row], x=draw(PLACES), y=draw(PLACES))
            else:
                nodes[row] = draw(node_boxes(nodes[row].id))
        if nodes and draw(st.booleans()):
            del nodes[draw(st.integers(0, len(nodes) - 1))]
        if wires and draw(st.booleans()):
            del wires[draw(st.integers(0, len(wires) - 1))]
        if wires and draw(st.booleans()):
            wires[0] = replace(wires[0], label="7 × 7")
        return Scene(tuple(nodes), tuple(wires))

    return edit()


def state(graph):
    """Everything that can be seen of a geometry."""
    whole = np.arange(len(graph.labels.texts))
    graph.labels_in(EVERYTHING)
    arrays = (
        graph.nodes.rects,
        graph.nodes.problem,
        graph.nodes.port_points(np.arange(len(graph.nodes.port_node))),
        graph.linked,
        graph.covers,
        graph.wires.routes.control,
        graph.wires.routes.lane,
        graph.wires.routes.line,
        graph.wires.routes.box,
        graph.wires.problem,
        graph.label_boxes(whole),
    )
    return arrays, graph.labels.texts, [line.key for line in graph.wires.lines]


def assert_same(one, other):
    for a, b in zip(state(one)[0], state(other)[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert state(one)[1:] == state(other)[1:]


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_an_update_equals_a_rebuild(data):
    scene = data.draw(scenes())
    graph = Geometry(scene)
    graph.labels_in(EVERYTHING)
    for _ in range(3):
        scene = data.draw(edits(scene))
        graph.update(scene)
        assert_same(graph, Geometry(scene))


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_shift_is_forgotten_or_becomes_the_scene(data):
    scene = data.draw(scenes().filter(lambda scene: scene.nodes))
    graph = Geometry(scene)
    rows = data.draw(st.lists(st.integers(0, len(scene.nodes) - 1), unique=True, min_size=1))
    dx, dy = data.draw(PLACES), data.draw(PLACES)
    graph.shift(np.array(rows), dx, dy)
    np.testing.assert_array_equal(graph.wires.ends(graph.nodes.rects), routed_ends(graph))
    if data.draw(st.booleans()):
        scene = replace(
            scene,
            nodes=tuple(
                replace(box, x=box.x + dx, y=box.y + dy) if row in rows else box for row, box in enumerate(scene.nodes)
            ),
        )
    graph.update(scene)
    assert_same(graph, Geometry(scene))


def routed_ends(graph):
    control = graph.wires.routes.control
    return np.concatenate([control[:, 0], control[:, -1]], axis=1)


@given(scenes(), st.integers(-1100, 1100), st.integers(-1100, 1100), st.floats(1, 30))
@settings(deadline=None, max_examples=60)
def test_hits_agree_with_brute_force(scene, x, y, radius):
    graph = Geometry(scene)
    inside = [
        row
        for row, box in enumerate(scene.nodes)
        if box.x <= x <= box.x + node_size(box)[0] and box.y <= y <= box.y + node_size(box)[1]
    ]
    assert graph.node_at(x, y) == (inside[-1] if inside else None)
    points = graph.nodes.port_points(np.arange(len(graph.nodes.port_node)))
    gaps = np.hypot(*(points - (x, y)).T)
    port = graph.port_at(x, y, radius)
    assert (port is None) == (not (gaps <= radius).any())
    assert port is None or gaps[port] == gaps.min()
    far = distances(graph.wires.routes.line, x, y)
    wire = graph.wire_at(x, y, radius)
    assert (wire is None) == (not (far <= radius).any())
    assert wire is None or far[wire] == far.min()


@given(scenes(), st.tuples(PLACES, PLACES, PLACES, PLACES))
@settings(deadline=None, max_examples=60)
def test_what_is_in_a_box_agrees_with_brute_force(scene, corners):
    graph = Geometry(scene)
    x0, x1, y0, y1 = *sorted(corners[:2]), *sorted(corners[2:])
    expected = []
    for row, box in enumerate(scene.nodes):
        width, height = node_size(box)
        if box.x <= x1 and box.x + width >= x0 and box.y <= y1 and box.y + height >= y0:
            expected.append(row)
    assert graph.nodes_in(np.array((x0, y0, x1, y1))).tolist() == expected


BOXES = st.lists(st.tuples(PLACES, PLACES, st.integers(0, 400), st.integers(0, 400)), max_size=30).map(
    lambda rows: np.array([(x, y, x + w, y + h) for x, y, w, h in rows], float).reshape(-1, 4)
)


@given(BOXES, BOXES)
@settings(deadline=None, max_examples=60)
def test_pairs_agree_with_brute_force(boxes, others):
    found = {(int(a), int(b)) for rows, cols in pairs(boxes, others) for a, b in zip(rows, cols, strict=True)}
    expected = {(a, int(b)) for a, box in enumerate(boxes) for b in np.flatnonzero(overlapping(others, box))}
    assert found == expected


def test_lines_and_boxes_meet_only_where_they_do():
    box = np.array([[0.0, 0.0, 10.0, 10.0]])
    beside = np.array([[[-5.0, 6.0], [6.0, 17.0]]])  # their boxes overlap, they do not
    through = np.array([[[-5.0, -4.0], [15.0, 14.0]]])
    assert not lines_meet(beside, box).any()
    assert lines_meet(through, box).all()


@given(scenes())
@settings(deadline=None, max_examples=60)
def test_labels_touch_neither_wires_nor_nodes(scene):
    graph = Geometry(scene)
    boxes = graph.label_boxes(graph.labels_in(EVERYTHING))
    for box in boxes:
        assert not overlapping(graph.nodes.rects, box).any()
        assert not lines_meet(graph.wires.routes.line, np.tile(box, (len(graph.wires.lines), 1))).any()


def column(*skips, num=5, pitch=100.0):
    nodes = tuple(NodeBox(f"n{k}", "", (), "io", 0, k * pitch, ("x", "y"), ("o",)) for k in range(num))
    chain = [WireLine(f"n{k}", "o", f"n{k + 1}", "x") for k in range(num - 1)]
    return Scene(nodes, (*chain, *(WireLine(f"n{a}", "o", f"n{b}", "y") for a, b in skips)))


def test_skips_pass_beside_the_nodes_they_skip_and_nest():
    graph = Geometry(column((0, 2), (0, 4)))
    inner, outer = graph.wires.routes.line[-2:]
    for line, skipped in ((inner, [1]), (outer, [1, 2, 3])):
        for row in skipped:
            assert not lines_meet(line[None], graph.nodes.rects[row][None]).any()
    assert outer[:, 0].max() > inner[:, 0].max() > WIDTH


def test_neighbours_are_joined_by_one_curve():
    graph = Geometry(column())
    assert not graph.wires.routes.lane.any()


def test_a_lane_searches_further_out_when_both_sides_are_taken():
    scene = column((0, 4))
    walls = tuple(NodeBox(f"wall{x}", "", (), "io", x, 200) for x in (-200.0, 200.0))
    graph = Geometry(replace(scene, nodes=scene.nodes + walls))
    skip = graph.wires.routes.line[-1:]
    assert not any(lines_meet(skip, graph.nodes.rects[row : row + 1]).any() for row in range(1, 4))
    assert not any(lines_meet(skip, graph.nodes.rects[row : row + 1]).any() for row in (5, 6))


def test_a_wire_upwards_goes_around_both_nodes():
    nodes = (NodeBox("a", "", x=0, y=400, outputs=("o",)), NodeBox("b", "", x=300, y=0, inputs=("x",)))
    graph = Geometry(Scene(nodes, (WireLine("a", "o", "b", "x"),)))
    line = graph.wires.routes.line
    assert graph.wires.routes.lane.all()
    assert line[0, 1, 1] > line[0, 0, 1]
    assert line[0, -2, 1] < line[0, -1, 1]
    inner = grown(graph.nodes.rects, -2.0)
    assert not lines_meet(np.repeat(line, 2, axis=0), inner).any()


def test_wires_of_missing_nodes_are_left_out_and_of_missing_ports_end_in_the_middle():
    nodes = (NodeBox("a", "", outputs=("o", "p")), NodeBox("b", "", y=200, inputs=("x",)))
    wires = (WireLine("a", "gone", "b", "x"), WireLine("a", "o", "gone", "x"))
    graph = Geometry(Scene(nodes, wires))
    assert [line.key for line in graph.wires.lines] == [("a", "gone", "b", "x")]
    assert routed_ends(graph)[0].tolist() == [88, node_size(nodes[0])[1], 88, 200]


def test_one_label_for_a_port_however_many_wires_leave_it():
    nodes = tuple(
        NodeBox(name, "", (), "io", x, y, ("x",), ("o",))
        for name, x, y in (("a", 0, 0), ("b", 0, 120), ("c", 300, 120))
    )
    wires = (WireLine("a", "o", "b", "x", "10"), WireLine("a", "o", "c", "x", "10"), WireLine("b", "o", "c", "x", "3"))
    assert Geometry(Scene(nodes, wires)).labels.texts == ("10", "3")


def test_labels_of_one_node_keep_clear_of_each_other():
    nodes = (NodeBox("a", "", outputs=("o",)), NodeBox("b", "", y=160, inputs=("x", "y")))
    wires = (WireLine("a", "o", "b", "x", "64 × 14"), WireLine("a", "o", "b", "y", "12 × 64"))
    graph = Geometry(Scene(nodes, wires))
    one, two = graph.label_boxes(graph.labels_in(EVERYTHING))
    assert not overlapping(one[None], two).any()


def test_an_unchanged_scene_needs_no_painting():
    scene = column((0, 2))
    graph = Geometry(scene)
    assert graph.update(scene) is None
    assert graph.update(replace(scene, nodes=tuple(replace(box) for box in scene.nodes))) is None


def test_moving_a_node_repaints_only_around_it():
    scene = column(num=30)
    graph = Geometry(scene)
    moved = replace(scene, nodes=(*scene.nodes[:-1], replace(scene.nodes[-1], x=16.0)))
    box = graph.update(moved)
    assert box is not None
    assert 2000 < box[1] < box[3] < 3200


@pytest.mark.parametrize(("captions", "height"), [((), 36), (("a",), 52), (("a", "b"), 68)])
def test_a_node_is_as_tall_as_its_texts(captions, height):
    assert node_size(NodeBox("n", "Title", captions)) == (WIDTH, height)


def test_a_problem_never_makes_a_node_lower():
    box = NodeBox("n", "Title", ("a", "b", "c"))
    assert node_size(replace(box, problem="error", message="short")) == node_size(box)
    long = replace(NodeBox("n", "Title"), problem="error", message="a reason that takes more than one line")
    assert node_size(long)[1] == 68


def test_many_ports_widen_a_node_so_that_each_can_be_hit():
    box = NodeBox("n", "Concat", inputs=tuple(f"x{k}" for k in range(40)))
    width, height = node_size(box)
    gaps = np.diff(port_offsets((width, height), 40, False)[:, 0])
    assert gaps.min() >= PORT_PITCH - 1


def test_the_polyline_of_a_wire_starts_and_ends_with_it():
    graph = Geometry(column((0, 3)))
    ends = routed_ends(graph)
    np.testing.assert_allclose(graph.wires.routes.line[:, 0], ends[:, :2])
    np.testing.assert_allclose(graph.wires.routes.line[:, -1], ends[:, 2:])
    assert graph.wires.routes.line.shape[1] == routes.POINTS
    assert LABEL_HEIGHT > 0


def two_in_a_row(gap=104.0, **wire):
    nodes = [NodeBox(name, name, ("a", "b"), "io", 0, gap * k, ("x",), ("out",)) for k, name in enumerate("ab")]
    return Scene(tuple(nodes), (WireLine("a", "out", "b", "x", "32 × 28 × 28", **wire),), (FrameBox("f", "F", ("b",)),))


def test_a_picture_stands_before_its_text_where_there_is_room():
    picture = Picture(2, 1, bytes(8))
    bare = Geometry(replace(two_in_a_row(), frames=()))
    wide = Geometry(replace(two_in_a_row(picture=picture), frames=()))
    narrow = Geometry(replace(two_in_a_row(96.0, picture=picture), frames=()))
    for graph in (bare, wide, narrow):
        assert list(graph.labels_in(EVERYTHING)) == [0]
    assert wide.labels.pictured[0]
    assert wide.label_boxes(np.array([0]))[0, 3] < 104
    assert wide.labels.sizes[0, 0] > bare.labels.sizes[0, 0] + 60
    assert not narrow.labels.pictured[0]
    assert narrow.labels.sizes[0].tolist() == bare.labels.sizes[0].tolist()


def test_a_frame_is_around_its_nodes_and_stays_behind_when_some_leave():
    scene = two_in_a_row()
    around = (FrameBox("f", "F", ("a", "b", "gone")), FrameBox("none", "", ("gone",)))
    graph = Geometry(replace(scene, frames=around))
    low, high = graph.nodes.rects[:, :2].min(axis=0), graph.nodes.rects[:, 2:].max(axis=0)
    whole = [low[0] - FRAME_SIDE, low[1] - FRAME_TITLE, high[0] + FRAME_SIDE, high[1] + FRAME_FOOT]
    assert graph.frame_rects.tolist() == [whole]
    graph.shift(np.array([1]), 0, 500)
    assert graph.frame_rects.tolist() == [whole]
    assert graph.frame_at(whole[0], whole[1]) == graph.frames.of(1) == 0
    assert graph.frame_at(whole[0], whole[3] + 1) == -1
    graph.update(graph.scene)
    assert graph.frame_rects.tolist() == [whole]
    graph.shift(np.array([0, 1]), 10, 0)
    assert graph.frame_rects[0].tolist() == [whole[0] + 10, whole[1], whole[2] + 10, whole[3]]


def test_a_skip_passes_on_the_side_where_it_crosses_fewer_wires():
    def at(name, x, y, inputs=("a",)):
        return NodeBox(name, name, (), "io", x, y, inputs, ("out",))

    spine = [at("n0", 0, 0), at("n1", 0, 104), at("n2", 0, 208), at("n3", 0, 312, ("a", "b"))]
    wires = [WireLine(f"n{k}", "out", f"n{k + 1}", "a") for k in range(3)] + [WireLine("n0", "out", "n3", "b")]
    plain = Geometry(Scene(tuple(spine), tuple(wires)))
    for side, x in (("left", -264), ("right", 264)):
        beside = [at(f"s{k}", x, 208 + 52 * k) for k in range(4)]
        more = [WireLine("n1", "out", f"s{k}", "a") for k in range(4)]
        graph = Geometry(Scene((*spine, *beside), (*wires, *more)))
        lane = graph.wires.routes.control[3, 3, 0]
        assert (lane > 176) == (side == "left")
        graph.update(Scene(tuple(spine), tuple(wires)))
        assert graph.wires.routes.control[3].tolist() == plain.wires.routes.control[3].tolist()


def test_a_graph_may_flow_to_the_right():
    sizes = ((), ("1",), ("1", "2"))
    chain = [NodeBox(f"n{k}", "", sizes[k], "io", 296 * k, 0, ("a",), ("out",), sideways=True) for k in range(3)]
    join = NodeBox("join", "", (), "io", 888, 0, ("a", "b"), ("out",), sideways=True)
    wires = [WireLine(f"n{k}", "out", f"n{k + 1}", "a", "32 × 28 × 28") for k in range(2)]
    wires += [WireLine("n2", "out", "join", "a"), WireLine("n0", "out", "join", "b")]
    graph = Geometry(Scene((*chain, join), tuple(wires)))
    rects, lines = graph.nodes.rects, graph.wires.routes.line
    for k in range(3):
        assert lines[k, 0, 0] == rects[k, 2]
        assert lines[k, -1, 0] == rects[k + 1, 0]
        assert np.ptp(lines[k, :, 1]) == 0, "a chain is straight, however high its nodes are"
    assert graph.wires.routes.lane[3]
    assert not lines_meet(lines[[3, 3]], rects[1:3]).any()
    labels = graph.label_boxes(graph.labels_in(EVERYTHING))
    assert len(labels) == 2
    assert (labels[:, 0] > rects[:2, 2]).all()
    assert (labels[:, 2] < rects[1:3, 0]).all(), "between the nodes"
    graph.shift(np.array([1]), 0, 40)
    graph.update(graph.scene)
    assert graph.wires.routes.line.tolist() == lines.tolist()
