"""Training in a job beside a bare PyTorch loop, the usual script, Keras 3, accelerate, and with the window open.

Everything runs in processes of its own, one after the other, in turns, each with the number of threads that the job
chose. What the peers do: `_training_peers`. Keras and accelerate come with the extra `bench`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._report import Row, arguments, median, more, show
from benchmarks._training_models import MODELS
from benchmarks._training_peers import EXTRA, there
from workbench.core import project

WINDOW = """
import json, os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.ui.app import Workbench
from msgspec.structs import replace
app = QApplication([])
window = Workbench(app)
window.show()
epochs = int(sys.argv[1])
until = time.monotonic() + 90
gaps, first = [], []
def wait(condition):
    while not condition():
        app.processEvents()
        time.sleep(0.001)
        assert time.monotonic() < until, "waited too long"
window.files.open_zoo("mnist_mlp")
wait(lambda: window.session.state.analysis is not None)
window.jobs.want_spare()
wait(lambda: window.jobs._spare is not None)
from workbench.core.document import Data
time.sleep(8)  # the spare imports torch meanwhile
document = window.session.state.document
window.session.edit("epochs", replace(document, training=replace(document.training, epochs=epochs)))
wait(lambda: window.session.state.analysis.revision == window.session.state.revision)
window.window.show_place("train")
for _ in range(200):
    app.processEvents()
last = time.perf_counter()
def beat():
    global last
    now = time.perf_counter()
    gaps.append(now - last)
    last = now
timer = QTimer()
timer.setInterval(0)
timer.timeout.connect(beat)
timer.setInterval(4)
begun = time.perf_counter()
window.train()
timer.start()
last = time.perf_counter()
while window.trainer.is_live:
    app.processEvents()
    if not first and window.trainer.shown and "train/loss" in window.trainer.shown.series:
        first.append(time.perf_counter() - begun)
    time.sleep(0.0005)
    assert time.monotonic() < until, "the run did not end"
status = window.trainer.status
assert status.state == "done", status
busy = sorted(max(0.0, gap - 0.004) for gap in gaps)  # how late an event is answered: the beat comes every 4 ms
print(json.dumps({
    "steps_per_second": status.step / status.seconds,
    "threads": status.threads,
    "longest_stall": busy[-1],
    "p99": busy[int(len(busy) * 0.99)],
    "first_point": first[0],
}))
window.close()
os._exit(0)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    parser = arguments(__doc__)
    parser.add_argument("--epochs", type=float, default=1.0, help="how many times the usual epochs")
    parser.add_argument("--only", action="append", choices=(*MODELS, "window"), help="one of these, or several")
    options = parser.parse_args(argv)
    for peer in EXTRA:
        if not there(peer):
            sys.stderr.write(f"{peer} is not installed, and is left out: pip install 'model-workbench[bench]'\n")
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        for name in options.only or [*MODELS, "window"]:
            if name == "window":
                found += window_rows(home, options.repeat, max(2, round(30 * options.epochs)))
            else:
                found += rows(home, name, options.repeat, max(2, round(MODELS[name].epochs * options.epochs)))
    show("training", found, as_json=options.json)
    return 0


GOALS = {
    "loop": ("bare loop", ">= 0.95"),
    "script": ("Dataset + DataLoader script", ">= 1"),
    "script2": ("the same with 2 workers", ">= 1"),
    "keras": ("Keras 3 on torch", "> 1"),
    "accelerate": ("accelerate", "> 1"),
}


def rows(home: str, name: str, repeat: int, epochs: int) -> list[Row]:
    """A job of this model beside each peer, measured in turn."""
    file = Path(home) / "model.workbench"
    project.save(file, MODELS[name].document())
    peers = [peer for peer in GOALS if there(peer)]
    jobs: list[float] = []
    found: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(repeat):
        job = trained(home, str(file), epochs)
        jobs.append(job["steps_per_second"])
        for peer in peers:
            few = epochs if peer == "loop" else max(2, epochs // 6)
            answer = child(home, "-m", "benchmarks._training_peers", name, peer, str(job["threads"]), str(few))
            found[peer].append(answer["steps_per_second"])
    mlp = name == "mnist_mlp"
    return [
        more(f"{name}: job, metrics and run folder on", "steps/s", jobs, called, found[peer],
             ">= 1.5" if mlp and peer.startswith("script") else goal)
        for peer, (called, goal) in GOALS.items()
        if peer in found
    ]  # fmt: skip


def window_rows(home: str, repeat: int, epochs: int) -> list[Row]:
    """A job with the window open, beside one alone."""
    open_, alone = [], []
    for _ in range(repeat):
        open_.append(child(home, "-c", WINDOW, str(epochs)))
        alone.append(trained(home, "zoo:mnist_mlp", epochs))
    first = median([item["first_point"] for item in open_])
    stall, late = (1000 * median([item[name] for item in open_]) for name in ("longest_stall", "p99"))
    speed = [[item["steps_per_second"] for item in items] for items in (open_, alone)]
    return [
        more("job, window open and plotting", "steps/s", speed[0], "job alone", speed[1], ">= 0.9"),
        Row("start to first point, spare waiting", first, "s", goal="<= 0.5"),
        Row("longest stall of the window", stall, "ms", goal="<= 50"),
        Row("events of the window answered late by, p99", late, "ms", goal="<= 16.7"),
    ]


def trained(home: str, project: str, epochs: int) -> dict[str, Any]:
    """A run from the command line, and its steps a second."""
    answer = child(home, "-m", "workbench", "train", project, "--epochs", str(epochs), "--json")
    return {**answer, "steps_per_second": answer["steps"] / answer["seconds"]}


def child(home: str, *words: str) -> dict[str, Any]:
    """The JSON that a Python process prints last."""
    variables = {**os.environ, "WORKBENCH_HOME": home, "ORT_DISABLE_TELEMETRY": "1"}
    variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, *words], env=variables, cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
