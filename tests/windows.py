"""What tests of the real window share: somebody who answers its dialogs, hands for the mouse, eyes for what it says."""

import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from tests.waiting import until
from widgets.node_canvas.canvas import NodeCanvas
from widgets.notice import Notice
from workbench.core import project
from workbench.core.document import Document
from workbench.core.messages import ExportRun, Train
from workbench.core.places import HOME_VARIABLE
from workbench.core.processes import Engine, Job
from workbench.core.runs import LIVE, RunFolder, RunStore
from workbench.ui.app import Workbench
from workbench.ui.engine_client import EngineClient
from workbench.ui.panels.palette import MIME

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key
PATIENCE = 60_000
"""How long a test waits for another process, in milliseconds."""


class FakeDesk:
    """Answers the window's dialogs as the test's script says; a question that nobody expects is an error."""

    def __init__(self) -> None:
        self._answers: list[Any] = []
        self.asked: list[tuple[str, ...]] = []
        """Kind and words of every question."""
        self.leaving = False
        """At the end of a test: give up changes, stop runs."""

    def will(self, *answers: Any) -> None:
        """Give these answers to the next questions."""
        self._answers.extend(answers)

    @property
    def unused(self) -> list[Any]:
        """Answers that nobody asked for."""
        return self._answers

    def _answer(self, *question: str) -> Any:
        self.asked.append(question)
        if not self._answers:
            raise AssertionError(f"nobody expected the question {question}")
        return self._answers.pop(0)

    def ask_open(self, title: str, kinds: str, folder: Path | None = None) -> Path | None:
        return self._answer("open", title, kinds, str(folder or ""))

    def ask_save(self, title: str, kinds: str, suggestion: Path) -> Path | None:
        return self._answer("save", title, kinds, str(suggestion))

    def ask_folder(self, title: str, folder: Path | None = None) -> Path | None:
        return self._answer("folder", title, str(folder or ""))

    def choose(self, title: str, text: str, options: Sequence[tuple[str, str]]) -> str | None:
        keys = [key for key, _ in options]
        if self.leaving:
            return next(key for key in ("discard", "stop") if key in keys)
        answer = self._answer("choose", title, text, *keys)
        assert answer is None or answer in keys, f"{answer} is none of {keys}"
        return answer


class SharedEngine(EngineClient):
    """A real engine that outlives the windows that ask it: starting one takes seconds."""

    def close(self) -> None:
        """A window goes; what it asked is forgotten."""
        self._pending.clear()

    def end(self) -> None:
        """Really end."""
        super().close()


