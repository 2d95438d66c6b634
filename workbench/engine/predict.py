"""Answers of an exported model, prepared and read as its own metadata says. Needs no torch."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from workbench.core.files import unreadable
from workbench.core.messages import Prediction, Predictions
from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings
from workbench.engine.onnx_model import OnnxModel, opened, softmax
from workbench.engine.preprocess import (
    ImageInput,
    TableInput,
    TextInput,
    framed,
    picture,
    pictures_ready,
    table_ready,
    text_ready,
)
from workbench.engine.tables.csv_rows import named, numbered, rows, sniffed

Input = tuple[str, NDArray[Any]]
"""What an input is called, and what the network reads."""


def predict(model: Path, inputs: tuple[str, ...]) -> Predictions:
    """Answers to files: pictures, or for a table CSV files whose rows are the inputs.

    Raises:
        ProblemError: the model cannot be read, or none of the inputs can be answered, and why the first cannot.
    """
    loaded = _opened(model)
    if len(loaded.columns) > 1:
        raise ProblemError("predict.several_inputs", where=str(model), columns=loaded.columns)
    prepare = _preparation(loaded, model)
    prepared: list[Input] = []
    problems: list[Problem] = []
    for name in inputs:
        for item in prepare(name):
            if isinstance(item, Problem):
                problems.append(item)
            else:
                prepared.append(item)
    if problems and not prepared:
        raise ProblemError.of(problems[0])
    return replace(_answers(loaded, prepared), problems=tuple(problems))


def _preparation(model: OnnxModel, path: Path) -> Callable[[str], Iterator[Input | Problem]]:
    """How a file becomes inputs of this model."""
    spec = model.preprocessing
    if isinstance(spec, ImageInput):
        return partial(_from_picture, spec=spec)
    if isinstance(spec, TableInput):
        return partial(_from_table, spec=spec)
    if isinstance(spec, TextInput):
        return partial(_from_text, spec=spec)
    raise ProblemError("predict.no_preprocessing", where=str(path))


def predict_drawing(model: Path, ink: NDArray[np.uint8]) -> Predictions:
    """The answer to a drawing: bright ink on a dark ground, of any size."""
    loaded = _opened(model)
    spec = loaded.preprocessing
    if not isinstance(spec, ImageInput) or spec.channels != 1:
        raise ProblemError("predict.no_drawing", where=str(model))
    if spec.ink:
        pixels = framed(ink, spec)
    else:
        pixels = np.asarray(Image.fromarray(ink).resize((spec.width, spec.height), Image.Resampling.BILINEAR))
    return _answers(loaded, [("drawing", pictures_ready(pixels[None, None], spec)[0])])


def _opened(path: Path) -> OnnxModel:
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    return _kept(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _kept(path: Path, changed: int, size: int) -> OnnxModel:
    return opened(path)


def _from_picture(name: str, spec: ImageInput) -> Iterator[Input | Problem]:
    try:
        with Image.open(name) as image:
            yield name, pictures_ready(picture(image, spec)[None], spec)[0]
    except UnidentifiedImageError:
        yield Problem("predict.no_picture", node=name)
    except IsADirectoryError:
        yield Problem("file.is_folder", node=name)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        yield Problem("file.unreadable", {"detail": getattr(error, "strerror", None) or str(error)}, node=name)


def _from_text(name: str, spec: TextInput) -> Iterator[Input | Problem]:
    """A file is a text; of a network that foresees what comes next, its end is read."""
    try:
        text = encodings.read(Path(name)).text
    except ProblemError as error:
        yield error.problem
        return
    try:
        ready = text_ready(text, spec)
    except KeyError as error:
        yield Problem("predict.unknown_character", {"found": error.args[0]}, node=name)
        return
    if len(ready) < spec.length:
        yield Problem("data.short_text", {"found": len(ready), "expected": spec.length}, node=name)
    else:
        yield name, ready


def _from_table(name: str, spec: TableInput) -> Iterator[Input | Problem]:
    """Rows of a CSV file, read as those that the model was trained on."""
    try:
        dialect = sniffed(Path(name))
        found = list(rows(Path(name), dialect))
        if found and {field.name for field in spec.fields} <= set(named(found[0][1])):
            dialect = dataclasses.replace(dialect, header=True)
    except ProblemError as error:
        yield Problem("predict.no_table", node=name) if _is_picture(name) else replace(error.problem, node=name)
        return
    header = list(named(found[0][1]) if dialect.header else numbered(len(found[0][1]))) if found else []
    cells = found[1:] if dialect.header else found
    missing = [field.name for field in spec.fields if field.name not in header]
    if missing:
        yield Problem("predict.no_column", {"missing": missing, "found": header}, node=name)
    elif not cells:
        yield Problem("data.empty", node=name)
    else:
        yield from _from_rows(name, header, cells, spec, dialect.decimal)


def _from_rows(
    name: str, header: list[str], cells: list[tuple[int, list[str]]], spec: TableInput, decimal: str
) -> Iterator[Input | Problem]:
    """All at once; one by one where a row does not fit, so that it can be named."""
    try:
        if all(len(row) == len(header) for _, row in cells):
            texts = zip(*(row for _, row in cells), strict=True)
            ready = table_ready({key: list(column) for key, column in zip(header, texts, strict=True)}, spec, decimal)
            yield from ((f"{name}:{line}", row) for (line, _), row in zip(cells, ready, strict=True))
            return
    except ValueError as error:
        if len(cells) == 1:
            yield Problem("predict.row_value", {"line": cells[0][0], "detail": str(error)}, node=name)
            return
    for line, row in cells:
        if len(row) != len(header):
            args = {"line": line, "found": len(row), "expected": len(header)}
            yield Problem("predict.row_length", args, node=name)
        else:
            yield from _from_rows(name, header, [(line, row)], spec, decimal)


def _is_picture(name: str) -> bool:
    try:
        with Image.open(name):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _answers(model: OnnxModel, prepared: list[Input]) -> Predictions:
    begun = time.perf_counter()
    try:
        outputs = model.run(np.stack([array for _, array in prepared]))[0]
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base
        raise ProblemError("predict.failed", detail=str(error).split("\n")[0]) from None
    milliseconds = (time.perf_counter() - begun) * 1000
    answers = tuple(_read(name, row, model.classes) for (name, _), row in zip(prepared, outputs, strict=True))
    return Predictions(answers, model.provider, milliseconds)


def _read(name: str, output: NDArray[Any], classes: tuple[str, ...]) -> Prediction:
    if not classes:
        numbers = output.astype(float).ravel().tolist()
        return Prediction(name, numbers[0] if len(numbers) == 1 else numbers, {})
    last = output[-1] if output.ndim > 1 else output  # of a text: what comes behind its end
    shares = softmax(last.astype(np.float32))
    order = np.argsort(-shares, kind="stable")
    scores = {classes[at]: float(shares[at]) for at in order}
    return Prediction(name, classes[order[0]], scores)
