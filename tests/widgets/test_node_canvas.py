"""What people do on the canvas, by real events, and the intents that come of it."""

import random
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QVBoxLayout, QWidget

from widgets.node_canvas.camera import LARGEST, SMALLEST
from widgets.node_canvas.canvas import NodeCanvas
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.metrics import GRID
from widgets.node_canvas.scene import NodeBox, Scene, WireLine
from widgets.tokens import DARK, LIGHT

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
Key = Qt.Key
MIME = "application/x-layer"

IN = NodeBox("in", "Input", (), "io", 0, 0, (), ("out",))
CONV = NodeBox("conv", "Conv2d", ("32 filters",), "convolution", 0, 104, ("x",), ("out",))
RELU = NodeBox("relu", "ReLU", (), "activation", 0, 216, ("x",), ("out",))
ADD = NodeBox("add", "Add", (), "operation", 0, 320, ("a", "b"), ("out",))
SIDE = NodeBox("side", "Linear", (), "linear", 320, 104, ("x",), ("out",))
W_IN, W_CONV = WireLine("in", "out", "conv", "x", "1 × 28 × 28"), WireLine("conv", "out", "relu", "x", "32 × 28 × 28")
W_RELU = WireLine("relu", "out", "add", "a")
SCENE = Scene((IN, CONV, RELU, ADD, SIDE), (W_IN, W_CONV, W_RELU))


SIGNALS = (
    "selection_changed",
    "wire_selection_changed",
    "nodes_moved",
    "wire_started",
    "wire_drawn",
    "wire_moved",
    "wire_pulled",
    "wire_dropped",
    "search_requested",
    "node_activated",
    "context_requested",
    "dropped",
    "view_changed",
)


class Log(list):
    """What a canvas emitted, in order, as (signal, arguments)."""

    def __init__(self, canvas):
        for name in SIGNALS:
            getattr(canvas, name).connect(lambda *args, name=name: self.append((name, *args)))

    def of(self, name):
        return [entry[1:] for entry in self if entry[0] == name]


@pytest.fixture
def canvas(show):
    canvas = NodeCanvas(DARK, MIME)
    canvas.set_scene(SCENE)
    show(canvas, 900, 700)
    canvas.zoom_to(1.0)
    canvas.pan(200 - canvas.camera.x, 100 - canvas.camera.y)
    canvas.setFocus()
    return canvas


@pytest.fixture
def log(canvas):
    return Log(canvas)


def middle(canvas, node):
    return canvas.node_rect(node).center()


def outlet(canvas, node, port="out"):
    return canvas.port_point(node, port, True)


def inlet(canvas, node, port="x"):
    return canvas.port_point(node, port, False)


def press(qtbot, canvas, at, button=LEFT, keys=NONE):
    qtbot.mouseMove(canvas, at.toPoint())
    qtbot.mousePress(canvas, button, keys, at.toPoint())


def move(canvas, at, keys=NONE, button=LEFT):
    kind = QEvent.Type.MouseMove
    QApplication.sendEvent(canvas, QMouseEvent(kind, at, canvas.mapToGlobal(at), Qt.MouseButton.NoButton, button, keys))


def release(qtbot, canvas, at, button=LEFT, keys=NONE):
    qtbot.mouseRelease(canvas, button, keys, at.toPoint())


def drag(qtbot, canvas, start, stop, button=LEFT, keys=NONE):
    press(qtbot, canvas, start, button, keys)
    for share in (0.2, 0.6, 1.0):
        move(canvas, start + (stop - start) * share, keys, button)
    release(qtbot, canvas, stop, button, keys)


def click(qtbot, canvas, at, keys=NONE, button=LEFT):
    press(qtbot, canvas, at, button, keys)
    release(qtbot, canvas, at, button, keys)


