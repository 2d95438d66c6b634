"""The Deploy place: export a run, and try what was exported."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.empty_state import EmptyState
from workbench.core.i18n import tr
from workbench.core.problems import ProblemError
from workbench.core.settings import Settings
from workbench.ui.jobs import Jobs
from workbench.ui.panels.row_form import Columns, reads_text, table_columns
from workbench.ui.panels.run_chooser import RunChooser
from workbench.ui.panels.try_it import TryIt, is_there
from workbench.ui.parts import IconButton, column, row
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer


class DeployPlace(QWidget):
    """A run, its exported model, and Try it."""

    export_wanted = Signal(str)

    def __init__(
        self, theme: Theme, jobs: Jobs, trainer: Trainer, settings: Callable[[], Settings], try_it: TryIt
    ) -> None:
        super().__init__()
        self.setObjectName("deploy")
        self._jobs, self._settings, self.try_it = jobs, settings, try_it
        self._tried = ("", "")
        self.chooser = RunChooser(theme, jobs, trainer)
        self.chooser.chosen.connect(self._show)
        export = IconButton(theme, "download", tr("Export ONNX …"), look="primary")
        export.clicked.connect(lambda: self.export_wanted.emit(self.chooser.run))
        self._tools = QWidget()
        tools = row(self.chooser, export, -1)
        tools.setStretchFactor(self.chooser, 1000)
        self._tools.setLayout(tools)
        self._nothing = EmptyState(
            theme.tokens,
            theme.icons,
            "rocket",
            tr("Nothing to deploy yet"),
            tr("Train a network first. Then take it with you as an ONNX file."),
        )
        self._not_exported = EmptyState(
            theme.tokens,
            theme.icons,
            "box",
            tr("Not exported yet"),
            tr("Export this run as ONNX, with the proof that it behaves the same, and try it here."),
            action=tr("Export ONNX …"),
        )
        self._not_exported.action_triggered.connect(lambda: self.export_wanted.emit(self.chooser.run))
        theme.follow(self._nothing, self._not_exported)
        layout = column(self._tools, self._nothing, self._not_exported, self.try_it, margin=16, spacing=16)
        for place in (self._nothing, self._not_exported, self.try_it):
            layout.setStretchFactor(place, 1)
        self.setLayout(layout)
        jobs.listed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is of the chosen run."""
        self._show(self.chooser.run)

    def _show(self, run: str) -> None:
        model = self._settings().exports.get(run, "")
        exported = is_there(model)
        self._tools.setVisible(bool(run))
        self._nothing.setVisible(not run)
        self._not_exported.setVisible(bool(run) and not exported)
        self.try_it.setVisible(exported)
        if exported and (run, model) != self._tried:
            self._tried = (run, model)
            self.try_it.use(model, *self._read_by(run))

    def _read_by(self, run: str) -> tuple[Columns, bool]:
        """The columns of a table that a run's model reads, and whether it reads texts."""
        watched = self._jobs.watched(run)
        try:
            info = watched.folder.info() if watched else None
        except ProblemError:
            info = None
        return (table_columns(info), reads_text(info)) if info else ((), False)
