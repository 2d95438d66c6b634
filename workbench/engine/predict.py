"""Answers of an exported model, prepared and read as its own metadata says. Needs no torch."""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from workbench.core.messages import Prediction, Predictions
from workbench.core.problems import ProblemError
from workbench.engine.csv_rows import named, read
from workbench.engine.onnx_model import OnnxModel, opened, softmax
from workbench.engine.preprocess import ImageInput, TableInput, framed, picture, pictures_ready, row_ready


def predict(model: Path, inputs: tuple[str, ...]) -> Predictions:
    """Answers to files: pictures, or for a table CSV files whose rows are the inputs.

    Raises:
        ProblemError: the model or an input cannot be read, or they do not fit.
    """
    loaded = _opened(model)
    if len(loaded.columns) > 1:
        raise ProblemError("predict.several_inputs", where=str(model), columns=loaded.columns)
    prepared: list[tuple[str, NDArray[np.float32]]] = []
    spec = loaded.preprocessing
    for name in inputs:
        if isinstance(spec, ImageInput):
            prepared.append((name, _from_picture(Path(name), spec)))
        elif isinstance(spec, TableInput):
            prepared.extend(_from_table(Path(name), spec))
        else:
            raise ProblemError("predict.no_preprocessing", where=str(model))
    return _answers(loaded, prepared)


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
        raise ProblemError("file.unreadable", where=str(path), detail=error.strerror or str(error)) from None
    return _kept(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _kept(path: Path, changed: int, size: int) -> OnnxModel:
    return opened(path)


def _from_picture(path: Path, spec: ImageInput) -> NDArray[np.float32]:
    try:
        with Image.open(path) as image:
            ready: NDArray[np.float32] = pictures_ready(picture(image, spec)[None], spec)[0]
            return ready
    except UnidentifiedImageError:
        raise ProblemError("predict.no_picture", where=str(path)) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise ProblemError("file.unreadable", where=str(path), detail=detail) from None


def _from_table(path: Path, spec: TableInput) -> list[tuple[str, NDArray[np.float32]]]:
    rows = read(path)
    header = list(named(next(rows, (0, []))[1]))
    missing = [field.name for field in spec.fields if field.name not in header]
    if missing:
        raise ProblemError("predict.no_column", where=str(path), missing=missing, found=header)
    prepared = []
    for line, row in rows:
        if len(row) != len(header):
            raise ProblemError(
                "data.bad_row", where=str(path), line=line, detail=f"{len(row)} ≠ {len(header)}", count=1
            )
        try:
            prepared.append((f"{path}:{line}", row_ready(dict(zip(header, row, strict=True)), spec)))
        except ValueError as error:
            raise ProblemError("data.bad_row", where=str(path), line=line, detail=str(error), count=1) from None
    if not prepared:
        raise ProblemError("data.empty", where=str(path))
    return prepared


def _answers(model: OnnxModel, prepared: list[tuple[str, NDArray[np.float32]]]) -> Predictions:
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
    shares = softmax(output.astype(np.float32))
    order = np.argsort(-shares, kind="stable")
    scores = {classes[at]: float(shares[at]) for at in order}
    return Prediction(name, classes[order[0]], scores)
