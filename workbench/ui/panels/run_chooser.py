"""Which trained run a place is about: a list of those that have weights, the one being looked at first."""

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from workbench.core.i18n import tr
from workbench.ui.jobs import Jobs
from workbench.ui.panels.runs import result
from workbench.ui.parts import Text, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer


class RunChooser(QWidget):
    """Follows the run that the window looks at; the user may choose another."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, jobs: Jobs, trainer: Trainer) -> None:
        super().__init__()
        self._jobs, self._trainer = jobs, trainer
        self._list = QComboBox()
        self._list.setAccessibleName(tr("Run"))
        self._list.setMinimumWidth(300)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list.activated.connect(self._choose)
        self.setLayout(row(Text(theme, tr("Run"), role="dim"), self._list))
        jobs.listed.connect(self.fill)
        trainer.shown_changed.connect(self.fill)
        self.fill()

    @property
    def run(self) -> str:
        """The run that is chosen; empty when there is none."""
        return str(self._list.currentData() or "")

    def fill(self) -> None:
        """List the runs that have weights."""
        before, wanted = self.run, self._trainer.run
        self._list.clear()
        for record in self._jobs.records:
            if record.status.step:
                when = time.strftime("%d %b %H:%M", time.localtime(record.started))
                parts = (record.project, result(record.status), when)
                self._list.addItem(" · ".join(filter(None, parts)), record.run)
        for run in (wanted, before):
            place = self._list.findData(run)
            if run and place >= 0:
                self._list.setCurrentIndex(place)
                break
        if self.run != before:
            self.chosen.emit(self.run)

    def _choose(self) -> None:
        self._trainer.show(self.run)
        self.chosen.emit(self.run)
