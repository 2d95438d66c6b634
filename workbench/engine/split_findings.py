"""What a person should know of how samples were shared out: what training does not know, groups that were torn."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.problems import Problem
from workbench.engine.columns.classes import class_name
from workbench.engine.raw import RawColumn
from workbench.engine.roles import Used
from workbench.engine.splitting import Rows, Splits, numbered

NAMED = 10
"""Classes or groups that are named."""


def split_findings(uses: Mapping[str, Used], splits: Splits) -> Iterator[Problem]:
    """Classes and values without training samples, classes with one sample or none; groups in several splits."""
    for name, use in uses.items():
        if use.role == "target" and use.raw.kind in ("category", "label"):
            yield from _classes(name, use.raw, splits)
        if use.role == "group":
            yield from _groups(name, use.raw, splits)
        if use.role == "input" and use.raw.kind == "category" and not _is_hashed(use):
            yield from _values(name, use.raw, splits)


def _classes(name: str, raw: RawColumn, splits: Splits) -> Iterator[Problem]:
    numbers, classes = numbered(raw), _names(raw)
    counts = {part: np.bincount(numbers[rows], minlength=len(classes)) for part, rows in splits.items() if len(rows)}
    if "train" not in counts:
        return
    total = np.sum(list(counts.values()), 0)
    unseen = (counts["train"] == 0) & (total > 0)
    if unseen.any():
        args = {"column": name, "classes": _some(classes, unseen), **_met(unseen, numbers, splits)}
        yield Problem("data.unseen_classes", args, severity="warning")
    if len(classes) > 1 and (total == 1).any():
        args = {"column": name, "classes": _some(classes, total == 1)}
        yield Problem("data.single_classes", args, severity="warning")
    if raw.classes and (total == 0).any():
        args = {"column": name, "classes": _some(classes, total == 0)}
        yield Problem("data.unused_classes", args, severity="warning")


def _values(name: str, raw: RawColumn, splits: Splits) -> Iterator[Problem]:
    numbers, values = numbered(raw), _names(raw)
    taught = np.zeros(len(values), bool)
    taught[numbers[splits["train"]][numbers[splits["train"]] >= 0]] = True
    met = _met(~taught, numbers, splits)
    if taught.any() and met["count"]:
        args = {"column": name, "values": _some(values, ~taught), **met}
        yield Problem("data.unseen_values", args, severity="warning")


def _is_hashed(use: Used) -> bool:
    """No value is unknown to a hash."""
    return any(step.op == "hash" and not step.off for step in use.steps or ())


def _met(unseen: NDArray[np.bool_], numbers: Rows, splits: Splits) -> dict[str, int]:
    """How many samples to check or test have one of these, and the first of them, counted from 1."""
    rows = np.sort(np.concatenate([splits["validation"], splits["test"]]))
    rows = rows[np.append(unseen, False)[numbers[rows]]]
    return {"count": len(rows), "row": int(rows[0]) + 1 if len(rows) else 0}


def _groups(name: str, raw: RawColumn, splits: Splits) -> Iterator[Problem]:
    numbers, names = numbered(raw), _names(raw)
    taught = np.unique(numbers[splits["train"]])
    others = np.unique(numbers[np.concatenate([splits["validation"], splits["test"]])])
    torn = np.intersect1d(taught[taught >= 0], others)
    if len(torn):
        args = {"column": name, "count": len(torn), "groups": [names[at] for at in torn[:NAMED]]}
        yield Problem("data.torn_groups", args, severity="warning")


def _names(raw: RawColumn) -> list[str]:
    """By the numbers that `numbered` gives."""
    if isinstance(raw.values, Tensor):
        return list(raw.classes)
    assert isinstance(raw.values, pa.ChunkedArray)
    return [class_name(value) for value in raw.values.unique().drop_null().sort().to_pylist()]


def _some(names: list[str], which: np.ndarray) -> list[str]:
    return [names[at] for at in np.flatnonzero(which)[:NAMED]]
