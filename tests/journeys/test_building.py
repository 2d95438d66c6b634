"""A network is built from nothing, with the mouse and the keyboard, saved, closed and opened again."""

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from tests.windows import (
    CONTROL,
    LEFT,
    NONE,
    SHIFT,
    Key,
    boxes,
    choose,
    click,
    click_node,
    complaints,
    drag,
    draw_wire,
    drop_layer,
    items,
    labels_on_wires,
    middle,
    retype,
    seen,
)
from widgets.stats import StatsCard
from workbench.core import project
from workbench.core.document import Wire

MIDDLE = QPointF(0.5, 0.5)


def at(canvas: QWidget, across: float, down: float) -> QPointF:
    """A point of the canvas by its shares of width and height."""
    return QPointF(canvas.width() * across, canvas.height() * down)


def new_project(bench) -> None:
    click(seen(bench.window, QPushButton, text="New project"))
    bench.wait(lambda: bench.window.shown == "design")


def place_of(bench, node: str) -> tuple[float, float]:
    return bench.document.layout[""].positions[node]


@pytest.fixture
def built(bench):
    """Input, Flatten, Linear, Output on digits: dropped, and wired by hand."""
    new_project(bench)
    data = bench.go("data")
    choose(seen(data, QComboBox, "data-source"), "Digits")
    bench.wait(lambda: bench.app.places.data.reader.seen.inspection is not None)
    bench.go("design")
    canvas = bench.canvas
    for number, kind in enumerate(("input", "flatten", "linear", "output")):
        drop_layer(canvas, kind, at(canvas, 0.35, 0.15 + 0.22 * number))
    bench.analysed()
    ids = list(bench.document.graph.nodes)
    assert ids == ["input_1", "flatten_1", "linear_1", "output_1"]
    for src, dst in pairwise(ids):
        draw_wire(canvas, (src, "out"), (dst, "in"))
    bench.analysed()
    return bench


def test_build_from_nothing_save_and_open_again(built, tmp_path: Path):
    bench, canvas = built, built.canvas
    assert bench.document.graph.wires == {
        Wire("input_1", "out", "flatten_1", "in"),
        Wire("flatten_1", "out", "linear_1", "in"),
        Wire("linear_1", "out", "output_1", "in"),
    }
    assert labels_on_wires(canvas)["input_1", "flatten_1"] == "1 × 28 × 28"

    # the last layer must give as many numbers as there are classes
    assert boxes(canvas)["output_1"].problem == "error"
    click_node(canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "10")
    bench.analysed()
    assert [box.problem for box in canvas.graph.scene.nodes] == ["", "", "", ""]

    # save
    path = tmp_path / "mine.workbench"
    bench.desk.will(path)
    bench.key(Key.Key_S, CONTROL)
    assert project.load(path) == bench.document
    assert bench.window.header.saved.text() == "saved"
    assert not bench.window.isWindowModified()
    places = {node: place_of(bench, node) for node in bench.document.graph.nodes}
    before = bench.document

    # close, and open it from the list of recent projects
    bench.key(Key.Key_W, CONTROL)
    assert bench.window.shown == "start"
    assert not bench.state.is_open
    click(seen(bench.app.start, QPushButton, text="mine"))
    assert bench.document == before
    assert {node: place_of(bench, node) for node in bench.document.graph.nodes} == places
    assert bench.state.path == path
    bench.analysed()
    assert labels_on_wires(bench.canvas)["linear_1", "output_1"] == "10"
    boxes_now = boxes(bench.canvas)
    assert {node: (box.x, box.y) for node, box in boxes_now.items()} == places


