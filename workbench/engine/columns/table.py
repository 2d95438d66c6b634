"""Numbers, categories, dates and tags of a table, joined into one vector."""

import tempfile
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.document import Step
from workbench.core.problems import ProblemError
from workbench.engine import storage
from workbench.engine.columns.base import INPUTS, Column, Making
from workbench.engine.preprocess.fitted import Fitted, Values
from workbench.engine.preprocess.tables import Field, TableInput, before_steps
from workbench.engine.raw import RawColumn, Report
from workbench.engine.steps.base import steps_of
from workbench.engine.steps.tables import EncodingStep, NumberStep, table_steps

FEATURES = "features"
"""What the joined column is called."""
LARGE = 256 << 20
"""More bytes than this lie in a file that is mapped into memory."""
PIECE = 1 << 16
"""Rows that are prepared at once."""


class Table:
    """The inputs of each column, one behind the other."""

    together = True

    def make(self, making: Making) -> list[Column]:
        """Steps are fitted to the training rows, all of it is prepared when somebody asks for it."""
        columns = making.columns
        fields = tuple(fitted(raw, making.steps.get(raw.name), making.train) for raw in columns)
        width = sum(field.width for field in fields)

        def ready(report: Report) -> Tensor:
            return prepared(columns, fields, report)

        return [Column(FEATURES, "table", (width,), ready, preprocessing=TableInput(fields))]


def fitted(raw: RawColumn, steps: Sequence[Step] | None, train: NDArray[np.int64]) -> Field:
    """A column's steps, fitted to the training rows. Raises `ProblemError` for steps that do not fit together."""
    assert isinstance(raw.values, pa.ChunkedArray)
    values = before_steps(_combined(raw.values.take(pa.array(train))), raw.kind, raw.kind == "category")
    found: list[Fitted] = []
    for item in _wanted(raw, steps, values):
        reads = "number" if isinstance(values, np.ndarray) else raw.kind
        if item.reads != reads:
            raise ProblemError("step.order", where=raw.name, found=item.info.key, kind=reads, expected=item.reads)
        made = item.fit(values)
        values = made.apply(values)
        found.append(made)
    numeric = raw.kind == "category" and not _is_text(raw.values.type)
    return Field(raw.name, kind=raw.kind, written=raw.written, numeric=numeric, steps=tuple(found))


def _wanted(raw: RawColumn, steps: Sequence[Step] | None, values: Values) -> list[NumberStep | EncodingStep]:
    """The steps that are on; what is no number is encoded in the usual way where no step does that."""
    usual = table_steps(raw.kind, 0 if isinstance(values, np.ndarray) else _distinct(raw.kind, values))
    wanted = steps_of(usual if steps is None else steps, raw.name, raw.kind)
    if not isinstance(values, np.ndarray) and not any(isinstance(item, EncodingStep) for item in wanted):
        wanted = [*steps_of(usual[:1], raw.name, raw.kind), *wanted]
    return [item for item in wanted if isinstance(item, NumberStep | EncodingStep)]


def _distinct(kind: str, values: pa.Array) -> int:
    return pc.count_distinct(values).as_py() if kind == "category" else 0


def prepared(columns: Sequence[RawColumn], fields: Sequence[Field], report: Report) -> Tensor:
    """(rows, inputs) of all columns, made a piece at a time; over a mapped file where they are many."""
    count, width = len(columns[0]), sum(field.width for field in fields)
    found = _room(count, width)
    for start in range(0, count, PIECE):
        report("data.preparing", start, count)
        at = 0
        for raw, field in zip(columns, fields, strict=True):
            assert isinstance(raw.values, pa.ChunkedArray)
            part = field.ready(_combined(raw.values.slice(start, PIECE)))
            found[start : start + len(part), at : at + field.width] = part
            at += field.width
    return torch.from_numpy(found)


def _room(count: int, width: int) -> NDArray[np.float32]:
    """A file that is mapped has no name, so that nothing is left behind however the process ends."""
    if count * width * 4 <= LARGE:
        return np.empty((count, width), np.float32)
    with tempfile.TemporaryFile(dir=storage.folder()) as file:
        return np.memmap(file, np.float32, "w+", shape=(count, width))


def _combined(values: pa.ChunkedArray) -> pa.Array:
    found = values.combine_chunks()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


TABLE = Table()
for kind in ("number", "category", "date", "tags"):
    INPUTS.add(kind)(TABLE)
