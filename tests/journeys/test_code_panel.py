"""The source beside the canvas: it follows every edit, marks what is selected, and is a way to select."""

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.graphs import chain, with_blocks
from tests.windows import CONTROL, LEFT, NONE, SHIFT, Key, click, click_node, notices, retype, seen
from widgets.code_view import CodeView
from workbench.core import edits, project
from workbench.core.document import Block, Graph, Node, Wire
from workbench.core.messages import GetSource
from workbench.ui.panels.code import CodePanel


def click_line(view: CodeView, part: str) -> None:
    """Click the last line that holds this text."""
    lines = view.toPlainText().split("\n")
    number = max(place for place, line in enumerate(lines) if part in line)
    view.reveal([number + 1])
    block = view.document().findBlockByNumber(number)
    place = view.blockBoundingGeometry(block).translated(view.contentOffset()).center().toPoint()
    QTest.mouseClick(view.viewport(), LEFT, NONE, QPoint(60, place.y()))


def marked(view: CodeView) -> list[str]:
    lines = view.toPlainText().split("\n")
    return [lines[number - 1].strip() for number in view.marked]


def test_it_follows_the_canvas_and_the_canvas_follows_it(bench, tmp_path: Path) -> None:
    bench.open_zoo("mnist_mlp")
    before = bench.canvas.width()
    bench.key(Key.Key_K, CONTROL | SHIFT)
    panel = seen(bench.window, CodePanel)
    bench.key(Key.Key_K, CONTROL | SHIFT)
    bench.wait(lambda: bench.canvas.width() == before)  # the canvas gets its room back
    bench.key(Key.Key_K, CONTROL | SHIFT)
    view = panel.view
    bench.wait(lambda: "class" in view.toPlainText())

    # what is selected is marked; what is clicked is selected
    bench.canvas.fit()  # there is less room for it now
    click_node(bench.canvas, "linear_1")
    assert marked(view) == ["self.linear_1 = nn.Linear(784, 256)", "linear_1 = self.linear_1(flatten_1)"]
    click_line(view, "self.linear_2 = nn.Linear")
    assert bench.state.selection == {"linear_2"}
    assert len(marked(view)) == 2

    # it follows edits, and says the same as the command line, which asks about the whole document
    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "77")
    bench.wait(lambda: "nn.Linear(784, 77)" in view.toPlainText())
    said = []
    bench.app.engine.ask(GetSource(project.to_raw(bench.document)), lambda source, parts: said.append(source.text))
    bench.wait(lambda: said)
    assert said[0] == view.toPlainText() + "\n"

    # a fault: the last code stays, greyed, with a sentence
    good = view.toPlainText()
    (wire,) = (wire for wire in bench.document.graph.wires if wire.dst == "linear_1")
    bench.app.session.edit("Cut", edits.disconnect(bench.document, [wire]))
    bench.wait(lambda: notices(panel))
    assert view.toPlainText() == good
    assert "last network without a fault" in notices(panel)[0]
    bench.app.session.undo()
    bench.wait(lambda: not notices(panel))

    # copied, and saved
    click(panel.copy_button)
    assert QGuiApplication.clipboard().text() == good + "\n"
    bench.desk.will(tmp_path / "net")
    click(panel.save_button)
    assert (tmp_path / "net.py").read_text() == good + "\n"

    # hidden, it asks nothing; shown again, it is up to date
    bench.key(Key.Key_K, CONTROL | SHIFT)
    assert not panel.isVisible()
    bench.app.session.undo()
    bench.analysed()
    assert view.toPlainText() == good
    bench.key(Key.Key_K, CONTROL | SHIFT)
    bench.wait(lambda: "nn.Linear(784, 256)" in view.toPlainText())


def test_in_a_block_its_class_is_shown(bench) -> None:
    inner = Graph(
        {
            "x": Node("x", "block_input"),
            "dense": Node("dense", "linear", {"out_features": 8}),
            "bend": Node("bend", "relu"),
            "y": Node("y", "block_output"),
        },
        frozenset(Wire(*ends) for ends in (("x", "out", "dense", "in"), ("dense", "out", "bend", "in"),
                                           ("bend", "out", "y", "in"))),
    )  # fmt: skip
    document = with_blocks(chain(("start", "input", {"shape": (8,)})), bent=Block(inner, title="Bent"))
    document, _ = edits.add_node(document, "block", {"definition": "bent", "repeat": 3}, id="use")
    document, _ = edits.add_node(document, "output", id="end")
    for ends in (("start", "out", "use", "x"), ("use", "y", "end", "in")):
        document = edits.connect(document, Wire(*ends))
    bench.app.session.open(document, saved=True)
    bench.analysed()
    bench.key(Key.Key_K, CONTROL | SHIFT)
    view = seen(bench.window, CodePanel).view
    bench.wait(lambda: "class Bent" in view.toPlainText())
    click_line(view, "self.dense(")
    assert (bench.state.scope, bench.state.inside, bench.state.selection) == ("bent", ("use",), {"dense"})
    assert marked(view) == ["self.dense = nn.Linear(8, 8)", "dense = self.dense(x)"]
    click_line(view, "for part in self.use:")
    assert (bench.state.scope, bench.state.selection) == ("", {"use"})
    assert "for part in self.use:" in marked(view)
