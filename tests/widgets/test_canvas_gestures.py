"""Inserting, cutting, lassoing, lining up, frames, notes and the minimap, by real events."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from tests.widgets.test_node_canvas import (
    ALT,
    CONV,
    CTRL,
    IN,
    LEFT,
    NONE,
    RIGHT,
    SCENE,
    SHIFT,
    SIDE,
    W_CONV,
    W_IN,
    Key,
    drag,
    middle,
    move,
    press,
    release,
)
from widgets.node_canvas.alignment import aligned
from widgets.node_canvas.canvas import NodeCanvas
from widgets.node_canvas.metrics import FRAME_TITLE
from widgets.node_canvas.scene import FrameBox, NodeBox, Scene
from widgets.tokens import DARK

FRAMED = replace(SCENE, frames=(FrameBox("f", "Head", ("conv", "relu")),))
NOTE = NodeBox("note", "", x=320, y=320, note="Why?")
NAMES = ("selection_changed", "nodes_moved", "node_inserted", "nodes_reframed", "wires_cut", "title_written")


@pytest.fixture
def canvas(show):
    canvas = NodeCanvas(DARK)
    canvas.set_scene(replace(FRAMED, nodes=(*FRAMED.nodes, NOTE)))
    show(canvas, 900, 700)
    canvas.zoom_to(1.0)
    canvas.pan(200 - canvas.camera.x, 100 - canvas.camera.y)
    canvas.setFocus()
    canvas.log = []
    for name in (*NAMES, "note_written", "search_requested", "node_activated"):
        getattr(canvas, name).connect(lambda *args, name=name: canvas.log.append((name, *args)))
    return canvas


def seen(canvas, x, y):
    return canvas.camera.to_widget(QPointF(x, y))


def title(canvas):
    x0, y0 = canvas.graph.frame_rects[0, :2]
    return seen(canvas, x0 + 20, y0 + FRAME_TITLE / 2)


def test_a_loose_node_goes_into_the_wire_below_it(qtbot, canvas):
    onto = seen(canvas, 88, 85)  # between Input and Conv2d
    press(qtbot, canvas, middle(canvas, "side"))
    move(canvas, onto)
    assert canvas.graph.wires.lines[canvas.marks.target].key == W_IN.key
    move(canvas, onto, ALT)
    assert canvas.marks.target == -1
    move(canvas, onto)
    release(qtbot, canvas, onto)
    name, node, wire, x, y = canvas.log[-1]
    assert (name, node, wire) == ("node_inserted", "side", W_IN.key)
    assert abs(x + 88 - 88) <= 12
    assert abs(y + 26 - 85) <= 30
    assert canvas.marks.target == -1
    drag(qtbot, canvas, middle(canvas, "side"), onto, keys=ALT)
    drag(qtbot, canvas, middle(canvas, "add"), onto)  # has a wire already
    assert [entry[0] for entry in canvas.log].count("node_inserted") == 1


def test_a_stroke_cuts_what_it_crosses_and_opens_no_menu(qtbot, canvas):
    menus = []
    canvas.context_requested.connect(menus.append)
    high = seen(canvas, 88, 90)
    press(qtbot, canvas, high + QPointF(-60, 0), RIGHT, CTRL)
    move(canvas, high + QPointF(60, 10), CTRL, RIGHT)
    assert canvas.marks.cut.tolist() == [canvas.graph.wires.index[W_IN.key]]
    low = seen(canvas, 88, 200)
    move(canvas, low + QPointF(120, 0), CTRL, RIGHT)
    move(canvas, low + QPointF(-60, -4), CTRL, RIGHT)
    release(qtbot, canvas, low + QPointF(-60, -4), RIGHT, CTRL)
    assert canvas.log == [("wires_cut", frozenset({W_IN.key, W_CONV.key}))]
    assert canvas.marks.cut is None
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        QApplication.sendEvent(canvas, QContextMenuEvent(reason, low.toPoint(), canvas.mapToGlobal(low.toPoint())))
    assert len(menus) == 1, "that of the keyboard"
    canvas.log.clear()
    drag(qtbot, canvas, seen(canvas, 400, 400), seen(canvas, 460, 400), RIGHT, CTRL)
    assert canvas.log == []


def test_a_lasso_chooses_what_it_goes_around(qtbot, canvas):
    corners = [seen(canvas, x, y) for x, y in ((280, 90), (540, 90), (540, 180), (280, 180))]
    press(qtbot, canvas, corners[0], keys=ALT)
    for corner in corners[1:]:
        move(canvas, corner, ALT)
    release(qtbot, canvas, corners[-1], keys=ALT)
    assert canvas.selection == {"side"}
    press(qtbot, canvas, seen(canvas, -20, 300), keys=ALT | SHIFT)
    for x, y in ((250, 300), (250, 420), (-20, 420)):
        move(canvas, seen(canvas, x, y), ALT | SHIFT)
    release(qtbot, canvas, seen(canvas, -20, 420), keys=ALT | SHIFT)
    assert canvas.selection == {"side", "add"}


def test_dragged_nodes_line_up_with_others(qtbot, canvas):
    start = middle(canvas, "side")
    press(qtbot, canvas, start)
    move(canvas, start + QPointF(13, 108))
    assert canvas.marks.guides is not None
    canvas.grab()
    release(qtbot, canvas, start + QPointF(13, 108))
    assert canvas.marks.guides is None
    (places,) = canvas.log[-1][1:]
    assert canvas.log[-1][0] == "nodes_moved"
    assert places["side"][1] == 216 - 8 + 8  # with ReLU, whose top it came near to


def test_lining_up_is_exact_and_nearest():
    box, others = np.array((3.0, 50, 103, 90)), np.array([[0.0, 0, 100, 40], [203, 52, 303, 92]])
    (dx, dy), guides = aligned(box, others, 6.0)
    assert (dx, dy) == (-3, 2)
    assert guides.tolist() == [[50, 0, 50, 92], [0, 72, 303, 72]]
    assert aligned(box, others + 40, 6.0)[0] == (None, None)
    assert aligned(box, others[:0], 6.0)[0] == (None, None)


def test_a_frame_moves_with_its_title_and_is_renamed_there(qtbot, canvas):
    drag(qtbot, canvas, title(canvas), title(canvas) + QPointF(-40, 0))
    name, places = canvas.log[-1]
    assert name == "nodes_moved"
    assert places == {"conv": (-40, 104), "relu": (-40, 216)}
    qtbot.mouseDClick(canvas, LEFT, NONE, title(canvas).toPoint())
    editor = canvas.focusWidget()
    assert editor.accessibleName() == "Title"
    assert canvas.rect().contains(editor.geometry())
    qtbot.keyClicks(editor, "Bft")
    qtbot.keyClick(editor, Key.Key_Return)
    assert canvas.log[-1] == ("title_written", "f", "Bft")
    assert canvas.hasFocus()
    qtbot.mouseClick(canvas, LEFT, NONE, title(canvas).toPoint())
    assert canvas.selection == {"conv", "relu"}


def test_nodes_join_and_leave_a_frame(qtbot, canvas):
    inside = middle(canvas, "conv") + QPointF(60, 0)
    press(qtbot, canvas, middle(canvas, "side"))
    move(canvas, inside)
    assert canvas.marks.frame == 0
    release(qtbot, canvas, inside)
    assert canvas.log[-1][0] == "nodes_reframed"
    assert canvas.log[-1][2:] == (frozenset({"side"}), "f")
    start = middle(canvas, "relu")
    drag(qtbot, canvas, start, start + QPointF(8, 8))  # within: stays
    assert canvas.log[-1][0] == "nodes_moved"
    drag(qtbot, canvas, start, start + QPointF(300, 160))
    assert canvas.log[-1][0] == "nodes_reframed"
    assert canvas.log[-1][2:] == (frozenset({"relu"}), "")
    canvas.set_selection(frozenset({"conv", "relu"}))
    drag(qtbot, canvas, start, start + QPointF(300, 160))  # the frame goes along
    assert canvas.log[-1][0] == "nodes_moved"


def test_notes_are_written_in_place(qtbot, canvas):
    at = middle(canvas, "note").toPoint()
    qtbot.mouseDClick(canvas, LEFT, NONE, at)
    editor = canvas.focusWidget()
    assert editor.toPlainText() == "Why?"
    qtbot.keyClicks(editor, "One")
    qtbot.keyClick(editor, Key.Key_Return)
    qtbot.keyClicks(editor, "F")  # a letter here, not the key that fits
    before = canvas.scale
    qtbot.keyClick(editor, Key.Key_Return, CTRL)
    assert canvas.log[-1] == ("note_written", "note", "One\nF")
    assert canvas.scale == before
    canvas.select(frozenset({"note"}))
    qtbot.keyClick(canvas, Key.Key_Return)
    qtbot.keyClicks(canvas.focusWidget(), "lost")
    qtbot.keyClick(canvas.focusWidget(), Key.Key_Escape)
    assert canvas.log[-1][0] == "selection_changed"
    canvas.edit_note("note")
    canvas.set_scene(Scene((IN, CONV, SIDE)))
    assert canvas.hasFocus()


def test_the_minimap_goes_where_one_presses(qtbot, canvas):
    canvas.toggle_minimap()
    minimap = canvas.minimap
    assert minimap.isVisible()
    minimap.grab()
    canvas.zoom_to(1.4)
    qtbot.mousePress(minimap, LEFT, NONE, QPoint(8, 8))
    first = canvas.visible_centre()
    qtbot.mouseMove(minimap, QPoint(minimap.width() - 8, minimap.height() - 8))
    move(minimap, QPointF(minimap.width() - 8, minimap.height() - 8))
    last = canvas.visible_centre()
    assert last[0] > first[0] + 300
    assert last[1] > first[1] + 300
    qtbot.mouseRelease(minimap, LEFT, NONE, QPoint(8, 8))
    canvas.toggle_minimap()
    assert not minimap.isVisible()
