"""What went in."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import bce, huber, l1, mse
from workbench.engine.tasks.base import Meter, Task, need_float, sizes_known, task


@task("autoencoding", "Autoencoding", metrics=("mae", "rmse", "psnr"))
@dataclass(frozen=True)
class Autoencoding(Task):
    """Rebuild what went in, through a narrow place: what passes it is what matters.

    The target is an input of the network, as the network reads it. The loss bce is for inputs from 0 to 1 only,
    such as pictures without normalisation: the output then is raw numbers, before a sigmoid.
    """

    losses: ClassVar = {"mse": mse, "l1": l1, "bce": bce, "huber": huber}
    undone = None
    loss: str = "default"

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are numbers that a network reads."""
        return column.kind in ("image", "table", "array", "audio")

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """The shape of what is rebuilt."""
        need_float(output)
        if output.shape == column.shape:
            return
        raise Misfit("autoencoding.shape", found=output.shape, wanted=column.shape, remedy=_remedy(output, column))

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The mean absolute error."""
        rebuilt = outputs_SBX.sigmoid() if self.loss == "bce" else outputs_SBX
        return {"mae": (rebuilt - targets_SB).abs().flatten(1).mean(1)}

    def choices(self, outputs: Tensor) -> None:
        """Nothing is chosen."""

    def meter(self, column: ColumnSummary) -> Meter:
        """Errors, and for pictures the ratio of signal to noise."""
        from workbench.engine.meters import CopyMeter

        return CopyMeter(column.kind == "image", raw=self.loss == "bce")


def _remedy(output: Spec, column: ColumnSummary) -> InsertBefore | None:
    found, wanted = sizes_known(output.shape), sizes_known(column.shape)
    if found is None or wanted is None:
        return None
    if prod(found) == prod(wanted):
        return InsertBefore("reshape", (("shape", wanted),))
    if len(found) == 1:
        return InsertBefore("linear", (("out_features", prod(wanted)),))
    if len(found) == len(wanted) == 3 and found[1:] != wanted[1:]:
        return InsertBefore("upsample", (("size", wanted[1:]),))
    if len(found) == len(wanted) == 3:
        return InsertBefore("conv2d", (("out_channels", wanted[0]), ("kernel_size", 1)))
    return InsertBefore("flatten")
