"""Looking back at runs: metrics, confusion, the list of runs and what can be done with them, in one or two windows."""

import re
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu, QPushButton, QTreeWidget, QWidget

from tests.samples import IRIS
from tests.windows import (
    LEFT,
    NONE,
    Key,
    adopt,
    click,
    complaints,
    export_for_real,
    items,
    notices,
    retype,
    rows,
    seen,
    train_for_real,
    words,
)
from widgets.confusion import ConfusionMatrix
from widgets.empty_state import EmptyState
from workbench.core import project
from workbench.core.document import Data, Document, Graph, Node, Training, Wire
from workbench.core.places import runs
from workbench.core.runs import RunFolder, RunStore
from workbench.ui.panels.evaluate import EvaluatePlace
from workbench.ui.panels.export_dialog import ExportDialog
from workbench.ui.panels.runs import RUN
from workbench.ui.panels.try_it import TryIt


def segment(view: QWidget, key: str) -> QAbstractButton:
    return next(b for b in view.findChildren(QAbstractButton) if getattr(b, "key", "") == key)


@pytest.fixture
def looked(trained: RunFolder, make_bench):
    """A window that finds a finished run."""
    bench = make_bench()
    bench.open_zoo("mnist_mlp")
    bench.wait(lambda: bench.app.jobs.records)
    return bench


def menu_of(bench, run: str) -> QMenu:
    """The context menu of a run, by a right click on its row."""
    tree = seen(bench.window, QTreeWidget, accessible="Runs")
    item = next(item for item in items(tree) if item.data(0, RUN) == run)
    at = tree.visualItemRect(item).center()
    viewport = tree.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, viewport.mapToGlobal(at))
    QApplication.sendEvent(viewport, event)
    bench.wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str) -> None:
    """Click an entry of an open menu."""
    action = next(action for action in menu.actions() if action.text() == text)
    assert action.isEnabled(), f"{text} is disabled"
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())
    QApplication.processEvents()


def nothing_overlaps(dialog: QWidget) -> None:
    """The parts of a dialog stand beside or below one another, each as high as it must be."""
    QApplication.processEvents()
    parts = [child for child in dialog.children() if isinstance(child, QWidget) and child.isVisible()]
    assert not [(a, b) for at, a in enumerate(parts) for b in parts[:at] if a.geometry().intersects(b.geometry())]
    assert all(part.height() >= part.minimumSizeHint().height() for part in parts)


def test_places_that_have_nothing_yet_say_what_to_do(bench):
    bench.open_zoo("mnist_mlp")
    for place, title in (
        ("train", "Nothing has been trained yet"),
        ("evaluate", "Nothing to evaluate yet"),
        ("deploy", "Nothing to deploy yet"),
    ):
        assert title in words(bench.go(place))
    runs_panel = bench.window.place("train").findChild(QWidget, "runs")
    bench.go("train")
    assert "Runs are listed here" in words(runs_panel)
    assert not bench.app.actions.by_id["run.export"].isEnabled()


def test_metrics_and_confusion_of_a_run(looked, trained: RunFolder):
    bench = looked
    place = bench.go("evaluate")
    assert isinstance(place, EvaluatePlace)
    assert place.chooser.run == trained.name
    assert "Not evaluated yet" in words(place)
    assert place.button.mapTo(place, place.button.rect().bottomLeft()).y() < 60, "the tools stand at the top"
    click(seen(place, QPushButton, text="Evaluate"))
    assert "Evaluating" in words(place)
    assert "Not evaluated yet" not in words(place)
    bench.wait(lambda: place.evaluation is not None)
    best = trained.status().best
    said = words(place)
    assert f"{best['test/accuracy'] * 100:.2f} %" in said
    assert "Most often confused" in said
    confusion = place.evaluation.confusion
    assert [sum(row) for row in confusion.counts] == [100] * 10
    right = sum(confusion.counts[digit][digit] for digit in range(10))
    assert right / 1000 == pytest.approx(best["test/accuracy"])

    # the matrix is on the screen, and a cell explains itself
    matrix = seen(place, ConfusionMatrix)
    image = matrix.grab().toImage()
    ratio = image.devicePixelRatio()

    def colour(true: int, answer: int) -> str:
        at = matrix.cell_rect(true, answer).topLeft() * ratio
        return image.pixelColor(int(at.x()) + 5, int(at.y()) + 5).name()

    zeros = [(a, b) for a in range(10) for b in range(10) if a != b and not confusion.counts[a][b]]
    assert colour(1, 1) != colour(*zeros[0])
    assert f"{confusion.counts[3][3]} of 100 “3” were taken for “3”" in place.view._cell(3, 3)

    # another split
    click(segment(place, "validation"))
    click(seen(place, QPushButton, text="Evaluate"))
    bench.wait(lambda: place.evaluation.split == "validation")
    assert "Validation accuracy" in words(place)


