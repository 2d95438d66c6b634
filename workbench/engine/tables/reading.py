"""Columns read as another kind than what they look like."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.problems import ProblemError
from workbench.engine.raw import RawColumn
from workbench.engine.tables.cells import DATES, SEPARATORS, Cells, as_dates, as_numbers, as_tags, as_texts

TABULAR = frozenset({"number", "category", "date", "text", "tags", "id"})
"""Kinds whose values stand in a table, and can be read as one another."""


def read_as(column: RawColumn, kind: str) -> RawColumn:
    """The column as another kind.

    Raises:
        ProblemError: a value cannot be read like that; says the row.
    """
    values = column.values
    if kind == column.kind or not isinstance(values, pa.ChunkedArray) or kind not in TABULAR:
        return replace(column, kind=kind)
    if pa.types.is_list(values.type):
        if kind == "tags":
            return replace(column, kind=kind)
        raise ProblemError("data.kind_value", where=column.name, kind=kind, found=str(values[0].as_py()), row=1)
    match kind:
        case "number":
            return _sifted(column, kind, _numbers(values))
        case "date":
            return _dates(column, values)
        case "tags":
            return _tags(column, values)
        case "text":
            return replace(column, kind=kind, values=as_texts(values))
        case _:
            return replace(column, kind=kind)


def _numbers(values: pa.ChunkedArray) -> Cells:
    if pa.types.is_timestamp(values.type):
        return Cells(pc.divide(values.cast(pa.int64()).cast(pa.float64()), 86_400_000.0))  # days since 1970-01-01
    return as_numbers(as_texts(values)) if _is_text(values) else Cells(values.cast(pa.float64()))


def _dates(column: RawColumn, values: pa.ChunkedArray) -> RawColumn:
    texts = as_texts(values)
    tried = [(format, as_dates(texts, format)) for format in DATES]
    format, cells = min(tried, key=lambda item: 0 if item[1].stray is None else pc.sum(item[1].stray).as_py())
    return replace(_sifted(column, "date", cells), written=format)


def _tags(column: RawColumn, values: pa.ChunkedArray) -> RawColumn:
    """Texts are cut; numbers of 0 and 1 say whether a tag, called as the column, is there."""
    if not _is_text(values):
        wrong = pc.invert(pc.is_in(values.cast(pa.float64()), pa.array([0.0, 1.0, None])))
        return _sifted(column, "tags", Cells(values, wrong if pc.any(wrong).as_py() else None))
    able = (*SEPARATORS, ",")
    separator = next((item for item in able if pc.any(pc.match_substring(values, item)).as_py()), able[0])
    return replace(column, kind="tags", values=as_tags(values, separator), written=separator)


def _sifted(column: RawColumn, kind: str, cells: Cells) -> RawColumn:
    if cells.stray is None:
        return replace(column, kind=kind, values=cells.values)
    assert isinstance(column.values, pa.ChunkedArray)
    row = pc.index(cells.stray, True).as_py()
    found = str(column.values[row].as_py())
    raise ProblemError("data.kind_value", where=column.name, kind=kind, found=found, row=row + 1)


def _is_text(values: pa.ChunkedArray) -> bool:
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind))
