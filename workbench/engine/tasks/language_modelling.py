"""What comes next in a text."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary, Spec
from workbench.engine.losses import cross_entropy, focal
from workbench.engine.tasks.base import Meter, Task, need_classes, right_classes, task


@task("language_modelling", "Language modelling", metrics=("accuracy", "perplexity"))
@dataclass(frozen=True)
class LanguageModelling(Task):
    """What comes next, after each token of a text? Asked again and again, it writes.

    The network must not see what comes later: its attention is causal, or it reads step by step.
    """

    losses: ClassVar = {"cross_entropy": cross_entropy, "focal": focal}
    writes = True

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are tokens, one for each position."""
        return column.kind == "labels"

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """One number for each token of the vocabulary at each position."""
        need_classes(output, column, "language.width")

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """The share of next tokens that were foreseen."""
        return {"accuracy": right_classes(outputs_SBX, targets_SB)}

    def meter(self, column: ColumnSummary) -> Meter:
        """The same, and perplexity."""
        from workbench.engine.meters import TokenMeter

        return TokenMeter(len(column.classes))
