"""What tells data from other data: a hash over raw columns that is the same on every machine."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from torch import Tensor

from workbench.engine import storage
from workbench.engine.raw import Files, RawColumn

FORMAT = "2-"
"""What a fingerprint begins with; those of another format say nothing about these."""
SHA256 = 32
"""Bytes of a digest."""
PIECE = 1 << 16
"""Rows that are hashed at once: the memory that it takes does not depend on how many there are."""


def fingerprint(columns: Iterable[RawColumn]) -> str:
    """SHA-256 over names, kinds, classes and values."""
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
        digests = _digests(values)
        for row, name in enumerate(values.names):
            yield name.encode()
            yield digests[row * SHA256 : row * SHA256 + SHA256]
    else:
        for start in range(0, len(values), PIECE):
            piece = values.slice(start, PIECE).combine_chunks()
            batch = pa.RecordBatch.from_arrays([piece], names=[column.name])
            yield memoryview(batch.serialize())


def _digests(files: Files) -> bytes:
    """The SHA-256 of each file, one behind the other, kept until a file changes; zeros for what cannot be read."""

    def make(folder: Path) -> None:
        with ThreadPoolExecutor() as pool:
            (folder / "digests").write_bytes(b"".join(pool.map(_digest, map(files.__getitem__, range(len(files))))))

    return (storage.kept(("digests", str(files.root), files.names, files.stamps()), make) / "digests").read_bytes()


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return bytes(SHA256)
