"""What each column of a source is for: what the document says, else what the column looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from workbench.core.document import ROLES, ColumnUse, Role, Step
from workbench.core.problems import Problem, ProblemError
from workbench.engine.columns.base import INPUTS, TARGETS
from workbench.engine.raw import Raw, RawColumn
from workbench.engine.tables.cells import as_floats, as_texts
from workbench.engine.tables.reading import read_as

MAX_CLASSES = 20
"""A target of whole numbers with more different values than this is a number to predict, not a class."""
LOOKED = 10_000
"""Rows that are looked at to find out what is in them."""
PROSE = 4
"""Texts of as many words on average are something to read."""


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
    kinds = {name: _kind(column, uses) for name, column in raw.columns.items()}
    chosen = "target" in said.values()
    found: dict[str, Role] = {}
    for name, column in raw.columns.items():
        guess = "input" if column.role == "auto" or (chosen and column.role == "target") else column.role
        found[name] = said.get(name, guess)
    if "target" not in found.values() and len(found) > 1:
        inputs = [name for name, role in found.items() if role == "input"]
        able = [name for name in inputs if kinds[name] in TARGETS]
        if able:
            found[next((name for name in reversed(able) if kinds[name] != "text"), able[-1])] = "target"
    names = [name for name, role in found.items() if role == "input" and kinds[name] == "text" and name not in said]
    if "text" not in INPUTS or len(names) < list(found.values()).count("input"):
        found |= {name: "ignore" for name in names if "text" not in INPUTS or not _is_prose(raw.columns[name])}
    return found


def left_out(raw: Raw, uses: Mapping[str, Used], said: Mapping[str, ColumnUse]) -> list[Problem]:
    """Which columns of texts are not used, although nobody said so."""
    names = [
        name
        for name, use in uses.items()
        if use.role == "ignore" and use.raw.kind == "text" and said.get(name, ColumnUse()).role == "auto"
    ]
    return [Problem("data.ignored_columns", {"columns": names}, severity="info")] if names else []


def _kind(column: RawColumn, uses: Mapping[str, ColumnUse]) -> str:
    return (uses[column.name].kind if column.name in uses else "") or column.kind


def _is_prose(column: RawColumn) -> bool:
    """Texts that there is something to read in, not names."""
    assert isinstance(column.values, pa.ChunkedArray)
    texts = as_texts(column.values.slice(0, LOOKED).drop_null()).to_pylist()
    return sum(len(text.split()) for text in texts) >= PROSE * max(1, len(texts))


def _used(column: RawColumn, role: Role, use: ColumnUse) -> Used:
    kind = use.kind
    if not kind and role == "target" and column.kind == "number" and _are_few(column.values):
        kind = "category"
    makers = TARGETS if role == "target" else INPUTS if role == "input" else None
    wanted = kind or column.kind
    if makers is not None and wanted not in makers:
        raise ProblemError("data.kind", where=column.name, found=wanted, role=role, known=list(makers))
    return Used(read_as(column, wanted), role, use.steps)


def _are_few(values: object) -> bool:
    """Whole numbers, few of which are different: they stand for classes."""
    if not isinstance(values, pa.ChunkedArray):
        return False
    for chunk in (values.slice(0, LOOKED), values):  # the first rows say it of most columns
        distinct = as_floats(chunk.unique().drop_null())
        if len(distinct) > MAX_CLASSES or not np.equal(distinct, np.round(distinct)).all():
            return False
    return True


def following(uses: Mapping[str, Used]) -> dict[str, Used]:
    """Masks are resized as the first pictures are, unless they have steps of their own."""
    pictures = next((use for use in uses.values() if use.role == "input" and use.raw.kind == "image"), None)
    steps = pictures.steps if pictures else None
    return {
        name: replace(use, steps=steps) if use.raw.kind == "mask" and use.steps is None else use
        for name, use in uses.items()
    }
