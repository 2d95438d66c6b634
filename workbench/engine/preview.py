"""Pages of samples to look at: pictures where they can be seen, and texts by column."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.data_messages import GetSamples, SamplePage
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine import loading
from workbench.engine.columns.base import Loaded
from workbench.engine.looking import is_many, picture, seen_column, texts
from workbench.engine.raw import Files, RawColumn, Report

MOST_COLUMNS = 60


def samples(data: Data, question: GetSamples, report: Report) -> tuple[SamplePage, list[bytes]]:
    """One page of samples. Raises `ProblemError`."""
    loaded = loading.load(data, Path(question.folder), report)
    if question.split not in loaded.splits:
        raise ProblemError("data.no_split", found=question.split, known=list(loaded.splits))
    rows = _of_class(loaded, loaded.splits[question.split], question.label)
    columns = list(loaded.raw.values())
    seen = seen_column([raw for raw in columns if loaded.roles[raw.name] != "ignore"])
    if seen is not None:
        rows = np.random.default_rng(0).permutation(rows)  # folders are in the order of their classes
    page = rows[question.start : question.start + question.count]
    told = [raw for raw in columns if raw.name in loaded.shown or not is_many(raw)][:MOST_COLUMNS]
    written = {raw.name: texts(raw, page, loaded.shown.get(raw.name)) for raw in told}
    captions = captions_of(loaded, page)
    lines = tuple(zip(*written.values(), strict=True))
    if seen is None:
        return SamplePage(len(rows), tuple(written), lines, captions), []
    mask = next((raw for raw in columns if raw.kind == "mask" and raw is not seen), None)
    found = [picture(seen, int(row), mask) for row in page]
    sizes = tuple((len(pixels), len(pixels[0])) for pixels in found)
    return SamplePage(len(rows), tuple(written), lines, captions, sizes), [packed(found)]


def packed(pictures: list[NDArray[np.uint8]]) -> bytes:
    """Pictures one after the other, as a message carries them."""
    return b"".join(np.ascontiguousarray(pixels).tobytes() for pixels in pictures)


def captions_of(loaded: Loaded, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """What each sample's target is, or else its name."""
    targets = [raw for raw in loaded.raw.values() if loaded.roles[raw.name] == "target"]
    short = next((raw for raw in targets if raw.kind in ("category", "number", "tags")), None)
    named: RawColumn | None = short or next(iter(loaded.raw.values()), None)
    if named is None:
        return ()
    found = texts(named, rows, loaded.shown.get(named.name))
    return tuple(text.rpartition("/")[2] if isinstance(named.values, Files) else text for text in found)


def _of_class(loaded: Loaded, rows: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    label = loaded.label
    if not name or label is None or name not in label.classes:
        return rows
    return np.asarray(rows[label.tensor.numpy()[rows] == label.classes.index(name)])
