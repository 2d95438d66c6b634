"""A window that is closed is gone, with all that it opened, and nothing in it goes on."""

import gc
import weakref

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from tests.windows import CONTROL, SHIFT, Key, click_node, destroy, seen
from workbench.core.problems import Problem
from workbench.ui.command_search import CommandSearch
from workbench.ui.keys_page import KeysPage
from workbench.ui.panels.export_dialog import ExportDialog


def visit_everything(bench, run: str) -> None:
    """All places, dialogs and menus once."""
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_1")
    for place in ("data", "train", "evaluate", "deploy", "design"):
        bench.go(place)
    bench.app.places.fill_panel_menu(bench.window.header.menu_button.menu())
    bench.key(Key.Key_P, CONTROL | SHIFT)
    seen(bench.window, CommandSearch).close()
    bench.key(Key.Key_Slash, CONTROL)
    seen(bench.window, KeysPage).close()
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.export(run)
    seen(bench.window, ExportDialog).reject()
    bench.app.complain(Problem("train.no_data"))
    bench.app.toggle_theme()
    bench.app.toggle_theme()
    bench.analysed()


def forget_the_dead() -> None:
    """A loop would do it; a test has none."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_closing_leaves_no_window_and_no_timer(make_bench, trained, qtbot):
    gc.collect()
    before = {id(widget) for widget in QApplication.topLevelWidgets()}
    bench = make_bench()
    visit_everything(bench, trained.name)
    QApplication.processEvents()
    assert [w for w in QApplication.topLevelWidgets() if id(w) not in before and w.isVisible()] == [bench.window]

    bench.close()
    busy = [(timer.interval(), timer.parent()) for timer in bench.window.findChildren(QTimer) if timer.isActive()]
    assert busy in ([], [(2000, bench.window)]), "only the collector"
    busy.clear()
    widgets = [weakref.ref(widget) for widget in bench.window.findChildren(QWidget)]
    assert len(widgets) > 200
    destroy(bench.app)
    app = weakref.ref(bench.app)
    bench.app = None

    def collected() -> bool:
        gc.collect()
        forget_the_dead()
        return not [w for w in QApplication.topLevelWidgets() if id(w) not in before]

    qtbot.waitUntil(collected)
    assert app() is None
    assert not [widget for ref in widgets if (widget := ref()) is not None and isValid(widget)]


def test_opening_many_projects_does_not_pile_up_widgets(bench, qtbot):
    bench.open_zoo("mnist_mlp")
    counts = []
    for _ in range(4):
        for node in bench.document.graph.nodes:
            click_node(bench.canvas, node)
        for name in ("mnist_cnn", "linear_10_20_10", "mnist_mlp"):
            bench.app.open(f"zoo:{name}")
            bench.analysed()
        bench.app.complain(Problem("train.no_data"))
        forget_the_dead()
        counts.append(len(bench.window.findChildren(QWidget)))
    assert counts[-1] <= counts[0] + 5, counts


def test_themes_forget_what_is_gone(bench):
    bench.open_zoo("mnist_mlp")
    counts = []
    for _ in range(3):
        for _ in range(3):
            for node in bench.document.graph.nodes:
                click_node(bench.canvas, node)
        forget_the_dead()
        bench.app.toggle_theme()
        counts.append(len(bench.app.theme._followers))
    assert counts[0] == counts[1] == counts[2]
