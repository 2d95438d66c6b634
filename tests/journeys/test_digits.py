"""The journey of the first hour: a model of the zoo is looked at, changed, broken, mended, trained, exported, used."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPushButton, QTreeWidget, QWidget

from tests.windows import (
    CONTROL,
    LEFT,
    NONE,
    SHIFT,
    Key,
    boxes,
    click,
    click_node,
    complaints,
    drag,
    drop,
    items,
    labels_on_wires,
    notices,
    retype,
    seen,
    words,
)
from widgets.curves import CurvePlot
from widgets.notice import Notice
from widgets.pill import Pill
from widgets.stats import StatsCard
from workbench.core.document import Wire
from workbench.core.places import assets
from workbench.ui.panels.export_dialog import ExportDialog
from workbench.ui.panels.monitor import Monitor
from workbench.ui.panels.problems import ProblemCard
from workbench.ui.panels.try_it import TryIt


def test_shapes_appear_on_the_wires(bench):
    bench.open_zoo("mnist_mlp")
    assert bench.window.shown == "design"
    assert labels_on_wires(bench.canvas) == {
        ("image", "flatten_1"): "1 × 28 × 28",
        ("flatten_1", "linear_1"): "784",
        ("linear_1", "relu_1"): "256",
        ("relu_1", "linear_2"): "256",
        ("linear_2", "label"): "10",
    }
    assert boxes(bench.canvas)["linear_1"].captions == ("256 units", "200,960 parameters")
    assert "no problems" in bench.window.footer.problems_button.text()


def test_a_layer_typed_into_the_palette_goes_behind_the_selected_one(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "relu_1")
    before = bench.document

    name = bench.add_by_typing("dropout")

    wires = bench.document.graph.wires
    assert Wire("relu_1", "out", name, "in") in wires
    assert Wire(name, "out", "linear_2", "in") in wires
    assert Wire("relu_1", "out", "linear_2", "in") not in wires
    assert bench.state.selection == {name}
    bench.analysed()
    assert labels_on_wires(bench.canvas)[name, "linear_2"] == "256"
    rects = [bench.canvas.node_rect(node) for node in boxes(bench.canvas)]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i]), "nodes lie on one another"

    bench.key(Key.Key_Z, CONTROL)
    assert bench.document is before
    bench.key(Key.Key_Z, CONTROL | SHIFT)
    assert Wire("relu_1", "out", name, "in") in bench.document.graph.wires


def test_a_broken_shape_shows_everywhere_and_is_mended_by_a_click(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_2")
    before = bench.document
    form = seen(bench.window, QWidget, "settings")
    retype(form.input("out_features"), "9")
    broken = bench.document
    assert broken.graph.nodes["linear_2"].settings["out_features"] == 9
    bench.analysed()

    # at the node, on its wire
    assert boxes(bench.canvas)["label"].problem == "error"
    assert "10" in boxes(bench.canvas)["label"].message
    assert [wire.dst for wire in bench.canvas.graph.scene.wires if wire.problem] == ["label"]
    # in the list
    cards = [card for card in bench.window.findChildren(ProblemCard) if card.isVisible()]
    assert [card.accessibleName() for card in cards] == ["Output: The output is 9, but 10 classes need 10 numbers."]
    # in the footer and on the switch of places
    assert bench.window.footer.problems_button.text() == "1 problem"
    design = next(b for b in bench.window.header.places.findChildren(QAbstractButton) if b.key == "design")
    assert design.badge == "bad"
    assert design.accessibleDescription() == "There are problems"
    # in the outline
    outline = seen(bench.window, QTreeWidget, accessible="Outline of the network")
    row = next(item for item in items(outline) if "Output" in item.text(0))
    assert "⚠" in row.text(0)
    assert "10 classes" in row.data(0, Qt.ItemDataRole.AccessibleTextRole)

    # a click on the card shows where it is
    bench.canvas.pan(4000, 0)
    click(cards[0])
    assert bench.state.selection == {"label"}
    centre = bench.canvas.node_rect("label").center()
    assert (centre - QPointF(bench.canvas.rect().center())).manhattanLength() < 4

    # and its remedy mends it
    remedy = seen(cards[0], QPushButton, "notice-action")
    assert remedy.text() == "Set units of Linear to 10"
    click(remedy)
    mended = bench.document
    assert mended.graph.nodes["linear_2"].settings["out_features"] == 10
    bench.analysed()
    assert boxes(bench.canvas)["label"].problem == ""
    assert bench.window.footer.problems_button.text() == "no problems"
    assert not [card for card in bench.window.findChildren(ProblemCard) if card.isVisible()]
    assert "⚠" not in "".join(item.text(0) for item in items(outline))

    # undo and redo go back and forth exactly
    bench.canvas.setFocus()
    history = [mended, broken, before]
    for document in history[1:]:
        bench.key(Key.Key_Z, CONTROL)
        assert bench.document is document
    bench.analysed()
    assert bench.window.footer.problems_button.text() == "no problems"
    for document in reversed(history[:-1]):
        bench.key(Key.Key_Z, CONTROL | SHIFT)
        assert bench.document is document


def test_training_stops_at_a_broken_network_and_shows_where(bench):
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    bench.key(Key.Key_F5)
    assert bench.app.trainer.run == ""
    assert complaints(bench.app) == ["The output is 9, but 10 classes need 10 numbers."]
    assert bench.state.selection == {"label"}

    # the same trouble is not told twice; the remedy is there too
    bench.key(Key.Key_F5)
    assert len(complaints(bench.app)) == 1
    notice = seen(bench.window, Notice, "complaint")
    click(seen(notice, QPushButton, text="Set units of Linear to 10"))
    assert bench.document.graph.nodes["linear_2"].settings["out_features"] == 10
    assert complaints(bench.app) == []


def cut(bench, wire: Wire) -> None:
    bench.app.editor.cut((wire.src, wire.src_port, wire.dst, wire.dst_port))
    bench.analysed()


def test_totals_of_a_broken_network_are_not_shown_as_facts(bench):
    bench.open_zoo("mnist_mlp")
    model = seen(bench.window, StatsCard, "sums")
    assert "Parameters\t203,530" in model.text()
    assert "at least" not in model.text()
    wires = {wire.dst: wire for wire in bench.document.graph.wires}
    cut(bench, wires["linear_2"])
    assert "Parameters\tat least 200,960" in model.text()
    assert "Largest batch" not in model.text(), "it follows from all of the memory"
    cut(bench, wires["linear_1"])
    assert "Parameters\t–\nMultiply-adds\t–" in model.text()


def test_training_without_data_leads_to_the_data(bench):
    bench.app.files.new()
    assert bench.window.header.saved.text() == ""
    bench.key(Key.Key_F5)
    assert not bench.app.places.design.monitor_dock.isVisible()
    (text,) = complaints(bench.app)
    assert "no data to learn from" in text
    click(seen(seen(bench.window, Notice, "complaint"), QPushButton, text="Choose data"))
    assert bench.window.shown == "data"
    assert complaints(bench.app) == []

    # what was complained about is over as soon as there is data
    bench.key(Key.Key_F5)
    assert bench.window.shown == "data"
    assert len(complaints(bench.app)) == 1
    bench.app.places.data.source.choose("digits")
    assert complaints(bench.app) == []


@pytest.fixture
def seven() -> list[QPointF]:
    """A stroke in the shape of a 7, as shares of the pad."""
    return [QPointF(0.28, 0.24), QPointF(0.70, 0.24), QPointF(0.60, 0.46), QPointF(0.48, 0.80)]


def test_train_pause_stop_resume_export_and_try(bench, tmp_path: Path, seven):
    bench.open_zoo("mnist_mlp")
    train = bench.go("train")
    epochs = train.findChild(QWidget, "training").input("epochs")
    retype(epochs, "12")
    assert bench.document.training.epochs == 12

    # points arrive
    bench.key(Key.Key_F5)
    run = bench.app.trainer.run
    assert run
    pill = seen(train, Pill)
    assert pill.text() == "Preparing"
    monitor = seen(train, Monitor)
    bench.wait(lambda: bench.app.trainer.status.epoch >= 1)
    loss = monitor.plots.loss
    assert isinstance(loss, CurvePlot)
    bench.wait(lambda: "validation" in loss.accessibleDescription())
    assert loss.accessibleDescription().startswith("training 0.")
    series = bench.app.trainer.shown.series
    assert len(series["train/loss"].steps) >= 100
    assert len(series["val/accuracy"].steps) >= bench.app.trainer.status.epoch
    assert re.search(r"epoch \d+ of 12", words(monitor))
    assert bench.app.primary.text() == "Stop"

    # pause: no more points
    bench.key(Key.Key_F6)
    bench.wait(lambda: pill.text() == "Paused")
    folder = bench.app.trainer.folder()
    size, step = folder.metrics.stat().st_size, folder.status().step
    bench.app.session.edit("x", bench.app.session.state.document)  # nothing
    bench.go("design")
    bench.go("train")
    assert "samples/s" not in words(monitor)
    assert "left" not in words(monitor)
    retype(epochs, "13")
    bench.analysed()  # the engine had time to think, the job would have had time to step
    assert (folder.metrics.stat().st_size, folder.status().step) == (size, step)
    assert bench.app.trainer.status.epochs == 12, "a run keeps the settings that it was started with"

    # go on
    bench.key(Key.Key_F6)
    bench.wait(lambda: pill.text() == "Training")
    bench.wait(lambda: bench.app.trainer.status.step > step)

    # stop and keep
    bench.key(Key.Key_F5, SHIFT)
    bench.wait(lambda: pill.text() == "Stopped")
    stopped = bench.app.trainer.status
    assert step < stopped.step < stopped.steps
    assert bench.app.primary.text() == "Train"
    assert not seen(train, QPushButton, text="Resume").isHidden()

    # resume to the end; the monitor in Design that nobody looked at meanwhile tells so too
    bench.key(Key.Key_F6)
    assert bench.app.trainer.run == run
    bench.go("design")
    bench.app.places.show_monitor()
    bench.wait(lambda: bench.app.trainer.is_live)
    bench.go("train")
    bench.wait(lambda: pill.text() == "Done")
    bench.go("design")
    assert "epoch 12 of 12" in words(seen(bench.window, Monitor))
    assert seen(bench.window, Pill).text() == "Done"
    bench.go("train")
    done = bench.app.trainer.status
    said = words(monitor)
    assert f"validation accuracy {done.best['val/accuracy'] * 100:.2f} %, best at {done.best_epoch}" in said
    assert f"test accuracy {done.best['test/accuracy'] * 100:.2f} %" in said
    assert (done.epoch, done.step) == (12, done.steps)
    assert done.best["test/accuracy"] > 0.85
    series = bench.app.trainer.shown.series
    assert len(series["val/loss"].steps) == 12
    assert np.all(np.diff(series["train/loss"].steps) > 0), "a resumed curve goes on where it stopped"

    model = tmp_path / "seven.onnx"
    _export(bench, model)
    _try(bench, model, seven)


def _export(bench, model: Path) -> None:
    bench.key(Key.Key_E, CONTROL)
    dialog = seen(bench.window, ExportDialog)
    retype(seen(dialog, QLineEdit, accessible="File"), str(model), enter=False)
    click(dialog.button)
    assert not dialog.button.isEnabled()
    bench.wait(lambda: dialog.report is not None)
    assert dialog.report.ok
    assert dialog.report.path == str(model)
    proof = seen(dialog, QWidget, "proof")
    assert "Behaves like the trained network." in words(proof)
    assert f"SHA-256 {dialog.report.sha256}" in words(proof)
    assert seen(proof, Notice).severity() == "ok"
    assert model.stat().st_size == dialog.report.bytes
    click(seen(proof, QPushButton, text="Try it"))
    bench.wait(lambda: bench.window.shown == "deploy")


def _try(bench, model: Path, stroke: list[QPointF]) -> None:
    place = bench.window.place("deploy")
    attempt = seen(place, TryIt)
    assert attempt.model == str(model)

    # a digit drawn with the mouse
    pad = attempt.pad
    side = min(pad.width(), pad.height())
    corner = QPointF((pad.width() - side) / 2, (pad.height() - side) / 2)
    drag(pad, *(corner + point * side for point in stroke), steps=10)
    bench.wait(lambda: attempt.answers is not None and not attempt._waiting)
    answer = attempt.answers.answers[0]
    assert answer.answer == "7"
    assert sum(answer.scores.values()) == pytest.approx(1, abs=1e-4)
    assert attempt.bars.accessibleDescription().startswith("7 ")
    assert "ONNX Runtime on CPU" in words(attempt)
    click(seen(attempt, QPushButton, text="Clear"))
    assert attempt.answers is None
    assert attempt.bars.accessibleDescription() == ""

    # a picture that is dropped, and one that is opened
    with np.load(assets() / "samples" / "digits.npz") as samples:
        images, labels = samples["images"], samples["labels"]
    QTest.mouseClick(pad, LEFT, NONE, pad.rect().center())  # what was drawn before does not stay
    bench.wait(lambda: attempt.answers is not None)
    right = 0
    for at in range(5):
        picture = model.with_name(f"digit{at}.png")
        Image.fromarray(images[at].reshape(28, 28)).save(picture)
        if at % 2:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(picture))])
            drop(pad, data, QPointF(pad.rect().center()))
        else:
            bench.desk.will(picture)
            click(seen(attempt, QPushButton, text="Open a file …"))
        bench.wait(lambda name=picture.name: attempt.answers and attempt.answers.answers[0].input.endswith(name))
        bench.wait(lambda: not pad._live.isActive())
        assert attempt.answers is not None, "the answer stays"
        assert pad.is_empty()
        assert picture.name in words(attempt)
        right += attempt.answers.answers[0].answer == str(labels[at])
    assert right >= 4

    # something that is no picture
    bad = model.with_name("no.png")
    bad.write_text("no picture")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(bad))])
    drop(pad, data, QPointF(pad.rect().center()))
    bench.wait(lambda: any("is no picture" in text for text in notices(attempt)))
    assert attempt.answers is None
