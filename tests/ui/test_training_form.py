"""The training settings: parts that fold, the curve of the rate, layers that do not learn like the others."""

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.windows import LEFT, NONE, Key, choose, retype, seen
from widgets.notice import Notice
from workbench.core.schedules import schedule_curve
from workbench.core.training_fields import TRAINING_FIELDS
from workbench.ui.panels.rate_dialog import RateDialog


def the_form(bench):
    bench.open_zoo("mnist_mlp")
    bench.app.window.show_place("train")
    bench.wait(lambda: bench.state.analysis is not None and bench.state.analysis.samples == 3500)
    return seen(bench.window, QWidget, "training")


def test_every_setting_that_is_read_is_in_one_part_and_every_part_has_some(bench):
    form = the_form(bench)
    names = [name for part in form.parts.values() for name in part.form.shown()]
    assert len(names) == len(set(names))
    assert {"optimizer", "learning_rate", "epochs", "batch_size", "precision", "seed", "initialisation"} <= set(names)
    assert "nesterov" not in names, "Adam has none"
    assert all(part.form.shown() for part in form.parts.values())
    bench.app.session.edit("", replace(bench.document, training=replace(bench.document.training, optimizer="sgd")))
    assert "nesterov" in form.parts["Optimiser"].form.shown()


def test_a_part_opens_with_the_keyboard_and_says_closed_what_was_changed(bench):
    form = the_form(bench)
    part = form.parts["Regularisation"]
    assert not part.content.isVisible()
    part.header.setFocus()
    QTest.keyClick(part.header, Key.Key_Space)
    assert part.content.isVisible()
    retype(form.input("label_smoothing"), "0.1")
    assert bench.document.training.label_smoothing == 0.1
    QTest.keyClick(part.header, Key.Key_Space)
    assert not part.content.isVisible()
    assert part.header.note == "Label smoothing"
    bench.app.session.undo()
    assert part.header.note == ""


def test_the_curve_is_the_rate_of_every_step(bench):
    form = the_form(bench)
    choose(form.input("schedule"), "cosine")
    assert form.input("schedule").hasFocus(), "the fields changed, the keyboard stays"
    retype(form.input("warmup"), "50")
    training = bench.document.training
    steps = -(-3500 // training.batch_size)
    assert np.array_equal(form.curve.values(), schedule_curve(training, steps))
    at, rate = form.curve.value_at(form.curve.width() / 2)
    assert 0 < at < training.epochs
    assert 0 < rate < training.learning_rate


def test_a_layer_is_frozen_slowed_down_and_set_free_again(bench):
    form = the_form(bench)
    layers = form.layers
    assert [layers.choice.itemData(at) for at in range(layers.choice.count())] == ["", "linear_1", "linear_2"]
    layers.choice.setCurrentIndex(1)
    layers.choice.activated.emit(1)
    assert bench.document.training.frozen == ("linear_1",)
    (line,) = layers.lines()
    choose(line.how, "scaled")
    assert (bench.document.training.frozen, bench.document.training.rates) == ((), (("linear_1", 0.1),))
    (line,) = layers.lines()
    retype(line.share, "0.5")
    assert bench.document.training.rates == (("linear_1", 0.5),)
    bench.app.session.undo()
    bench.app.session.undo()
    bench.app.session.undo()
    assert (bench.document.training.frozen, bench.document.training.rates) == ((), ())
    assert layers.lines() == []


def test_labels_do_not_repeat_within_a_part():
    for section in {info.section for info in TRAINING_FIELDS}:
        labels = [info.label for info in TRAINING_FIELDS if info.section == section]
        assert len(labels) == len(set(labels)), section


def test_the_header_opens_with_the_mouse(bench):
    part = the_form(bench).parts["Batch"]
    QTest.mouseClick(part.header, LEFT, NONE, QPoint(20, part.header.height() // 2))
    assert not part.content.isVisible()


def test_rates_are_tried_and_the_best_one_is_taken_over(bench):
    form = the_form(bench)
    before = bench.document
    QTest.mouseClick(form.find_rate, LEFT)
    dialog = seen(bench.window, RateDialog)
    bench.wait(lambda: dialog.found is not None)
    assert dialog.found.suggested is not None
    assert dialog.curve.isVisible()
    QTest.mouseClick(dialog.use, LEFT)
    assert bench.document.training.learning_rate == dialog.found.suggested
    bench.app.session.undo()
    assert bench.document.training == before.training


def test_rates_are_not_tried_on_a_network_with_a_fault_and_cancelling_leaves_nothing(bench):
    form = the_form(bench)
    bench.app.session.edit("", replace(bench.document, data=None))
    QTest.mouseClick(form.find_rate, LEFT)
    dialog = seen(bench.window, RateDialog)
    bench.wait(lambda: seen(dialog, Notice).isVisible())
    assert not dialog.use.isEnabled()
    dialog.reject()
    assert bench.document.training.learning_rate == 1e-3
