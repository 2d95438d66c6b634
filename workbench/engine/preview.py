"""Data to look at: counts by class, and pages of samples."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.data_messages import DataSummary, GetSamples, SamplePage
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Loaded, Report, balance, dataset_of, shared_out


@dataclass
class _Kept:
    """The data set that was looked at last: a page must not read it again."""

    key: tuple[str, str]
    loaded: Loaded
    splits: dict[str, NDArray[np.int64]]


_kept: list[_Kept] = []


def _loaded(data: Data, folder: str, report: Report) -> _Kept:
    key = (repr(data), folder)
    if not _kept or _kept[0].key != key:
        _kept.clear()
        loaded = dataset_of(data).load(Path(folder), report)
        _kept.append(_Kept(key, loaded, shared_out(loaded, data.split)))
    return _kept[0]


def loaded_data(data: Data, folder: str, report: Report) -> tuple[Loaded, NDArray[np.int64]]:
    """The data set as networks read it, and the rows of its training split. Raises `ProblemError`."""
    kept = _loaded(data, folder, report)
    if kept.loaded.fit:
        kept.loaded.fit(kept.splits["train"])
    return kept.loaded, kept.splits["train"]


def described(data: Data, folder: str, download: bool, report: Report) -> DataSummary:
    """Columns, splits and class balance. Reads the data anew, since files may have changed. Raises `ProblemError`."""
    _kept.clear()
    source = dataset_of(data)
    if not download and not source.is_here():
        return DataSummary(source.info.title, source.peek(Path(folder)), {}, {}, "", to_download=source.info.download)
    kept = _loaded(data, folder, report)
    loaded = kept.loaded
    return DataSummary(
        title=loaded.title,
        columns=tuple(column.summary() for column in loaded.columns.values()),
        splits={name: len(rows) for name, rows in kept.splits.items()},
        balance=balance(loaded, kept.splits),
        fingerprint=loaded.fingerprint(),
        problems=tuple(loaded.problems),
    )


def samples(data: Data, question: GetSamples, report: Report) -> tuple[SamplePage, list[bytes]]:
    """One page of samples: pictures as bytes, rows of tables as texts. Raises `ProblemError`."""
    kept = _loaded(data, question.folder, report)
    loaded = kept.loaded
    if question.split not in kept.splits:
        raise ProblemError("data.no_split", found=question.split, known=list(kept.splits))
    rows = kept.splits[question.split]
    label = loaded.label
    if question.label and label is not None and question.label in label.classes:
        rows = rows[label.data.numpy()[rows] == label.classes.index(question.label)]
    page = rows[question.start : question.start + question.count]
    captions = tuple(label.classes[label.data[row]] for row in page) if label else ()
    images = next((column for column in loaded.columns.values() if column.kind == "image"), None)
    if images is not None:
        pixels = images.data.numpy()[page].transpose(0, 2, 3, 1)
        return SamplePage(pixels.shape, captions, len(rows)), [np.ascontiguousarray(pixels).tobytes()]
    names, texts = _rows(loaded, page)
    return SamplePage((0,), captions, len(rows), names, texts), []


def _rows(loaded: Loaded, page: NDArray[np.int64]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Rows of a table as they stand in its file, if it still knows them."""
    source = loaded.source_rows
    if source is None:
        return (), ()
    return tuple(source), tuple(tuple(column[row] for column in source.values()) for row in page)
