"""One of several classes."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary
from workbench.core.messages import Confusion
from workbench.engine.layers.base import InsertBefore, Known, Misfit
from workbench.engine.losses import cross_entropy, focal
from workbench.engine.tasks.base import Task, task


@task("classification", "Classification", metrics=("accuracy", "f1"))
@dataclass(frozen=True)
class Classification(Task):
    """Which one of several classes is it?"""

    losses: ClassVar = {"cross_entropy": cross_entropy, "focal": focal}
    better = ("accuracy", 1)

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are classes, one for a sample or one for each position in it."""
        return column.kind in ("label", "labels")

    def check(self, output: Known, column: ColumnSummary) -> None:
        """One number for each class (at each position)."""
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
        if targets_SB.is_floating_point():  # shares of classes
            targets_SB = targets_SB.argmax(-1)
        return {"accuracy": (outputs_SBX.argmax(-1) == targets_SB).float().flatten(1).mean(-1)}

    def evaluate(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> dict[str, float]:
        """Accuracy, and F1 averaged over classes."""
        from torchmetrics.functional.classification import multiclass_accuracy, multiclass_f1_score

        classes = len(column.classes)
        outputs_NX, targets_N = outputs_NX.flatten(0, -2), targets_N.flatten()
        return {
            "accuracy": float(multiclass_accuracy(outputs_NX, targets_N, classes, average="micro")),
            "f1": float(multiclass_f1_score(outputs_NX, targets_N, classes, average="macro")),
        }

    def confusion(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> Confusion:
        """Rows are the true classes, columns the answers."""
        from torchmetrics.functional.classification import multiclass_confusion_matrix

        found = outputs_NX.flatten(0, -2), targets_N.flatten()
        counts = multiclass_confusion_matrix(*found, len(column.classes))
        return Confusion(column.classes, tuple(tuple(row) for row in counts.tolist()))
