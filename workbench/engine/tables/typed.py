"""Columns that have types already (Parquet, JSON, Arrow) as raw columns: what their texts look like is found out."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from workbench.core.document import Role
from workbench.core.problems import Problem
from workbench.engine.raw import RawColumn
from workbench.engine.tables.cells import MOMENT, as_dates, as_tags, as_texts
from workbench.engine.tables.survey import IDS, TARGETS, Survey

LOOKED = 20_000
"""Rows of texts that are looked at."""


def typed_columns(table: pa.Table) -> tuple[dict[str, RawColumn], list[Problem]]:
    """The columns that can be read, and which cannot."""
    found = {name: typed_column(name, table[name]) for name in table.column_names}
    columns = {name: column for name, column in found.items() if column is not None}
    if len(columns) == len(found):
        return columns, []
    unread = [f"{name} ({table.schema.field(name).type})" for name, column in found.items() if column is None]
    return columns, [Problem("data.unread_columns", {"columns": unread}, severity="info")]


def typed_column(name: str, values: pa.ChunkedArray) -> RawColumn | None:
    """One column; None where its type is none that can be read."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return typed_column(name, values.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return RawColumn(name, "category", as_texts(values), _role(name))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        is_id = IDS.match(name) and _all_different(values)
        number = values.cast(pa.float64(), safe=False) if pa.types.is_decimal(kind) else values
        return RawColumn(name, "id", values, "ignore") if is_id else RawColumn(name, "number", number, _role(name))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        moments = values.cast(pa.timestamp("ms", getattr(kind, "tz", None)), safe=False).cast(MOMENT)
        return RawColumn(name, "date", moments, _role(name))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(name, values.cast(pa.string()))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _lists(name, values)
    return None


def _texts(name: str, values: pa.ChunkedArray) -> RawColumn:
    survey = Survey(name, numeric=False)
    for chunk in values.slice(0, LOOKED).chunks:
        survey.add(chunk)
    look = survey.look()
    column = RawColumn(name, look.kind, values, look.role, written=look.written)
    if look.kind == "date":
        cells = as_dates(values, look.written)
        return column if cells.stray is not None else replace(column, values=cells.values)
    return replace(column, values=as_tags(values, look.written)) if look.kind == "tags" else column


def _lists(name: str, values: pa.ChunkedArray) -> RawColumn | None:
    inner = values.type.value_type
    if pa.types.is_string(inner) or pa.types.is_large_string(inner):
        return RawColumn(name, "tags", values.cast(pa.list_(pa.string())), _role(name))
    if values.null_count or not (pa.types.is_integer(inner) or pa.types.is_floating(inner)):
        return None
    lengths = pc.unique(pc.list_value_length(values)).to_pylist()
    if len(lengths) != 1 or not lengths[0]:
        return None
    flat = pc.list_flatten(values).combine_chunks()
    numbers = np.asarray(flat.to_numpy(zero_copy_only=False), np.float32).reshape(len(values), lengths[0])
    return RawColumn(name, "array", torch.from_numpy(numbers.copy()), _role(name))


def _role(name: str) -> Role:
    return "target" if TARGETS.match(name) else "auto"


def _all_different(values: pa.ChunkedArray) -> bool:
    first = values.slice(0, LOOKED)
    return bool(pc.count_distinct(first).as_py() == len(first))
