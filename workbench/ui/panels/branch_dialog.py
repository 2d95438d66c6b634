"""Branch from here: a new run that begins with a checkpoint of another, with its settings or those of the project."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QRadioButton, QWidget

from workbench.core.i18n import tr
from workbench.core.runs import RunFolder
from workbench.ui.parts import caption, column, title
from workbench.ui.theme import Theme

Branch = Callable[[int, bool], None]
"""Begin it: the step, and whether the training settings are the project's."""


class BranchDialog(QDialog):
    """Which checkpoint, and which settings."""

    def __init__(self, theme: Theme, run: RunFolder, name: str, begin: Branch, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("branch")
        self.setWindowTitle(tr("Branch from here"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._begin = begin
        self.snapshots = QListWidget()
        self.snapshots.setAccessibleName(tr("Checkpoints"))
        self._steps = run.snapshots()[::-1]
        for step in self._steps:
            self.snapshots.addItem(tr("After step {step}", step=f"{step:,}"))
        self.snapshots.setCurrentRow(0)
        self.snapshots.setFixedHeight(min(6, max(2, len(self._steps))) * self.snapshots.sizeHintForRow(0) + 8)
        self.kept = QRadioButton(tr("Keep the settings of the run"))
        self.projects = QRadioButton(tr("Take the training settings of the open project"))
        self.projects.setChecked(True)
        words = caption(
            theme,
            tr("A new run begins with weights, optimiser and counters of this checkpoint. The other run stays."),
        )
        buttons = QDialogButtonBox()
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        start = buttons.addButton(tr("Branch"), QDialogButtonBox.ButtonRole.AcceptRole)
        start.setDefault(True)
        buttons.accepted.connect(self.accept_choice)
        buttons.rejected.connect(self.reject)
        head = title(theme, tr("Branch from {run}", run=name))
        self.setLayout(column(head, words, self.snapshots, self.projects, self.kept, 4, buttons, margin=16))
        self.setMinimumWidth(380)

    def accept_choice(self) -> None:
        """Begin with the checkpoint that is chosen."""
        self._begin(self._steps[max(0, self.snapshots.currentRow())], self.projects.isChecked())
        self.accept()
