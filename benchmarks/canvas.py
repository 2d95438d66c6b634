"""How fast the canvas is: frames, opening, memory, and layouts, beside NodeGraphQt, qtpynodeeditor and networkx.

Every editor is measured in a process of its own, on the same graphs, in turns, by the same steps; figures of frames are
CPU milliseconds, everything from the gesture to the pixels, painted without a graphics card. NodeGraphQt runs without
its search for cycles, which walks every path.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._canvas_layouts import layout_rows
from benchmarks._frames import FRAMES, SIZE, Plan, actions, memory, middle_and_tail, planned, timed
from benchmarks._report import Row, arguments, show
from widgets.node_canvas.scene import NodeBox, Scene, WireLine

REQUIRES = (
    "NodeGraphQt==0.6.44",
    "Qt.py==2.0.7",
    "qtpynodeeditor==0.3.3",
    "QtPy==2.4.3",
    "packaging",
    "typing_extensions",
    "networkx==3.6.1",
)
"""What `dev.py` installs, without what these in turn require, into a folder of its own: BENCHMARK_PEERS names it."""

NODES, QUICK = (100, 1000, 5000, 20_000), (100, 1000)
PEERS = ("NodeGraphQt", "qtpynodeeditor")
OURS = "ours"
PATIENCE = 120.0
"""Seconds that a peer gets for one graph."""
GOALS = {
    **dict.fromkeys(("fit-all", "100 % pan", "zoom sweep"), "5 ms"),
    **dict.fromkeys(("drag at 100 %", "drag at fit-all"), "16 ms"),
}
FAMILIES = ("linear", "convolution", "activation", "normalisation", "pooling", "sequence", "operation")
CAPTIONS = ((), ("2×2",), ("32 filters · 3×3 · same", "320 parameters"))

Figures = dict[str, list[float]]


def chain(num: int) -> Scene:
    """The planned graph as a scene."""
    plan = planned(num)
    nodes = tuple(
        NodeBox(f"n{k}", f"Layer {k}", CAPTIONS[k % 3], FAMILIES[k % 7], x, y, ("x", "skip"), ("out",))
        for k, (x, y) in enumerate(plan.places)
    )
    wires = tuple(WireLine(f"n{a}", "out", f"n{b}", port, "32 × 28 × 28") for a, b, port in plan.wires)
    return Scene(nodes, wires)


def main() -> int:
    """Measure and print; 0 when all of ours was measured."""
    parser = arguments(__doc__)
    parser.add_argument("--quick", action="store_true", help="small graphs and few frames")
    parser.add_argument("--nodes", type=int, nargs="+", help="sizes of the graphs")
    parser.add_argument("--only", choices=("frames", "open", "layout"), help="one part")
    parser.add_argument("--part", nargs=3, metavar=("WHAT", "NODES", "FRAMES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if options.part:
        part(*options.part)
        return 0
    sizes = options.nodes or (QUICK if options.quick else NODES)
    frames, patience = (15, 30.0) if options.quick else (FRAMES, PATIENCE)
    rows: list[Row] = []
    if options.only in (None, "frames"):
        for num in sizes:
            rows += frame_rows(num, frames, patience)
    if options.only in (None, "open"):
        rows += [row for num in sizes for row in opening_rows(num, patience)]
    if options.only in (None, "layout"):
        rows += [row for num in ((50, 500) if options.quick else (50, 500, 5000)) for row in layout_rows(num, peers())]
    show("canvas", rows, as_json=options.json)
    return 0


def frame_rows(num: int, frames: int, patience: float) -> Iterator[Row]:
    """Our frames beside those of each peer."""
    ours, _ = asked(["-m", "benchmarks.canvas", "--part", "frames", str(num), str(frames)], 3 * patience)
    for peer in PEERS:
        theirs, why = asked(["-m", "benchmarks._canvas_peers", peer, str(num), str(frames)], patience)
        yield from beside(num, ours, peer, theirs, why if peers() else "not installed")


def beside(num: int, ours: Figures, peer: str, theirs: Figures, why: str) -> Iterator[Row]:
    """Medians and tails of ours and of a peer; a ratio above 1 says how many times less ours needs."""
    for what, values in ours.items():
        other = theirs.get(what)
        aim = GOALS.get(what, "") if num in (1000, 5000) else ""
        unit = "MiB" if what == "memory" else "ms"
        for name, mine, yours in zip(
            ("median", "p95"), middle_and_tail(values), middle_and_tail(other) if other else (None, None), strict=True
        ):
            if len(values) == 1 and name == "p95":
                continue
            goal = aim if name == "median" else ""
            label = f"{num} nodes: {what}" + (f", {name}" if len(values) > 1 else "")
            if yours is None:
                yield Row(label, digits(mine), unit, f"{peer} ({why})", goal=goal)
            else:
                ratio = round(yours / mine, 2) if mine > 0 else None
                yield Row(label, digits(mine), unit, peer, digits(yours), ratio, goal)


def opening_rows(num: int, patience: float) -> Iterator[Row]:
    """From a project's file to its graph on the screen; shapes follow."""
    ours, _ = asked(["-m", "benchmarks.canvas", "--part", "open", str(num), "1"], patience)
    goal = "1000 ms" if num == 5000 else ""
    for what, values in ours.items():
        yield Row(f"{num} nodes: {what}", digits(values[0]), "ms", goal=goal if what.startswith("a project") else "")


