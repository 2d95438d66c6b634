"""How the text of a cell is read as a number, a date or a list. Needs no torch.

Training, prediction and inspection read cells with the functions of this one module, so that they agree.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

BLANK = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""What stands for a missing number or date (in small letters)."""
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
CODE = r"^(0[0-9]+|[0-9]{16,})$"
"""Digits that are a name, not an amount: a zip code with its zero, a number too long to be told from its neighbour."""
ISO = ""
"""The format of dates as ISO 8601 writes them: 2026-11-27, 2026-11-27 18:30, 2026-11-27T18:30:00Z."""
DATES = (ISO, "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
"""Formats that are tried, in this order: day before month unless some value rules that out."""
SEPARATORS = (";", "|")
"""What may stand between the tags of a cell."""
PARTS = {
    **dict.fromkeys(("train", "training", "0"), 0),
    **dict.fromkeys(("validation", "valid", "val", "dev", "1"), 1),
    **dict.fromkeys(("test", "testing", "2"), 2),
}
"""What a cell may say that names the split of its row (in small letters), and the number of the split."""
MOMENT = pa.timestamp("ms")
"""How dates are held."""

Texts: TypeAlias = pa.Array | pa.ChunkedArray


@dataclass(frozen=True)
class Cells:
    """Texts as values: missing where the text is blank or does not fit."""

    values: pa.Array | pa.ChunkedArray
    stray: pa.Array | pa.ChunkedArray | None = None
    """Where a text stands that is none of these values; None when there is no such text."""


def trimmed(texts: Texts) -> Texts:
    """Without spaces around them; nothing where nothing stands."""
    bare = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(bare, ""), None, bare)


def unblanked(texts: Texts) -> Texts:
    """Trimmed, and nothing where a program wrote that nothing stands there."""
    bare = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.is_in(pc.utf8_lower(bare), pa.array(sorted(BLANK))), None, bare)


def as_numbers(texts: Texts) -> Cells:
    """Numbers, each finite; what is infinite or no number is stray."""
    try:
        quick = texts.cast(pa.float64())
        if pc.all(pc.is_finite(quick)).as_py() is not False:
            return Cells(quick)
    except pa.ArrowInvalid:
        pass
    plain = unblanked(texts)
    try:
        numbers = plain.cast(pa.float64())
    except pa.ArrowInvalid:
        numbers = pc.if_else(pc.match_substring_regex(plain, NUMBER), plain, None).cast(pa.float64())
    return _sifted(plain, pc.if_else(pc.is_finite(numbers), numbers, None))


def as_dates(texts: Texts, format: str = ISO) -> Cells:
    """Dates and times without a zone (those with one, as UTC)."""
    plain = unblanked(texts)
    if format != ISO:
        return _sifted(plain, pc.strptime(plain, format=format, unit="ms", error_is_null=True))
    try:
        return Cells(plain.cast(MOMENT))
    except pa.ArrowInvalid:
        return _sifted(plain, _iso(plain))


def _iso(plain: Texts) -> Texts:
    """One by one: one text of another form spoils a cast of all."""

    def moment(text: str) -> object:
        for kind in (MOMENT, pa.timestamp("ms", "UTC")):
            try:
                return pa.scalar(text).cast(kind).cast(MOMENT).as_py()
            except pa.ArrowInvalid:
                continue
        return None

    encoded = pc.dictionary_encode(plain)
    chunks = encoded.chunks if isinstance(encoded, pa.ChunkedArray) else [encoded]
    found = []
    for chunk in chunks:
        known = pa.array([moment(text) for text in chunk.dictionary.to_pylist()], MOMENT)
        found.append(known.take(chunk.indices))
    return pa.chunked_array(found, MOMENT) if isinstance(encoded, pa.ChunkedArray) else found[0]


def as_tags(texts: Texts, separator: str) -> pa.Array | pa.ChunkedArray:
    """Lists of trimmed texts; a cell in which nothing stands is an empty list."""
    lists = [
        [] if text is None else [part for item in text.split(separator) if (part := item.strip())]
        for text in texts.to_pylist()
    ]
    found = pa.array(lists, pa.list_(pa.string()))
    return pa.chunked_array([found]) if isinstance(texts, pa.ChunkedArray) else found


def _sifted(plain: Texts, values: Texts) -> Cells:
    stray = pc.and_(pc.is_valid(plain), pc.is_null(values))
    return Cells(values, stray if pc.any(stray).as_py() else None)


def as_floats(values: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers of any type, NaN where there is none."""
    found = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.float64)


def as_moments(values: pa.Array | pa.ChunkedArray) -> NDArray[np.datetime64]:
    """Dates in milliseconds, NaT where there is none."""
    return np.asarray(values.cast(MOMENT).to_numpy(zero_copy_only=False), "datetime64[ms]")


def as_texts(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Values of any type as they are written: whole numbers without a point, dates as ISO does, truth as Python."""
    if pa.types.is_dictionary(values.type):
        return as_texts(values.cast(values.type.value_type))
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "True", "False")
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, format="%Y-%m-%d %H:%M:%S")
    return values.cast(pa.string())
