"""How a column is prepared where the document says nothing, as steps that can be shown and changed."""

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.document import Role, Step
from workbench.engine.raw import RawColumn
from workbench.engine.steps.tables import table_steps

TABLES = ("number", "category", "date", "tags")


def usual_steps(raw: RawColumn, role: Role) -> tuple[Step, ...]:
    """Those of its kind; none where there are none to choose."""
    if role == "input" and raw.kind in TABLES and isinstance(raw.values, pa.ChunkedArray):
        distinct = pc.count_distinct(raw.values).as_py() if raw.kind == "category" else 0
        return table_steps(raw.kind, distinct)
    return ()
