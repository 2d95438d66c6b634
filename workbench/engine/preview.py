"""Data to look at: counts by class, and pages of samples."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from workbench.core.data_messages import DataSummary, GetSamples, SamplePage
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine import loading
from workbench.engine.columns.base import Loaded
from workbench.engine.datasets.base import dataset_of
from workbench.engine.raw import Files, Report


def described(data: Data, folder: str, download: bool, report: Report) -> DataSummary:
    """Columns, splits and class balance. Reads the data anew, since files may have changed. Raises `ProblemError`."""
    loading.forget()
    source = dataset_of(data)
    if not download and not source.is_here():
        columns, _ = loading.columns_of(data, Path(folder))
        return DataSummary(source.info.title, columns, {}, {}, "", to_download=source.info.download)
    loaded = loading.load(data, Path(folder), report)
    return DataSummary(
        title=loaded.title,
        columns=tuple(column.summary() for column in loaded.columns.values()),
        splits={name: len(rows) for name, rows in loaded.splits.items()},
        balance=balance(loaded),
        fingerprint=loaded.fingerprint,
        problems=tuple(loaded.problems),
    )


def balance(loaded: Loaded) -> dict[str, dict[str, int]]:
    """Samples by split and class; empty where there are no classes."""
    label = loaded.label
    if label is None:
        return {}
    classes = label.tensor.numpy()
    counts = {name: np.bincount(classes[rows], minlength=len(label.classes)) for name, rows in loaded.splits.items()}
    return {
        name: {klass: int(number) for klass, number in zip(label.classes, row, strict=True)}
        for name, row in counts.items()
    }


def samples(data: Data, question: GetSamples, report: Report) -> tuple[SamplePage, list[bytes]]:
    """One page of samples: pictures as bytes, rows of tables as texts. Raises `ProblemError`."""
    loaded = loading.load(data, Path(question.folder), report)
    if question.split not in loaded.splits:
        raise ProblemError("data.no_split", found=question.split, known=list(loaded.splits))
    rows = loaded.splits[question.split]
    label = loaded.label
    if question.label and label is not None and question.label in label.classes:
        rows = rows[label.tensor.numpy()[rows] == label.classes.index(question.label)]
    page = rows[question.start : question.start + question.count]
    captions = tuple(label.classes[label.tensor[row]] for row in page) if label else ()
    images = next((column for column in loaded.columns.values() if column.kind == "image"), None)
    if images is not None:
        pixels = images.take(torch.from_numpy(page)).numpy().transpose(0, 2, 3, 1)
        return SamplePage(pixels.shape, captions, len(rows)), [np.ascontiguousarray(pixels).tobytes()]
    names, texts = _rows(loaded, page)
    return SamplePage((0,), captions, len(rows), names, texts), []


def _rows(loaded: Loaded, page: NDArray[np.int64]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Rows of a table as they stand in its file."""
    found: dict[str, list[str]] = {}
    for name, raw in loaded.raw.items():
        if isinstance(raw.values, pa.ChunkedArray):
            found[name] = [
                "" if value is None else _text(value) for value in raw.values.take(pa.array(page)).to_pylist()
            ]
        elif isinstance(raw.values, Files):
            found[name] = [raw.values.names[row] for row in page]
    for name, texts in loaded.shown.items():
        found[name] = [texts[row] for row in page]
    return tuple(found), tuple(zip(*found.values(), strict=True))


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
