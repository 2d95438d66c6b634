"""What a person should know of the columns of a table before anything is learned from them."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.problems import Problem
from workbench.engine.raw import RawColumn

NAMED = 5
"""Examples that are named."""
LOOKED = 2_000_000
"""Rows up to which ids are compared: they are held in memory for that."""


def table_findings(columns: Iterable[RawColumn]) -> Iterator[Problem]:
    """Ids that are there twice, numbers that are infinite."""
    for column in columns:
        if not isinstance(column.values, pa.ChunkedArray):
            continue
        if column.kind == "id" and len(column) <= LOOKED:
            yield from _repeated(column.name, column.values)
        if column.kind == "number":
            yield from _infinite(column.name, column.values)


def _repeated(name: str, values: pa.ChunkedArray) -> Iterator[Problem]:
    counted = pc.value_counts(values.drop_null())
    several = counted.filter(pc.greater(counted.field("counts"), 1))
    if len(several):
        ids = [str(value) for value in several.field("values").slice(0, NAMED).to_pylist()]
        first = pc.index(values, several.field("values")[0]).as_py()
        args = {"column": name, "count": len(several), "ids": ids, "row": first + 1}
        yield Problem("data.repeated_ids", args, severity="warning")


def _infinite(name: str, values: pa.ChunkedArray) -> Iterator[Problem]:
    count, row = 0, 0
    start = 0
    for chunk in values.chunks:
        endless = pc.is_inf(chunk).fill_null(False)
        here = pc.sum(endless).as_py() or 0
        if here and not count:
            row = start + endless.index(True).as_py() + 1
        count += here
        start += len(chunk)
    if count:
        args = {"column": name, "count": count, "row": row}
        yield Problem("data.infinite", args, severity="warning")
