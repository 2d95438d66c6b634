"""How fast shapes come, and how true the forecast of memory is: ResNet-50, a chain of 1,000 nodes, six families.

Times are processor time of the process that computes, so that what else the machine does matters less; the first
analysis of a network is made in a process of its own. The peers are ways to get shapes from torch itself: running the
network on real tensors, and `torch.export` (FakeTensor tracing). *An edit* changes the width of one layer: the question
is encoded, decoded, answered, encoded, decoded and taken over as between window and engine.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from msgspec.structs import replace

from benchmarks._allocator import training_peak
from benchmarks._networks import FAMILIES, long_chain, resnet50
from benchmarks._report import Row, arguments, faster, median, show
from workbench.core import edits
from workbench.core.changes import changes, patched
from workbench.core.document import Document, Training
from workbench.core.messages import Answer, Ask, Decoder, Follow, encode
from workbench.engine.analyse import analyse, forecast_of, study, warm_up
from workbench.engine.compile import compiled
from workbench.engine.following import Follower

T = TypeVar("T")

WINDOW = """
import json, os, sys, time
from PySide6.QtWidgets import QApplication
from benchmarks.analysis import document_called
from workbench.core import edits
from workbench.ui.app import Workbench
app = QApplication([])
window = Workbench(app)
window.show()
session = window.session
until = time.monotonic() + 90
def wait(condition):
    while not condition():
        app.processEvents()
        time.sleep(0.001)
        assert time.monotonic() < until, "waited too long"
def known():
    state = session.state
    return state.analysis is not None and state.analysis.revision == state.revision
session.open(document_called(sys.argv[1]))
wait(lambda: known() and not session.state.analysis.memory.unfinished)
found = []
for turn in range(12):
    document = session.state.document
    layers = [node.id for node in document.graph.nodes.values() if node.type in ("linear", "conv2d")]
    node = layers[(turn * 97) % len(layers)]
    name = "out_features" if document.graph.nodes[node].type == "linear" else "out_channels"
    begun, worked = time.perf_counter(), time.process_time()
    session.edit("Edit", edits.set_setting(document, node, name, 1500 + turn))
    wait(known)
    app.processEvents()
    found.append([time.perf_counter() - begun, time.process_time() - worked])
    wait(lambda: not session.state.analysis.memory.unfinished)
print(json.dumps(found))
sys.stdout.flush()
os._exit(0)
"""

HERE = Path()
LONG = 1000
NETWORKS = ("ResNet-50", f"chain of {LONG:,} nodes")


def main() -> int:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--batch", type=int, default=64, help="batch size at which memory is compared")
    parser.add_argument("--first", metavar="NETWORK", help="only the first analysis, in this process")
    options = parser.parse_args()
    if options.first:
        print(json.dumps(_first(options.first)))
        return 0
    rows: list[Row] = []
    for name in NETWORKS:
        rows += _speed(name, options.repeat)
        rows += _window(name)
    rows += _memory(options.batch)
    show("analysis", rows, as_json=options.json)
    return 0


def document_called(name: str) -> Document:
    """One of the networks that are timed."""
    return resnet50() if name == NETWORKS[0] else long_chain(LONG)


def _speed(name: str, repeat: int) -> list[Row]:
    command = [sys.executable, "-m", "benchmarks.analysis", "--first", name]
    turns = range(min(repeat, 3))
    found = [json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in turns]

    def of(key: str) -> list[float]:
        return [float(item[key]) for item in found]

    def each(key: str) -> list[float]:
        return [value for item in found for value in item[key]]

    return [
        faster(f"{name}: first analysis", of("first"), "a forward pass of one real sample", of("real")),
        faster(f"{name}: first analysis", of("first"), "torch.export", of("export")),
        Row(f"{name}: forecast of memory, the first time", median(of("forecast")), "s"),
        Row(f"{name}: analysis again", median(each("again")) * 1e3, "ms"),
        Row(f"{name}: an edit, engine and pipe", median(each("edit")) * 1e3, "ms"),
    ]


def _window(name: str) -> list[Row]:
    """The real window with its engine: from an edit to its shapes on the canvas."""
    with tempfile.TemporaryDirectory() as home:
        places = {"WORKBENCH_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        found = subprocess.run(
            [sys.executable, "-c", WINDOW, name],
            env={**os.environ, **places},
            capture_output=True,
            text=True,
            check=True,
        )
    clock, worked = zip(*json.loads(found.stdout.splitlines()[-1]), strict=True)
    return [
        Row(f"{name}: an edit, until the window shows its shapes", median(clock) * 1e3, "ms", goal="<= 50 ms"),
        Row(f"{name}: of that, processor time of the window", median(worked) * 1e3, "ms"),
    ]


def _first(name: str) -> dict[str, object]:
    """What is measured in a process that has seen no network yet."""
    document = document_called(name)
    warm_up()
    gc.collect()
    gc.freeze()
    first, known = _timed(lambda: study(document, HERE, 1))
    forecast, _ = _timed(lambda: forecast_of(known))
    again = [_timed(lambda: study(document, HERE, 1))[0] for _ in range(5)]
    edits = _edits(document)
    assert analyse(document, HERE).ok
    torch.set_num_threads(1)
    network = compiled(known).eval()
    sample = torch.zeros(1, *known.known[network.inputs[0], "out"].shape)
    with torch.no_grad():
        real, _ = _timed(lambda: network(sample))
    export, _ = _timed(lambda: torch.export.export(network, (sample,), strict=False))
    return {"first": first, "forecast": forecast, "again": again, "edit": edits, "real": real, "export": export}


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def _edits(document: Document) -> list[float]:
    """Seconds of processor time from an edit to the new analysis, on both sides of the pipe."""
    engine = Follower()
    analysis = engine.analyse(document, HERE, 1)
    layers = [node.id for node in document.graph.nodes.values() if node.type in ("linear", "conv2d")]
    found = []
    for turn in range(12):
        node = layers[(turn * 97) % len(layers)]
        name = "out_features" if document.graph.nodes[node].type == "linear" else "out_channels"
        edited = edits.set_setting(document, node, name, 1500 + turn)
        begun = time.process_time()
        question = encode(Ask(1, Follow(changes(document, edited), analysis.revision, analysis.revision + 1)))
        ((asked, _),) = Decoder().feed(question)
        assert isinstance(asked, Ask)
        assert isinstance(asked.question, Follow)
        ((answer, _),) = Decoder().feed(encode(Answer(1, msgspec.to_builtins(engine.follow(asked.question)))))
        assert isinstance(answer, Answer)
        followed = msgspec.convert(answer.result, Follow.reply)
        analysis = replace(followed.rest, nodes=patched(analysis.nodes, followed.nodes))
        found.append(time.process_time() - begun)
        document = edited
    return found


def _memory(batch: int) -> list[Row]:
    rows = []
    for family, make in FAMILIES.items():
        for optimizer in ("sgd", "adam"):
            document = replace(make(), training=Training(optimizer=optimizer, batch_size=batch))
            forecast, real = analyse(document, HERE).memory.training_bytes or 0, training_peak(document)
            rows.append(_compared(f"{family}, {optimizer}, batch {batch}: forecast of peak memory", forecast, real))
    return rows


def _compared(what: str, forecast: int, real: int) -> Row:
    ratio = round(forecast / real, 3)
    return Row(what, forecast / 1e6, "MB", "the allocator's peak", real / 1e6, ratio, "0.9 to 1.1")


if __name__ == "__main__":
    raise SystemExit(main())
