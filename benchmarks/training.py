"""Training in a job beside a bare PyTorch loop, the usual script, Keras 3, accelerate, and with the window open.

Steps a second, and for two networks the time to an accuracy. Everything runs in processes of its own, a job and its
peers in turns, each with the number of threads that the job chose. What the peers do: `_training_peers`. Keras and
accelerate come with the extra `bench`. `--quick` says whether all of it works, `--only NAME` measures one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._report import Row, arguments, faster, median, more, show
from benchmarks._training_models import MODELS, Model
from benchmarks._training_peers import EXTRA, there
from tests.real.packages import NotFetchedError
from workbench.core import project
from workbench.core.runs import RunFolder

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
until = time.monotonic() + 300
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
}), flush=True)
window.close()
os._exit(0)
"""

GOALS = {
    "loop": ("bare loop", ">= 0.95"),
    "script": ("Dataset + DataLoader script", ">= 1"),
    "script2": ("the same with 2 workers", ">= 1"),
    "keras": ("Keras 3 on torch", "> 1"),
    "accelerate": ("accelerate", "> 1"),
}
LONGEST = 600
"""Seconds after which a process that is measured is given up."""


class NotMeasuredError(Exception):
    """A process failed; the text is what it said last."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    parser = arguments(__doc__)
    parser.set_defaults(repeat=3)
    parser.add_argument("--quick", action="store_true", help="once, and only a moment each")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each peer is measured at least")
    parser.add_argument("--only", action="append", choices=(*MODELS, "window"), help="one of these, or several")
    options = parser.parse_args(argv)
    if options.quick:
        options.repeat, options.seconds = 1, 0.2
    for peer in EXTRA:
        if not there(peer):
            _say(f"{peer} is not installed, and is left out: pip install 'model-workbench[bench]'")
    found: list[Row] = []
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        for name in options.only or [*MODELS, "window"]:
            try:
                if name == "window":
                    found += window_rows(home, min(2, options.repeat))
                else:
                    found += rows(home, name, options.repeat, options.seconds)
            except NotFetchedError as error:
                _say(f"{name}: skipped, {error}")
            except NotMeasuredError as error:
                _say(f"{name}: failed, {error}")
                failed = 1
    show("training", found, as_json=options.json)
    return failed


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def rows(home: str, name: str, repeat: int, seconds: float) -> list[Row]:
    """A job of this model beside its peers, measured in turn. Raises `NotFetchedError` and `NotMeasuredError`."""
    model = MODELS[name]
    file = Path(home) / "model.workbench"
    model.data(Path(home))
    project.save(file, model.document())
    peers = [peer for peer in GOALS if there(peer) and (peer != "script2" or model.is_picture)]
    jobs: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for number in range(repeat):
        epochs = max(2, round(model.epochs * min(1.0, seconds)))
        job = trained(home, str(file), epochs, "--set", f"training.seed={number}")
        turn = [*peers[number % len(peers) :], *peers[: number % len(peers)]]
        words = (name, str(job["threads"]), str(seconds), str(number), *turn)
        jobs.append(job)
        found.append(child(home, "-m", "benchmarks._training_peers", *words))
        _say(f"{name}: {number + 1} of {repeat}, {job['threads']} threads, {job['steps_per_second']:.4g} steps/s")
    speeds = [job["steps_per_second"] for job in jobs]
    made = [
        more(f"{name}: job, metrics and run folder on", "steps/s", speeds, GOALS[peer][0],
             [each[peer]["steps_per_second"] for each in found],
             ">= 1.5" if name == "mnist_mlp" and peer.startswith("script") else GOALS[peer][1])
        for peer in peers
    ]  # fmt: skip
    return [*made, *_to_accuracy(name, model, peers, jobs, found)]


def _to_accuracy(
    name: str, model: Model, peers: Sequence[str], jobs: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]
) -> list[Row]:
    """The time until the validation split is answered as well as wanted, where both came there."""
    if model.accuracy is None:
        return []
    ours = [_seconds_to(job, model.accuracy) for job in jobs]
    made = []
    for peer in peers:
        pairs = [(our, each[peer]["seconds_to_goal"]) for our, each in zip(ours, found, strict=True)]
        both = [(our, their) for our, their in pairs if our and their]
        what = f"{name}: job, to a validation accuracy of {model.accuracy:.0%}"
        if both:
            made.append(faster(what, [our for our, _ in both], GOALS[peer][0], [their for _, their in both]))
        else:
            _say(f"{what}, beside {GOALS[peer][0]}: not reached")
    return made


def _seconds_to(job: dict[str, Any], accuracy: float) -> float | None:
    """From the first step of a run to the end of the first epoch that was so good."""
    folder = RunFolder(Path(job["folder"]))
    begun = next(event.time for event in folder.events() if event.code == "started")
    ends = (event for event in folder.events() if event.code == "epoch" and event.args["val/accuracy"] >= accuracy)
    return next((event.time - begun for event in ends), None)


def window_rows(home: str, repeat: int) -> list[Row]:
    """A job with the window open, beside one alone. Raises `NotMeasuredError`."""
    epochs = MODELS["mnist_mlp"].epochs
    open_, alone = [], []
    for number in range(repeat):
        open_.append(child(home, "-c", WINDOW, str(epochs)))
        alone.append(trained(home, "zoo:mnist_mlp", epochs))
        _say(f"window: {number + 1} of {repeat}")
    first = median([item["first_point"] for item in open_])
    stall, late = (1000 * median([item[name] for item in open_]) for name in ("longest_stall", "p99"))
    speed = [[item["steps_per_second"] for item in items] for items in (open_, alone)]
    return [
        more("job, window open and plotting", "steps/s", speed[0], "job alone", speed[1], ">= 0.9"),
        Row("start to first point, spare waiting", first, "s", goal="<= 0.5"),
        Row("longest stall of the window", stall, "ms", goal="<= 50"),
        Row("events of the window answered late by, p99", late, "ms", goal="<= 16.7"),
    ]


def trained(home: str, project: str, epochs: int, *options: str) -> dict[str, Any]:
    """A run from the command line, and its steps a second. Raises `NotMeasuredError`."""
    answer = child(home, "-m", "workbench", "train", project, "--epochs", str(epochs), *options, "--json")
    return {**answer, "steps_per_second": answer["steps"] / answer["seconds"]}


def child(home: str, *words: str) -> dict[str, Any]:
    """The JSON that a Python process prints last. Raises `NotMeasuredError`."""
    variables = {**os.environ, "WORKBENCH_HOME": home, "ORT_DISABLE_TELEMETRY": "1"}
    variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    root = Path(__file__).parent.parent
    command = [sys.executable, *words]
    try:
        done = subprocess.run(
            command, env=variables, cwd=root, capture_output=True, text=True, check=False, timeout=LONGEST
        )
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1]) if not done.returncode else {}
    except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
        raise NotMeasuredError(str(error)) from None
    if done.returncode:
        raise NotMeasuredError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
