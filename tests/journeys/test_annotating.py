"""A network is explained: frames and notes, from the keyboard and with the mouse, each edit one step with a name."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from tests.windows import CONTROL, SHIFT, Key, click_node, drag, middle, seen
from workbench.core.document import Wire

RIGHT = Qt.MouseButton.RightButton


def test_frames_notes_and_hand_drawn_gestures(bench):
    bench.open_zoo("mnist_cnn")
    canvas, graph = bench.canvas, bench.document.graph
    click_node(canvas, "conv2d_1")
    click_node(canvas, "batch_norm2d_1", CONTROL)
    bench.key(Key.Key_J, CONTROL)
    editor = seen(canvas, QPlainTextEdit, accessible="Title of the frame")
    QTest.keyClicks(editor, "Features")
    QTest.keyClick(editor, Key.Key_Return)
    (frame,) = bench.document.layout[""].frames.values()
    assert (frame.nodes, frame.title) == (("batch_norm2d_1", "conv2d_1"), "Features")
    assert bench.state.undo_label == "Rename the frame"
    bench.key(Key.Key_J, CONTROL | SHIFT)
    assert bench.document.layout[""].frames == {}
    bench.app.session.undo()

    bench.key(Key.Key_N, CONTROL | SHIFT)
    editor = seen(canvas, QPlainTextEdit, accessible="Note")
    QTest.keyClicks(editor, "Why so deep?")
    QTest.keyClick(editor, Key.Key_Return, CONTROL)
    assert bench.document.graph.nodes["note_1"].settings == {"text": "Why so deep?"}
    assert next(box for box in canvas.graph.nodes.boxes if box.id == "note_1").note == "Why so deep?"
    bench.key(Key.Key_Return)
    QTest.keyClicks(seen(canvas, QPlainTextEdit, accessible="Note"), " ")
    canvas.setFocus()  # whoever goes elsewhere keeps what is written: nothing
    QApplication.processEvents()
    assert "note_1" not in bench.document.graph.nodes

    bench.key(Key.Key_M)
    assert canvas.minimap.isVisible()
    bench.key(Key.Key_M)

    # a stroke cuts, and a layer that is let go on a wire goes between its ends
    wire = next(wire for wire in graph.wires if wire.src == "conv2d_1")
    src, dst = canvas.port_point(wire.src, "out", True), canvas.port_point(wire.dst, wire.dst_port, False)
    between = (src + dst) / 2
    drag(canvas, between - QPointF(20, 0), between + QPointF(20, 1), keys=CONTROL, button=RIGHT)
    assert bench.document.graph.wires == graph.wires - {wire}
    assert bench.state.undo_label == "Cut a wire"
    bench.app.session.undo()
    bench.app.places.canvas._editor.add("gelu", (600.0, 0.0), middle=(0.0, 0.0))
    canvas.fit()
    src, dst = canvas.port_point(wire.src, "out", True), canvas.port_point(wire.dst, wire.dst_port, False)
    drag(canvas, middle(canvas, "gelu_1"), (src + dst) / 2)
    assert bench.document.graph.wires == graph.wires - {wire} | {
        Wire("conv2d_1", "out", "gelu_1", "in"),
        Wire("gelu_1", "out", wire.dst, wire.dst_port),
    }
    assert "gelu_1" in bench.document.layout[""].frames["frame_1"].nodes, "both ends are in the frame"
    assert bench.state.undo_label == "Insert GELU"
    drag(canvas, middle(canvas, "gelu_1"), middle(canvas, "gelu_1") + QPoint(400, 0))
    assert "gelu_1" not in bench.document.layout[""].frames["frame_1"].nodes
    assert bench.state.undo_label == "Move out of the frame"
    while bench.state.undo_label:
        bench.app.session.undo()
    assert bench.document.graph == graph