def test_evaluating_a_damaged_run_is_told(looked, trained: RunFolder):
    bench = looked
    for file in trained.checkpoints.rglob("*.safetensors"):
        file.write_bytes(b"no weights")
    place = bench.go("evaluate")
    click(seen(place, QPushButton, text="Evaluate"))
    bench.wait(lambda: notices(place))
    assert "damaged" in notices(place)[0]
    assert seen(place, QPushButton, text="Evaluate").isEnabled()


def test_the_list_of_runs_and_its_menu(looked, trained: RunFolder):
    bench = looked
    bench.go("train")
    tree = seen(bench.window, QTreeWidget, accessible="Runs")
    best = trained.status().best
    ((name, started, state, *figures),) = rows(tree)
    assert (name, state) == ("Digits, MLP", "Done")
    assert re.fullmatch(r"\d\d \w+ \d\d:\d\d:\d\d", started)
    assert figures == [f"{best[f'{split}/accuracy'] * 100:.2f} %" for split in ("val", "test")]
    head = tree.headerItem()
    assert [head.text(at) for at in range(5)] == ["Run", "Started", "State", "Validation", "Test"]
    assert tree.isColumnHidden(0), "the project's name is no news while it is open"
    assert all(tree.columnWidth(at) >= tree.sizeHintForColumn(at) for at in range(1, 5)), "nothing is elided"

    menu = menu_of(bench, trained.name)
    able = {action.text(): action.isEnabled() for action in menu.actions()}
    assert able == {
        "Resume": False,
        "Branch from here …": True,
        "Evaluate": True,
        "Export ONNX …": True,
        "Open the folder": True,
        "Delete …": True,
    }
    pick(menu, "Evaluate")
    assert bench.window.shown == "evaluate"
    bench.wait(lambda: bench.app.places.evaluate.evaluation is not None)
    assert bench.app.trainer.run == trained.name

    bench.go("train")
    pick(menu_of(bench, trained.name), "Export ONNX …")
    dialog = seen(bench.window, ExportDialog)
    assert "Export “Digits, MLP” as ONNX" in words(dialog)
    click(seen(dialog, QPushButton, text="Close"))
    assert not [d for d in bench.window.findChildren(ExportDialog) if d.isVisible()]


def test_a_run_of_another_project_is_only_taken_when_it_is_chosen(trained: RunFolder, make_bench):
    bench = make_bench()
    bench.open_zoo("mnist_mlp")
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.trainer.show(trained.name)
    export = bench.app.actions.by_id["run.export"]
    assert export.isEnabled()

    bench.app.open("zoo:linear_10_20_10")
    assert bench.app.trainer.run == ""
    assert not export.isEnabled()
    train = bench.go("train")
    assert "Nothing has been trained yet" in words(train)
    assert "Nothing to evaluate yet" in words(bench.go("evaluate"))
    assert "Nothing to deploy yet" in words(bench.go("deploy"))

    bench.go("train")
    tree = seen(train, QTreeWidget, accessible="Runs")
    assert not tree.isColumnHidden(0), "it says which project they are of"
    QTest.mouseClick(tree.viewport(), LEFT, NONE, tree.visualItemRect(items(tree)[0]).center())
    assert bench.app.trainer.run == trained.name
    assert export.isEnabled()
    assert bench.go("evaluate").chooser.run == trained.name

    # the project keeps its runs under another name
    bench.app.open("zoo:mnist_mlp")
    bench.app.session.mark_saved(trained.path / "net.workbench", bench.document)
    assert bench.go("deploy").chooser.run == trained.name
    bench.app.export()
    dialog = seen(bench.window, ExportDialog)
    assert "Export “Digits, MLP” as ONNX" in words(dialog)
    dialog.reject()


