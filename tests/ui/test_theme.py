"""Light and dark: a switch repaints everything, as if the window had been opened so."""

import gc
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget

from tests.windows import CONTROL, SHIFT, Key, click_node, destroy, retype, seen
from widgets.tokens import DARK, LIGHT
from workbench.core import settings
from workbench.core.problems import Problem
from workbench.ui.app import Workbench
from workbench.ui.panels.export_dialog import ExportDialog


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return flat[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[..., 2::-1].copy()


def share(image: np.ndarray, colour: str) -> float:
    """How much of an image has exactly this colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((image == wanted).all(-1).mean())


def furnish(bench, trained, exported) -> None:
    """Something of everything: a selection, a problem, complaints, runs, curves, an evaluation, a model to try."""
    bench.app.change_settings(bench.app.settings.with_export(trained.name, exported))
    bench.open_zoo("mnist_mlp")
    click_node(bench.canvas, "linear_2")
    retype(seen(bench.window, QWidget, "settings").input("out_features"), "9")
    bench.analysed()
    bench.wait(lambda: bench.app.jobs.records)
    bench.app.trainer.show(trained.name)
    train = bench.go("train")
    bench.wait(lambda: "validation" in train.monitor.plots.loss.accessibleDescription())
    evaluate = bench.go("evaluate")
    evaluate.evaluate()
    bench.wait(lambda: evaluate.evaluation is not None)
    bench.go("data")
    bench.wait(lambda: bench.app.places.data.view.samples.grid.isVisible())
    bench.window.setFocus()


def portraits(bench) -> dict[str, np.ndarray]:
    found = {}
    for name in ("data", "design", "train", "evaluate", "deploy"):
        bench.go(name)
        bench.window.setFocus()
        bench.wait(lambda: bench.app.engine.state == "ready")
        found[name] = at_rest(bench)
    return found


def at_rest(bench) -> np.ndarray:
    """The window as it stays: axes find their width in their first picture, answers come when they come."""
    last = pixels(bench.window)

    def still() -> bool:
        nonlocal last
        before, last = last, pixels(bench.window)
        return np.array_equal(before, last)

    bench.wait(still)
    return last


def test_a_switch_repaints_everything(make_bench, trained, exported):
    bench = make_bench()
    bench.app.change_settings(replace(bench.app.settings, theme="dark"))
    bench.app.theme.choose("dark")
    furnish(bench, trained, exported)
    dark = portraits(bench)
    bench.key(Key.Key_L, CONTROL | SHIFT)
    assert bench.app.settings.theme == "light"
    switched = portraits(bench)
    bench.close()

    second = make_bench()
    assert not second.app.theme.tokens.dark, "the choice is remembered"
    furnish(second, trained, exported)
    fresh = portraits(second)
    for name, image in fresh.items():
        same = 0.4 if name == "data" else 0.3  # the digits themselves are black in both
        assert (dark[name] == image).all(-1).mean() < same, f"{name} looks the same in both"
        off = (np.abs(switched[name].astype(int) - image).max(-1) > 8).mean()
        assert off < 0.002, f"{off:.2%} of {name} are not as in a window that was opened in this theme"
        for colour in (DARK.panel, DARK.background, DARK.raised):
            assert share(switched[name], colour) < 0.0005, f"{colour} is left in {name}"
    assert share(fresh["design"], LIGHT.background) > 0.2
    assert share(dark["design"], DARK.background) > 0.2


@pytest.mark.parametrize(("choice", "tokens", "other"), [("dark", DARK, LIGHT), ("light", LIGHT, DARK)])
def test_the_start_page_and_dialogs_wear_the_theme(make_bench, trained, choice, tokens, other):
    settings.save(replace(settings.load(), theme=choice))
    bench = make_bench()
    cards = [card for card in bench.app.start._cards if not card.visibleRegion().isEmpty()]
    assert len(cards) >= 6
    bench.wait(lambda: all(card._picture is not None for card in cards))
    start = pixels(bench.window)
    assert share(start, tokens.panel) > 0.3
    assert share(start, other.panel) < 0.0005
    bench.open_zoo("mnist_mlp")
    bench.app.export(trained.name)
    dialog = seen(bench.window, ExportDialog)
    picture = pixels(dialog)
    assert share(picture, tokens.panel) > 0.3
    assert share(picture, other.panel) < 0.0005
    # what is open is repainted too
    bench.app.toggle_theme()
    picture = pixels(dialog)
    assert share(picture, other.panel) > 0.3
    assert share(picture, tokens.panel) < 0.0005
    dialog.reject()


def test_a_theme_that_is_chosen_before_the_window_is_shown(qtbot, undressed, qapp, desk, processes, shared_engine):
    settings.save(replace(settings.load(), theme="dark"))
    app = Workbench(qapp, desk, shared_engine)
    app.theme.choose("light")
    with qtbot.waitExposed(app.window):
        app.show()
    names = [label for label in app.start.findChildren(QLabel) if label.text() == "Model Workbench"]
    assert [label.palette().windowText().color().name() for label in names] == [LIGHT.text]
    app.window.close()
    destroy(app)
    gc.enable()


def test_complaints_wear_the_theme_too(bench, tmp_path: Path):
    bench.app.theme.choose("dark")
    bench.app.complain(Problem("file.unreadable", {"detail": "x"}, str(tmp_path)))
    before = pixels(seen(bench.window, QWidget, "complaint"))
    bench.app.theme.choose("light")
    after = pixels(seen(bench.window, QWidget, "complaint"))
    assert before.mean() < 100 < 180 < after.mean()
