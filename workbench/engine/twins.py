"""Samples whose inputs are exactly the same, found by hashes of what stands in their source."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.inspection import Duplicates, Twin
from workbench.engine.looking import cell
from workbench.engine.raw import Files, RawColumn, Report, quiet

EXAMPLES = 6
LONGEST = 160
MIX = np.uint64(0x9E3779B97F4A7C15)
"""Steele, Lea and Flood's constant of SplitMix64 (2014)."""

Hashes = NDArray[np.uint64]


def duplicates(inputs: Sequence[RawColumn], splits: dict[str, NDArray[np.int64]], report: Report = quiet) -> Duplicates:
    """Counts, and a few pairs. A sample counts once, however often it is there."""
    if not inputs:
        return Duplicates()
    count = len(inputs[0])
    names = tuple(splits)
    part = np.full(count, -1, np.int8)
    for place, rows in enumerate(splits.values()):
        part[rows] = place
    hashes = content_hashes(inputs, report)
    rows = np.flatnonzero(part >= 0)
    order = rows[np.lexsort((rows, part[rows], hashes[rows]))]  # of equal ones those of training come first
    same = hashes[order][1:] == hashes[order][:-1]
    starts = np.maximum.accumulate(np.where(np.r_[True, ~same], np.arange(len(order)), 0)) if len(order) else order
    repeats = np.flatnonzero(np.r_[False, same])
    firsts = order[starts[repeats]]
    again = order[repeats]
    in_training = part[firsts] == 0
    across = in_training & (part[again] > 0)
    within = part[again] == part[order[repeats - 1]]
    found = [*np.flatnonzero(across)[:EXAMPLES], *np.flatnonzero(within & ~across)[:EXAMPLES]][:EXAMPLES]
    examples = tuple(
        Twin(
            (int(firsts[at]), int(again[at])),
            (names[part[firsts[at]]], names[part[again[at]]]),
            "   ".join(cell(raw, int(again[at])) for raw in inputs[:6])[:LONGEST],
        )
        for at in found
    )
    return Duplicates(int((within & ~across).sum()), int(across.sum()), examples)


def content_hashes(inputs: Sequence[RawColumn], report: Report = quiet) -> Hashes:
    """(samples,): equal where all inputs of two samples are."""
    total = np.zeros(len(inputs[0]), np.uint64)
    for raw in inputs:
        total = _mixed(total * MIX + _column(raw, report))
    return total


def _column(raw: RawColumn, report: Report) -> Hashes:
    values = raw.values
    if isinstance(values, Files):
        found = np.empty(len(values), np.uint64)
        for row in range(len(values)):
            report("data.comparing", row, len(values))
            found[row] = _file(values, row)
        return found
    if isinstance(values, Tensor):
        rows = np.ascontiguousarray(values.numpy()).reshape(len(values), -1)
        return np.array([_digest(row.tobytes()) for row in rows], np.uint64)
    return _arrow(values)


def _arrow(values: pa.ChunkedArray) -> Hashes:
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(np.float64) + 0.0  # -0 is 0
        return _mixed(numbers.view(np.uint64))
    if pa.types.is_list(values.type):
        return np.array([_digest(repr(value).encode()) for value in values.to_pylist()], np.uint64)
    encoded = values.combine_chunks().dictionary_encode()
    known: Hashes = np.array(
        [*(_digest(repr(value).encode()) for value in encoded.dictionary.to_pylist()), 0], np.uint64
    )
    return np.asarray(known[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)])


def _file(files: Files, row: int) -> int:
    try:
        return _digest(files[row].read_bytes())
    except OSError:
        return _digest(f"{row}".encode())


def _digest(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")


def _mixed(numbers: Hashes) -> Hashes:
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