def test_a_run_without_weights_cannot_be_exported(bench):
    bench.open_zoo("mnist_mlp")
    export = bench.app.actions.by_id["run.export"]
    bench.key(Key.Key_F5)
    bench.wait(lambda: bench.app.trainer.status.step > 0)
    assert not export.isEnabled()
    bench.key(Key.Key_F6)  # a pause keeps a checkpoint
    bench.wait(lambda: bench.app.trainer.status.state == "paused")
    bench.wait(export.isEnabled)


def test_deleting_a_run_asks_first(looked, trained: RunFolder):
    bench = looked
    bench.go("train")
    bench.desk.will(None)
    pick(menu_of(bench, trained.name), "Delete …")
    assert trained.path.is_dir()
    assert bench.desk.asked[-1][1] == "Delete this run?"

    bench.desk.will("delete")
    pick(menu_of(bench, trained.name), "Delete …")
    assert not trained.path.exists()
    assert "Runs are listed here" in words(bench.window.place("train").findChild(QWidget, "runs"))
    assert "Nothing to evaluate yet" in words(bench.go("evaluate"))
    assert "Nothing to deploy yet" in words(bench.go("deploy"))


def test_two_windows_see_the_same_runs(trained: RunFolder, make_bench):
    one, two = make_bench(), make_bench()
    for bench in (one, two):
        bench.open_zoo("mnist_mlp")
        bench.go("train")
    trees = [seen(bench.window, QTreeWidget, accessible="Runs") for bench in (one, two)]
    assert rows(trees[0]) == rows(trees[1])
    assert len(rows(trees[0])) == 1

    one.front()
    retype(seen(one.window, QWidget, "training").input("epochs"), "100000")
    one.key(Key.Key_F5)
    one.wait(lambda: one.app.trainer.status.step > 0)
    two.wait(lambda: any(row[2] == "Training" for row in rows(trees[1])))

    # a run at work cannot be deleted, nor a second one started beside it
    menu = menu_of(one, one.app.trainer.run)
    able = {action.text(): action.isEnabled() for action in menu.actions()}
    menu.close()
    assert (able["Delete …"], able["Resume"]) == (False, False)
    train = one.window.place("train")
    assert not [b for b in train.findChildren(QPushButton) if b.text() == "Train" and b.isVisible() and b.isEnabled()]
    assert not one.app.actions.by_id["run.train"].isEnabled()
    assert two.app.trainer.run == one.app.trainer.run, "a window without a run of its own looks at the one at work"

    two.key(Key.Key_F6)
    for bench, tree in zip((one, two), trees, strict=True):
        bench.wait(lambda tree=tree: any(row[2] == "Paused" for row in rows(tree)))

    one.key(Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    for tree in trees:
        one.wait(lambda tree=tree: any(row[2] == "Stopped" for row in rows(tree)))

    # what one deletes, the other does not keep
    one.desk.will("delete")
    pick(menu_of(one, trained.name), "Delete …")
    two.wait(lambda: len(rows(trees[1])) == 1)


def test_a_run_of_somebody_else_appears(bench, trained: RunFolder):
    bench.open_zoo("mnist_mlp")
    bench.go("train")
    bench.wait(lambda: bench.app.jobs.records)
    tree = seen(bench.window, QTreeWidget, accessible="Runs")
    other = runs().parent / "elsewhere"
    other.mkdir()
    copy = adopt(trained, other)
    target = runs() / trained.name.replace(trained.name[-4:], "abcd")
    shutil.move(copy.path, target)
    info = (target / "run.json").read_text().replace(trained.name, target.name)
    (target / "run.json").write_text(info)
    bench.wait(lambda: len(rows(tree)) == 2)
    shutil.rmtree(target)
    bench.wait(lambda: len(rows(tree)) == 1)


def test_a_click_in_the_list_shows_another_run(looked, trained: RunFolder):
    bench = looked
    bench.go("train")
    assert "Nothing has been trained yet" in words(bench.window), "no run is looked at until one is chosen"
    tree = seen(bench.window, QTreeWidget, accessible="Runs")
    QTest.mouseClick(tree.viewport(), LEFT, NONE, tree.visualItemRect(items(tree)[0]).center())
    assert bench.app.trainer.run == trained.name
    said = words(bench.window.place("train"))
    assert "epoch 4 of 4" in said
    assert "Done" in said
    loss = bench.app.places.train.monitor.plots
    bench.wait(lambda: loss.loss is not None and "validation" in loss.loss.accessibleDescription())


def test_export_refuses_a_place_that_cannot_be_written(looked, tmp_path: Path):
    bench = looked
    bench.go("deploy")
    click(seen(seen(bench.window.place("deploy"), EmptyState), QPushButton, text="Export ONNX …"))
    dialog = seen(bench.window, ExportDialog)
    field = dialog._path
    retype(field, str(tmp_path / "nowhere" / "x.onnx"), enter=False)
    click(dialog.button)
    bench.wait(lambda: notices(dialog))
    assert "nowhere" in notices(dialog)[0]
    assert dialog.button.isEnabled()
    nothing_overlaps(dialog)

    # another place, chosen with the system's dialog; cancelled in the middle
    chosen = tmp_path / "chosen.onnx"
    bench.desk.will(chosen)
    click(seen(dialog, QPushButton, accessible="Choose another place"))
    assert field.text() == str(chosen)
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not [d for d in bench.window.findChildren(ExportDialog) if d.isVisible()]


def test_cancelling_an_export_leaves_no_file(trained: RunFolder, bench, tmp_path: Path):
    bench.open_zoo("mnist_mlp")
    bench.app.export(trained.name)
    dialog = seen(bench.window, ExportDialog)
    retype(dialog._path, str(tmp_path / "half.onnx"), enter=False)
    click(dialog.button)
    bench.wait(lambda: "Exporting the network" in words(dialog))
    click(seen(dialog, QPushButton, text="Cancel"))
    assert notices(dialog) == ["Cancelled; no file was written."]
    nothing_overlaps(dialog)
    assert list(tmp_path.iterdir()) == []
    assert dialog.button.isEnabled()
    bench.wait(lambda: bench.app.engine.state == "ready")

    # closed in the middle is cancelled too
    click(dialog.button)
    bench.wait(lambda: "Exporting the network" in words(dialog))
    dialog.close()
    assert not [d for d in bench.window.findChildren(ExportDialog) if d.isVisible()]
    bench.wait(lambda: bench.app.engine.state == "ready")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_was_exported_before_can_be_tried_at_once(trained: RunFolder, exported: Path, make_bench):
    bench = make_bench()
    bench.app.change_settings(bench.app.settings.with_export(trained.name, exported))
    bench.open_zoo("mnist_mlp")
    place = bench.go("deploy")
    attempt = seen(place, TryIt)
    assert attempt.model == str(exported)
    QTest.mouseClick(attempt.pad, LEFT, NONE, QPoint(40, 40))
    bench.wait(lambda: attempt.answers is not None)
    QTest.keyClick(attempt.pad, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    bench.wait(lambda: attempt.answers is None)


def test_a_model_that_is_gone_is_not_offered(trained: RunFolder, make_bench, tmp_path: Path):
    bench = make_bench()
    bench.app.change_settings(bench.app.settings.with_export(trained.name, tmp_path / "gone.onnx"))
    bench.open_zoo("mnist_mlp")
    assert "Not exported yet" in words(bench.go("deploy"))


def test_a_model_that_reads_a_table_is_asked_with_a_row(make_bench, home: Path, tmp_path: Path):
    document = Document(
        graph=Graph(
            nodes={
                "table": Node("table", "input"),
                "linear_1": Node("linear_1", "linear", {"out_features": 3}),
                "kind": Node("kind", "output"),
            },
            wires=frozenset({Wire("table", "out", "linear_1", "in"), Wire("linear_1", "out", "kind", "in")}),
        ),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(epochs=2),
        title="Iris",
    )
    run = train_for_real(document, runs())
    model = tmp_path / "iris.onnx"
    export_for_real(run, model)
    project.save(tmp_path / "Iris.workbench", document)
    bench = make_bench()
    bench.app.change_settings(bench.app.settings.with_export(run.name, model))
    bench.app.open(str(tmp_path / "Iris.workbench"))
    attempt = seen(bench.go("deploy"), TryIt)
    assert not attempt.pad.isVisible()
    form = seen(attempt, QWidget, "row-form").form
    names = list(form.values())
    assert set(form.values().values()) == {None}, "all is open at first"

    retype(form.input(names[0]), "5.1")
    bench.wait(lambda: attempt.answers is not None)
    assert len(attempt.answers.answers) == 1
    assert attempt.bars.accessibleDescription()

    # a file: all rows are listed, and each can be looked at
    bench.desk.will(IRIS)
    click(seen(attempt, QPushButton, text="Open a CSV file …"))
    bench.wait(lambda: len(attempt.answers.answers) == 150)
    shown = rows(seen(attempt, QTreeWidget, accessible="Answers of all rows"))
    assert len(shown) == 150
    assert shown[0][0] == "2"
    assert set(form.values().values()) == {None}

    click(seen(attempt, QPushButton, text="Clear"))
    assert attempt.answers is None
    assert not attempt.results.isVisible()


def test_a_damaged_model_is_told(trained: RunFolder, exported: Path, make_bench, tmp_path: Path):
    model = tmp_path / "damaged.onnx"
    model.write_bytes(exported.read_bytes()[:2000])
    bench = make_bench()
    bench.app.change_settings(bench.app.settings.with_export(trained.name, model))
    bench.open_zoo("mnist_mlp")
    attempt = seen(bench.go("deploy"), TryIt)
    QTest.mouseClick(attempt.pad, LEFT, NONE, QPoint(40, 40))
    bench.wait(lambda: notices(attempt))
    assert "damaged.onnx" in notices(attempt)[0]


def test_which_run_is_chosen_for_evaluation_can_be_changed(trained: RunFolder, make_bench):
    shutil.copytree(trained.path, runs() / "2020-01-01_00-00-00_old_0001")
    old = RunFolder(runs() / "2020-01-01_00-00-00_old_0001")
    text = (old.path / "run.json").read_text()
    (old.path / "run.json").write_text(text.replace(trained.name, old.name).replace('"Digits, MLP"', '"Old one"', 1))
    bench = make_bench()
    bench.open_zoo("mnist_mlp")
    bench.wait(lambda: len(bench.app.jobs.records) == 2)
    place = bench.go("evaluate")
    box = seen(place, QComboBox, accessible="Run")
    assert box.count() == 2
    box.setFocus()
    other = (set(range(2)) - {box.currentIndex()}).pop()
    chosen = box.itemData(other)
    QTest.keyClick(box, Key.Key_Down if other else Key.Key_Up)
    assert place.chooser.run == chosen
    assert bench.app.trainer.run == chosen
    assert complaints(bench.app) == []
    assert {record.run for record in RunStore(runs()).list()} == {trained.name, old.name}
