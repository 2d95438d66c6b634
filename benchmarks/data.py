"""Samples a second of each kind of source beside the usual Dataset and DataLoader, growth with rows, and a large CSV.

Each figure is measured in a process of its own, ours and the script's in turns. The tables of many rows are diamonds
over and over again; the large one (`--gigabytes`, 2 unless given) is only read.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks._real_data import REAL
from benchmarks._report import Row, arguments, median, more, show
from tests.real.packages import NotFetchedError

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MEASURED = 3_000_000
"""Rows that are fed for one figure, so that none is of a moment."""
STREAMED = (1_000, 10_000)
"""Pictures that are decoded whenever a batch asks for them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    parser = arguments(__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the large CSV file")
    parser.add_argument("--only", choices=("sources", "growth", "large"), help="one part")
    parser.set_defaults(repeat=3)
    options = parser.parse_args(argv)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        parts = {
            "sources": sources(home, options.repeat),
            "growth": growth(home),
            "large": large(home, options.gigabytes),
        }
        for name, part in parts.items():
            if options.only in (None, name):
                rows += _measured(part)
    show("data", rows, as_json=options.json)
    return 0


def _measured(part: Iterator[Row]) -> Iterator[Row]:
    """Its rows, told as they come: the whole takes minutes."""
    try:
        for row in part:
            print(f"  {row.what}: {row.value:g} {row.unit}", file=sys.stderr, flush=True)
            yield row
    except NotFetchedError as error:
        print(f"skipped: {error}", file=sys.stderr)


KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "pictures": ("patches", "image_folder", {"height": 32, "width": 32, "colour": False}),
    "masks": ("scenes", "image_masks", {"height": 96, "width": 96, "classes": "classes.txt"}),
    "sounds": ("spoken_digits", "sound_table", {"rate": 16000, "seconds": 1.0}),
    "table": ("diamonds", "csv", {}),
    "text": ("movie_reviews", "text_table", {}),
}
"""Real data of each kind, the source that reads them, and its options."""
FILES = {"sounds": "labels.csv"}
"""What a source is given where that is not the folder itself."""


def sources(home: str, repeat: int) -> Iterator[Row]:
    """Each kind beside the script."""
    for kind, (name, source, options) in KINDS.items():
        path = str(REAL[name]() / FILES.get(kind, ""))
        found: dict[str, list[float]] = {"ours": [], "alone": [], "workers": []}
        for _ in range(repeat):
            made = child(home, "ours", source=source, options={"path": path, **options})
            found["ours"].append(made["samples_per_second"])
            for which, workers in (("alone", 0), ("workers", 2)):
                said = child(home, "script", kind=kind, path=path, workers=workers)
                found[which].append(said["samples_per_second"])
        for which, peer in (("alone", "Dataset + DataLoader"), ("workers", "the same with 2 workers")):
            yield more(f"{kind}: an epoch", "samples/s", found["ours"], peer, found[which], ">= 1.0")


def growth(home: str) -> Iterator[Row]:
    """Time of an epoch for each sample, and memory, as they grow: rows, and pictures that no cache holds."""
    yield from _rows(home)
    yield from _streamed(home)


def _rows(home: str) -> Iterator[Row]:
    seconds: list[float] = []
    for count in SIZES:
        file = Path(home) / f"{count}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(islice(_diamonds(), count + 1))
        epochs = max(3, MEASURED // count)
        said = child(home, "ours", source="csv", options={"path": str(file)}, batch=1024, epochs=epochs)
        seconds.append(1e6 / said["samples_per_second"])
        yield Row(f"table of {count:,} rows: an epoch takes", median([seconds[-1]]), "µs/row")
        yield Row(f"table of {count:,} rows: memory", round(said["memory"]), "MB")
        file.unlink()
    yield Row("1,000,000 rows to 100,000: time for each row", round(seconds[-1] / seconds[-2], 3), "×", goal="<= 1.5")


def _streamed(home: str) -> Iterator[Row]:
    """Each picture of one class by many names: links take no room."""
    memory: list[float] = []
    files = sorted((REAL["patches"]() / "train").rglob("*.png"))
    for count in STREAMED:
        folder = Path(home) / f"pictures {count}"
        for klass in "ab":
            (folder / klass).mkdir(parents=True)
        for number in range(count):
            (folder / "ab"[number % 2] / f"{number}.png").symlink_to(files[number % len(files)])
        options = {"path": str(folder), "height": 32, "width": 32}
        said = child(home, "ours", source="image_folder", options=options, epochs=1, streamed=True)
        memory.append(said["memory"])
        each = 1e6 / said["samples_per_second"]
        yield Row(f"{count:,} pictures streamed: an epoch takes", median([each]), "µs/image")
        yield Row(f"{count:,} pictures streamed: memory", round(memory[-1]), "MB")
        shutil.rmtree(folder)
    added = (memory[-1] - memory[0]) * 1024 / (STREAMED[-1] - STREAMED[0])
    yield Row("memory that one more streamed picture takes", round(added, 2), "KB", goal="0, flat")


def large(home: str, gigabytes: float) -> Iterator[Row]:
    """A file larger than many memories."""
    file, size = Path(home) / "large.csv", 0
    with file.open("w", encoding="utf-8") as out:
        for line in _diamonds():
            size += out.write(line)
            if size >= gigabytes * 1e9:
                break
    said = child(home, "read", source="csv", options={"path": str(file)})
    yield Row(f"CSV of {gigabytes:g} GB: read in", round(said["first"], 1), "s")
    yield Row(f"CSV of {gigabytes:g} GB: memory", round(said["memory"]), "MB", goal="<= 1000")
    file.unlink()


def _diamonds() -> Iterator[str]:
    """The header, and its rows again and again."""
    header, *lines = REAL["diamonds"]().read_text(encoding="utf-8").splitlines(keepends=True)
    yield header
    while True:
        yield from lines


def child(home: str, what: str, **said: Any) -> dict[str, float]:
    """What a process found out."""
    variables = {**os.environ, "WORKBENCH_HOME": home}
    command = [sys.executable, "-m", "benchmarks._data_children", what, json.dumps(said)]
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    answer: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
