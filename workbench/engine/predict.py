"""Answers of an exported model, prepared and read as its own metadata says. Needs no torch."""

import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image

from workbench.core.files import unreadable
from workbench.core.messages import Decoding, Prediction, Predictions
from workbench.core.problems import Problem, ProblemError
from workbench.engine.answer_pictures import picture_of, written_beside
from workbench.engine.answers import ModelOutput, read
from workbench.engine.onnx_model import OnnxModel, opened
from workbench.engine.preprocess import ImageInput, Preprocessing, framed, pictures_ready
from workbench.engine.samples import Sample, samples
from workbench.engine.writing import asked_of, continued, with_begin

AT_ONCE = 64
"""Samples that are answered together."""
PICTURES = ("segmentation", "autoencoding")
"""Tasks whose answers are pictures, where the input is one."""


def predict(
    model: Path, inputs: tuple[str, ...], decoding: Decoding = Decoding(), pictures: Path | None = None
) -> Predictions:
    """Answers to files (`samples` says which).

    Args:
        model: the file.
        inputs: what is asked about.
        decoding: how texts are written.
        pictures: where pictures that are answers are written, if anywhere.

    Raises:
        ProblemError: the model cannot be read, or none of the inputs can be answered, and why the first cannot.
    """
    loaded = _opened(model)
    specs: dict[str, Preprocessing] = {}
    for column in asked_of(loaded):
        spec = loaded.columns[column]
        if spec is None:
            raise ProblemError("predict.no_preprocessing", where=str(model))
        specs[column] = spec
    growing = {output.back for output in loaded.outputs}
    found = list(samples(inputs, specs, growing))
    problems = tuple(item for item in found if isinstance(item, Problem))
    prepared = [item for item in found if isinstance(item, Sample)]
    if problems and not prepared:
        raise ProblemError.of(problems[0])
    return replace(_answers(loaded, prepared, decoding, pictures), problems=problems)


def predict_drawing(model: Path, ink: NDArray[np.uint8], pictures: Path | None = None) -> Predictions:
    """The answer to a drawing: bright ink on a dark ground, of any size."""
    loaded = _opened(model)
    specs = list(loaded.columns.items())
    column, spec = specs[0]
    if len(specs) > 1 or not isinstance(spec, ImageInput) or spec.channels != 1:
        raise ProblemError("predict.no_drawing", where=str(model))
    if spec.ink:
        pixels = framed(ink, spec)
    else:
        pixels = np.asarray(Image.fromarray(ink).resize((spec.width, spec.height), Image.Resampling.BILINEAR))
    sample = Sample("drawing", {column: pictures_ready(pixels[None, None], spec)[0]}, {})
    return _answers(loaded, [sample], Decoding(), pictures)


def _opened(path: Path) -> OnnxModel:
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    return _kept(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _kept(path: Path, changed: int, size: int) -> OnnxModel:
    return opened(path)


def _answers(model: OnnxModel, prepared: list[Sample], decoding: Decoding, pictures: Path | None) -> Predictions:
    begun = time.perf_counter()
    found: list[tuple[Prediction, ...]] = [()] * len(prepared)
    try:
        for places in _alike(prepared):
            arrays = {
                column: np.stack([prepared[place].arrays[column] for place in places])
                for column in prepared[places[0]].arrays
            }
            outputs = model.run(with_begin(model, arrays))
            for row, place in enumerate(places):
                own = {column: array[row : row + 1] for column, array in arrays.items()}
                found[place] = tuple(
                    _answer(model, output, prepared[place], outputs[output.name][row], own, decoding, pictures)
                    for output in model.outputs
                )
    except ProblemError:
        raise
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base
        raise ProblemError("predict.failed", detail=str(error).split("\n")[0]) from None
    milliseconds = (time.perf_counter() - begun) * 1000
    return Predictions(tuple(answer for row in found for answer in row), model.provider, milliseconds)


def _alike(prepared: list[Sample]) -> Iterator[list[int]]:
    """The places of samples of one shape, which need no padding to be answered together."""
    groups: dict[object, list[int]] = {}
    for place, sample in enumerate(prepared):
        groups.setdefault(tuple((name, array.shape) for name, array in sample.arrays.items()), []).append(place)
    for places in groups.values():
        yield from (places[at : at + AT_ONCE] for at in range(0, len(places), AT_ONCE))


def _answer(
    model: OnnxModel, output: ModelOutput, sample: Sample, numbers: NDArray[Any], arrays: dict[str, NDArray[Any]],
    decoding: Decoding, pictures: Path | None,
) -> Prediction:  # fmt: skip
    if output.back:
        text, numbers = continued(model, output, arrays, decoding)
        return Prediction(sample.name, text, read(numbers, output).scores, _named(model, output))
    found = read(numbers, output)
    answer = Prediction(sample.name, found.answer, found.scores, _named(model, output), parts=found.parts)
    if found.parts:
        words = _words(next(iter(sample.given.values()), ""), len(found.parts))
        parts = tuple(replace(part, text=word) for part, word in zip(found.parts, words, strict=True))
        answer = replace(answer, parts=parts)
    spec = next((spec for spec in model.columns.values() if isinstance(spec, ImageInput)), None)
    if output.task in PICTURES and spec is not None:
        if pictures is None:
            return answer if output.task == "segmentation" else replace(answer, answer="")
        file = written_beside(pictures, sample.name, output.column, picture_of(numbers, output, spec, sample.given))
        return replace(answer, file=str(file), answer=answer.answer if output.task == "segmentation" else file.name)
    return answer


def _named(model: OnnxModel, output: ModelOutput) -> str:
    return output.name if len(model.outputs) > 1 else ""


def _words(text: str, count: int) -> Iterable[str]:
    """The pieces of a text that its tokens stand for: its words, or its letters."""
    words = text.split()
    return words if len(words) == count else list(text) if len(text) == count else [""] * count
