"""The metrics of a run on disk: an append-only file of chunks of numbers.

A chunk holds some points of some series that share their steps (all that is measured each training step, say, or
each epoch): one array of steps, one array of values a series, with the least and the largest finite value of each
in the chunk's header, so that a reader can skip a chunk, or draw it, without touching its numbers.

Layout of a chunk, little-endian: `b"MWC1"`, uint32 length of the header, uint32 length of the body, uint32 CRC-32
of header and body; the header as JSON `{"series": [...], "count": n, "least": [...], "largest": [...]}`; the body
as `count` int64 steps and, series by series, `count` float32 values. A chunk that a crash cut short fails its
length or its CRC and is not there; whoever resumes the run cuts the file back to the length in the checkpoint.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = b"MWC1"
_HEAD = struct.Struct("<4sIII")

Floats = NDArray[np.float32]
Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """The points of one metric."""

    steps: Steps
    values: Floats


@dataclass(frozen=True)
class Chunk:
    """The header of a chunk, and where its numbers stand in the file."""

    series: tuple[str, ...]
    count: int
    least: tuple[float | None, ...]
    largest: tuple[float | None, ...]
    offset: int


def encode(steps: Sequence[int] | Steps, values: Mapping[str, Sequence[float] | Floats]) -> bytes:
    """One chunk. Every series must have as many values as there are steps."""
    steps_N = np.asarray(steps, dtype="<i8")
    rows = {name: np.asarray(row, dtype="<f4") for name, row in values.items()}
    if any(row.shape != steps_N.shape for row in rows.values()):
        raise ValueError("every series of a chunk needs a value for each of its steps")
    finite = {name: row[np.isfinite(row)] for name, row in rows.items()}
    header = json.dumps(
        {
            "series": list(rows),
            "count": len(steps_N),
            "least": [float(row.min()) if row.size else None for row in finite.values()],
            "largest": [float(row.max()) if row.size else None for row in finite.values()],
        }
    ).encode()
    body = b"".join([steps_N.tobytes(), *(row.tobytes() for row in rows.values())])
    return _HEAD.pack(MAGIC, len(header), len(body), zlib.crc32(body, zlib.crc32(header))) + header + body


def chunks(stream: BinaryIO, start: int = 0) -> Iterator[tuple[Chunk, bytes, int]]:
    """The whole chunks from `start` on: header, body, and the offset behind each. Stops at a torn one."""
    stream.seek(start)
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        magic, header_size, body_size, checksum = _HEAD.unpack(head)
        if magic != MAGIC:
            return
        header, body = stream.read(header_size), stream.read(body_size)
        if len(body) < body_size or zlib.crc32(body, zlib.crc32(header)) != checksum:
            return
        raw = json.loads(header)
        start += _HEAD.size + header_size + body_size
        yield (
            Chunk(
                tuple(raw["series"]),
                raw["count"],
                tuple(raw["least"]),
                tuple(raw["largest"]),
                start - body_size,
            ),
            body,
            start,
        )


def unpack(chunk: Chunk, body: bytes) -> dict[str, Series]:
    """The numbers of a chunk by series."""
    steps = np.frombuffer(body, "<i8", chunk.count)
    at = 8 * chunk.count
    found = {}
    for name in chunk.series:
        found[name] = Series(steps, np.frombuffer(body, "<f4", chunk.count, at))
        at += 4 * chunk.count
    return found


@dataclass
class Reader:
    """Follows a metrics file that may still grow, be cut back or be compacted."""

    path: Path
    series: dict[str, Series] = field(default_factory=dict)
    _offset: int = 0
    _identity: tuple[int, int] = (0, 0)
    _parts: dict[str, list[Series]] = field(default_factory=dict)

    def refresh(self) -> bool:
        """Read what is new into `series`; True when anything changed."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return False
        rewritten = (status.st_dev, status.st_ino) != self._identity or status.st_size < self._offset
        if not rewritten and status.st_size == self._offset:
            return False
        if rewritten:
            self._offset, self._parts, self.series = 0, {}, {}
            self._identity = (status.st_dev, status.st_ino)
        fresh: set[str] = set()
        with self.path.open("rb") as stream:
            for chunk, body, end in chunks(stream, self._offset):
                for name, part in unpack(chunk, body).items():
                    self._parts.setdefault(name, []).append(part)
                    fresh.add(name)
                self._offset = end
        for name in fresh:
            self._parts[name] = [_joined(self._parts[name])]
            self.series[name] = self._parts[name][0]
        return rewritten or bool(fresh)


def read(path: Path, only: str | None = None) -> dict[str, Series]:
    """All series of a file, or one of them; empty when there is no file."""
    parts: dict[str, list[Series]] = {}
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        for chunk, body, _ in chunks(stream):
            if only is None or only in chunk.series:
                for name, part in unpack(chunk, body).items():
                    if only in (None, name):
                        parts.setdefault(name, []).append(part)
    return {name: _joined(pieces) for name, pieces in parts.items()}


def compacted(path: Path, *, until: tuple[int, int] | None = None) -> bytes:
    """The content of a file with its many small chunks joined into one for each group of series.

    Args:
        path: the file.
        until: a step and a number of epochs: later points are left out. Groups of series with a `val/` or
            `epoch/` one have a point an epoch, all others a point a step.
    """
    groups: dict[tuple[str, ...], list[dict[str, Series]]] = {}
    with path.open("rb") as stream:
        for chunk, body, _ in chunks(stream):
            groups.setdefault(chunk.series, []).append(unpack(chunk, body))
    whole = []
    for names, parts in groups.items():
        joined = {name: _joined([part[name] for part in parts]) for name in names}
        steps = joined[names[0]].steps
        count = len(steps)
        if until is not None:
            each_epoch = any(name.startswith(("val/", "epoch/")) for name in names)
            count = min(count, until[1]) if each_epoch else int(np.searchsorted(steps, until[0], side="right"))
        if count:
            whole.append(encode(steps[:count], {name: series.values[:count] for name, series in joined.items()}))
    return b"".join(whole)


def _joined(parts: list[Series]) -> Series:
    if len(parts) == 1:
        return parts[0]
    return Series(np.concatenate([part.steps for part in parts]), np.concatenate([part.values for part in parts]))
