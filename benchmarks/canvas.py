"""How long the node canvas takes for a frame: CPU milliseconds, everything from the gesture to the pixels."""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from widgets.node_canvas.canvas import NodeCanvas
from widgets.node_canvas.scene import NodeBox, Scene, WireLine
from widgets.tokens import DARK

SIZE = 1600, 1000
FAMILIES = ("linear", "convolution", "activation", "normalisation", "pooling", "sequence", "operation")
CAPTIONS = ((), ("2×2",), ("32 filters · 3×3 · same", "320 parameters"))
PITCH = 280, 112
Row = dict[str, object]


def chain(num: int, seed: int = 1) -> Scene:
    """A chain of layers wrapped into columns, with skips over 2 to 12 layers: 1.3 wires a node."""
    dice = random.Random(seed)
    in_column = max(4, round((num * PITCH[0] / PITCH[1] / 1.6) ** 0.5))
    nodes, wires = [], []
    for k in range(num):
        x, y = k // in_column * PITCH[0], k % in_column * PITCH[1]
        family, captions = dice.choice(FAMILIES), dice.choice(CAPTIONS)
        nodes.append(NodeBox(f"n{k}", f"Layer {k}", captions, family, x, y, ("x", "skip"), ("out",)))
        if k:
            wires.append(WireLine(f"n{k - 1}", "out", f"n{k}", "x", "32 × 28 × 28"))
        if k > 12 and dice.random() < 0.3:
            wires.append(WireLine(f"n{k - dice.randint(2, 12)}", "out", f"n{k}", "skip", "32 × 28 × 28"))
    return Scene(tuple(nodes), tuple(wires))


class Measured(NodeCanvas):
    """A canvas that counts how often it paints."""

    frames = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Count and paint."""
        self.frames += 1
        super().paintEvent(event)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--frames", type=int, default=60)
    options = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    rows = [row for num in options.nodes for row in measure(num, options.frames)]
    if options.json:
        print(json.dumps({"name": "canvas", "machine": machine(), "rows": rows}, indent=1))
    else:
        for row in rows:
            print(f"{row['what']!s:48} {row['value']:>9} {row['unit']}")
    return 0


def measure(num: int, frames: int) -> Iterator[Row]:
    """Build a canvas of `num` nodes and time what people do on it."""
    scene = chain(num)
    canvas = Measured(DARK)
    canvas.resize(*SIZE)
    canvas.show()
    QCoreApplication.processEvents()
    start = time.process_time()
    canvas.set_scene(scene)
    yield _row(f"{num} nodes: build", time.process_time() - start)
    for name, step in _actions(canvas):
        yield from _timed(canvas, f"{num} nodes: {name}", step, frames)
    canvas.close()
    canvas.deleteLater()


def _actions(canvas: NodeCanvas) -> Iterator[tuple[str, Callable[[int, int], None]]]:
    """Each action as a function of the frame's number and the number of frames; what is set up is not timed."""
    canvas.fit()
    fitted = canvas.scale
    yield "fit-all repaint", lambda k, n: canvas.update()
    middle = f"n{len(canvas.graph.nodes.boxes) // 2}"
    for percent in (50, 100):
        canvas.zoom_to(percent / 100)
        canvas.centre_on(middle)
        yield f"{percent} % repaint", lambda k, n: canvas.update()
    yield "100 % pan", lambda k, n: canvas.pan(-7, -5 if k % 40 < 20 else 5)
    canvas.centre_on(middle)
    yield "zoom sweep", lambda k, n: canvas.zoom_to(fitted * (1 / fitted) ** (k / (n - 1)))
    for name, scale in (("100 %", 1.0), ("fit-all", fitted)):
        canvas.zoom_to(scale)
        canvas.centre_on(middle)
        yield f"drag one node at {name}", _dragging(canvas, canvas.node_rect(middle).center())
        _mouse(canvas, QEvent.Type.MouseButtonRelease, canvas.node_rect(middle).center())


def _dragging(canvas: NodeCanvas, start: QPointF) -> Callable[[int, int], None]:
    _mouse(canvas, QEvent.Type.MouseButtonPress, start)
    return lambda k, n: _mouse(canvas, QEvent.Type.MouseMove, start + QPointF(k % 12 * 8 - 40, k % 7 * 8 - 20))


def _mouse(canvas: NodeCanvas, kind: QEvent.Type, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    pressed = kind == QEvent.Type.MouseButtonPress
    keys = Qt.KeyboardModifier.NoModifier
    button = none if kind == QEvent.Type.MouseMove else left
    held = left if pressed or kind == QEvent.Type.MouseMove else none
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, keys)
    QCoreApplication.sendEvent(canvas, event)


def _timed(canvas: Measured, what: str, step: Callable[[int, int], None], frames: int) -> Iterator[Row]:
    _flush(canvas)
    cpu, wall = [], []
    before = canvas.frames
    for k in range(frames):
        wall_start, start = time.perf_counter(), time.process_time()
        step(k, frames)
        _flush(canvas)
        cpu.append(time.process_time() - start)
        wall.append(time.perf_counter() - wall_start)
    assert canvas.frames <= before + frames, "more than one painting to a frame"
    yield _row(f"{what}, CPU median", statistics.median(cpu))
    yield _row(f"{what}, CPU p95", sorted(cpu)[int(0.95 * frames)])
    yield _row(f"{what}, wall median", statistics.median(wall))


def _flush(canvas: NodeCanvas) -> None:
    """Paint now what waits to be painted."""
    QCoreApplication.sendPostedEvents()
    QCoreApplication.sendEvent(canvas, QEvent(QEvent.Type.UpdateRequest))


def _row(what: str, seconds: float) -> Row:
    value = round(seconds * 1e3, 3)
    return {"what": what, "value": value, "unit": "ms", "peer": None, "peer_value": None, "ratio": None}


def machine() -> str:
    """Where this was measured."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
