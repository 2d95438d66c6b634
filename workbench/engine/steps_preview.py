"""Real samples of a column before and after its steps, without preparing all the others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.data_messages import PreviewSteps, Size, StepsPreview
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine import loading
from workbench.engine.columns.base import Column, Loaded
from workbench.engine.looking import Pixels, byte_picture, laid_over, picture, spectrum_picture, tensor_picture, texts
from workbench.engine.preprocess import TableInput
from workbench.engine.preview import captions_of, packed
from workbench.engine.raw import Files, Raw, RawColumn, Report
from workbench.engine.steps import STEPS
from workbench.engine.token_pages import token_texts
from workbench.engine.vocabulary import PADDING

SEEN = frozenset({"image", "mask", "audio"})
FREE = frozenset({"image", "mask", "audio", "array"})
"""Kinds that a few samples say enough about: nothing large has to be fitted to the others first."""
SOUND_HIGH, SOUND_WIDE = 128, 160
LONGEST = 2000
Rows = NDArray[np.int64]


def previewed_steps(data: Data, question: PreviewSteps, report: Report) -> tuple[StepsPreview, list[bytes]]:
    """Training samples, with what is random seeded by `roll`. Raises `ProblemError` where they cannot be read."""
    folder, name = Path(question.folder), question.column
    raw = loading.raw_of(data, folder, report)
    if name not in raw.columns:
        raise ProblemError("data.no_column", where=raw.title, found=name, known=list(raw.columns))
    try:
        rows = _some(loading.described(data, folder, report).splits["train"], question)
        loaded, at = _prepared(data, folder, raw, rows, name, report)
        after = _after(loaded, name, at, question.roll)
    except ProblemError as error:
        rows = _some(np.arange(raw.count), question)
        before, parts = _before(raw, name, rows)
        return replace_problem(before, error), parts
    captions = captions_of(loaded, at)
    if raw.columns[name].kind in SEEN:
        old = [picture(raw.columns[name], int(row)) for row in rows]
        new = _pictures(loaded, name, after)
        found = StepsPreview(
            before_sizes=_sizes(old), after_sizes=_sizes(new), captions=captions, random=_is_random(data, loaded, name)
        )
        return found, [packed([*old, *new])]
    shown = texts(raw.columns[name], rows, raw.shown.get(name))
    return StepsPreview(
        tuple(text[:LONGEST] for text in shown),
        tuple(text[:LONGEST] for text in _texts(loaded, name, after)),
        captions=captions,
        random=_is_random(data, loaded, name),
    ), []


def replace_problem(found: StepsPreview, error: ProblemError) -> StepsPreview:
    """The same, with why there is nothing after."""
    return StepsPreview(found.before, (), found.before_sizes, (), found.captions, found.random, error.problem)


def _some(rows: Rows, question: PreviewSteps) -> Rows:
    """Those that are asked for, spread over all: many sources are in the order of their classes."""
    if not len(rows):
        return rows
    count = min(question.count, len(rows))
    return rows[(question.start + np.arange(count) * (len(rows) // count)) % len(rows)]


def _before(raw: Raw, name: str, rows: Rows) -> tuple[StepsPreview, list[bytes]]:
    column = raw.columns[name]
    if column.kind in SEEN:
        old = [picture(column, int(row)) for row in rows]
        return StepsPreview(before_sizes=_sizes(old)), [packed(old)]
    return StepsPreview(tuple(texts(column, rows, raw.shown.get(name)))), []


def _prepared(data: Data, folder: Path, raw: Raw, rows: Rows, name: str, report: Report) -> tuple[Loaded, Rows]:
    """Data that hold these rows, prepared, and where the rows are in them."""
    if raw.columns[name].kind not in FREE:
        return loading.described(data, folder, report), rows
    columns = {key: _only(column, rows) for key, column in raw.columns.items()}
    places = np.arange(len(rows))
    shares = {"train": places, "validation": places[:0], "test": places[:0]}
    few = replace(raw, columns=columns, given=None, shown={}, lines=None)
    return loading.prepared(few, data, report, shares), places


def _only(raw: RawColumn, rows: Rows) -> RawColumn:
    values = raw.values
    if isinstance(values, Files):
        return replace(raw, values=Files(values.root, tuple(values.names[row] for row in rows)))
    if isinstance(values, Tensor):
        return replace(raw, values=values[torch.from_numpy(rows)])
    return replace(raw, values=values.take(pa.array(rows)))


def _after(loaded: Loaded, name: str, rows: Rows, roll: int) -> dict[str, Tensor]:
    """The columns that are made of this one or follow it, as they are held, with what is random done to them."""
    wanted = {column.name: column for column in loaded.columns.values()}
    if loaded.augmentation is None:
        column = _made_of(loaded, name)
        masks = [other for other in wanted.values() if other.kind == "mask"]
        kept = [column, *masks] if column.kind == "image" else [column]
        return {item.name: item.take(torch.from_numpy(rows)) for item in kept}
    taken = {key: column.take(torch.from_numpy(rows)) for key, column in wanted.items()}
    return loaded.augmentation(taken, roll)


def _made_of(loaded: Loaded, name: str) -> Column:
    """The column that a network reads of a raw one: of the same name, or the one that it was joined into."""
    if name in loaded.columns:
        return loaded.columns[name]
    joined = (column for column in loaded.columns.values() if isinstance(column.preprocessing, TableInput))
    found = next((c for c in joined if name in [field.name for field in c.preprocessing.fields]), None)  # type: ignore[union-attr]
    if found is None:
        raise ProblemError("data.not_read", where=name)
    return found


def _pictures(loaded: Loaded, name: str, after: dict[str, Tensor]) -> list[Pixels]:
    column = _made_of(loaded, name)
    samples = after[column.name]
    if column.kind == "audio":
        return [spectrum_picture(10 ** (sample / 20), SOUND_HIGH, SOUND_WIDE) for sample in column.finish(samples)]
    if column.kind == "mask":
        return [laid_over(np.full((*sample.shape, 3), 40, np.uint8), sample.numpy()) for sample in samples]
    shown = [byte_picture(s) if s.dtype == torch.uint8 else tensor_picture(s) for s in samples]
    mask = next((after[key] for key in after if loaded.columns[key].kind == "mask"), None)
    return shown if mask is None else [laid_over(p, m.numpy()) for p, m in zip(shown, mask, strict=True)]


def _texts(loaded: Loaded, name: str, after: dict[str, Tensor]) -> list[str]:
    column = _made_of(loaded, name)
    samples = after[column.name]
    if column.kind == "tokens":
        return [" ".join(token_texts(column, _unpadded(sample))) for sample in samples]
    if column.classes and samples.dim() == 1:
        return [f"{int(at)}  {column.classes[int(at)]}" if at >= 0 else "–" for at in samples]
    ready = column.finish(samples)
    if isinstance(column.preprocessing, TableInput):
        start = 0
        for field in column.preprocessing.fields:
            if field.name == name:
                ready = ready[:, start : start + field.width]
                break
            start += field.width
    return [_numbers(sample.flatten().tolist()) for sample in ready]


def _unpadded(sample: Tensor) -> list[int]:
    """Without the padding that only this batch needs."""
    there = torch.nonzero(sample != PADDING)
    kept: list[int] = sample[: int(there[-1]) + 1].tolist() if len(there) else []
    return kept


def _numbers(values: Sequence[float]) -> str:
    shown = "  ".join(f"{value:.4g}" for value in values[:24])
    return f"{shown}  …" if len(values) > 24 else shown


def _is_random(data: Data, loaded: Loaded, name: str) -> bool:
    steps = loaded.steps.get(name, ())
    return any(step.op in STEPS and STEPS[step.op].info.random and not step.off for step in steps)


def _sizes(found: list[Pixels]) -> tuple[Size, ...]:
    return tuple((len(pixels), len(pixels[0])) for pixels in found)
