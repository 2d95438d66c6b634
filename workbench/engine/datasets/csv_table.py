"""A table in a CSV file: numbers, categories, dates and tags in, a class or a number out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import pyarrow as pa

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine import storage
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.encodings import ENCODINGS
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.arrow_files import LARGE, mapped, write
from workbench.engine.tables.convert import Conversion, looked_at
from workbench.engine.tables.csv_pieces import CsvPieces
from workbench.engine.tables.csv_rows import SEPARATORS, Dialect, named, numbered, rows, sniffed
from workbench.engine.tables.survey import Look

FORMAT = 1
"""Of converted files."""
LOOKS = "looks.json"


class BadRows(msgspec.Struct, frozen=True):
    """Rows that do not fit."""

    count: int = 0
    line: int = 0
    """Of the first, in its file."""
    detail: str = ""


class Found(msgspec.Struct, frozen=True):
    """What a file holds besides its cells."""

    looks: list[Look]
    bad: BadRows


@dataset("csv", "CSV file", "Your files")
@dataclass(frozen=True)
class CsvFile(Dataset):
    """A table of texts: numbers, categories, dates and tags are the inputs, one column is what to predict."""

    path: Annotated[str, Setting(kind="path", label="File", help="CSV or TSV, also packed as .gz or .bz2")] = ""
    bad_rows: Annotated[
        str, Setting(choices=("skip", "refuse"), label="Damaged rows", help="What to do with rows that do not fit")
    ] = "skip"
    encoding: Annotated[
        str, Setting(choices=ENCODINGS, help="Auto is UTF-8, or UTF-16 where the file begins with its mark")
    ] = "auto"
    separator: Annotated[str, Setting(choices=("auto", *SEPARATORS), help="What stands between cells")] = "auto"
    header: Annotated[
        str, Setting(choices=("auto", "yes", "no"), label="Header line", help="The first line names the columns")
    ] = "auto"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All rows. Rows that do not fit are counted and named. Raises `ProblemError`."""
        file = folder / only_path(self.path)
        try:
            status = file.stat()
        except OSError as error:
            raise unreadable(file, error) from None
        dialect = sniffed(file, self.encoding, self.separator, self.header)
        if status.st_size > LARGE:
            key = ("csv", FORMAT, str(file.resolve()), status.st_mtime_ns, status.st_size, dialect)
            place = storage.kept(key, lambda where: _convert_into(where, file, dialect, report))
            found = msgspec.json.decode((place / LOOKS).read_bytes(), type=Found)
            table = mapped(place)
        else:
            table, found = _converted(file, dialect, report)
        if not table.num_rows:
            raise ProblemError("data.empty", where=str(file))
        problems = []
        if found.bad.count:
            if self.bad_rows == "refuse":
                bad = found.bad
                raise ProblemError("data.bad_row", where=str(file), line=bad.line, detail=bad.detail, count=bad.count)
            problems.append(Problem("data.skipped_rows", msgspec.to_builtins(found.bad), severity="warning"))
        if not dialect.header and self.header == "auto":
            problems.append(Problem("data.no_header", node=str(file), severity="info"))
        columns = {
            look.name: RawColumn(look.name, look.kind, table[look.name], look.role, written=look.written)
            for look in found.looks
        }
        return Raw(file.name.split(".")[0], columns, None, problems)


def _pieces(file: Path, dialect: Dialect, report: Report) -> tuple[CsvPieces, list[str]]:
    """The cells of a file, and the names of its columns."""
    _, first = next(rows(file, dialect), (0, None))
    if first is None:
        raise ProblemError("data.empty", where=str(file))
    names = named(first) if dialect.header else numbered(len(first))
    if len(set(names)) < len(names) or len(names) < 2:
        raise ProblemError("data.header", where=str(file), found=list(names))
    return CsvPieces(file, dialect, first if dialect.header else list(names), report), list(names)


def _bad(pieces: CsvPieces, conversion: Conversion) -> BadRows:
    strays = conversion.strays
    records = pieces.misfits[:1]
    if strays.count:
        records = sorted([*records, (pieces.record_of(strays.first), strays.detail)])
    if not records:
        return BadRows()
    record, detail = records[0]
    return BadRows(len(pieces.misfits) + strays.count, pieces.line_of(record), detail)


def _converted(file: Path, dialect: Dialect, report: Report) -> tuple[pa.Table, Found]:
    """In memory."""
    pieces, names = _pieces(file, dialect, report)
    texts = list(pieces)
    conversion = Conversion(looked_at(names, texts, dialect.decimal), dialect.decimal)
    table = pa.Table.from_batches(conversion.converted(texts), conversion.schema)
    return table, Found(list(conversion.looks), _bad(pieces, conversion))


def _convert_into(place: Path, file: Path, dialect: Dialect, report: Report) -> None:
    """In a folder, however large the file is."""
    pieces, names = _pieces(file, dialect, report)
    conversion = Conversion(looked_at(names, pieces, dialect.decimal), dialect.decimal)
    write(place, conversion.schema, conversion.converted(pieces))
    found = Found(list(conversion.looks), _bad(pieces, conversion))
    (place / LOOKS).write_bytes(msgspec.json.encode(found))