class Processes:
    """The job processes that windows of a test start, so that none is left over."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def make(self) -> Job:
        """What `Job()` does, remembered."""
        job = Job()
        self.jobs.append(job)
        return job

    def end(self, store: RunStore) -> None:
        """Stop what still runs."""
        for record in store.list():
            if record.state in LIVE:
                RunFolder(store.root / record.run).ask("stop")
        for job in self.jobs:
            job.dismiss()
            if job.wait(0) is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(job.pid, signal.SIGKILL)
                job.wait()


# Runs and models that are made once


@contextlib.contextmanager
def home_at(folder: Path) -> Iterator[None]:
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before


@cache
def workshop() -> Path:
    """A folder for what is made once for all tests of a session."""
    return Path(tempfile.mkdtemp(prefix="workbench-tests-"))


def train_for_real(document: Document, root: Path, title: str = "") -> RunFolder:
    """A run by a real job, without a window, until it is done."""
    folder = RunStore(root).new(title or document.title)
    job = Job()
    try:
        job.start(Train(str(folder.path), project.to_raw(document), project=title or document.title))
        assert job.wait(120) == 0
    finally:
        if job.wait(0) is None:
            os.kill(job.pid, signal.SIGKILL)
            job.wait()
    assert folder.status().state == "done"
    return folder


def adopt(run: RunFolder, root: Path) -> RunFolder:
    """A copy of a run among the runs of this test."""
    shutil.copytree(run.path, root / run.name)
    return RunFolder(root / run.name)


def export_for_real(run: RunFolder, path: Path) -> None:
    """An exported model, without a window."""
    with Engine() as engine:
        assert engine.ask(ExportRun(str(run.path), str(path))).ok


# Hands


def click_node(canvas: NodeCanvas, node: str, keys: Qt.KeyboardModifier = NONE) -> None:
    """Click a node on the canvas, beside its ports."""
    QTest.mouseClick(canvas, LEFT, keys, middle(canvas, node))
    QApplication.processEvents()  # what is made anew appears with the next events


def middle(canvas: NodeCanvas, node: str) -> QPoint:
    point = canvas.node_rect(node).center().toPoint()
    assert canvas.rect().contains(point), f"{node} is out of sight"
    return point


def drag(
    widget: QWidget,
    *points: QPoint | QPointF,
    keys: Qt.KeyboardModifier = NONE,
    steps: int = 6,
    button: Qt.MouseButton = LEFT,
) -> None:
    """Press at the first point, move along the others in small steps, let go at the last."""
    places = [QPointF(point) for point in points]
    QTest.mousePress(widget, button, keys, places[0].toPoint())
    for start, end in pairwise(places):
        for step in range(1, steps + 1):
            QTest.mouseMove(widget, (start + (end - start) * (step / steps)).toPoint())
    QTest.mouseRelease(widget, button, keys, places[-1].toPoint())


def draw_wire(canvas: NodeCanvas, src: tuple[str, str], dst: tuple[str, str]) -> None:
    """Drag a wire from an output to an input."""
    drag(canvas, canvas.port_point(*src, True), canvas.port_point(*dst, False))


def drop(widget: QWidget, data: QMimeData, at: QPointF) -> None:
    """Drag something in and let it fall."""
    action, actions = Qt.DropAction.CopyAction, Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(at.toPoint(), actions, data, LEFT, NONE)
        event.setDropAction(action)
        event.setAccepted(kind is QDragMoveEvent)  # Qt takes over what was said of the enter event
        QApplication.sendEvent(widget, event)
        assert event.isAccepted(), f"{kind.__name__} was refused"
    fall = QDropEvent(at, actions, data, LEFT, NONE)
    fall.setDropAction(action)
    QApplication.sendEvent(widget, fall)
    assert fall.isAccepted()


def drop_layer(canvas: NodeCanvas, kind: str, at: QPointF) -> None:
    """Drop a layer of the palette on the canvas."""
    data = QMimeData()
    data.setData(MIME, kind.encode())
    drop(canvas, data, at)


def retype(field: QLineEdit, text: str, *, enter: bool = True) -> None:
    """Replace what stands in a field by typing."""
    field.setFocus()
    QTest.keyClick(field, Key.Key_A, CONTROL)
    QTest.keyClicks(field, text)
    if enter:
        QTest.keyClick(field, Key.Key_Return)


def choose(box: QComboBox, text: str) -> None:
    """Choose from a list with the keyboard."""
    box.setFocus()
    place = box.findText(text)
    assert place >= 0, f"there is no {text}"
    for _ in range(abs(place - box.currentIndex())):
        QTest.keyClick(box, Key.Key_Down if place > box.currentIndex() else Key.Key_Up)
    assert box.currentText() == text
    QApplication.processEvents()


def press(widget: QWidget, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    """A key where the keyboard is."""
    QTest.keyClick(QApplication.focusWidget() or widget, key, keys)
    QApplication.processEvents()


def click(widget: QWidget) -> None:
    """A click in the middle, on something that can be clicked."""
    assert widget.isVisible(), f"{widget.accessibleName() or widget.objectName()} is not visible"
    assert widget.isEnabled(), f"{widget.accessibleName() or widget.objectName()} is disabled"
    QTest.mouseClick(widget, LEFT, NONE, widget.rect().center())
    QApplication.processEvents()


# Eyes


def seen(root: QObject, kind: type, name: str = "", *, text: str = "", accessible: str = "") -> Any:
    """The one visible widget of a kind with an object name, a text or an accessible name."""
    found = [
        item
        for item in root.findChildren(kind, name or None)
        if item.isVisible()
        and (not text or item.text() == text)
        and (not accessible or item.accessibleName() == accessible)
    ]
    assert len(found) == 1, f"{len(found)} visible {kind.__name__} {name}{text}{accessible}"
    return found[0]


def words(widget: QWidget) -> str:
    """All that the labels and notices in a widget say."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join(unescape(re.sub("<[^>]*>", "", label.text())) for label in labels)


