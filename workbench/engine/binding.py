"""Which column of the data each input reads and each output is measured against."""

from collections.abc import Iterable, Mapping

from workbench.core.analysis import ColumnSummary
from workbench.core.expand import FlatNode
from workbench.engine.columns.base import INPUT_KINDS
from workbench.engine.layers.base import Change, Misfit
from workbench.engine.layers.basic import TASK_KEYS
from workbench.engine.tasks import TASKS, task_of

Columns = Mapping[str, ColumnSummary]


def input_column(node: FlatNode, columns: Columns) -> ColumnSummary | None:
    """The column that an input reads; None when it declares its own shape or there is no data. Raises `Misfit`.

    An input that names no column reads the first one that can be read, unless it declares a shape.
    """
    name, shape = node.node.settings.get("column"), node.node.settings.get("shape")
    if not columns or (name is None and shape is not None):
        return None
    readable = [column for column in columns.values() if column.kind in INPUT_KINDS]
    if name is None:
        return readable[0] if readable else None
    if name not in columns:
        remedy = Change("column", readable[0].name) if readable else None
        raise Misfit("input.no_column", found=name, known=list(columns), remedy=remedy)
    return columns[name]


def output_column(node: FlatNode, columns: Columns) -> ColumnSummary:
    """The column that holds an output's right answers. Raises `Misfit`.

    An output that names no target takes the first column that its task accepts.
    """
    task = task_of(node.node.settings)
    name = node.node.settings.get("target")
    if name is None:
        fitting = [column for column in columns.values() if task.accepts(column)]
        if fitting:
            return fitting[0]
        raise Misfit(
            "output.no_target", task=task.info.key, known=list(columns), remedy=_other_task(list(columns.values()))
        )
    if name not in columns:
        fitting = [column for column in columns.values() if task.accepts(column)]
        remedy = Change("target", fitting[0].name) if fitting else None
        raise Misfit("output.no_column", found=name, known=list(columns), remedy=remedy)
    if not task.accepts(columns[name]):
        raise Misfit(
            "output.kind", column=name, kind=columns[name].kind, task=task.info.key, remedy=_other_task([columns[name]])
        )
    return columns[name]


def _other_task(columns: Iterable[ColumnSummary]) -> Change | None:
    """Change to the first task that one of these columns can be a target of."""
    pairs = ((key, column) for key in TASK_KEYS for column in columns)
    return next((Change("task", key) for key, column in pairs if TASKS[key]().accepts(column)), None)
