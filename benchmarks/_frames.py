"""How frames of a graph editor are timed, ours and those of others, on the same graphs and by the same steps."""

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

SIZE = 1600, 1000
PITCH = 280, 112
FRAMES = 60
LONGEST = 20.0
"""Seconds after which the frames of one action are enough, though at least five."""


@dataclass(frozen=True)
class Plan:
    """A chain of layers wrapped into columns, with skips over 2 to 12 layers: 1.3 wires a node."""

    places: tuple[tuple[float, float], ...]
    wires: tuple[tuple[int, int, str], ...]
    """From, to, and the input: x for the chain, skip for the others."""


def planned(num: int, seed: int = 1) -> Plan:
    """The same graph for the same numbers."""
    dice = random.Random(seed)
    in_column = max(4, round((num * PITCH[0] / PITCH[1] / 1.6) ** 0.5))
    places = tuple((float(k // in_column * PITCH[0]), float(k % in_column * PITCH[1])) for k in range(num))
    wires = []
    for k in range(1, num):
        wires.append((k - 1, k, "x"))
        if k > 12 and dice.random() < 0.3:
            wires.append((k - dice.randint(2, 12), k, "skip"))
    return Plan(places, tuple(wires))


class Stage(Protocol):
    """An editor that shows a graph, as the steps see it."""

    @property
    def window(self) -> QWidget:
        """What holds it."""

    @property
    def viewport(self) -> QWidget:
        """What is painted on, and takes the mouse."""

    def fit(self) -> None:
        """Show everything."""

    def scale(self) -> float:
        """Pixels to a unit of the scene."""

    def zoom_to(self, scale: float) -> None:
        """Show at a scale."""

    def centre(self, node: int) -> None:
        """Bring a node to the middle."""

    def pan(self, dx: int, dy: int) -> None:
        """Move the scene by pixels."""

    def point(self, node: int) -> QPointF:
        """A place on a node, in the viewport, where it can be dragged."""


Step = Callable[[int, int], None]


def actions(stage: Stage, num: int) -> Iterator[tuple[str, Step]]:
    """Each action as a function of the frame's number and the number of frames; what is set up is not timed."""
    stage.fit()
    fitted = stage.scale()
    middle = num // 2
    yield "fit-all", lambda k, n: stage.viewport.update()
    stage.zoom_to(1.0)
    stage.centre(middle)
    yield "100 % pan", lambda k, n: stage.pan(-7, -5 if k % 40 < 20 else 5)
    stage.centre(middle)
    yield "zoom sweep", lambda k, n: stage.zoom_to(fitted * (1 / fitted) ** (k / (n - 1)))
    for name, scale in (("drag at 100 %", 1.0), ("drag at fit-all", fitted)):
        stage.zoom_to(scale)
        stage.centre(middle)
        start = stage.point(middle)
        mouse(stage.viewport, QEvent.Type.MouseButtonPress, start)
        yield (
            name,
            lambda k, n, at=start: mouse(  # type: ignore[misc]
                stage.viewport, QEvent.Type.MouseMove, at + QPointF(k % 12 * 8 - 40, k % 7 * 8 - 20)
            ),
        )
        mouse(stage.viewport, QEvent.Type.MouseButtonRelease, start)


def timed(stage: Stage, step: Step, frames: int = FRAMES) -> list[float]:
    """CPU milliseconds of each frame, everything from the gesture to the pixels."""
    flush(stage)
    found: list[float] = []
    begun = time.monotonic()
    for k in range(frames):
        start = time.process_time()
        step(k, frames)
        flush(stage)
        found.append((time.process_time() - start) * 1e3)
        if time.monotonic() - begun > LONGEST and len(found) >= 5:
            break
    return found


def flush(stage: Stage) -> None:
    """Paint now what waits to be painted."""
    QCoreApplication.sendPostedEvents()
    QCoreApplication.sendEvent(stage.window, QEvent(QEvent.Type.UpdateRequest))


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF) -> None:
    """One event of the left button."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    keys = Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, keys))


def middle_and_tail(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(values), sorted(values)[int(0.95 * len(values))]


def memory() -> float:
    """The largest resident size of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
