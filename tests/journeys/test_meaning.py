"""What the network means, shown while it is built: mistakes with their remedies, names of axes, formulas, sums."""

from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from tests.windows import CONTROL, Key, boxes, click, click_node, draw_wire, items, labels_on_wires, notices, seen
from widgets.histogram import Histogram
from widgets.stats import StatsCard
from workbench.core.document import Wire


def test_a_skip_connection_that_does_not_fit_is_mended_at_the_node(bench):
    bench.open_zoo("mnist_cnn")
    bench.analysed()
    canvas = bench.canvas
    click_node(canvas, "conv2d_2")
    added = bench.add_by_typing("add")
    bench.analysed()
    draw_wire(canvas, ("max_pool2d_1", "out"), (added, "in_2"))
    bench.analysed()

    # one mark, at the node and on the wire of the skip connection
    assert {node for node, box in boxes(canvas).items() if box.problem} == {added}
    wrong = [line.key for line in canvas.graph.scene.wires if line.problem]
    assert wrong == [("max_pool2d_1", "out", added, "in_2")]
    bubble = seen(canvas, QWidget, "remedy-bubble")
    remedy = seen(bubble, QPushButton, "remedy")
    assert remedy.text() == "Insert Conv2d (filters 32, kernel 1)"
    menu = seen(bubble, QToolButton, "other-remedies").menu()
    assert [action.text() for action in menu.actions()][-1] == "Set filters of Conv2d to 16"
    marked = [item.text(0) for item in items(bench.app.places.design.findChild(QWidget, "outline").tree)]
    assert "Add ⚠" in marked

    # one click, one step
    before = bench.document
    click(remedy)
    bench.analysed()
    assert not bubble.isVisible()
    assert not any(box.problem for box in boxes(canvas).values())
    assert labels_on_wires(canvas)["conv2d_3", added] == "32 × 14 × 14"
    places = bench.document.layout[""].positions
    assert len(set(places.values())) == len(places)
    bench.key(Key.Key_Z, CONTROL)
    assert bench.document == before
    bench.analysed()
    assert bubble.isVisible()

    # the same in the list of problems, and another way from its menu
    (card,) = notices(seen(bench.window, QWidget, "problems"))
    assert "do not fit together" in card
    menu.actions()[-1].trigger()
    bench.analysed()
    assert Wire("max_pool2d_1", "out", added, "in_2") in bench.document.graph.wires
    assert not any(box.problem for box in boxes(canvas).values())


def test_a_layer_says_what_it_computes_and_the_network_what_it_costs(bench):
    bench.open_zoo("mnist_cnn")
    bench.analysed()
    inspector = bench.app.places.inspector
    types = seen(inspector, StatsCard, "types")
    assert types.text().splitlines()[:2] == ["Linear × 1\t15,690 · 76 %", "Conv2d × 2\t4,800 · 23 %"]
    bench.wait(lambda: "Largest batch on CPU" in seen(inspector, StatsCard, "sums").text())
    assert seen(inspector, StatsCard, "memory-parts").text().startswith("Weights\t")
    click_node(bench.canvas, "conv2d_2")
    assert "W[o, i]" in seen(inspector, QLabel, "formula").text()
    assert not types.isVisible()
    card = next(card for card in inspector.findChildren(StatsCard) if card.isVisible() and "Input" in card.text())
    assert card.text().splitlines()[:3] == [
        "Input\t16 × 14 × 14",
        "Output\t32 × 14 × 14",
        "channels × height × width\t",
    ]
    assert bench.canvas.tell("conv2d_2", "out") == "channels 32, height 14, width 14 · float32"


def test_a_sample_is_seen_on_the_wires(bench):
    bench.open_zoo("mnist_cnn")
    bench.analysed()
    canvas, previewer, inspector = bench.canvas, bench.app.previewer, bench.app.places.inspector
    canvas.setFocus()
    bench.key(Key.Key_V)
    bench.wait(lambda: previewer.seen.answer is not None)
    assert all(line.picture is not None for line in canvas.graph.scene.wires)
    click_node(canvas, "relu_1")
    section = seen(inspector, QWidget, "preview")
    histogram = seen(section, Histogram)
    assert sum(histogram.counts()) == 16 * 28 * 28
    assert "Zeros" in seen(section, StatsCard, "preview-numbers").text()
    assert seen(section, QLabel, "preview-sample").text().startswith("Sample 1 of 3,500 · ")

    # an edit is followed; a node that does not fit ends the way, and what was before it is still shown
    bench.app.editor.set_setting("conv2d_2", "kernel_size", 99)
    bench.app.editor.set_setting("conv2d_2", "padding", 0)
    bench.wait(lambda: previewer.seen.answer and previewer.seen.answer.revision == bench.state.revision)
    pictured = {line.src for line in canvas.graph.scene.wires if line.picture is not None}
    assert pictured == {"image", "conv2d_1", "batch_norm2d_1", "relu_1", "max_pool2d_1"}
    canvas.setFocus()
    before = previewer.seen.pictures["image", "out"]
    bench.key(Key.Key_BracketRight)
    bench.wait(lambda: previewer.seen.answer.sample == 1)
    assert previewer.seen.pictures["image", "out"] != before
    bench.key(Key.Key_V)
    assert not section.isVisible()
    assert all(line.picture is None for line in canvas.graph.scene.wires)