def wheel(canvas, at, turned, keys=NONE):
    QApplication.sendEvent(
        canvas,
        QWheelEvent(
            at,
            canvas.mapToGlobal(at),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def empty_place(canvas):
    return QPointF(canvas.width() - 60, canvas.height() - 60)


# Choosing


def test_a_click_chooses_a_node_and_a_click_beside_it_none(qtbot, canvas, log):
    click(qtbot, canvas, middle(canvas, "conv"))
    click(qtbot, canvas, empty_place(canvas))
    assert log == [("selection_changed", {"conv"}), ("selection_changed", frozenset())]


@pytest.mark.parametrize("keys", [SHIFT, CTRL])
def test_with_shift_or_ctrl_a_click_adds_and_takes_away(qtbot, canvas, log, keys):
    click(qtbot, canvas, middle(canvas, "conv"))
    click(qtbot, canvas, middle(canvas, "relu"), keys)
    click(qtbot, canvas, middle(canvas, "conv"), keys)
    assert log.of("selection_changed") == [({"conv"},), ({"conv", "relu"},), ({"relu"},)]


def test_a_click_on_one_of_several_chosen_nodes_leaves_it_alone_chosen(qtbot, canvas, log):
    canvas.set_selection(frozenset({"conv", "relu"}))
    click(qtbot, canvas, middle(canvas, "conv"))
    assert log == [("selection_changed", {"conv"})]


def test_a_wire_can_be_chosen(qtbot, canvas, log):
    between = (outlet(canvas, "conv") + inlet(canvas, "relu")) / 2
    click(qtbot, canvas, between)
    assert log == [("wire_selection_changed", {W_CONV.key})]
    click(qtbot, canvas, (outlet(canvas, "in") + inlet(canvas, "conv")) / 2, CTRL)
    assert canvas.wire_selection == {W_CONV.key, W_IN.key}
    click(qtbot, canvas, middle(canvas, "conv"))
    assert canvas.wire_selection == frozenset()


def test_a_rubber_band_chooses_what_it_touches(qtbot, canvas, log):
    start = canvas.node_rect("conv").topLeft() - QPointF(40, 10)
    drag(qtbot, canvas, start, middle(canvas, "relu"))
    assert log == [("selection_changed", {"conv", "relu"})]
    assert canvas.marks.band is None


def test_a_rubber_band_with_shift_adds(qtbot, canvas, log):
    canvas.set_selection(frozenset({"side"}), frozenset({W_IN.key}))
    start = canvas.node_rect("add").topLeft() - QPointF(40, 10)
    drag(qtbot, canvas, start, middle(canvas, "add"), keys=SHIFT)
    assert log == [("selection_changed", {"side", "add"})]
    assert canvas.wire_selection == {W_IN.key}


def test_a_new_scene_drops_what_is_gone_from_the_selection_without_a_signal(canvas, log):
    canvas.set_selection(frozenset({"conv", "side"}), frozenset({W_CONV.key}))
    canvas.set_scene(Scene((IN, SIDE), ()))
    assert (canvas.selection, canvas.wire_selection, log) == ({"side"}, frozenset(), [])


def test_chosen_nodes_are_hit_before_those_that_cover_them(qtbot, canvas, log):
    over = replace(SIDE, x=CONV.x + 40, y=CONV.y + 10)
    canvas.set_scene(replace(SCENE, nodes=(IN, CONV, RELU, ADD, over)))
    both = canvas.node_rect("side").center() - QPointF(30, 0)
    click(qtbot, canvas, both)
    canvas.set_selection(frozenset({"conv"}))
    click(qtbot, canvas, both)
    assert log.of("selection_changed") == [({"side"},)]
    assert canvas.selection == {"conv"}


# Moving


def test_a_drag_moves_once_and_snaps_the_grabbed_node(qtbot, canvas, log):
    drag(qtbot, canvas, middle(canvas, "conv"), middle(canvas, "conv") + QPointF(29, 13))
    assert log == [("selection_changed", {"conv"}), ("nodes_moved", {"conv": (32.0, 120.0)})]


def test_with_alt_a_drag_does_not_snap(qtbot, canvas, log):
    start = middle(canvas, "conv")
    drag(qtbot, canvas, start, start + QPointF(29, 13), keys=ALT)
    assert log.of("nodes_moved") == [({"conv": (29.0, 117.0)},)]


def test_chosen_nodes_move_together(qtbot, canvas, log):
    canvas.set_selection(frozenset({"conv", "side"}))
    drag(qtbot, canvas, middle(canvas, "conv"), middle(canvas, "conv") + QPointF(40, 0))
    assert log == [("nodes_moved", {"conv": (40.0, 104.0), "side": (360.0, 104.0)})]


def test_what_the_owner_does_not_take_over_goes_back(qtbot, canvas):
    before = canvas.node_rect("conv")
    drag(qtbot, canvas, middle(canvas, "conv"), middle(canvas, "conv") + QPointF(40, 0))
    assert canvas.node_rect("conv") == before


def test_what_the_owner_takes_over_stays(qtbot, canvas):
    canvas.nodes_moved.connect(
        lambda places: canvas.set_scene(
            replace(
                SCENE,
                nodes=tuple(
                    replace(b, x=places[b.id][0], y=places[b.id][1]) if b.id in places else b for b in SCENE.nodes
                ),
            )
        )
    )
    before = canvas.node_rect("conv")
    drag(qtbot, canvas, middle(canvas, "conv"), middle(canvas, "conv") + QPointF(40, 0))
    assert canvas.node_rect("conv") == before.translated(40, 0)


def test_a_drag_goes_on_when_labels_arrive(qtbot, canvas, log):
    press(qtbot, canvas, middle(canvas, "conv"))
    move(canvas, middle(canvas, "conv") + QPointF(48, 0))
    shown = canvas.node_rect("conv")
    canvas.set_scene(replace(SCENE, wires=(replace(W_IN, label="3 × 32 × 32"), W_CONV, W_RELU)))
    assert canvas.node_rect("conv") == shown
    release(qtbot, canvas, shown.center())
    assert log.of("nodes_moved") == [({"conv": (48.0, 104.0)},)]


def test_a_drag_ends_when_its_node_is_gone(qtbot, canvas, log):
    press(qtbot, canvas, middle(canvas, "conv"))
    move(canvas, middle(canvas, "conv") + QPointF(48, 0))
    canvas.set_scene(Scene((IN, RELU), ()))
    release(qtbot, canvas, empty_place(canvas))
    assert log.of("nodes_moved") == []


@pytest.mark.parametrize("what", ["node", "band", "new wire", "pulled wire"])
def test_escape_cancels_a_gesture_and_leaves_all_as_it_was(qtbot, canvas, log, what):
    canvas.set_selection(frozenset({"relu"}))
    starts = {
        "node": middle(canvas, "relu"),
        "band": empty_place(canvas),
        "new wire": outlet(canvas, "add"),
        "pulled wire": inlet(canvas, "conv"),
    }
    before = canvas.node_rect("relu")
    press(qtbot, canvas, starts[what])
    move(canvas, starts[what] - QPointF(70, 50))
    qtbot.keyClick(canvas, Key.Key_Escape)
    release(qtbot, canvas, starts[what] - QPointF(70, 50))
    assert [entry for entry in log if entry[0] != "wire_started"] == []
    assert canvas.selection == {"relu"}
    assert canvas.node_rect("relu") == before
    marks = canvas.marks
    assert (marks.band, marks.loose, marks.lit, marks.pulled) == (None, None, None, -1)


def test_dragging_to_the_edge_brings_the_scene_along(qtbot, canvas):
    press(qtbot, canvas, middle(canvas, "conv"))
    before = canvas.camera.x
    move(canvas, QPointF(canvas.width() - 5, 300))
    qtbot.waitUntil(lambda: canvas.camera.x < before - 60)
    move(canvas, QPointF(400, 300))
    release(qtbot, canvas, QPointF(400, 300))
    assert canvas.node_rect("conv").width() > 0


def test_a_drag_that_begins_at_the_edge_pans_only_further_out(qtbot, canvas):
    start = QPointF(10, 300)
    canvas.pan(start.x() - middle(canvas, "conv").x(), start.y() - middle(canvas, "conv").y())
    press(qtbot, canvas, start)
    before = canvas.camera
    move(canvas, start + QPointF(8, 0))
    qtbot.waitUntil(lambda: not canvas._auto_pan.isActive())
    assert canvas.camera == before
    release(qtbot, canvas, start)


# Wires


def test_a_wire_drawn_from_an_output_to_an_input(qtbot, canvas, log):
    drag(qtbot, canvas, outlet(canvas, "in"), inlet(canvas, "side"))
    assert log == [("wire_started", "in", "out", True), ("wire_drawn", "in", "out", "side", "x")]


def test_a_wire_drawn_from_an_input_to_an_output(qtbot, canvas, log):
    drag(qtbot, canvas, inlet(canvas, "side"), outlet(canvas, "in"))
    assert log == [("wire_started", "side", "x", False), ("wire_drawn", "in", "out", "side", "x")]


def test_a_wire_snaps_to_a_near_port_and_to_the_node_under_the_mouse(qtbot, canvas, log):
    drag(qtbot, canvas, outlet(canvas, "in"), inlet(canvas, "side") - QPointF(12, 9))
    drag(qtbot, canvas, outlet(canvas, "side"), canvas.node_rect("add").bottomRight() - QPointF(8, 4))
    assert log.of("wire_drawn") == [("in", "out", "side", "x"), ("side", "out", "add", "b")]


def test_only_compatible_ports_receive_a_wire(qtbot, canvas, log):
    canvas.wire_started.connect(lambda *_: canvas.set_compatible(frozenset({("add", "b")})))
    drag(qtbot, canvas, outlet(canvas, "in"), inlet(canvas, "side"))
    drag(qtbot, canvas, outlet(canvas, "in"), middle(canvas, "side"))
    drag(qtbot, canvas, outlet(canvas, "in"), inlet(canvas, "add", "b"))
    assert log.of("wire_drawn") == [("in", "out", "add", "b")]
    assert canvas.marks.lit is None


def test_a_wire_dropped_in_empty_space_asks_for_what_fits(qtbot, canvas, log):
    place = empty_place(canvas)
    drag(qtbot, canvas, outlet(canvas, "add"), place)
    at = canvas.camera.to_scene(place)
    assert log.of("wire_dropped") == [("add", "out", True, at.x(), at.y())]


def test_a_wire_pulled_off_its_input_moves_to_another_one(qtbot, canvas, log):
    drag(qtbot, canvas, inlet(canvas, "relu"), inlet(canvas, "side"))
    assert log == [("wire_started", "conv", "out", True), ("wire_moved", W_CONV.key, "side", "x")]


def test_a_wire_pulled_into_empty_space_is_to_be_removed(qtbot, canvas, log):
    drag(qtbot, canvas, inlet(canvas, "relu"), empty_place(canvas))
    assert log.of("wire_pulled") == [(W_CONV.key,)]


def test_a_pulled_wire_that_comes_back_changes_nothing(qtbot, canvas, log):
    at = inlet(canvas, "relu")
    press(qtbot, canvas, at)
    move(canvas, at - QPointF(90, 20))
    assert canvas.marks.pulled == canvas.graph.wires.index[W_CONV.key]
    move(canvas, at)
    release(qtbot, canvas, at)
    assert [entry[0] for entry in log] == ["wire_started"]


def test_with_shift_a_wired_input_starts_another_wire(qtbot, canvas, log):
    drag(qtbot, canvas, inlet(canvas, "relu"), outlet(canvas, "in"), keys=SHIFT)
    assert log.of("wire_drawn") == [("in", "out", "relu", "x")]


def test_a_click_on_a_port_chooses_its_node(qtbot, canvas, log):
    click(qtbot, canvas, outlet(canvas, "add"))
    click(qtbot, canvas, inlet(canvas, "relu"))
    assert log.of("selection_changed") == [({"add"},), ({"relu"},)]


def test_ports_are_easy_to_hit(qtbot, canvas, log):
    drag(qtbot, canvas, outlet(canvas, "in") + QPointF(4, 4), inlet(canvas, "side"))
    assert log.of("wire_drawn")


# Looking around


@pytest.mark.parametrize("keys", [NONE, CTRL])
def test_the_wheel_zooms_at_the_mouse(canvas, log, keys):
    at = QPointF(333, 222)
    held = canvas.camera.to_scene(at)
    for turned in (120, 120, -120, 30, -480):
        wheel(canvas, at, turned, keys)
        assert (canvas.camera.to_widget(held) - at).manhattanLength() <= 2
    assert canvas.scale == pytest.approx(2 ** ((1 + 0.25 - 4) / 4))
    assert log.of("view_changed")


def test_a_fine_wheel_adds_up(canvas):
    for _ in range(8):
        wheel(canvas, QPointF(300, 300), 15)
    assert canvas.scale == pytest.approx(2**0.25)


def test_with_shift_the_wheel_pans(canvas):
    before = canvas.camera
    wheel(canvas, QPointF(300, 300), 120, SHIFT)
    assert canvas.camera == before.panned(60, 0)


def test_fingers_on_a_touchpad_pan(canvas):
    pad = QPointingDevice(
        "pad",
        7,
        QInputDevice.DeviceType.TouchPad,
        QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.PixelScroll,
        5,
        3,
    )
    before, at = canvas.camera, QPointF(300, 300)
    QApplication.sendEvent(
        canvas,
        QWheelEvent(
            at,
            canvas.mapToGlobal(at),
            QPoint(-13, 21),
            QPoint(-26, 42),
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.ScrollUpdate,
            False,
            Qt.MouseEventSource.MouseEventNotSynthesized,
            pad,
        ),
    )
    assert canvas.camera == before.panned(-13, 21)


def test_a_pinch_zooms_at_the_fingers(canvas):
    at = QPointF(250, 340)
    held = canvas.camera.to_scene(at)
    kind = Qt.NativeGestureType.ZoomNativeGesture
    device = QPointingDevice.primaryPointingDevice()
    QApplication.sendEvent(
        canvas, QNativeGestureEvent(kind, device, 2, at, at, canvas.mapToGlobal(at), 0.25, QPointF())
    )
    assert canvas.scale == pytest.approx(1.25)
    assert (canvas.camera.to_widget(held) - at).manhattanLength() <= 2


@pytest.mark.parametrize("button", [LEFT, MIDDLE])
def test_the_middle_button_and_held_space_pan(qtbot, canvas, log, button):
    if button == LEFT:
        qtbot.keyPress(canvas, Key.Key_Space)
        assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    before = canvas.camera
    drag(qtbot, canvas, middle(canvas, "conv"), middle(canvas, "conv") + QPointF(50, -30), button)
    assert canvas.camera == before.panned(50, -30)
    qtbot.keyRelease(canvas, Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert log.of("selection_changed") == []


def test_arrows_follow_a_graph_that_flows_to_the_right(qtbot, canvas):
    canvas.set_scene(Scene(tuple(replace(box, sideways=True) for box in SCENE.nodes), SCENE.wires))
    canvas.select(frozenset({"in"}))
    for key, node in ((Key.Key_Right, "conv"), (Key.Key_Right, "relu"), (Key.Key_Left, "conv")):
        qtbot.keyClick(canvas, key)
        assert canvas.selection == {node}
    press(qtbot, canvas, outlet(canvas, "side"))
    move(canvas, outlet(canvas, "side") + QPointF(120, 60))
    start, pull = canvas.marks.loose[:2]
    assert pull[0] > start[0]
    assert pull[1] == start[1]
    canvas.grab()
    canvas.cancel()


def test_a_tap_of_space_asks_what_to_add_and_a_pan_does_not(qtbot, canvas, log):
    qtbot.keyPress(canvas, Key.Key_Space)
    drag(qtbot, canvas, QPointF(700, 600), QPointF(720, 600))
    qtbot.keyRelease(canvas, Key.Key_Space)
    assert log.of("search_requested") == []
    qtbot.keyPress(canvas, Key.Key_Space)
    qtbot.keyRelease(canvas, Key.Key_Space)
    canvas.request_search()
    asked = log.of("search_requested")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    qtbot.keyPress(canvas, Key.Key_Tab)
    qtbot.keyRelease(canvas, Key.Key_Tab)
    assert len(log.of("search_requested")) == 2


def test_zoom_keeps_to_its_ladder_and_its_limits(canvas):
    canvas.zoom_to(0.9)
    canvas.zoom_in()
    assert canvas.scale == pytest.approx(1.0)
    canvas.zoom_out()
    assert canvas.scale == pytest.approx(2**-0.25)
    canvas.zoom_to(100)
    assert canvas.scale == LARGEST
    canvas.zoom_to(0.000001)
    assert canvas.scale == SMALLEST


def test_fit_shows_everything_and_never_enlarges(canvas):
    canvas.zoom_to(2)
    canvas.fit()
    assert canvas.scale == 1
    inside = canvas.rect().toRectF()
    assert all(inside.contains(canvas.node_rect(box.id)) for box in SCENE.nodes)
    canvas.resize(300, 200)
    canvas.fit()
    assert canvas.scale < 1
    assert all(canvas.rect().toRectF().contains(canvas.node_rect(box.id)) for box in SCENE.nodes)


def test_fit_before_the_canvas_is_shown_holds_for_the_size_it_gets(show):
    canvas = NodeCanvas()
    canvas.set_scene(SCENE)
    canvas.fit()
    show(canvas, 320, 240)
    assert all(canvas.rect().toRectF().contains(canvas.node_rect(box.id)) for box in SCENE.nodes)


def test_fit_selection_and_centre_on(canvas):
    canvas.set_selection(frozenset({"side"}))
    canvas.fit_selection()
    assert (canvas.node_rect("side").center() - canvas.rect().toRectF().center()).manhattanLength() < 3
    canvas.centre_on("in")
    assert (canvas.node_rect("in").center() - canvas.rect().toRectF().center()).manhattanLength() < 3
    x, y = canvas.visible_centre()
    assert (x, y) == (pytest.approx(88, abs=2), pytest.approx(18, abs=2))


# The keyboard


def test_arrows_walk_along_the_wires_and_across(qtbot, canvas, log):
    canvas.set_selection(frozenset({"in"}))
    for key, expected in (
        (Key.Key_Down, "conv"),
        (Key.Key_Right, "side"),
        (Key.Key_Left, "conv"),
        (Key.Key_Down, "relu"),
        (Key.Key_Down, "add"),
        (Key.Key_Up, "relu"),
    ):
        qtbot.keyClick(canvas, key)
        assert canvas.selection == {expected}
    qtbot.keyClick(canvas, Key.Key_Up, SHIFT)
    assert canvas.selection == {"relu", "conv"}


def test_an_arrow_without_a_selection_starts_in_the_middle(qtbot, canvas):
    canvas.centre_on("relu")
    qtbot.keyClick(canvas, Key.Key_Down)
    assert canvas.selection == {"relu"}


def test_walking_brings_the_node_into_view(qtbot, canvas):
    canvas.set_selection(frozenset({"conv"}))
    canvas.pan(-300, 0)
    qtbot.keyClick(canvas, Key.Key_Up)
    assert canvas.rect().toRectF().contains(canvas.node_rect("in"))


@pytest.mark.parametrize("keys", [ALT, CTRL])
def test_arrows_with_alt_or_ctrl_nudge(qtbot, canvas, log, keys):
    canvas.set_selection(frozenset({"conv", "relu"}))
    qtbot.keyClick(canvas, Key.Key_Right, keys)
    qtbot.keyClick(canvas, Key.Key_Up, keys)
    assert log == [
        ("nodes_moved", {"conv": (GRID, 104.0), "relu": (GRID, 216.0)}),
        ("nodes_moved", {"conv": (0.0, 104.0 - GRID), "relu": (0.0, 216.0 - GRID)}),
    ]


def test_enter_activates_and_escape_chooses_nothing(qtbot, canvas, log):
    canvas.set_selection(frozenset({"conv"}))
    qtbot.keyClick(canvas, Key.Key_Return)
    qtbot.keyClick(canvas, Key.Key_Escape)
    assert log == [("node_activated", "conv"), ("selection_changed", frozenset())]


def test_tab_leaves_the_canvas(qtbot, show):
    window = QWidget()
    box = QVBoxLayout(window)
    canvas, other = NodeCanvas(), QLineEdit()
    box.addWidget(canvas)
    box.addWidget(other)
    canvas.set_scene(SCENE)
    show(window)
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_Tab)
    qtbot.waitUntil(other.hasFocus)
    qtbot.keyClick(other, Key.Key_Backtab)
    qtbot.waitUntil(canvas.hasFocus)


def test_keys_of_the_canvas_are_not_taken_by_shortcuts(canvas):
    for key, keys, taken in (
        (Key.Key_Space, NONE, True),
        (Key.Key_Left, CTRL, True),
        (Key.Key_Return, CTRL, False),
        (Key.Key_Delete, NONE, False),
    ):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, keys)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted() == taken


# The rest


def test_double_clicks_activate(qtbot, canvas, log):
    qtbot.mouseDClick(canvas, LEFT, NONE, middle(canvas, "relu").toPoint())
    place = empty_place(canvas)
    qtbot.mouseDClick(canvas, LEFT, NONE, place.toPoint())
    at = canvas.camera.to_scene(place)
    assert log.of("node_activated") == [("relu",)]
    assert log.of("search_requested") == [(at.x(), at.y())]


def test_a_menu_is_asked_for_what_is_under_the_mouse(canvas, log):
    at = middle(canvas, "side").toPoint()
    QApplication.sendEvent(canvas, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at), NONE))
    assert log == [("selection_changed", {"side"}), ("context_requested", canvas.mapToGlobal(at))]


