"""The Train place: settings at the left, the monitor in the middle, all runs at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QWidget

from workbench.core.catalogue import Catalogue
from workbench.core.i18n import tr
from workbench.core.runs import LIVE
from workbench.core.session import Session
from workbench.ui.panels.monitor import Monitor
from workbench.ui.panels.training_form import TrainingForm
from workbench.ui.parts import IconButton, caption, column, scrolled, title
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer


class TrainPlace(QWidget):
    """Where a run is set up and watched."""

    def __init__(
        self, theme: Theme, session: Session, trainer: Trainer, catalogue: Catalogue, runs: QWidget, train: QAction
    ) -> None:
        super().__init__()
        self.monitor = Monitor(theme, trainer, train, compact=False)
        self.settings = TrainingForm(theme, session, catalogue)
        start = IconButton(theme, "play", tr("Train"), look="primary", tooltip=tr("Train ({key})", key="F5"))
        start.clicked.connect(train.trigger)
        start.setEnabled(train.isEnabled())  # one run at a time
        train.enabledChanged.connect(start.setEnabled)
        form, foot, left = QWidget(), QWidget(), QWidget()
        words = caption(theme, tr("A run keeps these settings, the network and the seed, so that it can be repeated."))
        form.setLayout(column(title(theme, tr("Training")), words, 4, self.settings, -1, margin=14))
        foot.setLayout(column(start, margin=14))
        left.setLayout(column(scrolled(form), foot, spacing=0))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("train-split")
        for widget, width in ((left, 330), (self.monitor, 760), (runs, 350)):
            split.addWidget(widget)
            widget.setMinimumWidth(min(width, 230))
        split.setSizes([330, 760, 350])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        self.split = split
        self.setLayout(column(split))
        self._trainer = trainer
        trainer.shown_changed.connect(self._mark)

    def _mark(self) -> None:
        """Show on the curve of the learning rate where the run stands."""
        status = self._trainer.status
        live = status is not None and status.state in LIVE and status.steps > 0
        self.settings.curve.set_now(status.epochs * status.step / status.steps if live and status else None)
