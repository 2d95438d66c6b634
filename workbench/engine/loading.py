"""From a source to what networks read: read, find out what each column is for, share out, prepare.

What was loaded last is kept: the same data are asked for by the analysis after every edit, by the pages of samples
and by the preview.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data
from workbench.core.problems import Problem, ProblemError
from workbench.engine.augmenting import augmentation
from workbench.engine.columns import INPUTS, TARGETS
from workbench.engine.columns.base import INPUT_KINDS, Column, Loaded, Maker, Making
from workbench.engine.columns.weight import weight
from workbench.engine.columns.windows import windowed
from workbench.engine.datasets.base import dataset_of
from workbench.engine.fingerprint import fingerprint
from workbench.engine.raw import Files, Raw, Report, quiet
from workbench.engine.registry import Registry
from workbench.engine.roles import Used, following, left_out, used
from workbench.engine.split_findings import split_findings
from workbench.engine.splitting import NAMES, Splits, method_of, shared_out
from workbench.engine.tables.findings import table_findings
from workbench.engine.usual_steps import usual_steps

T = TypeVar("T")

KEPT = 2
"""Data sets that are remembered."""


@dataclass(frozen=True)
class _Key:
    data: str
    folder: str
    stamp: object


_kept: dict[_Key, Loaded] = {}
_read: dict[_Key, Raw] = {}


def load(data: Data, folder: Path, report: Report = quiet, splits: Splits | None = None) -> Loaded:
    """A document's data, every sample made; damaged ones are named, and left out of the splits.

    Args:
        data: the source and what is made of its columns.
        folder: where relative paths start.
        report: told how far it is.
        splits: those of a run, which keeps what it was started with.

    Raises:
        ProblemError: they cannot be read, or not as the user chose.
    """
    loaded = described(data, folder, report, splits)
    if loaded.fingerprint:
        return loaded  # all samples are there
    for column in loaded.columns.values():
        column.held(report)
    damaged = {row: why for column in loaded.columns.values() for row, why in column.damaged.items()}
    if damaged:
        bad = np.array(sorted(damaged), np.int64)
        if dataset_of(data).refuses:
            raise ProblemError(
                "data.bad_file", where=_named(loaded, int(bad[0])), detail=damaged[bad[0]], count=len(bad)
            )
        loaded.splits = {name: np.setdiff1d(rows, bad, assume_unique=True) for name, rows in loaded.splits.items()}
        loaded.problems = [*loaded.problems, *_skipped(loaded)]
    if not any(len(rows) for rows in loaded.splits.values()):
        raise ProblemError("data.empty", where=loaded.title)
    loaded.fingerprint = fingerprint(loaded.raw.values())
    return loaded


def described(data: Data, folder: Path, report: Report = quiet, splits: Splits | None = None) -> Loaded:
    """The same, but samples are made when somebody asks for them: shapes and classes need none.

    Raises:
        ProblemError: as `load`, but for single samples.
    """
    source = dataset_of(data)
    stamp = source.stamp(folder)
    key = _Key(repr(data), str(folder), stamp)
    if splits is None and key in _kept:
        return _kept[key]
    loaded = prepared(raw_of(data, folder, report), data, report, splits)
    if splits is None:
        _remember(_kept, key, loaded)
    return loaded


def raw_of(data: Data, folder: Path, report: Report = quiet) -> Raw:
    """What the source of a document's data holds, whatever the document makes of it. Raises `ProblemError`."""
    source = dataset_of(data)
    key = _Key(repr((data.source, data.options)), str(folder), source.stamp(folder))
    if key not in _read:
        found = source.read(folder, report)
        _remember(_read, key, replace(found, problems=[*found.problems, *table_findings(found.columns.values())]))
    raw = _read[key]
    if raw.corpus is None:
        return raw
    whole = _Key(repr(data), str(folder), source.stamp(folder))
    if whole not in _read:
        _remember(_read, whole, windowed(raw, raw.corpus, data, report))
    return _read[whole]


def _remember(where: dict[_Key, T], key: _Key, what: T) -> None:
    while len(where) >= KEPT:
        del where[next(iter(where))]
    where[key] = what


def forget() -> None:
    """Read everything anew next time."""
    _kept.clear()
    _read.clear()


