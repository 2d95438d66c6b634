"""`mnist_mlp` on the embedded digits: a job beside a bare PyTorch loop, the usual script, and with the window open.

Everything runs in processes of its own, one after the other, in turns. The bare loop works on tensors that are held
ready, with the number of threads that the job chose and the same fused optimiser, and validates as the job does. The
usual script has a Dataset that decodes a picture and a DataLoader, and reads every loss.
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

EPOCHS = 30

LOOP = """
import json, sys, time
import torch
from torch import nn
threads, epochs = int(sys.argv[1]), int(sys.argv[2])
from pathlib import Path
from workbench.core.document import Data
from workbench.engine.datasets.base import dataset_of, shared_out
data = Data("digits")
loaded = dataset_of(data).load(Path("."))
rows = shared_out(loaded, data.split)
torch.set_num_threads(threads)
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
loss_function = nn.CrossEntropyLoss()
def ready(split):
    at = torch.from_numpy(rows[split])
    return loaded.columns["image"].ready(at), loaded.columns["label"].data[at]
x, y = ready("train")
vx, vy = ready("validation")
def epoch():
    model.train()
    order = torch.randperm(len(x))
    for start in range(0, len(x), 32):
        at = order[start:start + 32]
        optimizer.zero_grad()
        loss = loss_function(model(x[at]), y[at])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(vx)
        float(loss_function(out, vy)), float((out.argmax(1) == vy).float().mean())
epoch()
begun = time.perf_counter()
for _ in range(epochs):
    epoch()
steps = epochs * -(-len(x) // 32)
print(json.dumps({"steps_per_second": steps / (time.perf_counter() - begun)}))
"""

SCRIPT = """
import json, sys, time
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
workers, epochs = int(sys.argv[1]), int(sys.argv[2])
from workbench.core.places import assets
file = np.load(assets() / "samples" / "digits.npz")
class Digits(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels, self.transform = images, labels, transforms.ToTensor()
    def __len__(self):
        return len(self.images)
    def __getitem__(self, at):
        return self.transform(Image.fromarray(self.images[at])), int(self.labels[at])
keep = ~file["test"]
def main():
    train = Digits(file["images"][keep][:3500], file["labels"][keep][:3500])
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    loss_function = nn.CrossEntropyLoss()
    loader = DataLoader(train, batch_size=32, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    steps, begun = 0, 0.0
    for number in range(epochs + 1):
        if number == 1:
            begun = time.perf_counter()
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_function(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
            steps += number > 0
    print(json.dumps({"steps_per_second": steps / (time.perf_counter() - begun)}))
main()
"""

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
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args(argv)
    show("training", rows(options.repeat, options.epochs), as_json=options.json)
    return 0


def rows(repeat: int, epochs: int) -> list[Row]:
    """All figures, measured in turn."""
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(repeat):
            job = trained(home, epochs)
            threads = str(job["threads"])
            found.setdefault("job", []).append(job)
            found.setdefault("loop", []).append(child(home, LOOP, threads, str(epochs)))
            found.setdefault("window", []).append(child(home, WINDOW, str(epochs)))
            found.setdefault("again", []).append(trained(home, epochs))
            short = str(max(2, epochs // 6))
            found.setdefault("script", []).append(child(home, SCRIPT, "0", short))
            found.setdefault("workers", []).append(child(home, SCRIPT, "2", short))
    speed = {name: [float(item["steps_per_second"]) for item in items] for name, items in found.items()}
    window = found["window"]
    first = median([item["first_point"] for item in window])
    stall, late = (1000 * median([item[name] for item in window]) for name in ("longest_stall", "p99"))
    return [
        more("job, metrics and run folder on", "steps/s", speed["job"], "bare loop", speed["loop"], ">= 0.95"),
        more("job", "steps/s", speed["job"], "Dataset + DataLoader script", speed["script"], ">= 1.5"),
        more("job", "steps/s", speed["job"], "the same with 2 workers", speed["workers"], ">= 1.5"),
        more("job, window open and plotting", "steps/s", speed["window"], "job alone", speed["again"], ">= 0.9"),
        Row("start to first point, spare waiting", first, "s", goal="<= 0.5"),
        Row("longest stall of the window", stall, "ms", goal="<= 50"),
        Row("events of the window answered late by, p99", late, "ms", goal="<= 16.7"),
    ]


def trained(home: str, epochs: int) -> dict[str, Any]:
    """A run from the command line, and its steps a second."""
    command = ["train", "zoo:mnist_mlp", "--epochs", str(epochs), "--json"]
    answer = _run(home, [sys.executable, "-m", "workbench", *command])
    return {**answer, "steps_per_second": answer["steps"] / answer["seconds"]}


def child(home: str, script: str, *words: str) -> dict[str, Any]:
    """The JSON that a script prints last."""
    return _run(home, [sys.executable, "-c", script, *words])


def _run(home: str, command: list[str]) -> dict[str, Any]:
    variables = {**os.environ, "WORKBENCH_HOME": home, "ORT_DISABLE_TELEMETRY": "1"}
    variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    root = Path(__file__).parent.parent
    done = subprocess.run(command, env=variables, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