def test_move_band_delete_undo(built):
    bench, canvas = built, built.canvas
    before = bench.document

    # move one
    x, y = place_of(bench, "linear_1")
    start = QPointF(middle(canvas, "linear_1"))
    drag(canvas, start, start + QPointF(160, 16))
    moved = bench.document
    assert place_of(bench, "linear_1") == pytest.approx((x + 160, y + 16), abs=8)
    assert place_of(bench, "flatten_1") == before.layout[""].positions["flatten_1"]
    assert bench.state.undo_label == "Move"

    # a box around two
    top, bottom = canvas.node_rect("input_1"), canvas.node_rect("flatten_1")
    drag(canvas, top.topLeft() - QPointF(60, 10), bottom.bottomRight() + QPointF(10, 5))
    assert bench.state.selection == {"input_1", "flatten_1"}
    # and one more with Shift
    click_node(canvas, "output_1", SHIFT)
    assert bench.state.selection == {"input_1", "flatten_1", "output_1"}
    assert bench.document is moved

    # they move together
    start = QPointF(middle(canvas, "input_1"))
    drag(canvas, start, start + QPointF(-64, 32))
    for node in ("input_1", "flatten_1", "output_1"):
        was = moved.layout[""].positions[node]
        assert place_of(bench, node) == pytest.approx((was[0] - 64, was[1] + 32), abs=8)

    # delete two layers, with their wires
    bench.key(Key.Key_Escape)
    assert bench.state.selection == frozenset()
    click_node(canvas, "linear_1")
    click_node(canvas, "flatten_1", CONTROL)
    bench.key(Key.Key_Delete)
    assert list(bench.document.graph.nodes) == ["input_1", "output_1"]
    assert bench.document.graph.wires == frozenset()
    assert "linear_1" not in bench.document.layout[""].positions

    # back, step by step, to exactly what was
    bench.key(Key.Key_Z, CONTROL)
    assert list(bench.document.graph.nodes) == ["input_1", "flatten_1", "linear_1", "output_1"]
    bench.key(Key.Key_Z, CONTROL)
    assert bench.document is moved
    bench.key(Key.Key_Z, CONTROL)
    assert bench.document is before


def test_wires_are_pulled_moved_chosen_and_never_make_a_circle(built):
    bench, canvas = built, built.canvas
    middle_wire = Wire("flatten_1", "out", "linear_1", "in")

    # pulled off its input into nothing: gone
    end = canvas.port_point("linear_1", "in", False)
    drag(canvas, end, end + QPointF(300, 40))
    assert middle_wire not in bench.document.graph.wires
    bench.analysed()
    assert boxes(canvas)["linear_1"].message == "nothing connected"
    bench.key(Key.Key_Z, CONTROL)
    assert middle_wire in bench.document.graph.wires

    # moved to another input: what fed that one gives way
    drag(canvas, canvas.port_point("linear_1", "in", False), canvas.port_point("output_1", "in", False))
    assert bench.document.graph.wires == {
        Wire("input_1", "out", "flatten_1", "in"),
        Wire("flatten_1", "out", "output_1", "in"),
    }
    bench.key(Key.Key_Z, CONTROL)

    # no circle
    before = bench.document
    draw_wire(canvas, ("linear_1", "out"), ("flatten_1", "in"))
    assert bench.document is before

    # chosen by a click, deleted by a key
    a, b = canvas.port_point("flatten_1", "out", True), canvas.port_point("linear_1", "in", False)
    QTest.mouseClick(canvas, LEFT, NONE, ((a + b) / 2).toPoint())
    assert bench.state.selected_wires == {middle_wire}
    bench.key(Key.Key_Backspace)
    assert middle_wire not in bench.document.graph.wires
    assert len(bench.document.graph.nodes) == 4


def test_a_layer_dropped_on_a_wire_goes_between(built):
    bench, canvas = built, built.canvas
    a, b = canvas.port_point("flatten_1", "out", True), canvas.port_point("linear_1", "in", False)
    drop_layer(canvas, "relu", (a + b) / 2)
    wires = bench.document.graph.wires
    assert Wire("flatten_1", "out", "relu_1", "in") in wires
    assert Wire("relu_1", "out", "linear_1", "in") in wires
    assert Wire("flatten_1", "out", "linear_1", "in") not in wires
    assert bench.state.undo_label == "Insert ReLU"


def test_a_network_can_be_built_with_the_keyboard_alone(bench):
    bench.key(Key.Key_N, CONTROL)
    for name in ("input", "flatten", "linear", "relu", "output"):
        bench.add_by_typing(name)
    graph = bench.document.graph
    assert [node.type for node in graph.nodes.values()] == ["input", "flatten", "linear", "relu", "output"]
    ids = list(graph.nodes)
    assert {(wire.src, wire.dst) for wire in graph.wires} == set(pairwise(ids))
    bench.analysed()
    places = [bench.canvas.node_rect(node) for node in ids]
    assert all(a.bottom() < b.top() for a, b in pairwise(places)), "one below the other"
    assert bench.canvas.rect().contains(places[-1].toRect()), "what was added last is in sight"


