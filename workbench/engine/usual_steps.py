"""How a column is prepared where the document says nothing, as steps that can be shown and changed."""

from collections.abc import Sequence
from dataclasses import fields

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.document import Role, Step
from workbench.engine.columns.texts import READ_AS, TAGGED_AS, WRITTEN_AS
from workbench.engine.raw import RawColumn
from workbench.engine.steps.base import StepKind
from workbench.engine.steps.tables import table_steps

TABLES = ("number", "category", "date", "tags")


def usual_steps(raw: RawColumn, role: Role) -> tuple[Step, ...]:
    """Those of its kind and role; none where there are none to choose."""
    match raw.kind, role:
        case "text", "input":
            return as_steps(READ_AS)
        case "text", "target":
            return as_steps(WRITTEN_AS)
        case "words", "input":
            return as_steps(TAGGED_AS)
        case kind, "input" if kind in TABLES and isinstance(raw.values, pa.ChunkedArray):
            return table_steps(kind, pc.count_distinct(raw.values).as_py() if kind == "category" else 0)
    return ()


def as_steps(kinds: Sequence[StepKind]) -> tuple[Step, ...]:
    """Steps that are ready to be used, as a document holds them: what is as usual is not written down."""
    return tuple(
        Step(
            kind.info.key,
            {item.name: getattr(kind, item.name) for item in fields(kind) if getattr(kind, item.name) != item.default},
        )
        for kind in kinds
    )
