"""Every command is a row that is complete, can be reached, and does what its key says."""

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QTreeWidget, QWidget

from tests.windows import CONTROL, SHIFT, Key, click, click_node, retype, seen
from workbench.core.places import assets
from workbench.core.session import State
from workbench.ui.actions import menu_titles
from workbench.ui.command_search import CommandSearch
from workbench.ui.command_table import commands
from workbench.ui.keys_page import KeysPage, canvas_keys
from workbench.ui.window import PLACES

import model_zoo  # isort: skip


def actions_in(menu: QMenu) -> list[QAction]:
    found = []
    for action in menu.actions():
        inner = action.menu()
        found.extend(actions_in(inner) if isinstance(inner, QMenu) else [action])
    return found


def test_every_row_is_complete(bench):
    rows = commands(bench.app)
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids)
    keys = [QKeySequence(key) for row in rows for key in row.keys]
    assert len({key.toString() for key in keys}) == len(keys)
    assert all(not key.isEmpty() for key in keys), "Qt understands every key"
    for row in rows:
        assert row.title.strip()
        assert row.menu in menu_titles()
        assert not row.icon or (assets() / "icons" / f"{row.icon}.svg").is_file(), row.icon


@pytest.mark.parametrize("opened", [False, True], ids=["empty", "open"])
def test_when_is_total(bench, opened):
    state = State(document=model_zoo.document("mnist_mlp"), is_open=True) if opened else State()
    for row in commands(bench.app):
        assert row.when(state) in (True, False), row.id
        assert row.shown is None or row.shown(state).strip(), row.id


def test_every_command_is_in_the_menu_and_the_search(bench):
    bench.open_zoo("mnist_mlp")
    in_menu = {action.objectName() for action in actions_in(bench.window.header.menu_button.menu())}
    assert in_menu >= set(bench.app.actions.commands)
    click_node(bench.canvas, "linear_1")
    bench.key(Key.Key_P, CONTROL | SHIFT)
    search = seen(bench.window, CommandSearch)
    able = {key for key, action in bench.app.actions.by_id.items() if action.isEnabled()}
    assert {item.key for item in search.list.shown()} == able - {"help.search"}
    search.close()


def test_the_search_runs_what_is_typed(bench):
    bench.open_zoo("mnist_mlp")
    bench.key(Key.Key_P, CONTROL | SHIFT)
    search = seen(bench.window, CommandSearch)
    retype(seen(search, QLineEdit), "eval")
    assert bench.window.shown == "evaluate"


def test_the_search_opens_from_the_start_page_too(bench):
    bench.key(Key.Key_P, CONTROL | SHIFT)
    search = seen(bench.window, CommandSearch)
    shown = {item.key for item in search.list.shown()}
    assert {"file.new", "file.open", "file.quit", "view.theme", "help.keys"} <= shown
    assert "file.save" not in shown
    search.close()


def test_all_keys_are_listed(bench):
    bench.key(Key.Key_Slash, CONTROL)
    page = seen(bench.window, KeysPage)
    tree = seen(page, QTreeWidget)
    listed = {tree.topLevelItem(row).text(1) for row in range(tree.topLevelItemCount())}
    for command in bench.app.actions.commands.values():
        if command.keys:
            native = QKeySequence.SequenceFormat.NativeText
            assert ", ".join(QKeySequence(key).toString(native) for key in command.keys) in listed
    assert {keys for _, keys in canvas_keys()} <= listed
    page.close()


def test_keys_lead_to_the_places(bench):
    bench.open_zoo("mnist_mlp")
    for name in PLACES:
        bench.go(name)
        assert bench.window.header.places.current() == name


def test_nothing_happens_before_a_project_is_open(bench):
    for key, modifiers in ((Key.Key_1, CONTROL), (Key.Key_S, CONTROL), (Key.Key_F5, None), (Key.Key_F6, None)):
        bench.key(key, *([modifiers] if modifiers else []))
    assert bench.window.shown == "start"
    assert bench.desk.asked == []


def test_zoom_and_fit(bench):
    bench.open_zoo("mnist_mlp")
    canvas = bench.canvas
    canvas.setFocus()
    bench.key(Key.Key_0, CONTROL)
    assert canvas.scale == 1.0
    bench.key(Key.Key_Plus, CONTROL)
    larger = canvas.scale
    assert larger > 1
    assert bench.window.footer.zoom.text() == f"{larger * 100:.0f} %"
    bench.key(Key.Key_Minus, CONTROL)
    bench.key(Key.Key_Minus, CONTROL)
    assert canvas.scale < 1
    canvas.pan(3000, 0)
    bench.key(Key.Key_Home)
    rects = [canvas.node_rect(node) for node in bench.document.graph.nodes]
    assert all(canvas.rect().contains(rect.toRect()) for rect in rects)
    click_node(canvas, "linear_1")
    canvas.pan(3000, 0)
    bench.key(Key.Key_Period)
    assert canvas.rect().contains(canvas.node_rect("linear_1").toRect())


def test_letters_that_are_keys_of_the_canvas_can_be_typed_elsewhere(bench):
    bench.open_zoo("mnist_mlp")
    canvas = bench.canvas
    canvas.pan(3000, 0)
    before = canvas.camera
    name = seen(bench.window, QLineEdit, accessible="Layers")
    retype(name, "f.", enter=False)
    assert name.text() == "f."
    assert canvas.camera == before
    canvas.setFocus()
    bench.key(Key.Key_F)
    assert canvas.camera != before


def test_undo_says_what_it_takes_back(bench):
    bench.open_zoo("mnist_mlp")
    undo = bench.app.actions.by_id["edit.undo"]
    assert not undo.isEnabled()
    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "64")
    assert undo.isEnabled()
    assert undo.text() == "Undo change units"


def test_the_primary_button_follows_the_run(bench):
    bench.open_zoo("mnist_mlp")
    primary = bench.app.primary
    assert (primary.text(), primary.accessibleName(), primary.toolTip()) == ("Train", "Train", "Train (F5)")
    bench.app.session.edit("x", model_zoo.document("linear_10_20_10"))
    click(primary)
    assert bench.app.trainer.run == "", "without data there is nothing to train"
    assert bench.window.shown == "design"
