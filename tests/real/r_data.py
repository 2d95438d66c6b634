"""Reading what R has saved (its binary form XDR, versions 2 and 3): vectors, lists and data frames, nothing else."""

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SYMBOL, PAIRS, STRING, LOGICAL, INTEGER, REAL, STRINGS, LIST, NIL, REFERENCE = 1, 2, 9, 10, 13, 14, 16, 19, 254, 255


@dataclass
class Value:
    """A value of R, and what is attached to it (names, levels, class)."""

    data: object = None
    attributes: dict[str, "Value"] = field(default_factory=dict)

    def column(self) -> list[object]:
        """A vector as Python's values; a factor as the names of its levels."""
        assert isinstance(self.data, list)
        levels = self.attributes["levels"].data if "levels" in self.attributes else None
        if not isinstance(levels, list):
            return self.data
        return [None if number == NOT_AVAILABLE else levels[number - 1] for number in self.data]


NOT_AVAILABLE = -(2**31)


def frames(file: Path) -> dict[str, dict[str, list[object]]]:
    """The data frames of an `.rda` file, by name: each its columns by name."""
    saved = _Reader(_unpacked(file.read_bytes())[5:]).value()
    assert isinstance(saved.data, dict)
    found = {}
    for name, frame in saved.data.items():
        if isinstance(frame.data, list) and "names" in frame.attributes:
            names = [str(each) for each in frame.attributes["names"].column()]
            found[name] = dict(zip(names, (column.column() for column in frame.data), strict=True))
    return found


def _unpacked(data: bytes) -> bytes:
    """R packs with whichever of three gives the smallest file."""
    packers = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
    return packers[data[:2]](data)


def vectors(database: Path) -> Iterator[list[object]]:
    """The vectors of strings in a database of R (`.rdb`): each is its size, then its binary form packed by zlib."""
    data = database.read_bytes()
    while data:
        unpacking = zlib.decompressobj()
        value = _Reader(unpacking.decompress(data[4:])).value()
        data = unpacking.unused_data
        if isinstance(value.data, list) and value.data and isinstance(value.data[0], str):
            yield value.column()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 2
        self._known: list[str] = []
        version, _, _ = self._ints(3)
        if version == 3:
            self._take(self._ints(1)[0])

    def value(self) -> Value:
        """The next value."""
        (flags,) = self._ints(1)
        kind = flags & 255
        if kind in (NIL, SYMBOL, REFERENCE, STRING):
            return Value(self._text(kind, flags))
        if kind == PAIRS:
            return Value(self._pairs(flags))
        (count,) = self._ints(1)
        found = Value(self._vector(kind, count))
        if flags >> 9 & 1:
            attached = self.value().data
            found.attributes = attached if isinstance(attached, dict) else {}
        return found

    def _vector(self, kind: int, count: int) -> object:
        if kind in (LOGICAL, INTEGER):
            return list(self._ints(count))
        if kind == REAL:
            return list(struct.unpack(f">{count}d", self._take(8 * count)))
        if kind == STRINGS:
            return [self.value().data for _ in range(count)]
        if kind == LIST:
            return [self.value() for _ in range(count)]
        raise ValueError(f"R's type {kind} is not read here")

    def _text(self, kind: int, flags: int) -> str | None:
        if kind == STRING:
            (size,) = self._ints(1)
            return None if size < 0 else self._take(size).decode("utf-8", "replace")
        if kind == SYMBOL:
            self._known.append(str(self.value().data))
            return self._known[-1]
        return self._known[(flags >> 8) - 1] if kind == REFERENCE else None

    def _pairs(self, flags: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while flags & 255 == PAIRS:
            if flags >> 9 & 1:
                self.value()
            name = str(self.value().data) if flags >> 10 & 1 else ""
            found[name] = self.value()
            (flags,) = self._ints(1)
        return found

    def _ints(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self._take(4 * count))

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]
