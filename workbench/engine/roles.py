"""What each column of a source is for: what the document says, else what the column looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from workbench.core.document import ROLES, ColumnUse, Role, Step
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import INPUTS, TARGETS
from workbench.engine.raw import Raw, RawColumn

MAX_CLASSES = 20
"""A target of whole numbers with more different values than this is a number to predict, not a class."""


@dataclass(frozen=True)
class Used:
    """A raw column, read as the kind that is wanted, and what it is for."""

    raw: RawColumn
    role: Role
    steps: tuple[Step, ...] | None


def used(raw: Raw, uses: Mapping[str, ColumnUse]) -> dict[str, Used]:
    """Every column with its role; none has the role `auto`.

    Raises:
        ProblemError: the document speaks of a column that is not there, or gives it a role or kind that it cannot have.
    """
    for name, use in uses.items():
        if name not in raw.columns:
            raise ProblemError("data.no_column", where=raw.title, found=name, known=list(raw.columns))
        if use.role not in ROLES:
            raise ProblemError("data.role", where=name, found=use.role, known=list(ROLES))
    roles = _roles(raw, uses)
    return {name: _used(column, roles[name], uses.get(name, ColumnUse())) for name, column in raw.columns.items()}


def _roles(raw: Raw, uses: Mapping[str, ColumnUse]) -> dict[str, Role]:
    """One target at least, where any column can be one: the last one that can."""
    said: dict[str, Role] = {name: use.role for name, use in uses.items() if use.role != "auto"}
    chosen = "target" in said.values()
    found: dict[str, Role] = {}
    for name, column in raw.columns.items():
        guess = "input" if column.role == "auto" or (chosen and column.role == "target") else column.role
        found[name] = said.get(name, guess)
    if "target" not in found.values() and len(found) > 1:
        able = [name for name, role in found.items() if role == "input" and raw.columns[name].kind in TARGETS]
        if able:
            found[able[-1]] = "target"
    return found


def _used(column: RawColumn, role: Role, use: ColumnUse) -> Used:
    kind = use.kind
    if not kind and role == "target" and column.kind == "number" and _are_few(column.values):
        kind = "category"
    makers = TARGETS if role == "target" else INPUTS if role == "input" else None
    wanted = kind or column.kind
    if makers is not None and wanted not in makers:
        raise ProblemError("data.kind", where=column.name, found=wanted, role=role, known=list(makers))
    return Used(replace(column, kind=wanted), role, use.steps)


def _are_few(values: object) -> bool:
    """Whole numbers, few of which are different: they stand for classes."""
    if not isinstance(values, pa.ChunkedArray):
        return False
    distinct = values.unique().drop_null().to_numpy(zero_copy_only=False)
    return len(distinct) <= MAX_CLASSES and bool(np.equal(distinct, np.round(distinct)).all())
