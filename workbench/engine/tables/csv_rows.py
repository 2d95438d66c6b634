"""How a CSV file is written, and its rows one by one. Needs no torch."""

import bz2
import csv
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine.encodings import AUTO, MARKS, guess
from workbench.engine.tables.cells import as_numbers

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
SAMPLE = 1 << 16
"""Bytes that are looked at to find out how a file is written."""
LOOKED = 50
"""Rows that are looked at, likewise."""
DECIMAL_COMMA = re.compile(r"^\s*[+-]?[0-9]+,[0-9]+\s*$")


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written."""

    encoding: str = "utf-8"
    separator: str = ","
    header: bool = True
    decimal: str = "."


def sniffed(file: Path, encoding: str = "auto", separator: str = "auto", header: str = "auto") -> Dialect:
    """How a file is written, as far as it is not said: a word of `SEPARATORS`; yes or no for the header.

    Raises:
        ProblemError: it cannot be read.
    """
    try:
        with opened(file) as stream:
            start = stream.read(SAMPLE)
    except OSError as error:
        raise unreadable(file, error) from None
    marked = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
    found = Dialect(marked if encoding == AUTO else encoding)
    text = start.decode(found.encoding, "replace")
    if len(start) == SAMPLE:
        text = text[: text.rfind("\n") + 1] or text
    found = replace(found, separator=SEPARATORS.get(separator) or _separator(text))
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=found.separator) if row][:LOOKED]
    found = replace(found, decimal=_decimal(rows) if found.separator != "," else ".")
    return replace(found, header=_has_header(rows, found.decimal) if header == "auto" else header == "yes")


def rows(file: Path, dialect: Dialect | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with their line numbers, a header first. Raises `ProblemError`."""
    dialect = dialect or sniffed(file)
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    try:
        with opened(file) as raw, io.TextIOWrapper(raw, encoding, newline="") as stream:
            read = csv.reader(stream, delimiter=dialect.separator)
            for row in read:
                if row:
                    yield read.line_num, row
    except OSError as error:
        raise unreadable(file, error) from None
    except UnicodeError:
        raise undecodable(file, dialect.encoding) from None
    except csv.Error as error:
        raise ProblemError("data.bad_csv", where=str(file), detail=str(error)) from None


def opened(file: Path) -> BinaryIO:
    """The file's bytes, unpacked where its name says that they are packed. Raises `OSError`."""
    match file.suffix.lower():
        case ".gz":
            return cast(BinaryIO, gzip.open(file, "rb"))
        case ".bz2":
            return cast(BinaryIO, bz2.open(file, "rb"))
        case _:
            return file.open("rb")


def undecodable(file: Path, encoding: str) -> ProblemError:
    """The problem of a file that is not written in this encoding; says what it is likely to be written in."""
    try:
        with opened(file) as stream:
            found = guess(_around_the_first_misfit(stream, encoding))
    except OSError as error:
        return unreadable(file, error)
    if not found or found == encoding:
        return ProblemError("data.encoding", where=str(file))
    return ProblemError("data.other_encoding", where=str(file), expected=encoding.removesuffix("-sig"), found=found)


def _around_the_first_misfit(stream: BinaryIO, encoding: str) -> bytes:
    before = b""
    while piece := stream.read(SAMPLE):
        try:
            (before + piece).decode(encoding)
        except UnicodeError as error:
            if getattr(error, "start", 0) < len(before + piece) - 4:  # else only a letter that was cut in two
                return before + piece
        before = piece[-4:]
    return before


def named(header: list[str]) -> tuple[str, ...]:
    """The names of the columns that a header line gives."""
    return tuple(name.strip() or f"column {place}" for place, name in enumerate(header, 1))


def numbered(width: int) -> tuple[str, ...]:
    """The names of columns without a header."""
    return tuple(f"column {place}" for place in range(1, width + 1))


def with_point(texts: pa.Array, decimal: str) -> pa.Array:
    """Numbers as they are written with a decimal point."""
    return texts if decimal == "." else pc.replace_substring_regex(texts, r"^(\s*[+-]?[0-9]+),([0-9]+\s*)$", r"\1.\2")


def _separator(text: str) -> str:
    """The one that cuts most lines into equally many cells, at least two."""

    def fitness(separator: str) -> tuple[int, int]:
        cut = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        widths = []
        try:
            for row in cut:
                if row:
                    widths.append(len(row))
                if len(widths) == LOOKED:
                    break
        except csv.Error:
            return 0, 0
        if not widths or max(widths) < 2:
            return 0, 0
        usual = max(set(widths), key=lambda width: (width > 1, widths.count(width)))
        return widths.count(usual), usual

    return max(SEPARATORS.values(), key=fitness)


def _decimal(rows: list[list[str]]) -> str:
    cells = [cell for row in rows for cell in row]
    commas = any(DECIMAL_COMMA.match(cell) for cell in cells)
    return "," if commas and not any(re.match(r"^\s*[+-]?[0-9]*\.[0-9]+\s*$", cell) for cell in cells) else "."


def _has_header(rows: list[list[str]], decimal: str) -> bool:
    """Not if the first row holds a number in every column that is numbers below it."""
    if len(rows) < 2:
        return True
    first, others = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    numeric = [place for place in range(len(first)) if others and _numbers([row[place] for row in others], decimal)]
    return not (numeric and _numbers([first[place] for place in numeric], decimal, every=True))


def _numbers(texts: list[str], decimal: str, *, every: bool = False) -> bool:
    """Nothing but numbers, of which there is at least one; with `every`, no blank either."""
    found = as_numbers(with_point(pa.array(texts, pa.string()), decimal))
    missing = found.values.null_count
    return found.stray is None and missing < len(texts) and not (every and missing)
