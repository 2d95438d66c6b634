"""A page of the wizard: samples, or how they are distributed."""

from PySide6.QtWidgets import QStackedWidget, QWidget

from widgets.segmented import Segmented
from workbench.core.i18n import tr
from workbench.ui.panels.data.distributions import DistributionsPanel
from workbench.ui.panels.data.samples import SamplesPanel
from workbench.ui.parts import column, row, title
from workbench.ui.theme import Theme


class LookPage(QWidget):
    """Switches between the two."""

    def __init__(self, theme: Theme, samples: SamplesPanel, distributions: DistributionsPanel) -> None:
        super().__init__()
        items = [("samples", tr("Samples")), ("distributions", tr("Distributions"))]
        self.tabs = Segmented(items, theme.tokens, name=tr("What is shown of the data"))
        theme.follow(self.tabs)
        stack = QStackedWidget()
        stack.addWidget(samples)
        stack.addWidget(distributions)
        self.tabs.chosen.connect(lambda key: stack.setCurrentIndex(0 if key == "samples" else 1))
        layout = column(row(title(theme, tr("What does it look like?")), -1, self.tabs), stack, spacing=12)
        layout.setStretchFactor(stack, 1)
        self.setLayout(layout)