def columns_of(data: Data, folder: Path) -> tuple[tuple[ColumnSummary, ...], list[Problem]]:
    """The columns, and what a user should know of the data; nothing is fetched or decoded. Raises `ProblemError`."""
    source = dataset_of(data)
    if source.is_here():
        loaded = described(data, folder)
        return tuple(column.summary() for column in loaded.columns.values()), loaded.problems
    raw = source.outline()
    if raw is None:
        raise ProblemError("data.not_here", where=source.info.title)
    loaded = prepared(raw, data, quiet, {name: np.zeros(0, np.int64) for name in NAMES})
    return tuple(column.summary() for column in loaded.columns.values()), []


def samples_of(data: Data, folder: Path) -> int:
    """How many samples there are to learn from; 0 where they have not been fetched. Raises `ProblemError`."""
    return len(described(data, folder).splits["train"]) if dataset_of(data).is_here() else 0


def prepared(raw: Raw, data: Data, report: Report = quiet, splits: Splits | None = None) -> Loaded:
    """Raw columns as a document wants them, nothing decoded yet. Raises `ProblemError`."""
    if splits and any(len(rows) and rows.max() >= raw.count for rows in splits.values()):
        raise ProblemError("run.data_changed", where=raw.title)
    uses = following(used(raw, data.columns))
    problems = [*raw.problems, *left_out(raw, uses, data.columns)]
    if splits is None:
        splits = shared_out(raw, uses, data.split)
        splits, without = _with_targets(splits, uses.values())
        if without:
            problems.append(Problem("data.no_target", {"count": without}, severity="warning"))
        problems += split_findings(uses, splits)
    columns: dict[str, Column] = {}
    for role, makers in (("input", INPUTS), ("target", TARGETS)):
        for maker, members in _by_maker([use for use in uses.values() if use.role == role], makers):
            steps = {use.raw.name: use.steps for use in members}
            for column in maker.make(Making([use.raw for use in members], steps, splits["train"], report)):
                columns[column.name] = column
                problems += column.problems
    columns |= {use.raw.name: weight(use.raw) for use in uses.values() if use.role == "weight"}
    if not any(column.kind in INPUT_KINDS for column in columns.values()):
        raise ProblemError("data.no_inputs", where=raw.title, target=_first(uses.values(), "target"))
    raws = {name: use.raw for name, use in uses.items()}
    return Loaded(
        raw.title,
        columns,
        splits,
        "",
        problems,
        raws,
        {name: use.role for name, use in uses.items()},
        {name: usual_steps(use.raw, use.role) if use.steps is None else use.steps for name, use in uses.items()},
        method_of(raw, uses, data.split),
        raw.shown,
        augmentation(uses, columns),
    )


def _skipped(loaded: Loaded) -> list[Problem]:
    """Which samples were left out, and why the first one was."""
    found = []
    for name, column in loaded.columns.items():
        if column.damaged:
            values = loaded.raw[name].values
            if len(column.damaged) == len(values):
                raise ProblemError("data.no_images", where=loaded.title)
            rows = list(column.damaged)[:5]
            files = [_named(loaded, row, name) for row in rows]
            args = {"count": len(column.damaged), "files": files, "detail": column.damaged[rows[0]]}
            found.append(Problem("data.skipped_files", args, severity="warning"))
    return found


def _named(loaded: Loaded, row: int, column: str = "") -> str:
    """A row that is damaged, by its file where it has one."""
    names = [column] if column else [name for name, found in loaded.columns.items() if row in found.damaged]
    values = loaded.raw[names[0]].values
    return str(values[row]) if isinstance(values, Files) else str(row + 1)


def _by_maker(members: list[Used], makers: Registry[Maker]) -> list[tuple[Maker, list[Used]]]:
    found: dict[int | str, tuple[Maker, list[Used]]] = {}
    for use in members:
        maker = makers[use.raw.kind]
        found.setdefault(id(maker) if maker.together else use.raw.name, (maker, []))[1].append(use)
    return list(found.values())


def _with_targets(splits: Splits, uses: Iterable[Used]) -> tuple[Splits, int]:
    """Only rows that have all their targets, and how many have not."""
    missing = np.zeros(0, np.int64)
    for use in uses:
        if use.role == "target" and isinstance(use.raw.values, pa.ChunkedArray) and use.raw.values.null_count:
            nulls = use.raw.values.is_null().to_numpy()
            missing = np.union1d(missing, np.flatnonzero(nulls))
    if not len(missing):
        return splits, 0
    return {name: np.setdiff1d(rows, missing, assume_unique=True) for name, rows in splits.items()}, len(missing)


def _first(uses: Iterable[Used], role: str) -> str:
    return next((use.raw.name for use in uses if use.role == role), "")
