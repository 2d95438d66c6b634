"""Fixtures of tests/journeys and tests/ui: a real window with a real engine, and runs that were really trained."""

import gc
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import model_zoo
from tests.mouse import buttons_are_let_go
from tests.windows import (
    Bench,
    FakeDesk,
    Processes,
    SharedEngine,
    adopt,
    destroy,
    export_for_real,
    home_at,
    train_for_real,
    workshop,
)
from workbench.core.i18n import use_language
from workbench.core.places import runs
from workbench.core.runs import RunFolder, RunStore
from workbench.ui import jobs as jobs_module
from workbench.ui.app import Workbench
from workbench.ui.engine_client import EngineClient

__all__ = [
    "alone",
    "bench",
    "buttons_are_let_go",
    "desk",
    "exported",
    "make_bench",
    "processes",
    "shared_engine",
    "trained",
    "undressed",
    "workshop_is_cleared",
]

WINDOWS = (
    r"(window|blocks|export|keys|rates|trust|branch|\w+-search|\w*Menu\w*|QComboBoxPrivateContainerClass|qtooltip_label)"
    "Window"
)
"""What may come to the front."""
NEVER = 2_000_000_000
_shared: list[SharedEngine] = []


@pytest.fixture(scope="session")
def workshop_is_cleared() -> Iterator[None]:
    yield
    for engine in _shared:
        engine.end()
    _shared.clear()
    shutil.rmtree(workshop(), ignore_errors=True)


@pytest.fixture
def shared_engine(qapp: QApplication, workshop_is_cleared: None) -> SharedEngine:
    """One real engine for all tests in which it is not the point that it is fresh."""
    if not _shared:
        _shared.append(SharedEngine(qapp))
    with home_at(workshop()):
        _shared[0].start()
    return _shared[0]


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    found = FakeDesk()
    yield found
    assert not found.unused, f"nobody asked for {found.unused}"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Processes]:
    """The jobs of this test, without a spare one: it takes seconds of two cores to make what most tests never use."""
    found = Processes()
    monkeypatch.setattr(jobs_module, "Job", found.make)
    monkeypatch.setattr(jobs_module, "SPARE_MS", NEVER)
    yield found
    found.end(RunStore(runs()))


Maker = Callable[..., Bench]


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[None]:
    """A window dresses the whole application; the tests of single widgets want it as it was."""
    style, colours, font = qapp.style().objectName(), qapp.palette(), qapp.font()
    yield
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(colours)
    qapp.setFont(font)


@pytest.fixture
def make_bench(
    qtbot: QtBot, undressed: None, qapp: QApplication, desk: FakeDesk, processes: Processes, shared_engine: SharedEngine
) -> Iterator[Maker]:
    """Makes windows: with the shared engine, or with one of their own."""
    made: list[Bench] = []
    fronts: set[str] = set()

    def came_to_front(window: QWindow | None) -> None:
        if window is not None:
            fronts.add(window.objectName())

    qapp.focusWindowChanged.connect(came_to_front)

    def make(
        *, own_engine: bool = False, size: tuple[int, int] = (1440, 900), engine: EngineClient | None = None
    ) -> Bench:
        app = Workbench(qapp, desk, None if own_engine else engine or shared_engine)
        app.window.resize(*size)
        bench = Bench(app, desk, qtbot.waitUntil, processes)
        made.append(bench)
        with qtbot.waitExposed(app.window):
            app.show()
        app.window.activateWindow()
        bench.wait(app.window.isActiveWindow)
        bench.wait(lambda: app.engine.pid)  # what comes after the first paint
        return bench

    yield make
    for bench in filter(lambda bench: bench.app is not None, made):  # else the test took it down itself
        if bench.window.isVisible():
            bench.close()
        destroy(bench.app)
    made.clear()
    qapp.focusWindowChanged.disconnect(came_to_front)
    use_language("")
    gc.enable()  # a window switches it off and collects at quiet moments
    flashed = {name for name in fronts if not re.fullmatch(WINDOWS, name)}
    assert not flashed, f"{flashed} stood on the screen as windows and took the keyboard"


@pytest.fixture
def bench(make_bench: Maker) -> Bench:
    """A window on the start page."""
    return make_bench()


@pytest.fixture
def alone(make_bench: Maker) -> Bench:
    """A window on the start page with an engine of its own."""
    return make_bench(own_engine=True)


@cache
def _trained() -> RunFolder:
    document = model_zoo.document("mnist_mlp")
    with home_at(workshop()):
        short = replace(document, training=replace(document.training, epochs=4))
        return train_for_real(short, workshop() / "runs")


@cache
def _exported() -> Path:
    path = workshop() / "digits.onnx"
    with home_at(workshop()):
        export_for_real(_trained(), path)
    return path


@pytest.fixture
def trained(home: Path, workshop_is_cleared: None) -> RunFolder:
    """A finished run among the runs of this test; it was trained once for all tests."""
    return adopt(_trained(), runs())


@pytest.fixture
def exported(workshop_is_cleared: None) -> Path:
    """The ONNX model of `trained`."""
    return _exported()
