"""What a person should know of how samples were shared out: classes that cannot be learned, groups that were torn."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from torch import Tensor

from workbench.core.problems import Problem
from workbench.engine.columns.classes import class_name
from workbench.engine.raw import RawColumn
from workbench.engine.roles import Used
from workbench.engine.splitting import Splits, numbered

NAMED = 10
"""Classes or groups that are named."""


def split_findings(uses: Mapping[str, Used], splits: Splits) -> Iterator[Problem]:
    """Classes without training samples, with one sample or none; groups in several splits."""
    for name, use in uses.items():
        if use.role == "target" and use.raw.kind in ("category", "label"):
            yield from _classes(name, use.raw, splits)
        if use.role == "group":
            yield from _groups(name, use.raw, splits)


def _classes(name: str, raw: RawColumn, splits: Splits) -> Iterator[Problem]:
    numbers, classes = numbered(raw), _names(raw)
    counts = {part: np.bincount(numbers[rows], minlength=len(classes)) for part, rows in splits.items() if len(rows)}
    if "train" not in counts:
        return
    total = np.sum(list(counts.values()), 0)
    unseen = (counts["train"] == 0) & (total > 0)
    if unseen.any():
        args = {"column": name, "classes": _some(classes, unseen), "count": int(total[unseen].sum())}
        yield Problem("data.unseen_classes", args, severity="warning")
    if len(classes) > 1 and (total == 1).any():
        args = {"column": name, "classes": _some(classes, total == 1)}
        yield Problem("data.single_classes", args, severity="warning")
    if raw.classes and (total == 0).any():
        args = {"column": name, "classes": _some(classes, total == 0)}
        yield Problem("data.unused_classes", args, severity="warning")


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
