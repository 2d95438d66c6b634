"""Which trained run a place is about: a list of those that have weights."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLayout, QSizePolicy, QWidget

from workbench.core.i18n import tr
from workbench.ui.jobs import Jobs
from workbench.ui.panels.monitor import measure, named_metric
from workbench.ui.parts import Text, moment, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer

NARROWEST, ARROW = 240, 64


class RunChooser(QWidget):
    """Follows the run that the window looks at; the user may choose another, be it of another project."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, jobs: Jobs, trainer: Trainer) -> None:
        super().__init__()
        self._jobs, self._trainer = jobs, trainer
        self._list = QComboBox()
        self._list.setAccessibleName(tr("Run"))
        self._list.setMinimumWidth(NARROWEST)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._list.activated.connect(self._choose)
        label = Text(theme, tr("Run"), role="dim")
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout = row(label, self._list)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)  # as wide as the list may be, where it fits
        self.setLayout(layout)
        jobs.listed.connect(self.fill)
        trainer.shown_changed.connect(self.fill)
        self.fill()

    @property
    def run(self) -> str:
        """The run that is chosen; empty when there is none."""
        return str(self._list.currentData() or "")

    def fill(self) -> None:
        """List the runs that have weights."""
        before = self.run
        self._list.clear()
        for record in self._jobs.records:
            if record.status.step and self._jobs.has_weights(record.run):
                names = filter(None, (measure(record.status, split) for split in ("val", "test")))
                figures = (named_metric(name, record.status) for name in names)
                self._list.addItem(" · ".join((record.project, moment(record.started), *figures)), record.run)
        texts = (self._list.itemText(place) for place in range(self._list.count()))
        widest = max(map(self._list.fontMetrics().horizontalAdvance, texts), default=0)
        self._list.setMaximumWidth(max(NARROWEST, widest + ARROW))
        self._list.setCurrentIndex(self._list.findData(self._trainer.usable or None))
        if self.run != before:
            self.chosen.emit(self.run)

    def _choose(self) -> None:
        self._trainer.show(self.run)
        self.chosen.emit(self.run)