def notices(widget: QWidget) -> list[str]:
    """What visible notices say."""
    found = [notice for notice in widget.findChildren(Notice) if notice.isVisible()]
    return [notice.accessibleName() for notice in found]


def complaints(workbench: Workbench) -> list[str]:
    """What the window says over its places."""
    found = workbench.window.findChildren(Notice, "complaint")
    return [notice.accessibleName() for notice in found if notice.isVisible()]


def items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    found = (tree.topLevelItem(place) for place in range(tree.topLevelItemCount()))
    return [item for item in found if item is not None]


def rows(tree: QTreeWidget) -> list[list[str]]:
    """The texts of a tree's top rows."""
    return [[item.text(column) for column in range(tree.columnCount())] for item in items(tree)]


def labels_on_wires(canvas: NodeCanvas) -> dict[tuple[str, str], str]:
    """What flows on each wire, by the nodes at its ends."""
    return {(wire.src, wire.dst): wire.label for wire in canvas.graph.scene.wires}


def boxes(canvas: NodeCanvas) -> dict[str, Any]:
    """The nodes as the canvas shows them."""
    return {box.id: box for box in canvas.graph.scene.nodes}


# A window


class Bench:
    """A window and what a test does with it."""

    def __init__(self, app: Workbench, desk: FakeDesk, wait: Callable[..., None], processes: Processes) -> None:
        self.app, self.desk, self._wait, self.processes = app, desk, wait, processes

    @property
    def window(self) -> Any:
        return self.app.window

    @property
    def state(self) -> Any:
        return self.app.session.state

    @property
    def document(self) -> Document:
        return self.app.session.state.document

    @property
    def canvas(self) -> NodeCanvas:
        assert self.app.places.canvas is not None
        return self.app.places.canvas.canvas

    def wait(self, condition: Callable[[], Any], timeout: int = PATIENCE) -> None:
        """Let the window live until something is true."""
        self._wait(lambda: bool(condition()), timeout=timeout)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        """A key where the keyboard is."""
        self.front()
        press(self.window, key, keys)

    def front(self) -> None:
        """Offscreen there is nobody who gives the keyboard back to a window when a menu or a dialog is closed."""
        if QApplication.activeModalWidget() is None and not self.window.isActiveWindow():
            self.window.activateWindow()
            self.wait(self.window.isActiveWindow)

    def analysed(self) -> None:
        """Wait for the engine's answer about the document as it is now."""
        self.wait(lambda: self.state.analysis is not None and self.state.analysis.revision == self.state.revision)

    def open_zoo(self, name: str) -> None:
        """Open a model by a click on its card."""
        card = next(card for card in self.app.start.findChildren(QWidget) if getattr(card, "model", None)
                    and card.model.name == name)  # fmt: skip
        click(card)
        self.analysed()

    def go(self, place: str) -> QWidget:
        """Go to a place with its key."""
        number = ("data", "design", "train", "evaluate", "deploy").index(place) + 1
        self.key(Key(Key.Key_0 + number), CONTROL)
        assert self.window.shown == place
        return self.window.place(place)

    def add_by_typing(self, text: str) -> str:
        """Add a layer as one does with the keyboard: find it in the palette, Enter. Returns its id."""
        before = set(self.document.graph.nodes)
        palette = seen(self.window, QWidget, "palette")
        field = seen(palette, QLineEdit)
        retype(field, text)
        added = set(self.document.graph.nodes) - before
        assert len(added) == 1, f"typing {text} added {added}"
        field.clear()
        return added.pop()

    def close(self) -> None:
        """Close the window as at the end of a test: give up changes, stop runs."""
        self.desk.leaving = True
        self.window.close()


def destroy(app: Workbench) -> None:
    """Take a closed window off the memory, with all that it made."""
    theme, window = app.theme, app.window
    window.deleteLater()
    app.start.deleteLater()
    theme.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def has_ended(pid: int) -> bool:
    """A process that is no child of ours is gone (or only waits to be reaped)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def wait_until_ended(pid: int, timeout: float = 30.0) -> None:
    until(lambda: has_ended(pid), timeout)
