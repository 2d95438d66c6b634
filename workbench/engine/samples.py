"""Files that a user hands to a model as what its inputs read. Needs no torch."""

import dataclasses
import errno
import os
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine.preprocess import (
    AudioInput,
    ImageInput,
    Preprocessing,
    TableInput,
    TextInput,
    picture,
    pictures_ready,
    sound,
    sounds_ready,
    table_ready,
    text_ready,
)
from workbench.engine.tables.csv_rows import named, numbered, rows, sniffed

Specs = Mapping[str, Preprocessing]
"""How each column that a user must give is prepared."""
TABLES = (".csv", ".tsv")


@dataclass(frozen=True)
class Sample:
    """One sample: what it is called, what each column reads, and the texts and files that it was made from."""

    name: str
    arrays: dict[str, NDArray[Any]]
    given: dict[str, str]


def samples(inputs: tuple[str, ...], specs: Specs, growing: Container[str] = ()) -> Iterator[Sample | Problem]:
    """All samples that these inputs give, and why others cannot be used.

    Args:
        inputs: a file of what the only column holds, a table with a row for each sample, or `column=file` for all.
        specs: how each column is prepared.
        growing: columns of texts that the model goes on with: they may be shorter than what it reads at once.
    """
    for found in _samples(inputs, specs):
        yield found if isinstance(found, Problem) else _long_enough(found, specs, growing)


def _long_enough(sample: Sample, specs: Specs, growing: Container[str]) -> Sample | Problem:
    for column, spec in specs.items():
        if isinstance(spec, TextInput) and column not in growing and len(sample.arrays[column]) < spec.length:
            args = {"found": len(sample.arrays[column]), "expected": spec.length}
            return Problem("data.short_text", args, node=sample.name)
    return sample


def _samples(inputs: tuple[str, ...], specs: Specs) -> Iterator[Sample | Problem]:
    pairs = dict(item.split("=", 1) for item in inputs if "=" in item and item.split("=", 1)[0] in specs)
    if len(pairs) == len(inputs) and pairs.keys() == specs.keys():
        yield from _of_files(" ".join(inputs), pairs, specs)
        return
    for name in inputs:
        is_table = len(specs) > 1 or isinstance(next(iter(specs.values())), TableInput)
        if is_table or (Path(name).suffix.lower() in TABLES and not Path(name).is_dir()):
            yield from _of_table(name, specs)
        else:
            yield from _of_files(name, {next(iter(specs)): name}, specs)


def _of_files(name: str, files: Mapping[str, str], specs: Specs) -> Iterator[Sample | Problem]:
    """One sample whose columns are files; of a table the first row counts."""
    arrays: dict[str, NDArray[Any]] = {}
    given: dict[str, str] = {}
    for column, spec in specs.items():
        if isinstance(spec, TableInput):
            row = next(_of_table(files[column], {column: spec}))
            if isinstance(row, Problem):
                yield row
                return
            arrays |= row.arrays
            continue
        value = _content(files[column], spec)
        found = value if isinstance(value, Problem) else _prepared(value, spec, files[column])
        if isinstance(found, Problem):
            yield found
            return
        arrays[column], given[column] = found, str(value)
    yield Sample(name, arrays, given)


def _content(file: str, spec: Preprocessing) -> str | Problem:
    """What stands for a sample: the text of a file, and of other kinds its name."""
    if not isinstance(spec, TextInput):
        return file
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        return unreadable(Path(file), error).problem
    except UnicodeDecodeError:
        return Problem("data.encoding", node=file)


def _prepared(value: str, spec: Preprocessing, where: str) -> NDArray[Any] | Problem:
    """A text, or the name of a file, as what a network reads."""
    match spec:
        case ImageInput():
            return _picture(value, spec, where)
        case AudioInput():
            return _sound(value, spec, where)
        case TextInput():
            return _text(value, spec, where)
        case _:
            return Problem("predict.no_preprocessing", node=where)


def _picture(file: str, spec: ImageInput, where: str) -> NDArray[Any] | Problem:
    try:
        with Image.open(file) as image:
            ready: NDArray[np.float32] = pictures_ready(picture(image, spec)[None], spec)[0]
            return ready
    except UnidentifiedImageError:
        return Problem("predict.no_picture", node=where)
    except IsADirectoryError:
        return Problem("file.is_folder", node=where)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return Problem("file.unreadable", {"detail": getattr(error, "strerror", None) or str(error)}, node=where)


