"""Samples a second of each kind of source beside the usual Dataset and DataLoader, growth with rows, and a large CSV.

Each figure is measured in a process of its own, ours and the script's in turns. The tables of many rows are diamonds
over and over again; the large one (`--gigabytes`, 2 unless given) is only read.
"""

import json
import os
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


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when all went well."""
    parser = arguments(__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the large CSV file; 0 leaves it out")
    options = parser.parse_args(argv)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        for part in (sources(home, options.repeat), growth(home), large(home, options.gigabytes)):
            try:
                rows.extend(part)
            except NotFetchedError as error:
                print(f"skipped: {error}", file=sys.stderr)
    show("data", rows, as_json=options.json)
    return 0


def sources(home: str, repeat: int) -> Iterator[Row]:
    """Each kind beside the script."""
    patches = {"height": 32, "width": 32, "colour": False}
    for kind, name, source, options in (
        ("pictures", "patches", "image_folder", patches),
        ("table", "diamonds", "csv", {}),
        ("text", "movie_reviews", "text_table", {}),
    ):
        path = str(REAL[name]())
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
    """Time of an epoch for each row, and memory, as the rows grow."""
    seconds: list[float] = []
    for count in SIZES:
        file = Path(home) / f"{count}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(islice(_diamonds(), count + 1))
        said = child(home, "ours", source="csv", options={"path": str(file)}, batch=1024)
        seconds.append(1e6 / said["samples_per_second"])
        yield Row(f"table of {count:,} rows: an epoch takes", median([seconds[-1]]), "µs/row")
        yield Row(f"table of {count:,} rows: memory", round(said["memory"]), "MB")
        file.unlink()
    yield Row("1,000,000 rows to 10,000: time for each row", round(seconds[-1] / seconds[1], 3), "×", goal="<= 1.5")


def large(home: str, gigabytes: float) -> Iterator[Row]:
    """A file larger than many memories."""
    if gigabytes <= 0:
        return
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
