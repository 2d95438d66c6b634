"""A table in a CSV file: numbers and categories in, a class or a number out."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.analysis import ColumnSummary
from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine.csv_rows import is_blank, is_number, named, read
from workbench.engine.datasets.base import Column, Dataset, Loaded, Report, dataset, quiet
from workbench.engine.preprocess import Field, TableInput, numbers, table_ready
from workbench.engine.registry import Setting

MAX_VALUES = 50
"""A text column with more different values than this is no category."""
MAX_CLASSES = 20
"""A column of whole numbers with more different values than this is a number to predict, not a class."""


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
    target: Annotated[str, Setting(label="Target column", help="What to predict; the last column unless set")] = ""
    bad_rows: Annotated[
        str, Setting(choices=("skip", "refuse"), label="Damaged rows", help="What to do with rows that do not fit")
    ] = "skip"

    def peek(self, folder: Path) -> tuple[ColumnSummary, ...]:
        """Classes can only be known from all rows, so the file is read (and kept for `load`)."""
        return tuple(column.summary() for column in self.load(folder).columns.values())

    def load(self, folder: Path, report: Report = quiet) -> Loaded:
        """All rows. Rows that do not fit are counted and named."""
        if not self.path:
            raise ProblemError("data.no_path")
        file = folder / self.path
        try:
            status = file.stat()
        except OSError as error:
            raise unreadable(file, error) from None
        table = _table(file, status.st_mtime_ns, status.st_size)
        if table.bad and self.bad_rows == "refuse":
            line, why = table.bad[0]
            raise ProblemError("data.bad_row", where=str(file), line=line, detail=why, count=len(table.bad))
        target = self.target or table.header[-1]
        if target not in table.header:
            raise ProblemError("data.no_column", where=str(file), found=target, known=list(table.header))
        return self._loaded(table, target)

    def _loaded(self, table: Table, target: str) -> Loaded:
        fields, ignored = _fields(table, target)
        if not fields:
            raise ProblemError("data.no_inputs", where=self.path, target=target)
        answer, keep = _target(target, table.columns[target])
        columns = {name: [texts[row] for row in keep] for name, texts in table.columns.items()}
        features = Column("features", "table", torch.empty(0))

        def fit(train: NDArray[np.int64]) -> None:
            spec = _fitted(fields, columns, train)
            features.preprocessing = spec
            features.data = torch.from_numpy(table_ready(columns, spec))

        fit(np.arange(len(keep)))
        problems = _named(table, ignored, len(table.columns[target]) - len(keep))
        return Loaded(Path(self.path).stem, {"features": features, target: answer}, None, problems, fit, columns)


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


def _fields(table: Table, target: str) -> tuple[list[Field], list[str]]:
    """What each column becomes; and the columns that are left out (texts that are no categories)."""
    fields, ignored = [], []
    for name in table.header:
        if name == target:
            continue
        texts = table.columns[name]
        if all(is_blank(text) or is_number(text) for text in texts):
            fields.append(Field(name))
            continue
        values = sorted({text.strip() for text in texts if text.strip()})
        if len(values) <= MAX_VALUES:
            fields.append(Field(name, values=tuple(values)))
        else:
            ignored.append(name)
    return fields, ignored


def _fitted(fields: list[Field], columns: dict[str, list[str]], train: NDArray[np.int64]) -> TableInput:
    fitted = []
    for field in fields:
        if field.values:
            fitted.append(field)
            continue
        values = numbers(field.name, columns[field.name])[train]
        values = values[np.isfinite(values)]
        mean = float(values.mean()) if values.size else 0.0
        fitted.append(Field(field.name, mean, float(values.std()) or 1.0 if values.size else 1.0))
    return TableInput(tuple(fitted))


def _target(name: str, texts: list[str]) -> tuple[Column, list[int]]:
    """The column to predict, and the rows in which it has a value."""
    are_numbers = all(is_blank(text) or is_number(text) for text in texts)
    keep = [row for row, text in enumerate(texts) if not (is_blank(text) if are_numbers else not text.strip())]
    given = [texts[row].strip() for row in keep]
    if are_numbers:
        values = numbers(name, given)
        distinct = np.unique(values)
        if len(distinct) > MAX_CLASSES or not np.equal(distinct, distinct.round()).all():
            return Column(name, "number", torch.from_numpy(values.astype(np.float32))[:, None]), keep
        classes = tuple(str(int(value)) for value in distinct)
        return Column(name, "label", torch.from_numpy(np.searchsorted(distinct, values)), classes), keep
    classes = tuple(sorted(set(given)))
    place = {klass: index for index, klass in enumerate(classes)}
    return Column(name, "label", torch.tensor([place[text] for text in given]), classes), keep


def _named(table: Table, ignored: list[str], without_target: int) -> list[Problem]:
    problems = []
    if table.bad:
        line, why = table.bad[0]
        args = {"count": len(table.bad), "line": line, "detail": why}
        problems.append(Problem("data.skipped_rows", args, severity="warning"))
    if without_target:
        problems.append(Problem("data.no_target", {"count": without_target}, severity="warning"))
    if ignored:
        problems.append(Problem("data.ignored_columns", {"columns": ignored}, severity="info"))
    return problems
