"""From the start page to an answer of the exported model, with the keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.windows import CONTROL, NONE, SHIFT, Key
from workbench.core.document import Wire
from workbench.core.places import assets
from workbench.ui.add_search import AddSearch
from workbench.ui.panels.export_dialog import ExportDialog

MOST_TABS = 80


class Keyboard:
    """Keys go where the keyboard is: to what is popped up, else to what has the focus."""

    def __init__(self, bench) -> None:
        self._bench = bench

    @property
    def at(self) -> QWidget:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup.focusWidget() or popup
        self._bench.front()
        return QApplication.focusWidget() or self._bench.window

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.at, key, held)
        QApplication.processEvents()

    def type(self, text: str) -> None:
        QTest.keyClicks(self.at, text)

    def replace(self, text: str) -> None:
        """Type over what stands in a field."""
        self.press(Key.Key_A, CONTROL)
        self.type(text)

    def tab_to(self, name: str, held: Qt.KeyboardModifier = NONE) -> None:
        """Tab until something of this name has the keyboard."""
        for _ in range(MOST_TABS):
            if self.at.accessibleName() == name:
                return
            self.press(Key.Key_Tab, held)
        raise AssertionError(f"Tab does not come by {name}")


def test_the_whole_journey(bench, tmp_path: Path):
    keys, wait = Keyboard(bench), bench.wait
    trainer = bench.app.trainer

    def status(is_so: Callable) -> None:
        wait(lambda: trainer.status is not None and is_so(trainer.status))

    # a model of the start page
    keys.tab_to("Digits, MLP")
    keys.press(Key.Key_Return)
    bench.analysed()
    assert bench.window.shown == "design"

    # a layer behind another one, found by typing
    keys.tab_to("Network")
    for _ in range(MOST_TABS):
        if bench.state.selection == {"relu_1"}:
            break
        keys.press(Key.Key_Down)
    keys.press(Key.Key_A, SHIFT)
    search = QApplication.activePopupWidget()
    assert isinstance(search, AddSearch)
    wait(lambda: search.list.shown()[0].group == "Fits after ReLU")
    keys.type("drop")
    keys.press(Key.Key_Return)
    assert bench.state.selection == {"dropout_1"}
    assert {Wire("relu_1", "out", "dropout_1", "in"), Wire("dropout_1", "out", "linear_2", "in")} <= (
        bench.document.graph.wires
    )

    # a wire of it is moved by hand, and back
    wires = bench.document.graph.wires
    keys.press(Key.Key_C, Qt.KeyboardModifier.AltModifier)
    keys.type("output")
    keys.press(Key.Key_Return)
    assert Wire("dropout_1", "out", "label", "in") in bench.document.graph.wires
    keys.press(Key.Key_Z, CONTROL)
    assert bench.document.graph.wires == wires

    # a problem, its place, its remedy, and all of it undone
    right = bench.document
    keys.press(Key.Key_F, CONTROL)
    keys.type("linear_2")
    keys.press(Key.Key_Escape)
    assert bench.state.selection == {"linear_2"}
    keys.tab_to("Units")
    keys.replace("9")
    keys.press(Key.Key_Return)
    bench.analysed()
    assert not bench.state.analysis.ok
    keys.press(Key.Key_F8)
    assert bench.state.selection == {"label"}
    keys.press(Key.Key_Period, CONTROL)
    bench.analysed()
    assert bench.state.analysis.ok
    keys.press(Key.Key_Z, CONTROL)
    keys.press(Key.Key_Z, CONTROL)
    assert bench.document is right

    # training, paused, resumed and stopped
    keys.press(Key.Key_F5)
    status(lambda run: run.epoch >= 1)
    keys.press(Key.Key_F6)
    status(lambda run: run.state == "paused")
    step = trainer.status.step
    keys.press(Key.Key_F6)
    status(lambda run: run.state == "training" and run.step > step)
    keys.press(Key.Key_F5, SHIFT)
    status(lambda run: run.state == "stopped")

    # export
    model = tmp_path / "digits.onnx"
    keys.press(Key.Key_E, CONTROL)
    dialog = bench.window.findChild(ExportDialog)
    keys.tab_to("File")
    keys.replace(str(model))
    keys.press(Key.Key_Return)
    wait(lambda: dialog.report is not None)
    assert dialog.report.ok
    keys.tab_to("Try it")
    keys.press(Key.Key_Space)
    assert bench.window.shown == "deploy"

    # an answer
    with np.load(assets() / "samples" / "digits.npz") as samples:
        picture = samples["images"][0].reshape(28, 28)
    Image.fromarray(picture).save(tmp_path / "digit.png")
    bench.desk.will(tmp_path / "digit.png")
    keys.tab_to("Open a file …")
    keys.press(Key.Key_Space)
    attempt = bench.app.places.deploy.try_it
    wait(lambda: attempt.answers is not None)
    assert attempt.answers.answers[0].input.endswith("digit.png")
    assert len(attempt.answers.answers[0].scores) == 10
