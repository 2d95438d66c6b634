"""A number."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary
from workbench.engine.layers.base import InsertBefore, Known, Misfit
from workbench.engine.losses import huber, l1, mse
from workbench.engine.tasks.base import Task, task


@task("regression", "Regression", metrics=("mae", "rmse", "r2"))
@dataclass(frozen=True)
class Regression(Task):
    """How much is it?"""

    losses: ClassVar = {"mse": mse, "l1": l1, "huber": huber}

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are numbers."""
        return column.kind == "number"

    def check(self, output: Known, column: ColumnSummary) -> None:
        """As many numbers as the target has."""
        if output.shape != column.shape:
            width = InsertBefore("linear", (("out_features", column.shape[0]),)) if column.shape else None
            remedy = InsertBefore("flatten") if len(output.shape) > 1 else width
            raise Misfit("regression.width", found=output.shape, wanted=column.shape, remedy=remedy)

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The mean absolute error of each batch."""
        return {"mae": (outputs_SBX - targets_SB).abs().flatten(1).mean(1)}

    def evaluate(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> dict[str, float]:
        """Mean absolute and root mean squared error, and the share of variance explained."""
        from torchmetrics.functional.regression import mean_absolute_error, mean_squared_error, r2_score

        found = {
            "mae": float(mean_absolute_error(outputs_NX, targets_N)),
            "rmse": float(mean_squared_error(outputs_NX, targets_N, squared=False)),
        }
        if len(targets_N) > 1:
            found["r2"] = float(r2_score(outputs_NX, targets_N))
        return found
