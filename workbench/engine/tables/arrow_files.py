"""Tables as Arrow files that are mapped into memory: what is larger than memory is read from them as if it were not."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

TABLE = "table.arrow"
LARGE = 64 << 20
"""A file of more bytes is converted, piece by piece, once."""


def write(folder: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """One batch after the other; never more than one of them is in memory. Raises `OSError`."""
    with pa.OSFile(str(folder / TABLE), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def mapped(folder: Path) -> pa.Table:
    """What was written, over the mapped file."""
    return pa.ipc.open_file(pa.memory_map(str(folder / TABLE))).read_all()
