"""A class for each pixel."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import IGNORED, cross_entropy_dice, dice, picture_cross_entropy, picture_focal
from workbench.engine.tasks.base import Meter, Task, need_float, right_classes, task


@task("segmentation", "Segmentation", metrics=("accuracy", "iou"))
@dataclass(frozen=True)
class Segmentation(Task):
    """What is where in a picture: which class has each of its pixels?"""

    losses: ClassVar = {
        "cross_entropy_dice": cross_entropy_dice,
        "cross_entropy": picture_cross_entropy,
        "dice": dice,
        "focal": picture_focal,
    }
    better = ("iou", 1)

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are masks: one class for each pixel."""
        return column.kind == "mask"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each class at each pixel, classes first."""
        need_float(output)
        classes = len(column.classes)
        wanted = (classes, *column.shape)
        if output.shape == wanted:
            return
        if len(output.shape) != 3:
            raise Misfit("segmentation.rank", found=output.shape, wanted=wanted)
        if output.shape[1:] != column.shape:
            remedy = InsertBefore("upsample", (("size", column.shape),))
            raise Misfit("segmentation.size", found=output.shape, pixels=column.shape, remedy=remedy)
        remedy = InsertBefore("conv2d", (("out_channels", classes), ("kernel_size", 1)))
        raise Misfit("segmentation.classes", found=output.shape, classes=classes, remedy=remedy)

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The share of right pixels, and the overlap with each class as a mean over those that there are."""
        classes_last = outputs_SBX.movedim(2, -1)
        if targets_SB.is_floating_point():  # shares of classes
            targets_SB = targets_SB.argmax(2)
        return {"accuracy": right_classes(classes_last, targets_SB), "iou": _overlap(classes_last, targets_SB)}

    def choices(self, outputs: Tensor) -> Tensor:
        """Classes."""
        return outputs.movedim(1, -1)

    def meter(self, column: ColumnSummary) -> Meter:
        """Over all pixels of a split."""
        from workbench.engine.meters import ClassMeter

        return ClassMeter(column.classes, axis=1, overlap=True)


def _overlap(outputs_SBHWC: Tensor, targets_SBHW: Tensor) -> Tensor:
    """Of what was found and what is there, over both together; for each of S steps."""
    found, there = outputs_SBHWC.argmax(-1).flatten(1), targets_SBHW.flatten(1)
    counted = there != IGNORED
    parts = []
    for number in range(outputs_SBHWC.shape[-1]):
        one, other = (found == number) & counted, there == number
        parts.append(torch.stack([(one & other).sum(1), (one | other).sum(1)]))
    both_CS, either_CS = torch.stack(parts).unbind(1)
    present = either_CS > 0
    return (both_CS / either_CS.clamp_min(1)).sum(0) / present.sum(0).clamp_min(1)
