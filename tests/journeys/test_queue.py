"""Runs that wait, a run that is changed while it is at work, and one that begins with a checkpoint of another."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.journeys.test_runs_and_evaluation import menu_of, pick
from tests.windows import LEFT, Key, click, retype, seen, words
from workbench.core.data_edits import with_steps
from workbench.core.document import Step
from workbench.core.live_edits import AUGMENTATION
from workbench.core.runs import RunFolder
from workbench.ui.panels.branch_dialog import BranchDialog
from workbench.ui.panels.queue import QueuePanel

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def at_work(bench) -> RunFolder:
    """A run that goes on for as long as the test."""
    bench.open_zoo("mnist_mlp")
    train = bench.go("train")
    retype(seen(train, QWidget, "training").input("epochs"), "100000")
    bench.analysed()
    bench.key(Key.Key_F5)
    bench.wait(lambda: bench.app.trainer.status is not None and bench.app.trainer.status.step > 0)
    return bench.app.trainer.folder()


def test_runs_wait_in_an_order_that_keys_change(bench, at_work: RunFolder) -> None:
    panel = seen(bench.window, QueuePanel)
    # more than any machine has: these wait for as long as another run is at work
    retype(seen(bench.window, QWidget, "training").input("batch_size"), "500000000")
    bench.wait(lambda: (bench.state.analysis.memory.training_bytes or 0) > 10**12)
    for count in (1, 2):
        click(seen(panel, QPushButton, text="Add to the queue"))
        bench.wait(lambda: len(panel.list.order()) == count)  # noqa: B023
    first, second = panel.list.order()
    assert [entry.run for entry in bench.app.jobs.waiting()] == [first, second]
    assert {RunFolder(at_work.path.parent / run).status().state for run in (first, second)} == {"queued"}

    panel.list.setCurrentItem(next(item for item in panel._items() if item.text(0) == "2"))
    panel.list.setFocus()
    QTest.keyClick(panel.list, Key.Key_Up, ALT)
    bench.wait(lambda: panel.list.order() == [second, first])
    assert panel.current == second
    assert panel.down.isEnabled()
    assert not panel.up.isEnabled()
    QTest.keyClick(panel.list, Key.Key_Delete)
    bench.wait(lambda: panel.list.order() == [first])
    assert at_work.status().state == "training", "it was left alone"


def test_a_run_at_work_takes_a_change_and_another_begins_with_its_checkpoint(bench, at_work: RunFolder) -> None:
    panel = seen(bench.window, QueuePanel)
    assert not panel.apply.isVisible()
    retype(seen(bench.window, QWidget, "training").input("learning_rate"), "0.0005")
    bench.wait(panel.apply.isVisible)
    click(panel.apply)
    bench.wait(lambda: [edit.new for edit in at_work.info().edits] == [0.0005])
    bench.wait(lambda: not panel.apply.isVisible())

    document = bench.document
    steps = with_steps(document.data, "image", (Step("rotation"),))
    bench.app.session.edit("Augment", replace(document, data=steps))
    bench.wait(panel.apply.isVisible)
    assert "Rotate" in words(panel)
    click(panel.apply)
    bench.wait(lambda: [edit.name for edit in at_work.info().edits] == ["learning_rate", AUGMENTATION])
    assert at_work.info().edits[-1].new == {"image": [{"op": "rotation"}]}
    bench.wait(lambda: not panel.apply.isVisible())

    bench.key(Key.Key_F6)
    bench.wait(lambda: bench.app.trainer.status.state == "paused" and at_work.snapshots())
    *earlier, step = at_work.snapshots()
    pick(menu_of(bench, at_work.name), "Branch from here …")
    dialog = seen(bench.window, BranchDialog)
    assert dialog.snapshots.count() == len(earlier) + 1
    QTest.mouseClick(dialog.kept, LEFT)
    click(seen(dialog, QPushButton, text="Branch"))
    bench.wait(lambda: bench.app.trainer.folder().name != at_work.name and bench.app.trainer.status.step > step)
    branch = bench.app.trainer.folder()
    assert (branch.info().branched_from.run, branch.info().branched_from.step) == (at_work.name, step)
    assert at_work.status().state == "paused"
