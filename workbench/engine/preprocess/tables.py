"""Rows of a table as what a network reads."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from workbench.engine.csv_rows import is_blank, is_number

Floats = NDArray[np.float32]


class Field(Struct, frozen=True):
    """One column of a table: standardised numbers, or one 0/1 input for each of its `values`."""

    name: str
    mean: float = 0.0
    std: float = 1.0
    values: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        return len(self.values) or 1


class TableInput(Struct, frozen=True, tag="table"):
    """Rows of a table as one vector; a missing number becomes the mean, an unknown value no input at all."""

    fields: tuple[Field, ...]


def row_ready(row: Mapping[str, str], spec: TableInput) -> Floats:
    """One row of a table, as text by column, as what the network reads.

    Raises:
        KeyError: a column is not there.
        ValueError: a number is not one; says the column.
    """
    ready: Floats = table_ready({field.name: [row[field.name]] for field in spec.fields}, spec)[0]
    return ready


def table_ready(columns: Mapping[str, list[str]], spec: TableInput) -> Floats:
    """Columns of text as (rows, inputs) numbers."""
    parts = []
    for field in spec.fields:
        texts = columns[field.name]
        if field.values:
            place = {value: index for index, value in enumerate(field.values)}
            at = np.array([place.get(text.strip(), -1) for text in texts])
            parts.append((at[:, None] == np.arange(len(field.values))).astype(np.float32))
        else:
            parts.append(standardised(numbers(field.name, texts), field)[:, None])
    return np.concatenate(parts, 1, dtype=np.float32)


def numbers(name: str, texts: list[str]) -> NDArray[np.float64]:
    """Texts as numbers, NaN where nothing stands."""
    try:
        return np.array([np.nan if is_blank(text) else float(text) for text in texts])
    except ValueError:
        stray = next(text for text in texts if not is_blank(text) and not is_number(text))
        raise ValueError(f"{name} is “{stray}”, which is no number") from None


def standardised(values: NDArray[np.float64], field: Field) -> Floats:
    """(value - mean) / std; the mean where there is no value."""
    filled = np.where(np.isfinite(values), values, field.mean)
    return ((filled - field.mean) / field.std).astype(np.float32)
