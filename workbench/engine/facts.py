"""What is known of a raw column by looking at it: what is missing, what differs, how its values are spread."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import soundfile
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from workbench.core.document import Role, Step
from workbench.core.inspection import ColumnFacts, Spread
from workbench.engine.columns.pictures import UNREADABLE
from workbench.engine.looking import cell
from workbench.engine.raw import Files, RawColumn

PARTS = 24
"""Bars of a histogram."""
COMMON = 12
"""Values that are listed of what has few."""
LOOKED_AT = 2000
"""Files whose size is looked at, evenly spread over all of them."""
LONGEST = 200
"""Characters of an example."""
LISTED = frozenset({"category", "tags", "label"})

Floats = NDArray[np.float64]


def facts_of(raw: RawColumn, role: Role, steps: tuple[Step, ...], shown: Sequence[str] = ()) -> ColumnFacts:
    """All of it; of files their sizes, without decoding them. `shown` is how the source writes its samples itself."""
    missing, distinct = _counts(raw)
    example = shown[0] if shown else cell(raw, _first_there(raw)) if len(raw) else ""
    return ColumnFacts(
        raw.name,
        raw.kind,
        role,
        missing,
        distinct,
        example[:LONGEST],
        spread_of(*_sizes(raw)),
        _common(raw),
        steps,
    )


def spread_of(values: Floats, unit: str = "") -> Spread | None:
    """How finite numbers are spread; None where there are none."""
    sound = values[np.isfinite(values)]
    if not len(sound):
        return None
    least, most = float(sound.min()), float(sound.max())
    whole = bool((sound == np.round(sound)).all())
    parts = min(PARTS, int(most - least) + 1) if whole else PARTS if least < most else 1
    return Spread(least, float(np.median(sound)), most, _bars(sound, parts), unit)


def _bars(values: Floats, parts: int) -> tuple[int, ...]:
    """Counts of equal parts; one part where the values are too near to one another to be told apart."""
    try:
        counts, _ = np.histogram(values, parts)
    except ValueError:
        return (len(values),)
    return tuple(int(count) for count in counts)


def _counts(raw: RawColumn) -> tuple[int, int | None]:
    """How many values are missing, and how many differ."""
    values = raw.values
    if isinstance(values, pa.ChunkedArray):
        if pa.types.is_list(values.type):
            return values.null_count, len(pc.unique(pc.list_flatten(values)))
        return values.null_count, pc.count_distinct(values).as_py()
    if isinstance(values, Tensor) and not values.is_floating_point() and values.dim() == 1:
        return 0, len(np.unique(values.numpy()))
    return 0, None


def _first_there(raw: RawColumn) -> int:
    if isinstance(raw.values, pa.ChunkedArray) and raw.values.null_count:
        there = np.flatnonzero(raw.values.is_valid().to_numpy())
        return int(there[0]) if len(there) else 0
    return 0


def _sizes(raw: RawColumn) -> tuple[Floats, str]:
    """The numbers whose spread says most about a column, and what they are counted in."""
    values, none = raw.values, np.zeros(0)
    if isinstance(values, Files):
        return _file_sizes(raw.kind, values)
    if isinstance(values, Tensor):
        return none, ""
    if raw.kind == "text" or (raw.kind == "id" and pa.types.is_string(values.type)):
        return _numbers(pc.utf8_length(values)), "characters"
    if raw.kind == "number" or (raw.kind == "category" and _is_numeric(values) and len(values.unique()) > COMMON):
        return _numbers(values), ""
    return none, ""


def _is_numeric(values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(values.type) or pa.types.is_floating(values.type))


def _numbers(values: pa.ChunkedArray) -> Floats:
    return np.asarray(values.drop_null().cast(pa.float64()).to_numpy(zero_copy_only=False))


def _file_sizes(kind: str, files: Files) -> tuple[Floats, str]:
    spaced = np.linspace(0, max(0, len(files) - 1), min(len(files), LOOKED_AT))
    rows = np.unique(spaced.astype(np.int64)).tolist()
    if kind == "audio":
        return np.array([_seconds(files[row]) for row in rows], np.float64), "s"
    return np.array([_side(files[row]) for row in rows], np.float64), "px"


def _seconds(path: Path) -> float:
    try:
        return float(soundfile.info(path).duration)
    except (OSError, soundfile.SoundFileError):
        return float("nan")


def _side(path: Path) -> float:
    try:
        with Image.open(path) as image:
            return float((image.width * image.height) ** 0.5)
    except UNREADABLE:
        return float("nan")


def _common(raw: RawColumn) -> tuple[tuple[str, int], ...]:
    """The most frequent values of what has names."""
    values = raw.values
    if raw.kind not in LISTED:
        return ()
    if isinstance(values, Tensor):
        if values.dim() != 1 or not raw.classes:
            return ()
        counts = np.bincount(values.numpy(), minlength=len(raw.classes))
        order = np.argsort(-counts, kind="stable")[:COMMON]
        return tuple((raw.classes[at], int(counts[at])) for at in order)
    if isinstance(values, Files):
        return ()
    flat = pc.list_flatten(values) if pa.types.is_list(values.type) else values
    table = pc.value_counts(flat.drop_null())
    pairs = sorted(((_said(item["values"]), item["counts"]) for item in table.to_pylist()), key=lambda pair: -pair[1])
    return tuple((value, int(count)) for value, count in pairs[:COMMON])


def _said(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
