"""Blocks by the window's own commands: made, named, given parameters, used again, looked into, unpacked."""

from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QTreeWidget, QWidget

from tests.windows import (
    CONTROL,
    NONE,
    SHIFT,
    Key,
    boxes,
    click,
    click_node,
    complaints,
    items,
    labels_on_wires,
    press,
    retype,
    rows,
    seen,
)
from workbench.core import library, places, project
from workbench.core.document import Param
from workbench.ui.panels.blocks_dialog import BlocksDialog


def settings(bench) -> QWidget:
    QApplication.processEvents()
    return seen(bench.window, QWidget, "settings")


def choose_parameter(bench, *path: str) -> None:
    """Choose a setting in the menu of what can become a parameter."""
    menu: QMenu = seen(bench.window, QWidget, "parameter-menu").button.menu()
    menu.aboutToShow.emit()
    for text in path[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == text)
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()
    QApplication.processEvents()  # what is made anew appears with the next events


def write(root: QWidget, name: str, text: str) -> None:
    retype(seen(root, QLineEdit, accessible=name), text)
    QApplication.processEvents()


def test_a_block_from_its_making_to_its_end(bench):
    bench.open_zoo("mnist_cnn")
    start = bench.document
    canvas = bench.canvas
    canvas.setFocus()
    for number, node in enumerate(("conv2d_1", "batch_norm2d_1", "relu_1", "max_pool2d_1")):
        click_node(canvas, node, SHIFT if number else NONE)
    bench.key(Key.Key_G, CONTROL)
    assert bench.state.selection == {"block_1"}
    bench.analysed()
    name = seen(bench.window, QLineEdit, "block-name")
    assert name.hasFocus(), "the name is asked for in place"
    assert name.selectedText() == "Block 1", "also when the analysis came meanwhile"
    retype(name, "Stage")
    assert canvas.hasFocus(), "and the keyboard goes back"
    assert boxes(canvas)["block_1"].title == "Stage"
    assert bench.state.undo_label == "Make a block"
    bench.analysed()
    assert bench.state.analysis.problems == ()

    # inside: settings become parameters
    bench.key(Key.Key_Return, CONTROL)
    assert bench.state.scope == "block_1_1"
    click_node(canvas, "conv2d_1")
    choose_parameter(bench, "Filters")
    assert bench.document.blocks["block_1_1"].parameters == {"out_channels": 16}
    assert bench.document.blocks["block_1_1"].graph.nodes["conv2d_1"].settings["out_channels"] == Param("out_channels")
    definition = seen(bench.window, QWidget, "definition")
    write(definition, "Name of the parameter out_channels", "filters")
    write(definition, "filters by default", "12")
    write(definition, "Name of the port in", "relu 1")
    assert complaints(bench.app) == ["There is something called “relu_1” in this block already. Choose another name."]
    write(definition, "Name of the port in", "image")

    # outside: the use shows them; another use says otherwise
    canvas.setFocus()
    bench.key(Key.Key_Return, CONTROL | SHIFT)
    assert bench.state.scope == ""
    assert settings(bench).values() == {"filters": 12, "repeat": 1}
    bench.analysed()
    assert bench.state.known("block_1").outputs["out"].shape == (12, 14, 14)
    click_node(canvas, "block_1")
    bench.key(Key.Key_D, CONTROL)
    retype(settings(bench).input("filters"), "24")
    both = bench.document
    assert both.graph.nodes["block_2"].settings["arguments"] == {"filters": 24}
    assert "used 2 times" in seen(bench.window, QWidget, "use").findChildren(QWidget)[2].text()

    # made unique and unpacked; and all of it can be taken back
    bench.app.actions.by_id["blocks.unique"].trigger()
    assert set(bench.document.blocks) == {"block_1_1", "stage_1"}
    canvas.setFocus()
    bench.key(Key.Key_G, CONTROL | SHIFT)
    assert bench.document.graph.nodes["conv2d_1"].settings["out_channels"] == 24
    assert bench.state.selection == {"conv2d_1", "batch_norm2d_1", "relu_1", "max_pool2d_1"}
    assert project.loads(project.dumps(bench.document)) == bench.document
    while bench.state.undo_label:
        press(canvas, Key.Key_Z, CONTROL)
    assert bench.document is start


def test_blocks_from_the_shelf(bench):
    """One that ships, kept in the user's library, used in another project, and seen at all its uses from inside."""
    bench.open_zoo("mnist_cnn")
    click_node(bench.canvas, "relu_1")
    use = bench.add_by_typing("Residual block")
    assert bench.document.blocks.keys() == {"residual_block"}
    retype(settings(bench).input("channels"), "16")
    retype(settings(bench).input("repeat"), "2")
    bench.analysed()
    assert bench.state.analysis.problems == ()
    assert bench.state.known(use).outputs["out"].shape == (16, 28, 28)
    second = bench.add_by_typing("Residual block")
    assert bench.document.blocks.keys() == {"residual_block"}, "the same definition is used again"
    bench.analysed()

    # inside: what the definition comes to at each use
    bench.canvas.setFocus()
    bench.key(Key.Key_Return, CONTROL)
    assert labels_on_wires(bench.canvas)["in", "conv_1"] == "16 × 28 × 28"
    uses = seen(bench.window, QTreeWidget, accessible="Uses of this block")
    assert [text.partition("\n")[2] for (text,) in rows(uses)] == [
        "16 × 28 × 28 · 9,344 parameters",
        "shapes do not fit",
    ]
    uses.setFocus()
    uses.setCurrentItem(items(uses)[1])
    press(uses, Key.Key_Return)
    assert (bench.state.scope, bench.state.selection) == ("", {second})

    # kept, in another project, renamed, deleted
    bench.app.actions.by_id["blocks.keep"].trigger()
    assert complaints(bench.app)[0].startswith("“Residual block” is among your blocks now")
    bench.desk.will("discard")
    bench.key(Key.Key_N, CONTROL)
    bench.app.actions.by_id["blocks.show"].trigger()
    dialog = seen(bench.window, BlocksDialog)
    write(dialog, "Name of the block Residual block", "Mine")
    assert [entry.title for entry in library.contents(places.blocks())[0]] == ["Mine"]
    dialog.accept()
    bench.add_by_typing("Mine")
    assert bench.document.blocks["residual_block"].title == "Mine"
    bench.app.actions.by_id["blocks.show"].trigger()
    dialog = seen(bench.window, BlocksDialog)
    bench.desk.will("delete")
    delete = [item for item in dialog.findChildren(QPushButton) if item.accessibleName() == "Delete the block Mine"]
    assert [button.isEnabled() for button in delete] == [False, True], "the project uses it"
    click(delete[1])
    assert library.contents(places.blocks()) == ([], [])
    dialog.accept()