def _sound(file: str, spec: AudioInput, where: str) -> NDArray[Any] | Problem:
    try:
        ready: NDArray[np.float32] = sounds_ready(sound(file, spec)[None], spec)[0]
        return ready
    except IsADirectoryError:
        return Problem("file.is_folder", node=where)
    except (OSError, ValueError, soundfile.SoundFileError) as error:
        if not Path(file).is_file():
            return Problem("file.unreadable", {"detail": os.strerror(errno.ENOENT)}, node=where)
        return Problem("predict.no_sound", {"detail": getattr(error, "error_string", None) or str(error)}, node=where)


def _text(text: str, spec: TextInput, where: str) -> NDArray[np.int64] | Problem:
    if not text:
        return Problem("predict.no_text", node=where)
    try:
        return text_ready(text, spec)
    except KeyError as error:
        return Problem("predict.unknown_character", {"found": error.args[0]}, node=where)


def _of_table(name: str, specs: Specs) -> Iterator[Sample | Problem]:
    """Rows of a CSV file, read as those that the model was trained on."""
    wanted = [
        part
        for column, spec in specs.items()
        for part in ([field.name for field in spec.fields] if isinstance(spec, TableInput) else [column])
    ]
    try:
        dialect = sniffed(Path(name))
        found = list(rows(Path(name), dialect))
        if found and set(wanted) <= set(named(found[0][1])):
            dialect = dataclasses.replace(dialect, header=True)
    except ProblemError as error:
        yield Problem("predict.no_table", node=name) if _is_picture(name) else replace(error.problem, node=name)
        return
    header = list(named(found[0][1]) if dialect.header else numbered(len(found[0][1]))) if found else []
    cells = found[1:] if dialect.header else found
    missing = [column for column in wanted if column not in header]
    if missing:
        yield Problem("predict.no_column", {"missing": missing, "found": header}, node=name)
    elif not cells:
        yield Problem("data.empty", node=name)
    else:
        yield from _of_rows(name, header, cells, specs, dialect.decimal)


def _of_rows(
    name: str, header: list[str], cells: list[tuple[int, list[str]]], specs: Specs, decimal: str
) -> Iterator[Sample | Problem]:
    whole = [(line, row) for line, row in cells if len(row) == len(header)]
    tables = {
        column: iter(_numbers([dict(zip(header, row, strict=True)) for _, row in whole], spec, decimal))
        for column, spec in specs.items()
        if isinstance(spec, TableInput)
    }
    for line, row in cells:
        if len(row) != len(header):
            args = {"line": line, "found": len(row), "expected": len(header)}
            yield Problem("predict.row_length", args, node=name)
            continue
        ready = {column: next(made) for column, made in tables.items()}
        yield _of_row(name, line, dict(zip(header, row, strict=True)), ready, specs)


def _numbers(cells: list[dict[str, str]], spec: TableInput, decimal: str) -> list[NDArray[np.float32] | str]:
    """Rows as numbers, all at once; one by one where a row does not fit, so that what is wrong with it can be said."""
    if not cells:
        return []
    try:
        return list(
            table_ready({field.name: [row[field.name] for row in cells] for field in spec.fields}, spec, decimal)
        )
    except ValueError as error:
        return [str(error)] if len(cells) == 1 else [_numbers([row], spec, decimal)[0] for row in cells]


def _of_row(
    name: str, line: int, cells: dict[str, str], tables: Mapping[str, NDArray[np.float32] | str], specs: Specs
) -> Sample | Problem:
    place = f"{name}:{line}"
    arrays: dict[str, NDArray[Any]] = {}
    for column, spec in specs.items():
        if column in tables:
            numbers = tables[column]
            if isinstance(numbers, str):
                return Problem("predict.row_value", {"line": line, "detail": numbers}, node=name)
            arrays[column] = numbers
            continue
        value = cells[column] if isinstance(spec, TextInput) else str(Path(name).parent / cells[column])
        found = _prepared(value, spec, place if isinstance(spec, TextInput) else value)
        if isinstance(found, Problem):
            return found
        arrays[column] = found
    return Sample(place, arrays, {column: cells[column] for column in specs if column in cells})


def _is_picture(name: str) -> bool:
    try:
        with Image.open(name):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
