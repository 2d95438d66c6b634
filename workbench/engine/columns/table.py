"""Numbers and categories of a table, joined into one vector."""

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.columns.base import INPUTS, Column, Making
from workbench.engine.preprocess import Field, TableInput, standardised
from workbench.engine.raw import RawColumn, Report

FEATURES = "features"
"""What the joined column is called."""


class Table:
    """Each number becomes one input, each category one for each of its values."""

    together = True

    def make(self, making: Making) -> list[Column]:
        """Means and deviations are those of the training rows; a missing number becomes the mean."""
        fields = tuple(_fitted(raw, making.train) for raw in making.columns)
        spec = TableInput(fields)
        columns = making.columns

        def ready(report: Report) -> Tensor:
            parts = [_inputs(raw, field) for raw, field in zip(columns, fields, strict=True)]
            return torch.from_numpy(np.concatenate(parts, 1, dtype=np.float32))

        width = sum(field.width for field in fields)
        return [Column(FEATURES, "table", (width,), ready, preprocessing=spec)]


def _fitted(raw: RawColumn, train: NDArray[np.int64]) -> Field:
    assert isinstance(raw.values, pa.ChunkedArray)
    if raw.kind == "category":
        values = raw.values.unique().drop_null().cast(pa.string()).to_pylist()
        return Field(raw.name, values=tuple(sorted(values)))
    numbers = _numbers(raw)[train]
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return Field(raw.name)
    return Field(raw.name, float(numbers.mean()), float(numbers.std()) or 1.0)


def _numbers(raw: RawColumn) -> NDArray[np.float64]:
    assert isinstance(raw.values, pa.ChunkedArray)
    values: NDArray[np.float64] = raw.values.to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def _inputs(raw: RawColumn, field: Field) -> NDArray[np.float32]:
    if not field.values:
        return standardised(_numbers(raw), field)[:, None]
    assert isinstance(raw.values, pa.ChunkedArray)
    encoded = raw.values.cast(pa.string()).combine_chunks().dictionary_encode()
    place = {value: at for at, value in enumerate(field.values)}
    known = np.array([*(place.get(value, -1) for value in encoded.dictionary.to_pylist()), -1], np.int64)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    ones: NDArray[np.float32] = (known[codes][:, None] == np.arange(len(field.values))).astype(np.float32)
    return ones


TABLE = Table()
INPUTS.add("number")(TABLE)
INPUTS.add("category")(TABLE)