def test_a_menu_asked_for_by_a_key_is_about_the_selection(canvas, log):
    canvas.set_selection(frozenset({"conv"}))
    QApplication.sendEvent(canvas, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    assert log == [("context_requested", canvas.mapToGlobal(middle(canvas, "conv").toPoint()))]


def test_a_drop_hands_over_text_and_place(canvas, log):
    data = QMimeData()
    data.setData(MIME, "conv2d é".encode())
    at = (outlet(canvas, "conv") + inlet(canvas, "relu")) / 2
    args = Qt.DropAction.CopyAction, data, LEFT, NONE
    enter = QDragEnterEvent(at.toPoint(), *args)
    QApplication.sendEvent(canvas, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(canvas, QDragMoveEvent(at.toPoint(), *args))
    assert canvas.marks.target == canvas.graph.wires.index[W_CONV.key]
    QApplication.sendEvent(canvas, QDropEvent(at, *args))
    place = canvas.camera.to_scene(at)
    assert log == [("dropped", "conv2d é", place.x(), place.y())]
    assert canvas.wire_at(place.x(), place.y()) == W_CONV.key
    assert canvas.marks.wire == -1


def test_other_drags_are_refused_and_may_leave(canvas):
    data = QMimeData()
    data.setText("something else")
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, NONE)
    enter.ignore()
    QApplication.sendEvent(canvas, enter)
    assert not enter.isAccepted()
    QApplication.sendEvent(canvas, QDragLeaveEvent())


def test_tips_name_the_port_and_what_flows_there(qtbot, canvas):
    wrong = replace(CONV, title="A < B", problem="error", message="needs a flat input")
    canvas.set_scene(replace(SCENE, nodes=(IN, wrong, RELU, ADD, SIDE)))
    for scale, place, words in (
        (1, lambda: inlet(canvas, "conv"), "x  1 × 28 × 28"),
        (1, lambda: outlet(canvas, "conv"), "out  32 × 28 × 28"),
        (1, lambda: (outlet(canvas, "in") + inlet(canvas, "conv")) / 2, "1 × 28 × 28"),
        (1, lambda: middle(canvas, "conv"), "needs a flat input"),
        (0.4, lambda: middle(canvas, "conv"), "A &lt; B\n32 filters\nneeds a flat input"),
    ):
        canvas.zoom_to(scale)
        at = place()
        QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, at.toPoint(), canvas.mapToGlobal(at.toPoint())))
        assert QToolTip.text() == f"<p style='white-space:pre-wrap'>{words}</p>"
    QToolTip.hideText()


