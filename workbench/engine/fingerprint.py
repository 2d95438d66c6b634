"""What tells data from other data: a hash over raw columns that is the same on every machine."""

import hashlib
from collections.abc import Iterable

import pyarrow as pa
from torch import Tensor

from workbench.core.files import unreadable
from workbench.engine.raw import Files, RawColumn

FORMAT = "2-"
"""What a fingerprint begins with; those of another format say nothing about these."""
PIECE = 1 << 16
"""Rows that are hashed at once: the memory that it takes does not depend on how many there are."""


def fingerprint(columns: Iterable[RawColumn]) -> str:
    """SHA-256 over names, kinds, classes and values. Raises `ProblemError` for a file that cannot be read."""
    digest = hashlib.sha256()
    for column in sorted(columns, key=lambda column: column.name):
        digest.update(f"{column.name} {column.kind} {column.classes} {len(column)}".encode())
        for piece in _pieces(column):
            digest.update(piece)
    return FORMAT + digest.hexdigest()


def differs(before: str, now: str) -> bool:
    """These are not the data that they were."""
    return before.startswith(FORMAT) and before != now


def _pieces(column: RawColumn) -> Iterable[memoryview | bytes]:
    values = column.values
    if isinstance(values, Tensor):
        yield str(tuple(values.shape)).encode()
        for start in range(0, len(values), PIECE):
            yield values[start : start + PIECE].contiguous().numpy().tobytes()
    elif isinstance(values, Files):
        for row, name in enumerate(values.names):
            yield name.encode()
            try:
                with values[row].open("rb") as stream:
                    yield hashlib.file_digest(stream, "sha256").digest()
            except OSError as error:
                raise unreadable(values[row], error) from None
    else:
        for start in range(0, len(values), PIECE):
            piece = values.slice(start, PIECE).combine_chunks()
            batch = pa.RecordBatch.from_arrays([piece], names=[column.name])
            yield memoryview(batch.serialize())
