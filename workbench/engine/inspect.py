"""All that can be said of a data set before a network learns from it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from workbench.core import project
from workbench.core.catalogue import shipped
from workbench.core.data_messages import InspectData
from workbench.core.document import Data
from workbench.core.guess import guess
from workbench.core.inspection import Duplicates, Inspection
from workbench.core.problems import Problem, ProblemError
from workbench.engine import loading
from workbench.engine.columns.base import Loaded
from workbench.engine.datasets.base import dataset_of
from workbench.engine.facts import facts_of
from workbench.engine.first_steps import begun
from workbench.engine.raw import Raw, Report
from workbench.engine.twins import duplicates

RARE = 5
"""A class with fewer training samples than this is hardly learned."""

_kept: dict[tuple[str, str], Duplicates] = {}


def inspected(question: InspectData, report: Report) -> Inspection:
    """Reads the data anew, since files may have changed. Raises `ProblemError`."""
    folder = Path(question.folder)
    data, why = _data(question, folder)
    source = dataset_of(data)
    raw_data = msgspec.to_builtins(data)
    if not question.download and not source.is_here():
        columns, _ = loading.columns_of(data, folder)
        title, size = source.info.title, source.info.download
        return Inspection(data.source, title, 0, (), ready=columns, data=raw_data, to_download=size)
    try:
        if question.begin:
            data = begun(data, loading.raw_of(data, folder, report))
            raw_data = msgspec.to_builtins(data)
        loaded = loading.load(data, folder, report)
    except ProblemError as error:
        return _misfit(loading.raw_of(data, folder, report), data, (*why, error.problem))
    label = loaded.label
    counts = balance(loaded)
    twins = _twins(loaded, report)
    return Inspection(
        kind=data.source,
        title=loaded.title,
        rows=sum(len(rows) for rows in loaded.splits.values()),
        columns=tuple(
            facts_of(raw, loaded.roles[name], loaded.steps[name], loaded.shown.get(name, ()))
            for name, raw in loaded.raw.items()
        ),
        classes=label.classes if label else next((c.classes for c in loaded.columns.values() if c.classes), ()),
        splits={name: len(rows) for name, rows in loaded.splits.items()},
        method=loaded.method,
        balance=counts,
        duplicates=twins,
        ready=tuple(column.summary() for column in loaded.columns.values()),
        data=raw_data,
        fingerprint=loaded.fingerprint,
        problems=(*why, *loaded.problems, *_remarks(loaded, counts, twins)),
    )


def _misfit(raw: Raw, data: Data, problems: Sequence[Problem]) -> Inspection:
    """The data can be read, but not used as the document says: what is there, so that it can be put right."""
    said = {name: use.role for name, use in data.columns.items()}
    roles = {
        name: role if (role := said.get(name, "auto")) != "auto" else column.role
        for name, column in raw.columns.items()
    }
    return Inspection(
        kind=data.source,
        title=raw.title,
        rows=raw.count,
        columns=tuple(
            facts_of(column, roles[name] if roles[name] != "auto" else "input", ())
            for name, column in raw.columns.items()
        ),
        data=msgspec.to_builtins(data),
        problems=(*raw.problems, *problems),
    )


def _data(question: InspectData, folder: Path) -> tuple[Data, list[Problem]]:
    """The data, and why they were taken for that."""
    if question.data is not None:
        return project.data_of(question.data), []
    found = guess(question.source, folder, shipped())
    return found.data, [found.why]


def _twins(loaded: Loaded, report: Report) -> Duplicates:
    """Found once for each way to share the same data out: hashing is most of the work of an inspection."""
    key = (loaded.fingerprint, repr([(name, rows.tobytes()) for name, rows in loaded.splits.items()]))
    if key not in _kept:
        inputs = [raw for name, raw in loaded.raw.items() if loaded.roles[name] == "input"]
        _kept.clear()
        _kept[key] = duplicates(inputs, loaded.splits, report)
    return _kept[key]


def balance(loaded: Loaded) -> dict[str, dict[str, int]]:
    """Samples by split and class; empty where there are no classes."""
    label = loaded.label
    if label is None:
        return {}
    classes = label.tensor.numpy()
    counts = {name: np.bincount(classes[rows], minlength=len(label.classes)) for name, rows in loaded.splits.items()}
    return {
        name: {klass: int(number) for klass, number in zip(label.classes, row, strict=True)}
        for name, row in counts.items()
    }


def _remarks(loaded: Loaded, counts: dict[str, dict[str, int]], twins: Duplicates) -> list[Problem]:
    """What stands in the way of a figure that can be trusted."""
    found = []
    if twins.across:
        found.append(Problem("data.twins_across", {"count": twins.across}, severity="warning"))
    if empty := [name for name, rows in loaded.splits.items() if not len(rows)]:
        found.append(Problem("data.empty_splits", {"splits": empty}, severity="warning"))
    train = counts.get("train", {})
    total = {name: sum(row[name] for row in counts.values()) for name in train}
    rare = [name for name, n in train.items() if 0 < n < RARE and total[name] > 1]  # of one sample it is said anyway
    if rare:
        found.append(Problem("data.rare_classes", {"classes": rare, "fewer": RARE}, severity="warning"))
    return found
