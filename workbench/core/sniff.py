"""A look at the first rows of a table in a text file: what its columns look like, nothing more."""

import csv
import gzip
import json
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

ROWS = 200
"""So many are looked at."""
DELIMITERS = ",;\t|"
PROSE = re.compile(r"\w+[^\w\s]?\s+\w+[^\w\s]?\s+\w|[\u3040-\u30ff\u4e00-\u9fff]{4}")
"""Three words in a row, or four characters of Chinese or Japanese."""


@dataclass(frozen=True)
class ColumnLook:
    """What the first values of a column look like."""

    name: str
    prose: bool
    """Most are texts of several words."""
    few: bool
    """The same values again and again: classes."""
    number: bool


@dataclass(frozen=True)
class TableLook:
    """The columns of a table, and its first rows."""

    columns: tuple[ColumnLook, ...]
    rows: tuple[dict[str, str], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns of texts."""
        return tuple(column.name for column in self.columns if column.prose)


def looked_at(path: Path) -> TableLook | None:
    """The first rows of CSV, TSV, JSON or JSON Lines; None where the file is nothing like that."""
    try:
        with _opened(path) as file:
            ending = path.name.removesuffix(".gz").rpartition(".")[2].lower()
            rows = _json_rows(file) if ending in ("json", "jsonl", "ndjson") else _csv_rows(file)
    except (OSError, ValueError, csv.Error, EOFError):
        return None
    if len(rows) < 2:
        return None
    names = list(dict.fromkeys(name for row in rows for name in row))
    return TableLook(tuple(_look(name, [row.get(name, "") for row in rows]) for name in names), tuple(rows))


def _opened(path: Path) -> TextIO:
    """Bytes that are no UTF-8 do not matter here."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _csv_rows(file: TextIO) -> list[dict[str, str]]:
    start = file.read(1 << 16)
    first = start.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines = start.splitlines()
    if len(start) == 1 << 16:
        lines = lines[:-1]
    header, *rows = islice(csv.reader(lines, delimiter=delimiter), ROWS + 1)
    if len(header) < 2 or sum(len(row) == len(header) for row in rows) < 0.8 * len(rows):
        raise ValueError
    return [dict(zip(header, row, strict=False)) for row in rows]


def _json_rows(file: TextIO) -> list[dict[str, str]]:
    start = file.read(1)
    if start == "[":
        values = json.loads(start + file.read())[:ROWS]
    else:
        values = [json.loads(line) for line in islice([start + file.readline(), *file], ROWS) if line.strip()]
    return [{str(name): _text(value) for name, value in item.items()} for item in values if isinstance(item, dict)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _look(name: str, values: list[str]) -> ColumnLook:
    given = [value.strip() for value in values if value and value.strip()]
    numbers = sum(map(_is_number, given))
    few = 0 < len(set(given)) <= max(2, len(given) // 4)
    prose = not few and sum(bool(PROSE.search(value)) for value in given) > 0.3 * len(given)
    return ColumnLook(name, prose and bool(given), few, bool(given) and numbers == len(given))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
