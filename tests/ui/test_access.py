"""Without a mouse, and without eyes: names, the order of Tab, and keys that mean what they seem to mean."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QScrollBar,
    QTreeWidget,
    QWidget,
)

from tests.windows import CONTROL, LEFT, NONE, SHIFT, Key, click, click_node, items, retype, rows, seen
from workbench.core.edits import remove_nodes
from workbench.ui.panels.export_dialog import ExportDialog
from workbench.ui.panels.problems import ProblemCard

STRUCTURE = (QScrollArea, QScrollBar, QMainWindow)
"""Takes the focus on behalf of what is in it."""


def focusable(root: QWidget) -> list[QWidget]:
    """What Tab or a click gives the keyboard to."""
    found = []
    for widget in root.findChildren(QWidget):
        inside = isinstance(widget.parent(), QComboBox) or widget.objectName().startswith("qt_")
        takes = widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.focusProxy()
        if takes and not inside and not isinstance(widget, STRUCTURE):
            found.append(widget)
    return found


def nameless(root: QWidget) -> list[str]:
    """Controls of which a screen reader could not say what they are."""
    found = []
    for widget in focusable(root):
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}")
    return found


def tab_stops(bench) -> list[QWidget]:
    """What Tab comes by, once around."""
    stops: list[QWidget] = []
    for _ in range(80):
        widget = QApplication.focusWidget()
        if widget in stops:
            break
        if widget is not None:
            stops.append(widget)
        QTest.keyClick(widget or bench.window, Key.Key_Tab)
    return stops


def test_every_control_has_a_name(bench, trained, exported):
    bench.app.change_settings(bench.app.settings.with_export(trained.name, exported))
    assert nameless(bench.window) == []
    bench.open_zoo("mnist_mlp")
    for node in bench.document.graph.nodes:
        click_node(bench.canvas, node)
        assert nameless(bench.window) == []
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.trainer.show(trained.name)
    bench.app.places.show_monitor()
    assert nameless(bench.window) == []
    for name in ("data", "train", "evaluate", "deploy"):
        place = bench.go(name)
        if name == "evaluate":
            place.evaluate()
            bench.wait(lambda place=place: place.evaluation is not None)
        if name == "data":
            bench.wait(lambda: bench.app.places.data.reader.seen.stage == "known")
        assert nameless(bench.window) == [], name
    bench.app.export(trained.name)
    dialog = seen(bench.window, ExportDialog)
    assert nameless(dialog) == []
    dialog.reject()


@pytest.mark.parametrize("source", ["csv", "image_folder", "mnist"])
def test_every_option_of_the_data_has_a_name(bench, source):
    bench.app.files.new()
    bench.go("data")
    bench.app.places.data.source.choose(source)
    QApplication.processEvents()
    assert nameless(bench.window) == []


def test_tab_comes_by_everything_in_design(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_1")
    stops = tab_stops(bench)
    form = seen(bench.window, QWidget, "settings")
    outline = seen(bench.window, QTreeWidget, accessible="Outline of the network")
    for wanted in (
        bench.canvas,
        seen(bench.window, QLineEdit, accessible="Layers"),
        outline,
        seen(bench.window, QLineEdit, "node-name"),
        form.input("out_features"),
        form.input("bias"),
        bench.window.header.menu_button,
        bench.app.primary,
    ):
        assert wanted in stops, f"Tab passes over {wanted.accessibleName()}"
    assert stops.index(seen(bench.window, QLineEdit, "node-name")) < stops.index(form.input("out_features"))


@pytest.mark.parametrize("place", ["data", "train", "evaluate", "deploy"])
def test_tab_comes_by_everything_elsewhere(bench, trained, exported, place):
    bench.app.change_settings(bench.app.settings.with_export(trained.name, exported))
    bench.open_zoo("mnist_mlp")
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.trainer.show(trained.name)
    widget = bench.go(place)
    if place == "data":
        bench.wait(lambda: bench.app.places.data.reader.seen.stage == "known")
    widget.setFocus()
    stops = tab_stops(bench)
    missed = [
        f"{type(item).__name__} {item.accessibleName()}"
        for item in focusable(widget)
        if item.focusPolicy() & Qt.FocusPolicy.TabFocus and item.isEnabled() and item not in stops
        and not isinstance(item, QAbstractScrollArea)
    ]  # fmt: skip
    assert missed == []


def test_the_outline_is_the_canvas_for_the_keyboard(bench):
    bench.open_zoo("mnist_mlp")
    outline = seen(bench.window, QTreeWidget, accessible="Outline of the network")
    assert [row[:2] for row in rows(outline)] == [
        ["Input", "1 × 28 × 28"],
        ["Flatten", "784"],
        ["Linear", "256"],
        ["ReLU", "256"],
        ["Linear", "10"],
        ["Output", ""],
    ]
    outline.setFocus()
    QTest.keyClick(outline, Key.Key_Home)
    QTest.keyClick(outline, Key.Key_Down)
    assert bench.state.selection == {"flatten_1"}
    assert bench.canvas.selection == {"flatten_1"}
    QTest.keyClick(outline, Key.Key_Down, SHIFT)
    assert bench.state.selection == {"flatten_1", "linear_1"}

    # from the canvas to the outline
    click_node(bench.canvas, "relu_1")
    assert [item.text(0) for item in outline.selectedItems()] == ["ReLU"]

    # Enter brings a layer to the middle
    outline.setFocus()
    bench.canvas.pan(4000, 0)
    QTest.keyClick(outline, Key.Key_Return)
    assert bench.canvas.rect().contains(bench.canvas.node_rect("relu_1").toRect())

    # Del deletes here too, and what follows is not what was meant
    bench.key(Key.Key_Delete)
    assert "relu_1" not in bench.document.graph.nodes
    assert len(bench.document.graph.nodes) == 5


def test_delete_in_a_text_deletes_text(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_1")
    before = bench.document
    for field in (
        seen(bench.window, QLineEdit, accessible="Layers"),
        seen(bench.window, QLineEdit, "node-name"),
        seen(bench.window, QWidget, "settings").input("out_features"),
    ):
        field.setFocus()
        for key in (Key.Key_Home, Key.Key_Delete, Key.Key_End, Key.Key_Backspace):
            bench.key(key)
        assert bench.document.graph.nodes.keys() == before.graph.nodes.keys(), field.accessibleName()
        bench.key(Key.Key_A, CONTROL)
        assert bench.state.selection == {"linear_1"}, "Ctrl+A selects the text, not the layers"


def test_delete_in_the_list_of_runs_deletes_no_layer(bench, trained):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_1")
    bench.go("train")
    bench.wait(lambda: bench.app.jobs.records)
    tree = seen(bench.window, QTreeWidget, accessible="Runs")
    QTest.mouseClick(tree.viewport(), LEFT, NONE, tree.visualItemRect(items(tree)[0]).center())
    tree.setFocus()
    before = bench.document
    for key in (Key.Key_Delete, Key.Key_Backspace):
        bench.key(key)
    assert bench.document is before
    assert trained.path.is_dir()


def test_delete_on_the_canvas_deletes(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "relu_1")
    before = bench.document
    bench.key(Key.Key_Delete)
    assert bench.document.graph == remove_nodes(before, ["relu_1"]).graph


def test_problems_can_be_reached_and_mended_with_keys(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    card = seen(bench.window, ProblemCard)
    remedy = seen(card, QAbstractButton, "notice-action")
    stops = tab_stops(bench)
    assert card in stops
    assert remedy in stops
    card.setFocus()
    bench.key(Key.Key_Return)
    assert bench.state.selection == {"label"}
    remedy.setFocus()
    bench.key(Key.Key_Space)
    assert bench.document.graph.nodes["linear_2"].settings["out_features"] == 10


def test_the_footer_leads_to_the_first_problem(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    bench.go("train")
    click(bench.window.footer.problems_button)
    assert bench.window.shown == "design"
    assert bench.state.selection == {"label"}


def test_the_menu_opens_with_a_key(bench):
    bench.open_zoo("mnist_mlp")
    menu = bench.window.header.menu_button.menu()
    shown = []

    def look() -> None:
        if menu.isVisible():  # a menu has a loop of its own: only a timer gets a word in
            shown.append(True)
            menu.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(10)
    bench.key(Key.Key_F10)
    bench.wait(lambda: shown)