def test_duplicate_rename_and_select_all(built):
    bench, canvas = built, built.canvas
    click_node(canvas, "linear_1")
    bench.key(Key.Key_D, CONTROL)
    assert bench.state.selection == {"linear_2"}
    assert bench.document.graph.nodes["linear_2"].settings == bench.document.graph.nodes["linear_1"].settings

    name = seen(bench.window, QWidget, "node-name")
    retype(name, "Second thoughts")
    assert bench.document.graph.nodes["linear_2"].label == "Second thoughts"
    assert boxes(canvas)["linear_2"].title == "Second thoughts"
    outline = bench.window.findChild(QWidget, "outline").tree
    assert any(item.text(0).startswith("Second thoughts") for item in items(outline))
    bench.key(Key.Key_Z, CONTROL)
    assert bench.document.graph.nodes["linear_2"].label == ""

    canvas.setFocus()
    bench.key(Key.Key_A, CONTROL)
    assert bench.state.selection == set(bench.document.graph.nodes)


def test_saving_on_a_full_disk_says_so_and_loses_nothing(built, disk):
    bench = built
    path = disk.path / "full.workbench"
    bench.desk.will(path)
    bench.key(Key.Key_S, CONTROL)
    saved = path.read_bytes()

    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "10")
    disk.fill()
    bench.key(Key.Key_S, CONTROL)

    (text,) = complaints(bench.app)
    assert str(path) in text
    assert "No space left" in text
    assert path.read_bytes() == saved
    assert [entry.name for entry in disk.path.iterdir() if entry.name != "ballast"] == [path.name]
    assert bench.state.modified
    assert bench.window.header.saved.text() == "not saved"

    disk.clear()
    bench.key(Key.Key_S, CONTROL)
    assert project.load(path) == bench.document
    assert complaints(bench.app) == [], "the trouble is over, and so is the message"


def test_layers_are_walked_and_nudged_with_arrow_keys(built):
    bench, canvas = built, built.canvas
    click_node(canvas, "input_1")
    for expected in ("flatten_1", "linear_1"):
        bench.key(Key.Key_Down)
        assert bench.state.selection == {expected}
    bench.key(Key.Key_Up)
    x, y = place_of(bench, "flatten_1")
    bench.key(Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert place_of(bench, "flatten_1")[0] > x
    assert place_of(bench, "flatten_1")[1] == y


def test_layers_are_copied_from_one_window_to_another(built, make_bench):
    click_node(built.canvas, "flatten_1")
    click_node(built.canvas, "linear_1", SHIFT)
    built.key(Key.Key_C, CONTROL)
    other = make_bench()
    new_project(other)
    other.canvas.setFocus()
    other.key(Key.Key_V, CONTROL)
    assert other.document.graph.nodes.keys() == {"flatten_1", "linear_1"}
    assert Wire("flatten_1", "out", "linear_1", "in") in other.document.graph.wires
    assert {box.title for box in boxes(other.canvas).values()} == {"Flatten", "Linear"}


def test_a_layer_is_bypassed_and_taken_out(built):
    built.analysed()
    before = built.document
    click_node(built.canvas, "flatten_1")
    built.key(Key.Key_B, CONTROL)
    built.analysed()
    card = boxes(built.canvas)["flatten_1"]
    assert card.captions == ("bypassed",)
    known = built.state.analysis.nodes
    assert known["flatten_1"].outputs == known["input_1"].outputs, "what it passes on is seen on its wire"
    assert "at least" not in seen(built.window, StatsCard, "sums").text()
    built.key(Key.Key_Delete, CONTROL)
    assert Wire("input_1", "out", "linear_1", "in") in built.document.graph.wires
    built.key(Key.Key_Z, CONTROL)
    built.key(Key.Key_Z, CONTROL)
    assert built.document is before


def test_the_network_is_arranged_in_one_step(built):
    before = built.document
    built.canvas.setFocus()
    built.key(Key.Key_L, CONTROL)
    places = [place_of(built, node) for node in ("input_1", "flatten_1", "linear_1", "output_1")]
    assert all(upper[1] < lower[1] and upper[0] == lower[0] for upper, lower in pairwise(places))
    built.key(Key.Key_Z, CONTROL)
    assert built.document is before
