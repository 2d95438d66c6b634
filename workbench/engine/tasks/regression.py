"""A number, or several."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import huber, l1, mse
from workbench.engine.tasks.base import Meter, Task, need_float, task


@task("regression", "Regression", metrics=("mae", "rmse", "r2"))
@dataclass(frozen=True)
class Regression(Task):
    """How much is it?"""

    losses: ClassVar = {"mse": mse, "l1": l1, "huber": huber}
    undone = None

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are numbers."""
        return column.kind == "number"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """As many numbers as the target has."""
        need_float(output)
        if output.shape != column.shape:
            width = InsertBefore("linear", (("out_features", column.shape[0]),)) if column.shape else None
            remedy = InsertBefore("flatten") if len(output.shape) > 1 else width
            raise Misfit("regression.width", found=output.shape, wanted=column.shape, remedy=remedy)

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The mean absolute error of each batch."""
        return {"mae": (outputs_SBX - targets_SB).abs().flatten(1).mean(1)}

    def choices(self, outputs: Tensor) -> None:
        """Nothing is chosen."""

    def meter(self, column: ColumnSummary) -> Meter:
        """Errors, and the share of variance explained."""
        from workbench.engine.meters import NumberMeter

        return NumberMeter()
