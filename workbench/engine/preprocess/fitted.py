"""Steps of preparing a table's column, fitted to the training split: plain numbers that are stored with a run.

Between steps a column is (rows, inputs) numbers, NaN where one is missing; before it was encoded, it is an Arrow array
of texts, dates or lists.
"""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from workbench.engine.tables.cells import as_moments

Numbers = NDArray[np.float64]
Values = Numbers | pa.Array


class Fill(Struct, frozen=True, tag="fill"):
    """A number for each missing one; with `indicator`, further inputs say which were missing."""

    values: tuple[float, ...]
    indicator: bool = False

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return before * (2 if self.indicator else 1)

    def apply(self, numbers: Numbers) -> Numbers:
        """(rows, inputs)"""
        missing = np.isnan(numbers)
        filled = np.where(missing, np.array(self.values), numbers)
        return np.asarray(np.concatenate([filled, missing], 1) if self.indicator else filled, np.float64)


class Affine(Struct, frozen=True, tag="affine"):
    """(number - centre) / spread"""

    centre: tuple[float, ...]
    spread: tuple[float, ...]

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return before

    def apply(self, numbers: Numbers) -> Numbers:
        """(rows, inputs)"""
        return np.asarray((numbers - np.array(self.centre)) / np.array(self.spread), np.float64)


class Log(Struct, frozen=True, tag="log"):
    """sign(x) · log(1 + |x|): amounts of very different sizes, those below zero too."""

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return before

    def apply(self, numbers: Numbers) -> Numbers:
        """(rows, inputs)"""
        return np.sign(numbers) * np.log1p(np.abs(numbers))


