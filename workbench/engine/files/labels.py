"""Files whose labels stand in a table: rows with the name of a file, and columns that say something about it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine.datasets.csv_table import CsvFile
from workbench.engine.files.class_folders import folder_at
from workbench.engine.raw import Files, Raw, RawColumn, Report

FILE_NAMES = ("file", "filename", "file_name", "image", "path", "audio", "img", "image_id", "id", "name")
LABEL_NAMES = ("label", "labels", "class", "target", "category", "tags", "y", "score", "value")
"""What columns are usually called, the likeliest first."""
TRIED = 20
"""Rows that are looked at to find the column of file names."""


def labelled(table: Path, root: Path, column: str, suffixes: frozenset[str], kind: str, report: Report) -> Raw:
    """A column of files, called `kind`, and those of the table; the first that looks like a label is the target.

    Args:
        table: CSV, TSV, JSON (a list of objects, or an object of labels by file) or JSON Lines.
        root: what the names of files are relative to.
        column: which one names the files; empty: the one whose values are files.
        suffixes: how names of such files end; a name may lack its ending.
        kind: image, or audio.
        report: told how far it is.

    Raises:
        ProblemError: it cannot be read, or no column names files.
    """
    folder_at(root)
    raw = _json(table) if table.suffix.lower() in (".json", ".jsonl") else CsvFile(str(table)).read(Path(), report)
    names = _Names(root, suffixes)
    chosen = column or _column_of_files(raw, names)
    if chosen not in raw.columns:
        known = list(raw.columns)
        if column:
            raise ProblemError("data.no_column", where=str(table), found=column, known=known)
        raise ProblemError("data.no_files_named", where=str(table), root=str(root), known=known)
    found = tuple(names.of(str(value)) if value is not None else "" for value in _texts(raw.columns[chosen]))
    files = RawColumn(kind, kind, Files(root, found), "input")
    others = [other for name, other in raw.columns.items() if name != chosen]
    target = _target(others)
    labels = {
        _free(other.name, kind): replace(other, role="target" if other is target else "ignore") for other in others
    }
    problems = [problem for problem in raw.problems if problem.code != "data.ignored_columns"]
    columns = {kind: files, **{name: replace(other, name=name) for name, other in labels.items()}}
    return replace(raw, columns=columns, problems=problems)


class _Names:
    """Names of files as they stand in a table, with or without an ending, to names that are there."""

    def __init__(self, root: Path, suffixes: frozenset[str]) -> None:
        self._root, self._suffixes = root, suffixes
        self._endings: dict[str, str] | None = None

    def of(self, name: str) -> str:
        """Relative to the root; as it stands there, where no such file is."""
        name = name.strip().replace("\\", "/")
        if Path(name).suffix.lower() in self._suffixes or (self._root / name).is_file():
            return name
        if self._endings is None:
            there = sorted(path for path in self._root.rglob("*") if path.suffix.lower() in self._suffixes)
            relative = [path.relative_to(self._root) for path in there]
            self._endings = {path.with_suffix("").as_posix(): path.as_posix() for path in relative}
        return self._endings.get(name, name)

    def are_files(self, names: list[str]) -> bool:
        """More than half of them."""
        return sum((self._root / self.of(name)).is_file() for name in names) * 2 > len(names)


def _column_of_files(raw: Raw, names: _Names) -> str:
    usual = {name: at for at, name in enumerate(FILE_NAMES)}
    for name in sorted(raw.columns, key=lambda name: usual.get(name.lower(), len(usual))):
        some = [str(value) for value in _texts(raw.columns[name], TRIED) if value is not None]
        if some and names.are_files(some):
            return name
    return ""


def _texts(column: RawColumn, most: int | None = None) -> Iterable[Any]:
    values = column.values
    assert isinstance(values, pa.ChunkedArray)
    for value in values.slice(0, most).to_pylist():
        yield int(value) if isinstance(value, float) and value.is_integer() else value


def _target(columns: list[RawColumn]) -> RawColumn | None:
    able = [column for column in columns if column.kind in ("category", "number", "tags")]
    usual = {name: at for at, name in enumerate(LABEL_NAMES)}
    likely = {column.name: (usual.get(column.name.lower(), len(usual)), column.kind == "number") for column in able}
    return min(able, key=lambda column: likely[column.name], default=None)


def _free(name: str, kind: str) -> str:
    """A column cannot be called as the files are."""
    return f"{name}_label" if name == kind else name


def _json(table: Path) -> Raw:
    """Raises `ProblemError`."""
    try:
        content = table.read_bytes()
        if table.suffix.lower() == ".jsonl":
            rows: Any = [msgspec.json.decode(line) for line in content.splitlines() if line.strip()]
        else:
            rows = msgspec.json.decode(content)
    except OSError as error:
        raise unreadable(table, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError("data.bad_json", where=str(table), detail=str(error)) from None
    if isinstance(rows, dict):
        objects = {name: value if isinstance(value, dict) else {"label": value} for name, value in rows.items()}
        rows = [{"file": name, **value} for name, value in objects.items()]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ProblemError("data.json_rows", where=str(table))
    header = list(dict.fromkeys(str(name) for row in rows for name in row))
    columns, ignored = {}, []
    for name in header:
        column = _json_column(name, [row.get(name) for row in rows])
        if column is None:
            ignored.append(name)
        else:
            columns[name] = column
    problems = [Problem("data.nested_columns", {"columns": ignored}, severity="info")] if ignored else []
    return Raw(table.stem, columns, None, problems)


def _json_column(name: str, values: list[Any]) -> RawColumn | None:
    """None where the values are neither numbers, texts nor lists of texts."""
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return RawColumn(name, "number", pa.chunked_array([pa.array(values, pa.float64())]))
    if given and all(isinstance(value, list) for value in given):
        lists = [None if value is None else [str(item) for item in value] for value in values]
        return RawColumn(name, "tags", pa.chunked_array([pa.array(lists, pa.list_(pa.string()))]))
    if any(isinstance(value, dict | list) for value in given):
        return None
    texts = [None if value is None else str(value) for value in values]
    return RawColumn(name, "category", pa.chunked_array([pa.array(texts, pa.string())]))
