"""Projects on the disk: good ones, damaged ones, those of others, and work that is not saved yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QTreeWidget, QWidget

from tests.windows import CONTROL, SHIFT, Key, boxes, click, click_node, complaints, retype, rows, seen, words
from workbench.core import project
from workbench.core.document import Wire
from workbench.core.edits import insert_on_wire, set_setting

import model_zoo  # isort: skip


def change(bench) -> None:
    """Some work that is worth saving."""
    click_node(bench.canvas, "linear_1")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "64")
    assert bench.state.modified


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "my digits.workbench"
    project.save(path, model_zoo.document("mnist_mlp"))
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"format": "model-workbench project", "version": 1, "graph": {"nod', ["line 1", "column"]),
        ('{"format": "model-workbench project", "version": 99}', ["newer version", "99"]),
        ('{"name": "package.json", "version": "1.0.0"}', ["is not a Model Workbench project"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["damaged.workbench"]),
        ("", ["damaged.workbench"]),
        (None, ["damaged.workbench", "No such file"]),
    ],
    ids=["truncated", "newer", "foreign", "binary", "empty", "gone"],
)
def test_a_file_that_cannot_be_opened_is_told_and_nothing_is_lost(bench, tmp_path: Path, content, words):
    path = tmp_path / "damaged.workbench"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    bench.open_zoo("mnist_mlp")
    change(bench)
    before = bench.document

    bench.desk.will(path)
    bench.key(Key.Key_O, CONTROL)

    (text,) = complaints(bench.app)
    for word in words:
        assert word in text
    assert bench.document is before
    assert bench.state.modified
    assert [kind for kind, *_ in bench.desk.asked] == ["open"], "no questions about a file that is no use"
    if content is not None:
        assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


def test_the_start_page_says_so_too_and_forgets_files_that_are_gone(bench, saved: Path):
    bench.app.open(str(saved))
    bench.key(Key.Key_W, CONTROL)
    saved.unlink()
    click(seen(bench.app.start, QPushButton, text="my digits"))
    assert bench.window.shown == "start"
    (text,) = complaints(bench.app)
    assert str(saved) in text
    assert not [b for b in bench.app.start.findChildren(QPushButton) if b.isVisible() and b.text() == "my digits"]


def test_an_unknown_layer_is_shown_kept_and_saved_back(bench, tmp_path: Path):
    document = model_zoo.document("mnist_mlp")
    wire = Wire("relu_1", "out", "linear_2", "in")
    document, _ = insert_on_wire(document, wire, "hyper_attention", {"heads": 7, "mode": ("a", 1)})
    path = tmp_path / "future.workbench"
    project.save(path, document)
    before = path.read_bytes()

    bench.app.open(str(path))
    bench.analysed()

    box = boxes(bench.canvas)["hyper_attention_1"]
    assert (box.title, box.problem, box.message) == ("hyper_attention", "error", "unknown type")
    outline = seen(bench.window, QTreeWidget, accessible="Outline of the network")
    assert [row[0] for row in rows(outline) if "⚠" in row[0]] == ["hyper_attention ⚠"]
    click_node(bench.canvas, "hyper_attention_1")
    assert "not known here" in words(seen(bench.window, QWidget, "inspector"))
    bench.key(Key.Key_S, CONTROL)
    assert path.read_bytes() == before
    change(bench)
    bench.key(Key.Key_S, CONTROL)
    kept = project.load(path).graph.nodes["hyper_attention_1"]
    assert kept == document.graph.nodes["hyper_attention_1"]


def test_a_file_that_changed_outside_is_not_silently_replaced(bench, saved: Path):
    bench.app.open(str(saved))
    change(bench)
    other = set_setting(project.load(saved), "linear_1", "out_features", 99)
    project.save(saved, other)

    bench.desk.will(None)
    bench.key(Key.Key_S, CONTROL)
    assert "changed by another program" in bench.desk.asked[-1][1]
    assert project.load(saved) == other
    assert bench.state.modified

    copy = saved.with_name("copy.workbench")
    bench.desk.will("copy", copy)
    bench.key(Key.Key_S, CONTROL)
    assert project.load(saved) == other
    assert project.load(copy) == bench.document
    assert bench.state.path == copy
    assert not bench.state.modified

    # its own saving is no change outside
    click_node(bench.canvas, "linear_2")
    bench.key(Key.Key_Delete)
    bench.key(Key.Key_S, CONTROL)
    assert project.load(copy) == bench.document

    project.save(copy, other)
    bench.key(Key.Key_Z, CONTROL)
    bench.desk.will("replace")
    bench.key(Key.Key_S, CONTROL)
    assert project.load(copy) == bench.document


@pytest.mark.parametrize("how", ["window", "project", "another", "new"])
def test_unsaved_work_is_asked_about(bench, saved: Path, how):
    bench.app.open(str(saved))
    change(bench)
    work, on_disk = bench.document, saved.read_bytes()

    def leave() -> None:
        if how == "window":
            bench.window.close()
        elif how == "project":
            bench.key(Key.Key_W, CONTROL)
        elif how == "another":
            bench.app.open("zoo:linear_10_20_10")
        else:
            bench.key(Key.Key_N, CONTROL)

    bench.desk.will(None)
    leave()
    assert bench.desk.asked[-1][1] == "Save the changes to “my digits”?"
    assert bench.document is work, "thinking better of it keeps everything"
    assert bench.window.isVisible()
    assert saved.read_bytes() == on_disk

    if how in ("project", "new"):
        bench.desk.will("save")
        leave()
        assert project.load(saved) == work
    else:
        bench.desk.will("discard")
        leave()
        assert saved.read_bytes() == on_disk
    assert bench.document is not work or not bench.window.isVisible()


def test_closing_asks_nothing_when_all_is_saved(bench, saved: Path):
    bench.app.open(str(saved))
    assert bench.window.close()
    assert bench.desk.asked == []


def test_saving_when_asked_can_fail_and_then_the_window_stays(bench, tmp_path: Path):
    bench.open_zoo("mnist_mlp")
    change(bench)
    bench.desk.will("save", tmp_path / "no such folder" / "x.workbench")
    assert not bench.window.close()
    assert bench.window.isVisible()
    assert "cannot be written" in complaints(bench.app)[0]
    assert bench.state.modified


def test_opening_the_file_that_is_open_after_saving_it_shows_what_was_saved(bench, saved: Path):
    bench.app.open(str(saved))
    change(bench)
    bench.desk.will("save")
    bench.app.open(str(saved))
    assert bench.document.graph.nodes["linear_1"].settings["out_features"] == 64
    assert not bench.state.modified


def test_a_name_without_ending_gets_one_and_replaces_nothing_unasked(bench, tmp_path: Path):
    bench.open_zoo("mnist_mlp")
    assert bench.window.header.saved.text() == "example"
    change(bench)
    bench.desk.will(tmp_path / "net")
    bench.key(Key.Key_S, CONTROL)
    assert Path(bench.desk.asked[-1][3]).name == "Digits MLP.workbench"
    path = tmp_path / "net.workbench"
    assert project.load(path) == bench.document
    assert bench.window.header.name.text() == "net"
    assert bench.window.windowTitle() == "net[*] — Model Workbench"

    click_node(bench.canvas, "relu_1")
    bench.key(Key.Key_Delete)
    before = path.read_bytes()
    bench.desk.will(tmp_path / "net", None)
    bench.key(Key.Key_S, CONTROL | SHIFT)
    assert path.read_bytes() == before
    bench.desk.will(tmp_path / "net", "replace")
    bench.key(Key.Key_S, CONTROL | SHIFT)
    assert project.load(path) == bench.document


def test_the_recent_projects_are_remembered_over_a_restart(make_bench, tmp_path: Path):
    first = make_bench()
    names = ["one", "two"]
    for name in names:
        project.save(tmp_path / f"{name}.workbench", model_zoo.document("linear_10_20_10"))
        first.app.open(str(tmp_path / f"{name}.workbench"))
    first.window.close()

    second = make_bench()
    shown = [b.text() for b in second.app.start.findChildren(QPushButton) if b.isVisible() and b.text() in names]
    assert shown == ["two", "one"]


def test_what_can_be_named_on_the_command_line(bench, saved: Path):
    bench.app.open("zoo:nothing_like_it")
    (text,) = complaints(bench.app)
    assert "nothing_like_it" in text
    assert "mnist_mlp" in text
    assert bench.window.shown == "start"
    bench.app.open("zoo:mnist_cnn")
    assert bench.document == model_zoo.document("mnist_cnn")
    assert bench.state.path is None
    assert not bench.state.modified
    assert complaints(bench.app) == []


PROGRAM = """
import sys, time
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QEventLoop
from workbench.__main__ import main

def look(self=None):
    application = QApplication.instance()
    window = next(w for w in application.topLevelWidgets() if w.objectName() == "window")
    until = time.monotonic() + 30
    while window.shown != "design" and time.monotonic() < until:
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    print(window.shown, "|", window.windowTitle(), flush=True)
    window.close()
    return 0

QApplication.exec = look
sys.argv = ["workbench", *sys.argv[1:]]
sys.exit(main())
"""


@pytest.mark.parametrize("kind", ["file", "zoo"])
def test_the_program_opens_what_it_is_given(saved: Path, tmp_path: Path, kind):
    argument = os.path.relpath(saved, tmp_path) if kind == "file" else "zoo:mnist_mlp"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, argument], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    title = "my digits" if kind == "file" else "Digits, MLP"
    assert done.stdout.strip() == f"design | {title}[*] — Model Workbench"
    assert "Traceback" not in done.stderr
