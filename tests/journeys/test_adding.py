"""A layer is added by search where it is wanted: what fits comes first, and is joined to what it is wanted for."""

from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.windows import LEFT, NONE, SHIFT, Key, click_node, drag, retype, seen
from workbench.core.document import Wire
from workbench.ui.add_search import AddSearch


def asked(bench) -> AddSearch:
    QApplication.processEvents()
    return seen(bench.window, AddSearch)


def fitting(search: AddSearch) -> list[str]:
    return [item.key for item in search.list.shown() if item.group.startswith("Fits after")]


def gone(bench) -> bool:
    QApplication.processEvents()
    return not any(search.isVisible() for search in bench.window.findChildren(AddSearch))


def test_layers_are_added_where_they_are_wanted(bench):
    bench.open_zoo("mnist_cnn")
    canvas, graph = bench.canvas, bench.document.graph

    # a wire that is dropped in empty space asks what fits there, what is used most first
    start = canvas.port_point("conv2d_1", "out", True)
    end = start + QPointF(160, 20)
    drag(canvas, start, end)
    search = asked(bench)
    bench.wait(lambda: fitting(search))
    assert search.list.shown()[0].trailing == "32 × 26 × 26", "what would come out of a Conv2d"
    assert search.list.current() == "conv2d"
    assert {"relu", "max_pool2d", "flatten"} <= set(fitting(search))
    assert not {"linear", "embedding", "conv1d", "input"} & set(fitting(search))
    retype(seen(search, QLineEdit), "pool")
    (added,) = bench.document.graph.nodes.keys() - graph.nodes.keys()
    assert bench.document.graph.nodes[added].type == "max_pool2d"
    assert bench.document.graph.wires == graph.wires | {Wire("conv2d_1", "out", added, "in")}
    assert bench.state.selection == {added}
    assert canvas.node_rect(added).contains(end + QPointF(0, 5))
    assert bench.state.undo_label == "Add MaxPool2d"
    assert gone(bench)
    bench.app.session.undo()

    # a wire pulled out of an input asks what could stand before it
    start = canvas.port_point("label", "in", False)
    drag(canvas, start, start + QPointF(180, 0), keys=SHIFT)
    search = asked(bench)
    assert search.list.shown()[0].group == "Before Output"
    assert "output" not in {item.key for item in search.list.shown()}
    QTest.keyClick(seen(search, QLineEdit), Key.Key_Escape)
    assert gone(bench)
    assert bench.document.graph == graph

    # from the keyboard: behind the selected layer; Shift+Enter leaves it alone
    click_node(canvas, "conv2d_1")
    bench.key(Key.Key_A, SHIFT)
    search = asked(bench)
    bench.wait(lambda: fitting(search))
    assert search.list.current() == "max_pool2d", "what was used once comes first now"
    field = seen(search, QLineEdit)
    QTest.keyClicks(field, "drop")
    assert search.list.current() == "dropout"
    QTest.keyClick(field, Key.Key_Return)
    assert Wire("conv2d_1", "out", "dropout_2", "in") in bench.document.graph.wires
    bench.key(Key.Key_A, SHIFT)
    field = seen(asked(bench), QLineEdit)
    QTest.keyClicks(field, "gelu")
    wires = bench.document.graph.wires
    QTest.keyClick(field, Key.Key_Return, SHIFT)
    assert "gelu_1" in bench.document.graph.nodes
    assert bench.document.graph.wires == wires

    # a double click in empty space: there, and on its own
    canvas.fit()
    spot = canvas.rect().bottomRight().toPointF() - QPointF(100, 60)
    QTest.mouseClick(canvas, LEFT, NONE, spot.toPoint())  # as a real double click begins
    QTest.mouseDClick(canvas, LEFT, NONE, spot.toPoint())
    search = asked(bench)
    assert fitting(search) == []
    retype(seen(search, QLineEdit), "lin")
    assert canvas.node_rect("linear_2").contains(spot + QPointF(0, 4))
    assert bench.document.graph.wires == wires

    # the palette offers what fits behind the selection above everything else
    click_node(canvas, "flatten_1")
    bench.wait(lambda: bench.app.places.palette.list.shown()[0].group == "Fits after Flatten")
    assert bench.app.places.palette.list.shown()[0].key == "linear"
    bench.app.session.select()
    assert bench.app.places.palette.list.shown()[0].key == "input"
