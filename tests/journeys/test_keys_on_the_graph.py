"""Connecting, naming, lining up and mending without a mouse."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.windows import CONTROL, SHIFT, Key, seen
from workbench.core.document import Wire
from workbench.ui.connect_search import ConnectSearch

ALT = Qt.KeyboardModifier.AltModifier


def test_connect_name_line_up_and_mend(bench):
    bench.open_zoo("mnist_mlp")
    bench.canvas.setFocus()
    app, before = bench.app, bench.document

    # disconnect, and connect again from a list
    app.session.select(["relu_1"])
    bench.key(Key.Key_C, ALT | SHIFT)
    assert not any("relu_1" in (wire.src, wire.dst) for wire in bench.document.graph.wires)
    bench.analysed()
    bench.key(Key.Key_C, ALT)
    search = seen(bench.window, ConnectSearch)
    first = search.list.shown()[0]
    assert (first.trailing, first.group) == ("linear_2", "To a free input")
    assert "input" not in {item.trailing for item in search.list.shown() if item.group.startswith("To")}
    QTest.keyClick(seen(search, QLineEdit), Key.Key_Return)
    assert Wire("relu_1", "out", "linear_2", "in") in bench.document.graph.wires
    assert bench.state.undo_label == "Connect"
    bench.front()
    bench.key(Key.Key_C, ALT)
    field = seen(seen(bench.window, ConnectSearch), QLineEdit)
    QTest.keyClicks(field, "linear_1")
    QTest.keyClick(field, Key.Key_Return)
    assert bench.document.graph == before.graph
    bench.front()

    # a name; Escape keeps the old one, and the keyboard goes back
    bench.canvas.setFocus()
    bench.key(Key.Key_F2)
    name = seen(bench.window, QLineEdit, "node-name")
    assert QApplication.focusWidget() is name
    QTest.keyClicks(name, "Bend")
    bench.key(Key.Key_Escape)
    assert QApplication.focusWidget() is bench.canvas
    assert (bench.document.graph.nodes["relu_1"].label, name.text()) == ("", "ReLU")
    bench.key(Key.Key_F2)
    QTest.keyClicks(name, "Bend")
    bench.key(Key.Key_Return)
    assert QApplication.focusWidget() is bench.canvas
    assert bench.document.graph.nodes["relu_1"].label == "Bend"

    # lines
    app.session.select(["relu_1", "linear_1"])
    app.editor.move({"relu_1": (300, 200), "linear_1": (10, 20)})
    bench.key(Key.Key_A, ALT)
    assert bench.document.layout[""].positions["relu_1"] == (10, 200)
    bench.key(Key.Key_D, ALT)
    assert bench.state.undo_label == "Align right edges"

    # from problem to problem, and the remedy
    app.editor.set_setting("linear_2", "out_features", 7)
    bench.analysed()
    app.session.select()
    bench.key(Key.Key_F8)
    assert bench.state.selection == {"label"}
    bench.key(Key.Key_Period, CONTROL)
    bench.analysed()
    assert bench.state.analysis.ok
    assert not app.actions.by_id["view.problem"].isEnabled()