def test_hovering_shows_what_would_be_hit(qtbot, canvas):
    qtbot.mouseMove(canvas, middle(canvas, "conv").toPoint())
    assert canvas.marks.node == 1
    qtbot.mouseMove(canvas, outlet(canvas, "add").toPoint())
    assert (canvas.marks.node, canvas.marks.port >= 0) == (-1, True)
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert (canvas.marks.node, canvas.marks.wire, canvas.marks.port) == (-1, -1, -1)


def test_a_screen_reader_hears_what_there_is_and_what_is_chosen(canvas):
    assert canvas.accessibleName() == "Graph"
    assert "5" in canvas.accessibleDescription()
    canvas.set_selection(frozenset({"conv"}))
    assert "Conv2d, 32 filters" in canvas.accessibleDescription()


def test_an_empty_canvas_takes_every_gesture(qtbot, show):
    canvas = NodeCanvas(LIGHT)
    canvas.set_hint("Nothing yet", "Drag a layer here.")
    show(canvas, 300, 200)
    log = Log(canvas)
    drag(qtbot, canvas, QPointF(50, 50), QPointF(200, 150))
    for key in (Key.Key_Up, Key.Key_Left, Key.Key_Return, Key.Key_Escape):
        qtbot.keyClick(canvas, key)
    canvas.fit()
    canvas.fit_selection()
    wheel(canvas, QPointF(10, 10), 120)
    canvas.pan(5, 5)
    assert {entry[0] for entry in log} <= {"view_changed"}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_people_do_the_canvas_shows_the_scene_of_its_owner(qtbot, canvas, seed):
    dice = random.Random(seed)
    scenes = [SCENE, Scene(), Scene((CONV, ADD), ()), replace(SCENE, nodes=(*SCENE.nodes[::-1],))]
    keys = [Key.Key_Escape, Key.Key_Up, Key.Key_Left, Key.Key_Return, Key.Key_Space, Key.Key_Down]
    canvas.wire_started.connect(lambda *_: canvas.set_compatible(dice.choice([None, frozenset({("add", "a")})])))
    for _ in range(150):
        at = QPoint(dice.randrange(canvas.width()), dice.randrange(canvas.height()))
        button, held = dice.choice([LEFT, LEFT, MIDDLE, RIGHT]), dice.choice([NONE, NONE, SHIFT, CTRL])
        action = dice.randrange(9)
        if action <= 1 and canvas.graph.nodes.boxes:
            box = dice.choice(canvas.graph.nodes.boxes)
            at = canvas.node_rect(box.id).center().toPoint() + QPoint(0, dice.choice([-18, 0, 18, 26]))
        if action <= 2:
            qtbot.mousePress(canvas, button, held, at)
        elif action <= 5:
            move(canvas, QPointF(at), held)
        elif action == 6:
            qtbot.mouseRelease(canvas, button, held, at)
        elif action == 7:
            qtbot.keyClick(canvas, dice.choice(keys), held)
        else:
            canvas.set_scene(dice.choice(scenes))
    qtbot.mouseRelease(canvas, LEFT, NONE, QPoint(1, 1))
    qtbot.mouseRelease(canvas, MIDDLE, NONE, QPoint(1, 1))
    fresh = Geometry(canvas.graph.scene)
    np.testing.assert_array_equal(canvas.graph.nodes.rects, fresh.nodes.rects)
    np.testing.assert_array_equal(canvas.graph.wires.routes.control, fresh.wires.routes.control)
    assert canvas.selection <= fresh.nodes.index.keys()
    assert (canvas.marks.loose, canvas.marks.band, canvas.marks.lit) == (None, None, None)
