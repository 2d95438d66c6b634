"""Any number of tags."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import bce, binary_focal
from workbench.engine.tasks.base import Meter, Task, need_float, task


@task("multi_label", "Multi-label classification", metrics=("accuracy", "f1", "f1_macro", "exact"))
@dataclass(frozen=True)
class MultiLabel(Task):
    """Which tags does it have? Any number of them, each by itself."""

    losses: ClassVar = {"bce": bce, "focal": binary_focal}
    undone = ("sigmoid", "output.sigmoid")
    threshold: float = 0.5

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are tags, yes or no each."""
        return column.kind == "tags"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each tag."""
        need_float(output)
        if output.shape != column.shape:
            classes = len(column.classes)
            remedy = (
                InsertBefore("flatten")
                if len(output.shape) > 1
                else InsertBefore("linear", (("out_features", classes),))
            )
            raise Misfit("multi_label.width", found=output.shape, classes=classes, remedy=remedy)

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The share of right tags, and of samples of which all are right."""
        right = (outputs_SBX.sigmoid() >= self.threshold) == (targets_SB >= 0.5)
        return {"accuracy": right.float().flatten(1).mean(1), "exact": right.all(-1).float().flatten(1).mean(1)}

    def choices(self, outputs: Tensor) -> Tensor:
        """Of each tag: yes, or no."""
        least = torch.full_like(outputs, self.threshold).logit(1e-6)
        return torch.stack([outputs, least], -1)

    def meter(self, column: ColumnSummary) -> Meter:
        """F1 of all tags and of each."""
        from workbench.engine.meters import TagMeter

        return TagMeter(column.classes, self.threshold)
