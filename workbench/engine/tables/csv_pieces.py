"""The cells of a CSV file as texts, a piece at a time: the memory that it takes does not depend on the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine.raw import Report
from workbench.engine.tables.csv_rows import Dialect, opened, rows, undecodable

PIECE = 4 << 20
"""Bytes that are parsed at once. A row cannot be longer."""


class CsvPieces:
    """Goes through a file, as often as it is wanted, and remembers the rows that have too few or too many cells."""

    def __init__(self, file: Path, dialect: Dialect, header: list[str], report: Report) -> None:
        """`header`: names as they stand in the file, or made ones where it has none; all different."""
        self.file = file
        self.dialect = dialect
        self.header = header
        self.misfits: list[tuple[int, str]] = []
        """Records with another number of cells, counted from 1, the header included; and what is wrong with them."""
        self._report = report

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Columns of texts. Raises `ProblemError` for what is no such file, or no longer there."""
        self.misfits = []
        total = self.file.stat().st_size if self.file.exists() else 0
        last: pa.RecordBatch | None = None
        try:
            with self.file.open("rb") as raw, opened(self.file) as unpacked:
                source = _Counted(unpacked)
                reader = csv.open_csv(source, self._read(), self._parse(), self._convert())
                for batch in reader:
                    self._report("data.reading", min(total, source.count), total)
                    last = batch
                    yield batch
                del raw
        except OSError as error:
            raise unreadable(self.file, error) from None
        except UnicodeError:
            raise undecodable(self.file, self.dialect.encoding) from None
        except pa.ArrowInvalid as error:
            raise self._invalid(str(error)) from None
        if last is not None and source.quotes % 2 and _ends_within_quotes(last):
            raise ProblemError("data.bad_csv", where=str(self.file), detail='a " is opened and never closed')

    def _invalid(self, detail: str) -> ProblemError:
        if "UTF8" in detail or "UTF-8" in detail:
            return undecodable(self.file, self.dialect.encoding)
        if detail.startswith("Empty CSV"):
            return ProblemError("data.empty", where=str(self.file))
        return ProblemError("data.bad_csv", where=str(self.file), detail=detail.split("\n")[0])

    def _read(self) -> csv.ReadOptions:
        encoding = "utf8" if self.dialect.encoding.startswith("utf-8") else self.dialect.encoding
        names = None if self.dialect.header else self.header
        return csv.ReadOptions(use_threads=False, block_size=PIECE, column_names=names, encoding=encoding)

    def _parse(self) -> csv.ParseOptions:
        def misfit(row: Any) -> str:
            self.misfits.append((row.number, f"{row.actual_columns} ≠ {row.expected_columns}"))
            return "skip"

        return csv.ParseOptions(delimiter=self.dialect.separator, newlines_in_values=True, invalid_row_handler=misfit)

    def _convert(self) -> csv.ConvertOptions:
        return csv.ConvertOptions(column_types=dict.fromkeys(self.header, pa.string()))

    def record_of(self, row: int) -> int:
        """Which record of the file, counted from 1 and the header included, a row of the pieces is."""
        record = row + 1 + self.dialect.header
        for misfit, _ in self.misfits:
            if misfit > record:
                break
            record += 1
        return record

    def line_of(self, record: int) -> int:
        """The line of an editor in which a record ends; goes through the file up to there."""
        found = (line for number, (line, _) in enumerate(rows(self.file, self.dialect), 1) if number == record)
        return next(found, record)


class _Counted:
    """A stream that counts what is read, and quotes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.count = self.quotes = 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        found: bytes = self._stream.read(size)
        self.count += len(found)
        self.quotes += found.count(b'"')
        return found

    def close(self) -> None:
        self.closed = True


def _ends_within_quotes(batch: pa.RecordBatch) -> bool:
    last = batch.column(batch.num_columns - 1)
    return bool(len(last) and pc.match_substring(last.slice(len(last) - 1), "\n").to_pylist()[0])
