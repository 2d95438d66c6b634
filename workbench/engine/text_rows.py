"""Rows of texts: CSV, TSV and JSON Lines, every cell as it stands in the file."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings
from workbench.engine.encodings import AUTO
from workbench.engine.tables.csv_rows import named

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
LARGEST_CELL = 1 << 30


@dataclass(frozen=True)
class TextRows:
    """Columns of texts by name; a cell that holds a list of texts in a JSON file stays one."""

    columns: dict[str, pa.ChunkedArray]
    problems: list[Problem]


def read(file: Path, encoding: str = AUTO, *, refuse: bool = False) -> TextRows:
    """All rows of a file; those that do not fit are counted and named, or refused.

    Raises:
        ProblemError: it cannot be read.
    """
    found = encodings.read(file, encoding)
    problems = []
    if found.cut:
        problems.append(Problem("data.half_character", {"count": found.cut}, node=str(file), severity="warning"))
    rows = parsed(found.text, file, refuse=refuse)
    return TextRows(rows.columns, [*problems, *rows.problems])


def parsed(text: str, file: Path, *, refuse: bool = False) -> TextRows:
    """The rows of the text that a file holds. Raises `ProblemError` as `read` does."""
    problems: list[Problem] = []
    rows = _of_json(text) if file.suffix.lower() in JSON_SUFFIXES else _of_csv(text, file)
    if not rows.cells:
        raise ProblemError("data.empty", where=str(file))
    if rows.bad:
        line, why = rows.bad[0]
        if refuse:
            raise ProblemError("data.bad_row", where=str(file), line=line, detail=why, count=len(rows.bad))
        args = {"count": len(rows.bad), "line": line, "detail": why}
        problems.append(Problem("data.skipped_rows", args, severity="warning"))
    columns = {name: _column([row[at] for row in rows.cells]) for at, name in enumerate(rows.names)}
    return TextRows(columns, problems)


@dataclass(frozen=True)
class _Rows:
    names: Sequence[str]
    cells: list[Sequence[object]]
    bad: list[tuple[int, str]]


def _of_csv(text: str, file: Path) -> _Rows:
    usual = csv.field_size_limit(LARGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, file))
    try:
        names = named(next(rows, []))
        if len(set(names)) < len(names) or not names:
            raise ProblemError("data.header", where=str(file), found=list(names))
        cells: list[Sequence[object]] = []
        bad: list[tuple[int, str]] = []
        for row in rows:
            if len(row) == len(names):
                cells.append(row)
            elif row:
                bad.append((rows.line_num, f"{len(row)} ≠ {len(names)}"))
    except csv.Error as error:
        raise ProblemError("data.bad_csv", where=str(file), detail=str(error)) from None
    finally:
        csv.field_size_limit(usual)
    return _Rows(names, cells, bad)


def _separator(text: str, file: Path) -> str:
    """What stands most often in the header; texts themselves hold commas."""
    header = text[: text.find("\n")] if "\n" in text else text
    likely = "\t" if file.suffix.lower() in (".tsv", ".tab") else ","
    return max((likely, "\t", ",", ";", "|"), key=lambda sign: header.count(sign))


def _of_json(text: str) -> _Rows:
    """An object a line, or one list of objects."""
    found: list[tuple[int, dict[str, object]]] = []
    bad: list[tuple[int, str]] = []
    if text.lstrip().startswith("["):
        lines = [(1, text)]
    else:
        lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
    for at, line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            bad.append((at, str(error)))
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                found.append((at, item))
            else:
                bad.append((at, type(item).__name__))
    names = list(dict.fromkeys(name for _, item in found for name in item))
    return _Rows(names, [[item.get(name) for name in names] for _, item in found], bad)


def _column(cells: Sequence[object]) -> pa.ChunkedArray:
    lists = [cell for cell in cells if cell is not None]
    if lists and all(isinstance(cell, list) and all(isinstance(part, str) for part in cell) for cell in lists):
        return pa.chunked_array([pa.array(cells, pa.list_(pa.string()))])
    texts = [cell if cell is None or isinstance(cell, str) else _written(cell) for cell in cells]
    kind = pa.string() if sum(len(text) for text in texts if text) < 1 << 29 else pa.large_string()
    return pa.chunked_array([pa.array([text or None for text in texts], kind)])


def _written(value: object) -> str:
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)
