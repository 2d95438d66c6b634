"""What happens when processes die: the window, its engine, a job. Nothing is mocked, all of it is killed for real."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

import model_zoo
from tests.scripts import script
from tests.waiting import until
from tests.windows import (
    Key,
    choose,
    click,
    click_node,
    has_ended,
    labels_on_wires,
    notices,
    retype,
    seen,
    wait_until_ended,
    words,
)
from widgets.notice import Notice
from widgets.pill import Pill
from workbench.core import places, project
from workbench.core.live_edits import document_at
from workbench.core.places import runs
from workbench.core.runs import LIVE, RunFolder


def open_with_epochs(bench, epochs: int) -> None:
    """The MLP, to be trained for so long."""
    bench.open_zoo("mnist_mlp")
    train = bench.go("train")
    retype(seen(train, QWidget, "training").input("epochs"), str(epochs))
    assert bench.document.training.epochs == epochs


def start_run(bench) -> RunFolder:
    """F5, and wait until it steps."""
    bench.key(Key.Key_F5)
    bench.wait(lambda: bench.app.trainer.status.step > 0)
    return bench.app.trainer.folder()


def test_a_killed_job_is_interrupted_and_goes_on(bench):
    open_with_epochs(bench, 15)
    folder = start_run(bench)
    pill = seen(bench.window, Pill)
    bench.key(Key.Key_F6)  # a pause keeps a checkpoint
    bench.wait(lambda: pill.text() == "Paused")
    kept = folder.status().step
    bench.key(Key.Key_F6)
    bench.wait(lambda: bench.app.trainer.status.step > kept)

    os.kill(bench.processes.jobs[-1].pid, signal.SIGKILL)
    bench.wait(lambda: pill.text() == "Interrupted")
    assert any("ended in the middle of its work" in text for text in notices(bench.window))
    assert bench.app.primary.text() == "Train"
    bench.go("design")
    click_node(bench.canvas, "linear_1")  # alive
    assert bench.state.selection == {"linear_1"}
    bench.go("train")

    click(seen(bench.window, QPushButton, text="Resume from the last checkpoint"))
    bench.wait(lambda: pill.text() in ("Training", "Done"))
    bench.wait(lambda: pill.text() == "Done")
    assert bench.app.trainer.folder().name == folder.name
    status = folder.status()
    assert (status.epoch, status.step) == (15, status.steps)
    steps = bench.app.trainer.shown.series["train/loss"].steps
    assert np.all(np.diff(steps) > 0)
    assert notices(bench.window) == []
    assert [event.code for event in folder.events() if event.code in ("started", "resumed", "done")] == [
        "started",
        "resumed",
        "done",
    ]


def test_a_job_that_dies_before_it_could_say_anything(bench):
    open_with_epochs(bench, 5)
    bench.key(Key.Key_F5)
    os.kill(bench.processes.jobs[-1].pid, signal.SIGKILL)
    pill = seen(bench.window, Pill)
    bench.wait(lambda: pill.text() in ("Failed", "Interrupted"))
    assert bench.app.primary.text() == "Train"
    assert any("ended" in text for text in notices(bench.window))
    bench.key(Key.Key_F5)
    bench.wait(lambda: bench.app.trainer.status.step > 0)


def test_a_run_that_fails_before_its_first_checkpoint_offers_to_train_again(bench):
    open_with_epochs(bench, 5)
    form = seen(bench.window, QWidget, "training")
    choose(form.input("optimizer"), "SGD")
    rate = seen(bench.window, QWidget, "training").input("learning_rate")
    retype(rate, "1e30")
    assert bench.document.training.learning_rate == 1e30
    bench.key(Key.Key_F5)
    pill = seen(bench.window, Pill)
    bench.wait(lambda: pill.text() == "Failed")
    assert not bench.app.trainer.folder().has_checkpoint
    (text,) = notices(bench.window)
    assert "checkpoint" not in text
    assert not [b for b in bench.window.findChildren(QPushButton) if b.isVisible() and "Resume" in b.text()]
    assert not bench.app.actions.by_id["run.pause"].isEnabled()
    assert not bench.app.actions.by_id["run.export"].isEnabled()

    failed = bench.app.trainer.run
    assert "Set learning rate to 0.01" in text
    click(seen(bench.window, QPushButton, text="Train again with these settings"))
    bench.wait(lambda: bench.app.trainer.status.step > 0)
    assert bench.app.trainer.run != failed
    assert document_at(bench.app.trainer.folder().info()).training.learning_rate == 0.01


# The window dies

PROGRAM = """
import json, os, sys, time
from pathlib import Path
from msgspec.structs import replace
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from workbench.core import places
from workbench.ui.app import Workbench

