"""How samples are shared out into those that teach, those that check each epoch, and those kept for the end."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.catalogue import SPLIT_FIELDS
from workbench.core.checks import settings_problems
from workbench.core.document import Role, Split, SplitMethod
from workbench.core.problems import ProblemError
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Raw, RawColumn
from workbench.engine.roles import Used

Rows = NDArray[np.int64]
Splits = dict[str, Rows]

NAMES = ("train", "validation", "test")
PARTS = {
    **dict.fromkeys(("train", "training", "0"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev", "1"), VALIDATION),
    **dict.fromkeys(("test", "testing", "2"), TEST),
}
"""What a column that names the split of each row may say."""


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
    random = np.random.default_rng(how.seed)
    times = _column(uses, how, "time", "time")
    if times is not None:
        return _by_time(numbered(times), given, how)
    strata = _strata(raw, uses, how)
    return _dealt(strata, given, how, random)


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


def _strata(raw: Raw, uses: Mapping[str, Used], how: Split) -> list[list[Rows]]:
    """Rows that stay together, in lists within each of which shares are kept."""
    groups = _column(uses, how, "group", "group")
    if groups is not None:
        return [_alike(numbered(groups))]
    labels = _labels(uses)
    if how.method == "random" or labels is None:
        return [list(np.arange(raw.count)[:, None])]
    return [list(rows[:, None]) for rows in _alike(numbered(labels))]


def _dealt(strata: list[list[Rows]], given: NDArray[np.int8] | None, how: Split, random: np.random.Generator) -> Splits:
    parts: dict[str, list[Rows]] = {name: [] for name in NAMES}
    has_test = given is not None and bool((given == TEST).any())
    has_validation = given is not None and bool((given == VALIDATION).any())
    for stratum in strata:
        free = stratum
        if given is not None:
            for part, name in ((TEST, "test"), (VALIDATION, "validation")):
                parts[name] += [rows[given[rows] == part] for rows in stratum]
            free = [left for rows in stratum if len(left := rows[given[rows] == TRAIN])]
        free = [free[at] for at in random.permutation(len(free))]
        test, free = ([], free) if has_test else _cut(free, how.test)
        validation, free = ([], free) if has_validation else _cut(free, how.validation)
        parts["test"] += test
        parts["validation"] += validation
        parts["train"] += free
    return {name: np.sort(np.concatenate([np.zeros(0, np.int64), *pieces])) for name, pieces in parts.items()}


def _cut(pieces: list[Rows], share: float) -> tuple[list[Rows], list[Rows]]:
    """The first pieces, up to about this share of all rows, and the others."""
    total = sum(len(rows) for rows in pieces)
    wanted, taken, count = round(total * share), 0, 0
    while count < len(pieces) and taken + len(pieces[count]) / 2 <= wanted and taken < wanted:
        taken += len(pieces[count])
        count += 1
    return pieces[:count], pieces[count:]


def _by_time(times: Rows, given: NDArray[np.int8] | None, how: Split) -> Splits:
    """The latest are for the test, those before them for validation: what is learned is always older."""
    order = np.argsort(times, kind="stable")
    if given is not None and (given == TEST).any():
        test, order = np.flatnonzero(given == TEST), order[given[order] != TEST]
    else:
        cut = len(order) - round(len(order) * how.test)
        test, order = order[cut:], order[:cut]
    cut = len(order) - round(len(order) * how.validation)
    return {"train": np.sort(order[:cut]), "validation": np.sort(order[cut:]), "test": np.sort(test)}


def numbered(column: RawColumn) -> Rows:
    """The values of a column as numbers in the order of the values: equal ones get the same; missing ones get -1."""
    if isinstance(column.values, Tensor):
        return column.values.numpy().astype(np.int64)
    if not isinstance(column.values, pa.ChunkedArray):
        raise ProblemError("data.split_kind", where=column.name, kind=column.kind)
    encoded = column.values.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda at: values[at])
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(rank))
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(codes < 0, -1, rank[codes] if len(rank) else -1).astype(np.int64)


def _alike(numbers: Rows) -> list[Rows]:
    """The rows of each number; rows without one (-1) stand alone."""
    order = np.argsort(numbers, kind="stable")
    cuts = np.flatnonzero(np.diff(numbers[order])) + 1
    pieces = np.split(order, cuts) if len(order) else []
    return [part for piece in pieces for part in (piece[:, None] if numbers[piece[0]] < 0 else [piece])]


def _parts(column: RawColumn) -> NDArray[np.int8]:
    assert isinstance(column.values, pa.ChunkedArray)
    said = [str(value).strip().lower() for value in column.values.to_pylist()]
    unknown = next((value for value in said if value not in PARTS), None)
    if unknown is not None:
        raise ProblemError("data.split_value", where=column.name, found=unknown, row=said.index(unknown) + 1)
    return np.array([PARTS[value] for value in said], np.int8)
