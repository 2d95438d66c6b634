"""A table in a CSV file: numbers and categories in, a class or a number out."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import pyarrow as pa

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine.csv_rows import is_blank, is_number, named, read
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.preprocess import numbers
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

MAX_VALUES = 50
"""A text column with more different values than this is no category."""


@dataclass(frozen=True)
class Table:
    """A file's rows, as text by column."""

    header: tuple[str, ...]
    columns: dict[str, list[str]]
    bad: tuple[tuple[int, str], ...]
    """Lines that do not fit, and why."""


@dataset("csv", "CSV file", "Your files")
@dataclass(frozen=True)
class CsvFile(Dataset):
    """A table with a header line: numbers and categories are the inputs, one column is what to predict."""

    path: Annotated[str, Setting(kind="path", label="File", help="Comma, semicolon or tab separated")] = ""
    bad_rows: Annotated[
        str, Setting(choices=("skip", "refuse"), label="Damaged rows", help="What to do with rows that do not fit")
    ] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All rows. Rows that do not fit are counted and named. Raises `ProblemError`."""
        file = folder / only_path(self.path)
        try:
            status = file.stat()
        except OSError as error:
            raise unreadable(file, error) from None
        table = _table(file, status.st_mtime_ns, status.st_size)
        problems: list[Problem] = []
        if table.bad:
            line, why = table.bad[0]
            if self.bad_rows == "refuse":
                raise ProblemError("data.bad_row", where=str(file), line=line, detail=why, count=len(table.bad))
            args = {"count": len(table.bad), "line": line, "detail": why}
            problems.append(Problem("data.skipped_rows", args, severity="warning"))
        columns = {name: _column(name, texts) for name, texts in table.columns.items()}
        ignored = [column.name for column in columns.values() if column.role == "ignore"]
        if ignored:
            problems.append(Problem("data.ignored_columns", {"columns": ignored}, severity="info"))
        return Raw(file.stem, columns, None, problems)


@lru_cache(maxsize=4)
def _table(file: Path, changed: int, size: int) -> Table:
    rows = read(file)
    try:
        _, header = next(rows)
    except StopIteration:
        raise ProblemError("data.empty", where=str(file)) from None
    names = named(header)
    if len(set(names)) < len(names) or len(names) < 2:
        raise ProblemError("data.header", where=str(file), found=list(names))
    kept: list[tuple[int, list[str]]] = []
    bad: list[tuple[int, str]] = []
    for line, row in rows:
        if len(row) == len(names):
            kept.append((line, row))
        else:
            bad.append((line, f"{len(row)} ≠ {len(names)}"))
    if not kept:
        raise ProblemError("data.empty", where=str(file))
    good, wrong = _without_stray_text(names, kept)
    return Table(
        names, {name: [row[place] for row in good] for place, name in enumerate(names)}, tuple(sorted((*bad, *wrong)))
    )


def _without_stray_text(
    names: tuple[str, ...], lines: list[tuple[int, list[str]]]
) -> tuple[list[list[str]], tuple[tuple[int, str], ...]]:
    """Rows without a text in a column that otherwise holds numbers: a typing error, not a category.

    A column counts as numbers when at least nine in ten of its values are.
    """
    wrong: dict[int, str] = {}
    rows = [row for _, row in lines]
    for place, name in enumerate(names):
        stray = [at for at, row in enumerate(rows) if not is_blank(row[place]) and not is_number(row[place])]
        if stray and len(stray) <= len(rows) / 10:
            wrong.update({at: f"{name}: {rows[at][place]!r}" for at in stray})
    kept = [row for at, row in enumerate(rows) if at not in wrong]
    return kept, tuple((lines[at][0], why) for at, why in sorted(wrong.items()))


def _column(name: str, texts: list[str]) -> RawColumn:
    """Numbers, or categories, or free text that is left out."""
    if all(is_blank(text) or is_number(text) for text in texts):
        values = numbers(name, texts)
        return RawColumn(name, "number", pa.chunked_array([pa.array(values, from_pandas=True)]))
    given = [text.strip() or None for text in texts]
    values = pa.chunked_array([pa.array(given, pa.string())])
    if len(set(given) - {None}) <= MAX_VALUES:
        return RawColumn(name, "category", values)
    return RawColumn(name, "text", values, "ignore")
