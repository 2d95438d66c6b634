"""One sequence into another: translation, summaries."""

from dataclasses import dataclass

from workbench.core.analysis import ColumnSummary
from workbench.engine.tasks.base import task
from workbench.engine.tasks.language_modelling import LanguageModelling


@task("sequence", "Sequence to sequence", metrics=("accuracy", "perplexity", "exact", "bleu", "chrf", "rouge_l"))
@dataclass(frozen=True)
class SequenceToSequence(LanguageModelling):
    """Which text belongs to a text: its translation, its summary?

    In training the network reads the right answer so far, and foresees its next token (teacher forcing). Used, it
    reads what it has written itself.
    """

    def accepts(self, column: ColumnSummary) -> bool:
        """Targets are tokens, one for each position of what is written."""
        return column.kind == "labels"