def part(what: str, num: str, frames: str) -> None:
    """In a process of its own: one thing of ours, printed line by line as the peers do it."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    told = frames_of(int(num), int(frames)) if what == "frames" else opening_of(application, int(num))
    for name, values in told:
        print(json.dumps([name, values]), flush=True)


def frames_of(num: int, frames: int) -> Iterator[tuple[str, list[float]]]:
    """Build our canvas and time what people do on it."""
    from PySide6.QtCore import QCoreApplication, QPointF

    from widgets.node_canvas.canvas import NodeCanvas
    from widgets.tokens import DARK

    class Ours:
        """Our canvas as a stage."""

        def __init__(self, canvas: NodeCanvas) -> None:
            self.window = self.viewport = self.canvas = canvas
            self.fit, self.pan, self.zoom_to = canvas.fit, canvas.pan, canvas.zoom_to

        def scale(self) -> float:
            return self.canvas.scale

        def centre(self, node: int) -> None:
            self.canvas.centre_on(f"n{node}")

        def point(self, node: int) -> QPointF:
            return self.canvas.node_rect(f"n{node}").center()

    before = memory()
    canvas = NodeCanvas(DARK)
    canvas.resize(*SIZE)
    canvas.show()
    QCoreApplication.processEvents()
    start = time.process_time()
    canvas.set_scene(chain(num))
    canvas.fit()
    QCoreApplication.processEvents()
    yield "open", [(time.process_time() - start) * 1e3]
    for name, step in actions(Ours(canvas), num):
        yield name, timed(Ours(canvas), step, frames)
    yield "memory", [memory() - before]
    canvas.close()


def opening_of(application: Any, num: int) -> Iterator[tuple[str, list[float]]]:
    """Read a project's file, show it in the program's own canvas panel, and paint it."""
    from PySide6.QtCore import QCoreApplication

    from workbench.core import project
    from workbench.core.catalogue import shipped
    from workbench.core.session import Session
    from workbench.ui.editor import Editor
    from workbench.ui.panels.design import CanvasPanel
    from workbench.ui.theme import Theme

    session = Session()
    panel = CanvasPanel(Theme(application, "dark"), session, Editor(session, shipped()))
    panel.resize(*SIZE)
    panel.show()
    QCoreApplication.processEvents()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chain.workbench")
        project.save(path, document_of(planned(num)))
        start = time.process_time()
        document = project.load(path)
        read = time.process_time()
        session.open(document, path)
        panel.canvas.fit()
        QCoreApplication.processEvents()
        done = time.process_time()
    yield "a project from its file to the screen", [(done - start) * 1e3]
    yield "of that, reading", [(read - start) * 1e3]
    panel.close()


def document_of(plan: Plan) -> Any:
    """The planned graph as a document: layers of one input, and additions where a skip ends."""
    from workbench.core.document import Document, Graph, Layout, Node, Wire

    added = {b for _, b, port in plan.wires if port == "skip"}
    kinds = ("linear", "relu", "batch_norm1d", "dropout")
    nodes = {f"n{k}": Node(f"n{k}", "add" if k in added else kinds[k % 4]) for k in range(len(plan.places))}
    wires = frozenset(
        Wire(f"n{a}", "out", f"n{b}", ("b" if port == "skip" else "a") if b in added else "in")
        for a, b, port in plan.wires
    )
    return Document(graph=Graph(nodes, wires), layout={"": Layout({f"n{k}": at for k, at in enumerate(plan.places)})})


def peers() -> str:
    """The folder of the peers; empty where there are none."""
    return os.environ.get("BENCHMARK_PEERS", "")


def asked(command: list[str], patience: float) -> tuple[Figures, str]:
    """What a process printed until it ended or was ended, and why there is no more."""
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), peers())))
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=patience)
            why = f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            why = f"no answer in {patience:g} s"
    found: Figures = {}
    for line in output.splitlines():
        if line.startswith("["):
            what, values = json.loads(line)
            found[what] = values
    return found, why


def digits(value: float) -> float:
    """Three digits that mean something."""
    return float(f"{value:.3g}")


if __name__ == "__main__":
    sys.exit(main())