def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

application = QApplication([])
app = Workbench(application)
app.show()
app.open(sys.argv[1])
until(lambda: app.session.state.analysis is not None)
app.session.select(["linear_1"])
app.editor.set_setting("linear_1", "out_features", 77)
until(lambda: list((places.state() / "journal").glob("*.json")))
until(lambda: "77" in next((places.state() / "journal").glob("*.json")).read_text())
app.train()
until(lambda: app.trainer.status.step > 0)
print(json.dumps({"run": app.trainer.run, "engine": app.engine.pid}), flush=True)
application.exec()
"""


LEAVE_WORK = """
import sys
from pathlib import Path
from workbench.core import edits, journal, project
path = Path(sys.argv[1])
kept = journal.Journal()
kept.write(edits.set_setting(project.load(path), "linear_1", "out_features", 77), path)
print("written", flush=True)
sys.stdin.read()
"""


def journals() -> list[Path]:
    """What windows have written down of unsaved work."""
    return list((places.state() / "journal").glob("*.json"))


@contextmanager
def another_window(project_file: Path) -> Iterator[tuple[subprocess.Popen, dict]]:
    """The real program in a process of its own, with a change that is not saved and a run at work."""
    arguments = [sys.executable, "-c", PROGRAM, str(project_file)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    document = model_zoo.document("mnist_mlp")
    path = tmp_path / "mine.workbench"
    project.save(path, replace(document, training=replace(document.training, epochs=25)))
    return path


def offer(bench) -> Notice:
    def visible() -> list[Notice]:
        return [notice for notice in bench.app.start.findChildren(Notice, "left-behind") if notice.isVisible()]

    bench.wait(visible)
    (notice,) = visible()
    return notice


def test_a_killed_window_takes_its_engine_along_but_not_its_run(make_bench, saved: Path):
    on_disk = saved.read_bytes()
    with another_window(saved) as (window, told):
        folder = RunFolder(runs() / told["run"])
        window.kill()
        window.wait()
    wait_until_ended(told["engine"])
    step = folder.status().step

    # the next window finds the run, which goes on by itself
    bench = make_bench()
    assert bench.app.trainer.run == told["run"]
    assert bench.app.trainer.is_live or folder.status().state == "done"
    bench.wait(lambda: bench.app.trainer.status.step > step)

    # and offers the work that was not saved
    notice = offer(bench)
    assert "mine.workbench" in notice.accessibleName()
    click(seen(notice, QPushButton, text="Restore"))
    assert bench.document.graph.nodes["linear_1"].settings["out_features"] == 77
    assert bench.state.path == saved
    assert bench.state.modified
    assert saved.read_bytes() == on_disk
    bench.analysed()
    assert labels_on_wires(bench.canvas)["linear_1", "relu_1"] == "77"
    # which would survive the next crash too
    bench.wait(lambda: [file for file in journals() if "77" in file.read_text()])
    assert len(journals()) == 1

    bench.wait(lambda: bench.app.trainer.status.state == "done", timeout=180_000)
    assert folder.status().epoch == 25
    assert "epoch 25 of 25" in words(bench.go("train"))


def test_work_that_was_left_behind_can_be_discarded(make_bench, saved: Path):
    on_disk = saved.read_bytes()
    with script(LEAVE_WORK, saved) as (process, _):
        process.kill()
        process.wait()
    bench = make_bench()
    bench.desk.will(None, "keep", "discard")
    for _ in range(2):  # thinks better of it
        click(seen(offer(bench), QToolButton, accessible="Discard this work"))
        assert len(journals()) == 1
    assert bench.desk.asked[-1][3:] == ("keep", "discard"), "the safest answer is the first"
    click(seen(offer(bench), QToolButton, accessible="Discard this work"))
    assert journals() == []
    assert not [notice for notice in bench.app.start.findChildren(Notice, "left-behind") if notice.isVisible()]
    assert not bench.state.is_open
    bench.window.close()
    assert saved.read_bytes() == on_disk
    again = make_bench()
    again.wait(lambda: again.app.engine.state in ("ready", "busy"))
    assert again.app.start.findChild(Notice, "left-behind") is None


def test_a_window_that_ends_properly_leaves_nothing_behind(bench, make_bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "77")
    bench.wait(journals)
    bench.desk.will("discard")
    assert bench.window.close()
    assert list((places.state() / "journal").iterdir()) == []


# The engine dies


def test_engines_that_are_killed_are_started_again(alone):
    bench = alone
    bench.open_zoo("mnist_mlp")
    footer = bench.window.footer
    said = []
    bench.app.engine.state_changed.connect(said.append)

    # while nobody asks it anything: the forecast of memory comes after the shapes
    bench.wait(lambda: not bench.state.analysis.memory.unfinished and bench.app.engine.state == "ready")
    said.clear()
    first = bench.app.engine.pid
    os.kill(first, signal.SIGKILL)
    bench.wait(lambda: bench.app.engine.pid not in (0, first))
    assert said == ["starting"]
    assert "engine starting" in words(footer)
    set_units(bench, 50)
    bench.analysed()
    assert labels_on_wires(bench.canvas)["linear_1", "relu_1"] == "50"
    bench.wait(lambda: "engine ready" in words(footer))
    assert has_ended(first)

    # over a question: it is asked again
    second = bench.app.engine.pid
    os.kill(second, signal.SIGSTOP)  # so that it is certainly killed before it answers
    set_units(bench, 60)
    bench.wait(lambda: bench.app.engine.state == "busy")
    os.kill(second, signal.SIGKILL)
    bench.wait(lambda: any("engine process ended unexpectedly" in text for text in notices(bench.window)))
    bench.wait(lambda: labels_on_wires(bench.canvas)["linear_1", "relu_1"] == "60")
    assert notices(bench.window) == []
    assert footer.problems_button.text() == "no problems"

    # again and again: given up, but not the window
    os.kill(bench.app.engine.pid, signal.SIGKILL)
    bench.wait(lambda: bench.app.engine.state == "gone")
    assert "engine stopped" in words(footer)
    assert bench.app.engine.pid == 0

    # the next question is a new chance
    set_units(bench, 70)
    bench.analysed()
    bench.wait(lambda: labels_on_wires(bench.canvas)["linear_1", "relu_1"] == "70")


def set_units(bench, units: int) -> None:
    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), str(units))


# The window is closed while a run is at work


def test_closing_asks_about_a_live_run(bench, make_bench):
    open_with_epochs(bench, 100_000)
    folder = start_run(bench)
    bench.desk.will("discard", None)  # the epochs are not saved; then thinks better of it
    assert not bench.window.close()
    assert bench.desk.asked[-1][1] == "A run is still at work."
    assert folder.status().state in LIVE

    bench.desk.will("discard", "continue")
    assert bench.window.close()
    step = folder.status().step
    until(lambda: folder.status().step > step)

    # the next window finds it; with nothing else to lose it asks about the run alone
    again = make_bench()
    again.wait(lambda: again.app.trainer.run == folder.name)
    assert again.app.trainer.is_live
    again.desk.will("stop")
    assert again.window.close()
    until(lambda: folder.status().state == "stopped")
    assert bench.processes.jobs[-1].wait(30) == 0
    assert folder.status().step > step