class Clip(Struct, frozen=True, tag="clip"):
    """Numbers outside a range become its ends."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return before

    def apply(self, numbers: Numbers) -> Numbers:
        """(rows, inputs)"""
        return np.clip(numbers, np.array(self.low), np.array(self.high))


class Bins(Struct, frozen=True, tag="bins"):
    """One input of 0 or 1 for each range between inner edges; a missing number is in none."""

    edges: tuple[tuple[float, ...], ...]
    """Of each input, rising."""

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return sum(len(edges) + 1 for edges in self.edges)

    def apply(self, numbers: Numbers) -> Numbers:
        """(rows, inputs)"""
        parts = []
        for place, edges in enumerate(self.edges):
            at = np.where(np.isnan(numbers[:, place]), -1, np.searchsorted(edges, numbers[:, place], side="right"))
            parts.append(_one_hot(at, len(edges) + 1))
        return np.concatenate(parts, 1)


class OneHot(Struct, frozen=True, tag="one_hot"):
    """One input of 0 or 1 for each value, and where wanted one for all others and one for none."""

    values: tuple[str, ...]
    others: bool = False
    missing: bool = False

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return len(self.values) + self.others + self.missing

    def apply(self, texts: pa.Array) -> Numbers:
        """(rows,) texts to (rows, inputs)"""
        known = len(self.values)
        other = known if self.others else -1
        nothing = known + self.others if self.missing else -1
        return _one_hot(places(texts, self.values, other, nothing), self.width(1))


class Ordinal(Struct, frozen=True, tag="ordinal"):
    """The place of a value among all, from 0; an unknown one is missing."""

    values: tuple[str, ...]

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return 1

    def apply(self, texts: pa.Array) -> Numbers:
        """(rows,) texts to (rows, 1)"""
        at = places(texts, self.values)
        return np.where(at < 0, np.nan, at)[:, None]


class Shares(Struct, frozen=True, tag="shares"):
    """How large a share of the training rows has the value; 0 for one that is unknown or missing."""

    values: tuple[str, ...]
    shares: tuple[float, ...]

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return 1

    def apply(self, texts: pa.Array) -> Numbers:
        """(rows,) texts to (rows, 1)"""
        return np.array([*self.shares, 0.0])[places(texts, self.values)][:, None]


class Hashed(Struct, frozen=True, tag="hashed"):
    """One input of 0 or 1 for each bucket that values fall into, known or not (Weinberger and others, 2009)."""

    buckets: int

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return self.buckets

    def apply(self, texts: pa.Array) -> Numbers:
        """(rows,) texts to (rows, inputs)"""
        encoded = texts.dictionary_encode()
        buckets = [_digest(text) % self.buckets for text in encoded.dictionary.to_pylist()]
        return _one_hot(np.array([*buckets, -1])[_codes(encoded)], self.buckets)


class DateParts(Struct, frozen=True, tag="date_parts"):
    """Parts of dates: year, month, day, weekday (Monday is 0), hour, and days since 1970-01-01.

    Cyclic, what returns (month, day, weekday, hour) becomes sine and cosine: December is beside January.
    """

    parts: tuple[str, ...]
    cyclic: bool = True

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return sum(2 if self.cyclic and part in PERIODS else 1 for part in self.parts)

    def apply(self, dates: pa.Array) -> Numbers:
        """(rows,) dates to (rows, inputs)"""
        moments = as_moments(dates)
        missing = np.isnat(moments)
        known = np.where(missing, np.datetime64(0, "ms"), moments)
        columns: list[Numbers] = []
        for part in self.parts:
            number = _part(known, part)
            if self.cyclic and part in PERIODS:
                start, period = PERIODS[part]
                turn = 2 * np.pi * (number - start) / period
                columns += [np.sin(turn), np.cos(turn)]
            else:
                columns.append(number)
        return np.where(missing[:, None], np.nan, np.stack(columns, 1))


class MultiHot(Struct, frozen=True, tag="multi_hot"):
    """One input of 0 or 1 for each tag."""

    values: tuple[str, ...]

    def width(self, before: int) -> int:
        """How many inputs there are after it."""
        return len(self.values)

    def apply(self, lists: pa.Array) -> Numbers:
        """(rows,) lists of texts to (rows, inputs)"""
        found = np.zeros((len(lists), len(self.values)))
        at = places(lists.flatten(), self.values)
        rows = np.asarray(pc.list_parent_indices(lists))
        found[rows[at >= 0], at[at >= 0]] = 1
        return found


Fitted = Fill | Affine | Log | Clip | Bins | OneHot | Ordinal | Shares | Hashed | DateParts | MultiHot

PERIODS = {"month": (1, 12), "day": (1, 31), "weekday": (0, 7), "hour": (0, 24)}
"""Parts of dates that return: the first number, and after how many it comes again."""


def _part(moments: NDArray[np.datetime64], part: str) -> Numbers:
    days = moments.astype("datetime64[D]")
    match part:
        case "year":
            found = moments.astype("datetime64[Y]").astype(np.int64) + 1970
        case "month":
            found = moments.astype("datetime64[M]").astype(np.int64) % 12 + 1
        case "day":
            found = (days - moments.astype("datetime64[M]")).astype(np.int64) + 1
        case "weekday":
            found = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        case "hour":
            found = (moments - days).astype("timedelta64[h]").astype(np.int64)
        case _:
            found = days.astype(np.int64)
    return np.asarray(found, np.float64)


def places(texts: pa.Array, values: tuple[str, ...], unknown: int = -1, missing: int = -1) -> NDArray[np.int64]:
    """(rows,) where each text is among the values."""
    encoded = texts.dictionary_encode()
    place = {value: at for at, value in enumerate(values)}
    known = np.array([*(place.get(text, unknown) for text in encoded.dictionary.to_pylist()), missing], np.int64)
    found: NDArray[np.int64] = known[_codes(encoded)]
    return found


def _codes(encoded: pa.DictionaryArray) -> NDArray[np.int64]:
    """Numbers of a dictionary's entries, -1 where nothing stands."""
    return np.asarray(encoded.indices.fill_null(-1), np.int64)


def _one_hot(at: NDArray[np.int64], width: int) -> Numbers:
    return np.asarray(at[:, None] == np.arange(width), np.float64)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
