"""A layer with several outputs: each is drawn, wired, measured and named by itself, and goes when a setting says so."""

from PySide6.QtWidgets import QWidget

from tests.windows import CONTROL, Key, boxes, click, click_node, draw_wire, labels_on_wires, retype, seen
from widgets.stats import StatsCard
from workbench.core.document import Wire


def test_outputs_are_wired_and_follow_the_settings(bench):
    bench.open_zoo("mnist_mlp")
    bench.analysed()
    canvas = bench.canvas
    click_node(canvas, "linear_1")
    cut = bench.add_by_typing("chunk")
    joined = bench.add_by_typing("concat")
    bench.analysed()
    assert boxes(canvas)[cut].outputs == ("out_1", "out_2")
    draw_wire(canvas, (cut, "out_2"), (joined, "in_2"))
    bench.analysed()
    assert Wire(cut, "out_2", joined, "in_2") in bench.document.graph.wires
    assert not any(box.problem for box in boxes(canvas).values())
    assert labels_on_wires(canvas)[cut, joined] == "128"

    # every output has its own line in the figures
    click_node(canvas, cut)
    card = next(card for card in bench.window.findChildren(StatsCard) if card.isVisible() and "out_2" in card.text())
    assert "Output out_1\t128" in card.text()

    # fewer sizes than the wires need: the wire stays visible, with what is wrong
    retype(seen(bench.window, QWidget, "settings").input("num_outputs"), "3")
    bench.analysed()
    assert boxes(canvas)[cut].outputs == ("out_1", "out_2", "out_3")
    assert boxes(canvas)[cut].problem == "error"
    bench.key(Key.Key_Z, CONTROL)
    bench.analysed()
    assert not any(box.problem for box in boxes(canvas).values())

    # an output that a setting brings, and takes away again
    click_node(canvas, joined)
    pooled = bench.add_by_typing("unsqueeze")
    added = bench.add_by_typing("maxpool1d")
    bench.analysed()
    click_node(canvas, added)
    assert boxes(canvas)[added].outputs == ("out",)
    click(seen(bench.window, QWidget, "settings").input("return_indices"))
    bench.analysed()
    assert boxes(canvas)[added].outputs == ("out", "indices")
    assert pooled in bench.document.graph.nodes
