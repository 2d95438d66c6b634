"""One of several classes for a whole text, sound or series."""

from dataclasses import dataclass

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.tasks.base import need_classes, need_float, task
from workbench.engine.tasks.classification import Classification


@task("sequence_classification", "Classification of sequences", metrics=("accuracy", "f1"))
@dataclass(frozen=True)
class SequenceClassification(Classification):
    """Which one of several classes is a whole text, sound or series?"""

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are classes, one for a sample."""
        return column.kind == "label"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each class; steps must have been drawn together."""
        need_float(output)
        if len(output.shape) > 1:
            raise Misfit("sequence.steps", found=output.shape, remedy=InsertBefore("masked_mean"))
        need_classes(output, column, "classification.width")
