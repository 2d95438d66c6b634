"""Where a network begins and ends: inputs bound to columns of data, and outputs as wide as their targets need."""

import re
from math import prod

from model_zoo.sketch import Row, Sketch
from workbench.core.analysis import ColumnSummary

INPUTS = ("image", "table", "array", "tokens", "audio")
"""The kinds of columns that networks read."""
TASKS = {"label": "classification", "labels": "token_tagging", "tags": "multi_label", "number": "regression"}
"""The task of a target of each kind, where nothing else is said."""


def identifier(name: str) -> str:
    """A column's name as the id of a node."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    return found if found and not found[0].isdigit() else f"column_{found}".rstrip("_")


def input_of(column: ColumnSummary) -> Row:
    """An input that reads a column."""
    return identifier(column.name), "input", {"column": column.name}


def output_of(target: ColumnSummary, task: str = "", **settings: object) -> Row:
    """An output that is compared with a column; by default as its kind is."""
    said = {"task": task or TASKS[target.kind], "target": target.name, **settings}
    return f"{identifier(target.name)}_output", "output", said


def width_of(target: ColumnSummary) -> int:
    """How many numbers an answer has (at each position): one a class or tag, or as many as the target has."""
    return len(target.classes) or prod(int(axis) for axis in target.shape)


def ended(sketch: Sketch, source: str, target: ColumnSummary, task: str = "") -> None:
    """A linear layer as wide as the target needs, and the output."""
    name = f"{identifier(target.name)}_linear"
    answer = sketch.layer((name, "linear", {"out_features": width_of(target)}), source)
    sketch.layer(output_of(target, task), answer)
