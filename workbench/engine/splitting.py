"""How samples are shared out into those that teach, those that check each epoch, and those kept for the end.

Rows that must stay together are a *unit* (a group, copies of one sample, else each row alone); within each *stratum*
(a class) units are dealt in the same proportion.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.catalogue import SPLIT_FIELDS
from workbench.core.checks import settings_problems
from workbench.core.document import Role, Split, SplitMethod
from workbench.core.problems import ProblemError
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Raw, RawColumn
from workbench.engine.roles import Used
from workbench.engine.tables.cells import PARTS, as_texts
from workbench.engine.twins import content_hashes

Rows = NDArray[np.int64]
Splits = dict[str, Rows]

NAMES = ("train", "validation", "test")


def shared_out(raw: Raw, uses: Mapping[str, Used], how: Split) -> Splits:
    """Rows of each split, sorted. The same seed gives the same split on every machine (NumPy's PCG64).

    Raises:
        ProblemError: shares that are impossible, or a column that the method needs and cannot use.
    """
    for problem in settings_problems(how, SPLIT_FIELDS):
        raise ProblemError.of(problem)
    given = raw.given
    if (by := _column(uses, how, "split", "given")) is not None:
        given = _parts(by)
    if how.method == "given" and given is None:
        raise ProblemError("data.no_given_split", where=raw.title)
    part = np.full(raw.count, TRAIN, np.int8) if given is None else given.copy()
    free = np.flatnonzero(part == TRAIN)
    times = _column(uses, how, "time", "time")
    if times is not None:
        times_of = numbered(times)
        free = free[np.argsort(times_of[free], kind="stable")]
        deal = _Deal(times_of[free], np.zeros(len(free), np.int64), None)
    else:
        units, strata = _units(raw, uses, how)
        units = None if units is None else units[free]
        deal = _Deal(units, strata[free], np.random.default_rng(how.seed))
    for number, share in ((TEST, how.test), (VALIDATION, how.validation)):
        if given is None or not (given == number).any():
            taken, deal = deal.cut(share)
            part[free[taken]] = number
            free = free[~taken]
    return {name: np.flatnonzero(part == number) for number, name in enumerate(NAMES)}


def method_of(raw: Raw, uses: Mapping[str, Used], how: Split) -> SplitMethod:
    """What `auto` comes to."""
    if how.method != "auto":
        return how.method
    roles = {use.role for use in uses.values()}
    if "time" in roles:
        return "time"
    if "group" in roles:
        return "group"
    if raw.given is not None or "split" in roles:
        return "given"
    return "stratified" if _labels(uses) is not None else "random"


def _labels(uses: Mapping[str, Used]) -> RawColumn | None:
    return next((use.raw for use in uses.values() if use.role == "target" and use.raw.kind == "category"), None)


def _column(uses: Mapping[str, Used], how: Split, role: Role, method: str) -> RawColumn | None:
    """The column that a method goes by; None when another method is wanted. Raises `ProblemError` where it lacks."""
    if how.method not in ("auto", method):
        return None
    if how.method == method and how.column:
        if how.column not in uses:
            raise ProblemError("data.no_column", where="split", found=how.column, known=list(uses))
        return uses[how.column].raw
    found = next((use.raw for use in uses.values() if use.role == role), None)
    if found is None and how.method == method and method != "given":
        raise ProblemError("data.no_split_column", method=method, known=list(uses))
    return found


def _units(raw: Raw, uses: Mapping[str, Used], how: Split) -> tuple[NDArray[Any] | None, Rows]:
    """Which unit each row is in, None where each is one; and which stratum."""
    alike = np.zeros(raw.count, np.int64)
    groups = _column(uses, how, "group", "group")
    if groups is not None:
        numbers = numbered(groups)
        return np.where(numbers < 0, raw.count + np.arange(raw.count), numbers), alike
    labels = _labels(uses)
    units = content_hashes([use.raw for use in uses.values() if use.role == "input"]) if how.together else None
    return units, alike if how.method == "random" or labels is None else numbered(labels)


class _Deal:
    """Units that can still be dealt, in the order in which they are."""

    def __init__(self, units: NDArray[Any] | None, strata: Rows, random: np.random.Generator | None) -> None:
        """(rows,) each; without `units` each row is one, without `random` they are taken from the end."""
        self._units, self._strata, self._random = units, strata, random

    def cut(self, share: float) -> tuple[NDArray[np.bool_], "_Deal"]:
        """Which rows are taken, about this share of them and of each stratum, and what is left."""
        if self._units is None:
            first = unit = np.arange(len(self._strata))
            sizes = np.ones(len(first), np.int64)
        else:
            _, first, unit, sizes = np.unique(self._units, return_index=True, return_inverse=True, return_counts=True)
        taken = np.zeros(len(sizes), bool)
        if self._random is None:
            taken[_latest(sizes, share)] = True
        elif len(sizes):
            order = self._random.permutation(len(sizes))
            strata = self._strata[first][order]
            order = order[np.argsort(strata, kind="stable")]
            taken[order[_dealt(sizes[order], np.sort(strata), share)]] = True
        rows = taken[unit]
        units = None if self._units is None else self._units[~rows]
        return rows, _Deal(units, self._strata[~rows], self._random)


def _latest(sizes: Rows, share: float) -> NDArray[np.bool_]:
    """The last units whose rows are nearest to this share of all."""
    wanted = sizes.sum() * share
    behind = np.concatenate([[0], np.cumsum(sizes[::-1])])
    count = int(np.abs(behind - wanted).argmin())
    return np.arange(len(sizes)) >= len(sizes) - count


def _dealt(sizes: Rows, strata: Rows, share: float) -> NDArray[np.bool_]:
    """Which of some units, that stand by stratum, are taken.

    What rounding withholds from one stratum the next ones get, so that many rare classes get their share too; the last
    unit of a stratum is never taken unless all are.
    """
    taken = np.zeros(len(sizes), bool)
    starts = np.flatnonzero(np.diff(strata, prepend=strata[0] - 1))
    owed = 0.0
    for start, end in zip(starts, [*starts[1:], len(sizes)], strict=True):
        part = sizes[start:end]
        most = len(part) if share == 1 else len(part) - 1
        owed += float(part.sum()) * share
        chosen = _nearest(part[:most], owed)
        taken[start:end][: len(chosen)] = chosen
        owed -= float(part[: len(chosen)][chosen].sum())
        owed = min(owed, 1.0)
    return taken


def _nearest(sizes: Rows, wanted: float) -> NDArray[np.bool_]:
    """Units from the first on that bring the sum nearest to what is wanted; one that is too large is passed over."""
    if not len(sizes) or (sizes == 1).all():
        return np.arange(len(sizes)) < round(wanted)
    chosen = np.zeros(len(sizes), bool)
    for place, size in enumerate(sizes.tolist()):
        if size / 2 <= wanted:
            chosen[place] = True
            wanted -= size
            if wanted <= 0:
                break
    return chosen


def numbered(column: RawColumn) -> Rows:
    """The values of a column as numbers in the order of the values: equal ones get the same; missing ones get -1."""
    if isinstance(column.values, Tensor):
        return column.values.numpy().astype(np.int64)
    if not isinstance(column.values, pa.ChunkedArray) or pa.types.is_nested(column.values.type):
        raise ProblemError("data.split_kind", where=column.name, kind=column.kind)
    encoded = column.values.combine_chunks().dictionary_encode()
    rank = np.empty(len(encoded.dictionary), np.int64)
    rank[np.asarray(pc.sort_indices(encoded.dictionary))] = np.arange(len(rank))
    return np.append(rank, -1)[np.asarray(encoded.indices.fill_null(-1), np.int64)]


def _parts(column: RawColumn) -> NDArray[np.int8]:
    if not isinstance(column.values, pa.ChunkedArray) or pa.types.is_nested(column.values.type):
        raise ProblemError("data.split_kind", where=column.name, kind=column.kind)
    said = pc.utf8_lower(pc.utf8_trim_whitespace(as_texts(column.values)))
    encoded = said.combine_chunks().dictionary_encode()
    numbers = [PARTS.get(value, -1) for value in encoded.dictionary.to_pylist()]
    found = np.array([*numbers, -1], np.int8)[np.asarray(encoded.indices.fill_null(-1), np.int64)]
    if (unknown := np.flatnonzero(found < 0)).size:
        row = int(unknown[0])
        raise ProblemError("data.split_value", where=column.name, found=str(column.values[row].as_py()), row=row + 1)
    return found
