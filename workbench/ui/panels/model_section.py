"""Figures of the whole network."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from widgets.stats import StatsCard
from workbench.core import wording
from workbench.core.analysis import Analysis
from workbench.core.expand import without_notes
from workbench.core.i18n import tr
from workbench.core.session import State
from workbench.ui.parts import column, heading
from workbench.ui.theme import Theme

UNKNOWN = "–"


class ModelSection(QWidget):
    """Figures of the whole network."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("model")
        self._card = StatsCard(theme.tokens)
        theme.follow(self._card)
        self.setLayout(column(heading(theme, tr("Model")), self._card))

    def show_state(self, state: State) -> None:
        """Show the figures of a state."""
        known = state.analysis or Analysis()
        nodes, memory = without_notes(state.document.graph), known.memory
        all_known = known.nodes.keys() >= set(nodes)

        def total(number: int | None, written: Callable[[int], str]) -> str:
            """What is known: of a network with a fault only a part, or nothing."""
            if number is None or not (number or all_known):
                return UNKNOWN
            return written(number) if all_known else tr("at least {n}", n=written(number))

        self._card.set_rows(
            [
                (tr("Layers"), wording.count(len(nodes))),
                (tr("Parameters"), total(known.parameters, wording.count)),
                (tr("Multiply-adds"), total(None if known.flops is None else known.flops // 2, wording.count)),
                (tr("Memory, training"), total(memory.training_bytes, wording.size)),
                (tr("Memory, inference"), total(memory.inference_bytes, wording.size)),
            ]
        )
