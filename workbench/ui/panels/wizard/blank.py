"""A network with nothing but its inputs and outputs, bound to the data."""

from msgspec.structs import replace

from workbench.core.document import Document
from workbench.core.edits import add_node
from workbench.core.inspection import Inspection

INPUTS = ("image", "table", "array", "tokens", "audio")
"""Kinds of columns that a network reads; the others are targets."""
TASKS = {"label": "classification", "number": "regression"}
STEP, APART = 240, 220


def bound_inputs(inspection: Inspection) -> Document:
    """One Input for each column to read, one Output for each to say, side by side."""
    document = Document()
    places = {True: 0, False: 0}
    for column in inspection.ready:
        reads = column.kind in INPUTS
        if not reads and column.kind == "weight":
            continue
        kind = "input" if reads else "output"
        task = {"task": TASKS[column.kind]} if column.kind in TASKS else {}
        settings = {"column": column.name} if reads else {"target": column.name, **task}
        position = (float(APART * places[reads]), 0.0 if reads else 3.0 * STEP)
        document, _ = add_node(document, kind, settings, position=position)
        places[reads] += 1
    return replace(document, title=inspection.title)
