"""Rows of a table as what a network reads."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from workbench.engine.preprocess.fitted import Affine, Fill, Fitted, OneHot, Values
from workbench.engine.tables.cells import as_dates, as_numbers, as_tags, as_texts, trimmed
from workbench.engine.tables.csv_rows import with_point

Floats = NDArray[np.float32]


class Field(Struct, frozen=True):
    """One column of a table, and the steps that make inputs of it."""

    name: str
    mean: float = 0.0
    std: float = 1.0
    values: tuple[str, ...] = ()
    """These three are what models hold that were exported before there were steps: standardised numbers, or one input
    of 0 or 1 for each value."""
    kind: str = ""
    """number, category, date or tags."""
    written: str = ""
    """How its values are written as text: the format of dates, what stands between tags."""
    numeric: bool = False
    """Its categories are numbers in the data: 1.0 is the category 1."""
    steps: tuple[Fitted, ...] = ()

    @property
    def plan(self) -> tuple[Fitted, ...]:
        """The steps, of models without any those that they meant."""
        if self.steps or self.kind:
            return self.steps
        return (OneHot(self.values),) if self.values else (Fill((self.mean,)), Affine((self.mean,), (self.std,)))

    @property
    def is_category(self) -> bool:
        """Its texts stand for themselves."""
        return self.kind == "category" or bool(self.values)

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        width = 1
        for step in self.plan:
            width = step.width(width)
        return width

    def read(self, texts: pa.Array, decimal: str = ".") -> pa.Array:
        """Texts as the values that the steps are for.

        Raises:
            ValueError: one is no number or no date; says the column and the text.
        """
        if self.is_category:
            return _as_categories(texts, decimal) if self.numeric else trimmed(texts)
        if self.kind == "tags":
            return as_tags(texts, self.written)
        is_date = self.kind == "date"
        cells = as_dates(texts, self.written) if is_date else as_numbers(with_point(texts, decimal))
        if cells.stray is not None:
            stray = texts[cells.stray.index(True).as_py()].as_py()
            raise ValueError(f"{self.name} is “{stray}”, which is no {'date' if is_date else 'number'}")
        return cells.values

    def ready(self, values: pa.Array) -> Floats:
        """Values as (rows, inputs); what is missing after the last step counts as 0."""
        found = before_steps(values, self.kind, self.is_category)
        for step in self.plan:
            found = step.apply(found)
        return np.nan_to_num(cast(NDArray[np.float64], found), nan=0.0).astype(np.float32)


class TableInput(Struct, frozen=True, tag="table"):
    """Rows of a table as one vector: the inputs of one column behind those of another."""

    fields: tuple[Field, ...]


def before_steps(values: pa.Array, kind: str, category: bool) -> Values:
    """Arrow's values as the first step reads them; a number that is not finite is missing."""
    if category:
        return as_texts(values)
    if kind in ("date", "tags"):
        return values
    numbers = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)[:, None]


def table_ready(columns: Mapping[str, list[str]], spec: TableInput, decimal: str = ".") -> Floats:
    """Columns of texts as (rows, inputs) numbers.

    Raises:
        KeyError: a column is not there.
        ValueError: a text does not fit its column; says which.
    """
    parts = [field.ready(field.read(pa.array(columns[field.name], pa.string()), decimal)) for field in spec.fields]
    return np.concatenate(parts, 1, dtype=np.float32)


def _as_categories(texts: pa.Array, decimal: str) -> pa.Array:
    """Numbers as categories are written; a text that is no number stays what it is, and is unknown."""
    plain = trimmed(texts)
    return pc.coalesce(as_texts(as_numbers(with_point(texts, decimal)).values), plain)
