"""One of several classes."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import cross_entropy, focal
from workbench.engine.tasks.base import Meter, Task, need_float, right_classes, task


@task("classification", "Classification", metrics=("accuracy", "f1"))
@dataclass(frozen=True)
class Classification(Task):
    """Which one of several classes is it?"""

    losses: ClassVar = {"cross_entropy": cross_entropy, "focal": focal}
    better = ("accuracy", 1)

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are classes, one for a sample or one for each position in it."""
        return column.kind in ("label", "labels")

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each class (at each position)."""
        need_float(output)
        classes = len(column.classes)
        if output.shape != (*column.shape, classes):
            if len(output.shape) < 1 + len(column.shape):
                raise Misfit("classification.positions", found=output.shape, positions=column.shape)
            remedy = (
                InsertBefore("flatten")
                if len(output.shape) > 1 + len(column.shape)
                else InsertBefore("linear", (("out_features", classes),))
            )
            raise Misfit("classification.width", found=output.shape, classes=classes, remedy=remedy)

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The share of right answers in each batch."""
        return {"accuracy": right_classes(outputs_SBX, targets_SB)}

    def meter(self, column: ColumnSummary) -> Meter:
        """Accuracy, F1 averaged over classes, and what is taken for what."""
        from workbench.engine.meters import ClassMeter

        return ClassMeter(column.classes)
