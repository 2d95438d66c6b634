"""Texts in the columns of a table: texts with a class each, or texts that belong to texts."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.document import Role
from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings, text_rows
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.text_file import Encoding, halved
from workbench.engine.encodings import AUTO
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.cells import PARTS, as_numbers

MAX_CLASSES = 100
"""A column of more different texts than this holds no classes."""
GROUP_NAMES = ("group", "group_id", "source", "document")
"""Columns that are called so say which rows belong together."""

BadRows = Annotated[
    str, Setting(choices=("skip", "refuse"), label="Damaged rows", help="What to do with rows that do not fit")
]


@dataset("text_table", "Table of texts", "Your files")
@dataclass(frozen=True)
class TextTable(Dataset):
    """Texts in a CSV, TSV or JSON Lines file: the longest are read, and a column of few values is what to predict."""

    path: Annotated[str, Setting(kind="path", label="File", help="CSV, TSV or JSON Lines")] = ""
    encoding: Encoding = AUTO
    bad_rows: BadRows = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All rows. Rows that do not fit are counted and named. Raises `ProblemError`."""
        file = folder / only_path(self.path)
        rows = text_rows.read(file, self.encoding, refuse=self.bad_rows == "refuse")
        columns = _one_target({name: _guessed(name, values) for name, values in rows.columns.items()})
        if not any(column.role == "input" for column in columns.values()):
            raise ProblemError("data.no_text_column", where=str(file), found=list(columns))
        return Raw(file.stem, columns, None, rows.problems)


def _one_target(columns: dict[str, RawColumn]) -> dict[str, RawColumn]:
    """Of several columns of few values the last one is what to predict."""
    *others, _ = [name for name, column in columns.items() if column.role == "target"] or [""]
    return {name: replace(column, role="ignore") if name in others else column for name, column in columns.items()}


def _guessed(name: str, values: pa.ChunkedArray) -> RawColumn:
    """What a column looks like, and what for."""
    if pa.types.is_list(values.type):
        return RawColumn(name, "tags", values, "ignore")
    known = values.drop_null().unique().to_pylist()
    if len(known) > 1 and all(_names_a_part(str(value)) for value in known):
        return RawColumn(name, "category", values, "split")
    if name.lower() in GROUP_NAMES:
        return RawColumn(name, "category", values, "group")
    if len(known) > MAX_CLASSES and (numbers := as_numbers(values)).stray is None:
        return RawColumn(name, "number", numbers.values, "ignore")
    if len(known) <= min(MAX_CLASSES, max(2, len(values) // 2)) and not _is_prose(values):
        return RawColumn(name, "category", values, "auto" if len(known) < 2 else "target")
    return RawColumn(name, "text", values, "input" if _is_prose(values) else "ignore")


def _names_a_part(value: str) -> bool:
    """It is the name of a split; 0 and 1 are more often classes."""
    name = value.strip().lower()
    return name in PARTS and not name.isdigit()


def _is_prose(values: pa.ChunkedArray) -> bool:
    """Texts of several words, or of several characters of Chinese."""
    sample = values.drop_null().slice(0, 1000)
    spaces = pc.match_substring_regex(sample, r"\S\s+\S|\p{Han}\p{Han}\p{Han}\p{Han}|\p{Hiragana}\p{Hiragana}")
    return len(sample) > 0 and float(pc.mean(spaces.cast(pa.float64())).as_py()) > 0.3


@dataset("text_pairs", "Pairs of texts", "Your files")
@dataclass(frozen=True)
class TextPairs(Dataset):
    """Texts that belong to texts (translations, summaries): two columns of a table, or two files line by line.

    A network reads the first and writes the second.
    """

    path: Annotated[
        str, Setting(kind="path", label="File", help="CSV, TSV, JSON Lines; or what is read, a text a line")
    ] = ""
    target_path: Annotated[
        str, Setting(kind="path", label="Second file", help="What is to be written, line by line; empty for a table")
    ] = ""
    encoding: Encoding = AUTO
    bad_rows: BadRows = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All pairs; one of which half is missing does not fit. Raises `ProblemError`."""
        file = folder / only_path(self.path)
        if self.target_path:
            return self._lines(file, folder / self.target_path)
        rows = text_rows.read(file, self.encoding, refuse=self.bad_rows == "refuse")
        columns = {name: _guessed(name, values) for name, values in rows.columns.items()}
        texts = [name for name, column in columns.items() if column.kind == "text" or column.role == "input"][:2]
        texts = texts if len(texts) == 2 else [name for name in columns if columns[name].role != "split"][:2]
        if len(texts) < 2:
            raise ProblemError("data.no_text_pairs", where=str(file), found=list(columns))
        roles: tuple[Role, ...] = ("input", "target")
        for name, role in zip(texts, roles, strict=True):
            columns[name] = RawColumn(name, "text", rows.columns[name], role)
        rest = {name: column for name, column in columns.items() if name not in texts}
        others = {
            name: column if column.role in ("group", "split") else RawColumn(name, column.kind, column.values, "ignore")
            for name, column in rest.items()
        }
        return Raw(file.stem, {**{name: columns[name] for name in texts}, **others}, None, rows.problems)

    def _lines(self, file: Path, other: Path) -> Raw:
        read = [encodings.read(place, self.encoding) for place in (file, other)]
        problems: list[Problem] = [
            found for place, each in zip((file, other), read, strict=True) for found in halved(place, each.cut)
        ]
        first, second = ([line.strip() for line in each.text.rstrip("\n").split("\n")] for each in read)
        if len(first) != len(second):
            raise ProblemError(
                "data.other_length", where=str(other), found=len(second), expected=len(first), other=str(file)
            )
        columns = {
            "source": RawColumn("source", "text", _lines_of(first), "input"),
            "target": RawColumn("target", "text", _lines_of(second), "target"),
        }
        return Raw(file.stem, columns, None, problems)


def _lines_of(lines: list[str]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([line or None for line in lines], pa.string())])
