"""Targets of one value: a class, or a number."""

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from workbench.core.problems import ProblemError
from workbench.engine.columns.base import NO_CLASS, TARGETS, Column, Making
from workbench.engine.raw import RawColumn


class Classes:
    """Values that stand for classes: label, () of whole numbers; one that is missing is no class."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """The classes in their natural order, whichever splits they are in."""
        raw = making.only
        numbers, classes = as_classes(raw)
        return [Column(raw.name, "label", (), lambda report: numbers, classes)]


def as_classes(raw: RawColumn) -> tuple[Tensor, tuple[str, ...]]:
    """(count,) numbers of classes, and their names. Raises `ProblemError` where there are none."""
    if isinstance(raw.values, Tensor):
        return raw.values.long(), raw.classes
    assert isinstance(raw.values, pa.ChunkedArray)
    encoded = raw.values.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    if not values:
        raise ProblemError("data.no_values", where=raw.name)
    order = sorted(range(len(values)), key=lambda at: values[at])
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    numbers = np.where(codes < 0, NO_CLASS, rank[codes])
    return torch.from_numpy(numbers.astype(np.int64)), tuple(class_name(values[at]) for at in order)


def class_name(value: object) -> str:
    """How a value is written as a class: whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Number:
    """A number to predict: (1,)."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """Missing ones are NaN; their rows are in no split."""
        raw = making.only
        if isinstance(raw.values, Tensor):
            numbers = raw.values.float().view(len(raw.values), -1)
        else:
            assert isinstance(raw.values, pa.ChunkedArray)
            values = raw.values.to_numpy(zero_copy_only=False).astype(np.float32)
            numbers = torch.from_numpy(values)[:, None]
        return [Column(raw.name, "number", (numbers.shape[1],), lambda report: numbers)]


TARGETS.add("category")(Classes())
TARGETS.add("number")(Number())
