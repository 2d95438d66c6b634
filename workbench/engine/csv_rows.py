"""The rows of CSV files, whatever separates their columns. Needs no torch."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine import encodings

BLANK = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""What stands for a missing number (in small letters)."""


def read(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with their line numbers, the header first. Raises `ProblemError`."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            sample = stream.read(65536)
            stream.seek(0)
            rows = csv.reader(stream, _dialect(sample))
            for row in rows:
                if row:
                    yield rows.line_num, row
    except OSError as error:
        raise unreadable(file, error) from None
    except UnicodeDecodeError:
        raise ProblemError("data.encoding", where=str(file), found=encodings.guess(file.read_bytes())) from None
    except csv.Error as error:
        raise ProblemError("data.bad_csv", where=str(file), detail=str(error)) from None


def named(header: list[str]) -> tuple[str, ...]:
    """The names of the columns that a header line gives."""
    return tuple(name.strip() or f"column {place}" for place, name in enumerate(header, 1))


def is_blank(text: str) -> bool:
    """In a column of numbers: no number stands there, as programs write that."""
    return text.strip().lower() in BLANK


def is_number(text: str) -> bool:
    """It stands for a number that is not infinite."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _dialect(sample: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel
