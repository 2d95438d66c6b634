"""Targets of a sample: a class, numbers, or tags."""

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from workbench.core.problems import ProblemError
from workbench.engine.columns.base import NO_CLASS, TARGETS, Column, Making
from workbench.engine.preprocess.fitted import MultiHot
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
    """Numbers to predict: (1,) each; several are also joined into one column of (K,), which comes first."""

    together = True

    def make(self, making: Making) -> list[Column]:
        """Missing ones are NaN; their rows are in no split."""
        single = {raw.name: as_numbers(raw) for raw in making.columns}
        columns = [_number(name, values) for name, values in single.items()]
        return columns if len(columns) == 1 else [_number(JOINED, torch.cat(list(single.values()), 1)), *columns]


JOINED = "targets"
"""What several numbers to predict are called together."""


def as_numbers(raw: RawColumn) -> Tensor:
    """(count, K) numbers, NaN where one is missing."""
    if isinstance(raw.values, Tensor):
        return raw.values.float().view(len(raw.values), -1)
    assert isinstance(raw.values, pa.ChunkedArray)
    values = raw.values.cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False).astype(np.float32)
    return torch.from_numpy(values)[:, None]


def _number(name: str, values: Tensor) -> Column:
    return Column(name, "number", (values.shape[1],), lambda report: values)


class Tags:
    """Several classes at once: tags, (C,) of 0 and 1. Columns of 0 and 1 are joined into one, each a tag."""

    together = True

    def make(self, making: Making) -> list[Column]:
        """Tags in their order, whichever splits they are in."""
        lists = [raw for raw in making.columns if not _is_flag(raw)]
        flags = [raw for raw in making.columns if _is_flag(raw)]
        columns = [_tags(raw.name, *as_tags(raw)) for raw in lists]
        if flags:
            values = torch.cat([as_numbers(raw) for raw in flags], 1)
            columns.insert(0, _tags(TAGS, values, tuple(raw.name for raw in flags)))
        return columns


TAGS = "tags"
"""What columns of 0 and 1 are called together."""


def as_tags(raw: RawColumn) -> tuple[Tensor, tuple[str, ...]]:
    """(count, C) of 0 and 1, and the names of the tags. Raises `ProblemError` where there are none."""
    assert isinstance(raw.values, pa.ChunkedArray)
    lists = raw.values.combine_chunks()
    names = tuple(sorted(lists.flatten().unique().drop_null().to_pylist()))
    if not names:
        raise ProblemError("data.no_values", where=raw.name)
    return torch.from_numpy(MultiHot(names).apply(lists).astype(np.float32)), names


def _tags(name: str, values: Tensor, classes: tuple[str, ...]) -> Column:
    return Column(name, "tags", (len(classes),), lambda report: values, classes)


def _is_flag(raw: RawColumn) -> bool:
    return isinstance(raw.values, pa.ChunkedArray) and not pa.types.is_list(raw.values.type)


TARGETS.add("category")(Classes())
TARGETS.add("number")(Number())
TARGETS.add("tags")(Tags())
