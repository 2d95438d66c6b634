"""A class for each token."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.losses import cross_entropy, focal
from workbench.engine.tasks.base import Meter, Task, need_classes, right_classes, task


@task("token_tagging", "Token tagging", metrics=("accuracy", "f1", "entity_f1"))
@dataclass(frozen=True)
class TokenTagging(Task):
    """What is each word: a verb, the begin of a name, a price?

    Classes such as B-PER, I-PER and O mark things of several words; then whole things are counted too.
    """

    losses: ClassVar = {"cross_entropy": cross_entropy, "focal": focal}
    better = ("accuracy", 1)

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are classes, one for each position."""
        return column.kind == "labels"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each class at each position."""
        need_classes(output, column, "classification.width")

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The share of right tokens, padding apart."""
        return {"accuracy": right_classes(outputs_SBX, targets_SB)}

    def meter(self, column: ColumnSummary) -> Meter:
        """Accuracy, and F1 over things or classes."""
        from workbench.engine.meters import EntityMeter

        return EntityMeter(column.classes)
