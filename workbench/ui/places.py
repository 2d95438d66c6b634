"""Makes the five places when they are first shown, and speaks to those that are there."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QWidget

from widgets.form_values import Field
from workbench.core.catalogue import Catalogue
from workbench.core.i18n import tr
from workbench.core.problems import Problem
from workbench.core.runs import RunFolder
from workbench.ui.errands import Errands
from workbench.ui.parts import column

if TYPE_CHECKING:
    from workbench.ui.app import Workbench
    from workbench.ui.panels.code import CodePanel
    from workbench.ui.panels.data.place import DataPlace
    from workbench.ui.panels.deploy import DeployPlace
    from workbench.ui.panels.design import CanvasPanel, DesignPlace
    from workbench.ui.panels.evaluate import EvaluatePlace
    from workbench.ui.panels.export_dialog import ExportDialog
    from workbench.ui.panels.history import HistoryPanel
    from workbench.ui.panels.inspector import Inspector
    from workbench.ui.panels.monitor import Monitor
    from workbench.ui.panels.outline import Outline
    from workbench.ui.panels.palette import Palette
    from workbench.ui.panels.stage import Stage
    from workbench.ui.panels.train import TrainPlace
    from workbench.ui.panels.wizard.page import Wizard


BELOW_HEADER = 64

# Each place is imported when it is made: the window is on the screen before any of them is needed.


class Places:
    """The places, by name; None while they have not been shown."""

    def __init__(self, app: "Workbench") -> None:
        self._app = app
        self.data: DataPlace | None = None
        self.wizard: Wizard | None = None
        self.design: DesignPlace | None = None
        self.canvas: CanvasPanel | None = None
        self.stage: Stage | None = None
        self.history: HistoryPanel | None = None
        self.palette: Palette | None = None
        self.outline: Outline | None = None
        self.inspector: Inspector | None = None
        self.code: CodePanel | None = None
        self.train: TrainPlace | None = None
        self.evaluate: EvaluatePlace | None = None
        self.deploy: DeployPlace | None = None
        self._monitors: list[Monitor] = []
        self.errands = Errands(app, self)

    def make_design(self) -> QWidget:
        """Palette, outline, canvas, inspector and a small monitor."""
        from workbench.ui.block_editor import BlockEditor
        from workbench.ui.panels.code import CodePanel
        from workbench.ui.panels.design import CanvasPanel, DesignPlace
        from workbench.ui.panels.history import HistoryPanel
        from workbench.ui.panels.inspector import Inspector
        from workbench.ui.panels.monitor import Monitor
        from workbench.ui.panels.outline import Outline
        from workbench.ui.panels.palette import Palette
        from workbench.ui.panels.stage import Stage
        from workbench.ui.source_asker import SourceAsker

        app = self._app
        self.canvas = canvas = CanvasPanel(app.theme, app.session, app.editor)
        self.palette = palette = Palette(app.theme, app.session, app.editor, app.neighbourhood, app.used, app.shelf)
        palette.chosen.connect(canvas.add)
        app.previewer.changed.connect(lambda: canvas.show_seen(app.previewer.seen))
        self.outline = outline = Outline(app.theme, app.session, app.catalogue)
        outline.activated.connect(canvas.show_path)
        blocks = BlockEditor(app.session, app.complain)
        self.inspector = inspector = Inspector(app.theme, app.session, app.editor, blocks, app.previewer)
        inspector.done.connect(self.errands.put_back)
        inspector.problem_wanted.connect(canvas.show_problem)
        inspector.mend_wanted.connect(app.mend)
        train = app.actions.by_id["run.train"]
        monitor = Monitor(app.theme, app.trainer, train, compact=True)
        self._monitors.append(monitor)
        canvas.search_wanted.connect(self.errands.search_layer)
        canvas.canvas.view_changed.connect(self.show_zoom)
        canvas.canvas.context_requested.connect(self.errands.context_menu)
        app.actions.give_to(canvas.canvas)
        app.actions.give_to(outline.tree)
        outline.menu_wanted.connect(self.errands.context_menu)
        self.stage = Stage(app.theme, app.session, app.editor, canvas)
        source = SourceAsker(app.session, app.engine, canvas)
        self.code = code = CodePanel(app.theme, app.session, source, app.desk, app.complain)
        self.design = DesignPlace(app.theme, self.stage, palette, outline, inspector, monitor, code)
        self.history = HistoryPanel(app.theme, app.session)
        self.history.done.connect(self.errands.put_back)
        self.design.add_history(app.theme, self.history)
        if "design" in app.settings.layout:
            self.design.restore_layout(app.settings.layout["design"])
        self.design.monitor_dock.setVisible(app.trainer.is_live)
        self.show_zoom()
        return self.design

    def make_data(self) -> QWidget:
        """Source and what it holds."""
        from workbench.ui.panels.data.place import DataPlace

        app = self._app
        self.data = place = DataPlace(app.theme, app.session, app.engine, app.catalogue, app.desk, self._browse)
        place.guide_wanted.connect(app.start_from_data)
        return self._with_layout("data", place, place.split)

    def make_wizard(self) -> QWidget:
        """The way from data to a project."""
        from workbench.ui.panels.wizard.page import Wizard

        app = self._app
        self.wizard = wizard = Wizard(app.theme, app.engine, app.catalogue, app.desk, self._browse)
        wizard.created.connect(app.files.begin)
        wizard.left.connect(app.leave_wizard)
        return wizard

    def make_train(self) -> QWidget:
        """Settings, monitor and runs."""
        from workbench.ui.panels.queue import QueuePanel
        from workbench.ui.panels.runs import RunsPanel
        from workbench.ui.panels.train import TrainPlace

        app = self._app
        runs = RunsPanel(app.theme, app.jobs, app.trainer, app.desk)
        runs.export_wanted.connect(app.export)
        runs.evaluate_wanted.connect(self._evaluate)
        runs.branch_wanted.connect(self._branch)
        queue = QueuePanel(app.theme, app.session, app.jobs, app.trainer)
        beside = QWidget()
        both = column(queue, runs, spacing=0)
        both.setStretchFactor(runs, 1)
        beside.setLayout(both)
        train = app.actions.by_id["run.train"]
        self.train = TrainPlace(app.theme, app.session, app.trainer, app.catalogue, beside, train)
        self.train.settings.rates_wanted.connect(self._try_rates)
        self._monitors.append(self.train.monitor)
        return self._with_layout("train", self.train, self.train.split)

    def _try_rates(self) -> None:
        from workbench.ui.panels.rate_dialog import RateDialog

        app = self._app
        RateDialog(app.theme, app.session, app.engine, app.window).open()

    def make_evaluate(self) -> QWidget:
        """Metrics and confusion."""
        from workbench.ui.panels.evaluate import EvaluatePlace

        app = self._app
        self.evaluate = place = EvaluatePlace(app.theme, app.engine, app.jobs, app.trainer)
        place.mend_wanted.connect(lambda problem: app.mend(problem, place.chooser.run))
        return self.evaluate

    def make_deploy(self) -> QWidget:
        """Export and Try it."""
        from workbench.ui.panels.deploy import DeployPlace
        from workbench.ui.panels.try_it import TryIt

        app = self._app
        try_it = TryIt(app.theme, app.engine, app.desk)
        self.deploy = DeployPlace(app.theme, app.jobs, app.trainer, lambda: app.settings, try_it)
        self.deploy.export_wanted.connect(app.export)
        return self.deploy

    def export_dialog(self, run: Path, project: str, suggestion: Path) -> "ExportDialog":
        """A dialog over the window."""
        from workbench.ui.panels.export_dialog import ExportDialog

        app = self._app
        return ExportDialog(app.theme, app.engine, app.desk, run, project, suggestion, app.window)

    def refresh_monitors(self) -> None:
        """The run that is being looked at changed; only what can be seen is redrawn."""
        for monitor in self._monitors:
            if monitor.isVisible():
                monitor.refresh()

    def refresh_deploy(self) -> None:
        """A model was exported."""
        if self.deploy is not None:
            self.deploy.refresh()

    def toggle_code(self) -> None:
        """Show the source beside the canvas, or hide it."""
        if self.design is not None:
            self.design.code_dock.setVisible(not self.design.code_dock.isVisible())

    def show_monitor(self) -> None:
        """In Design, the panel at the foot."""
        if self.design is not None and self._app.window.shown == "design":
            self.design.monitor_dock.show()

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """There are other layers than before."""
        self._app.neighbourhood.forget()
        if self.palette is not None:
            self.palette.refresh()
        if self.outline is not None:
            self.outline.show_catalogue(catalogue)
        if self.canvas is not None:
            self.canvas.refresh()

    def show_problem(self, problem: Problem) -> bool:
        """Go to where a problem is; whether it is anywhere. Whoever is in the outline stays there."""
        keyboard = QApplication.focusWidget()
        shown = self.canvas is not None and self.canvas.show_problem(problem)
        if self.outline is not None and keyboard is self.outline.tree:
            keyboard.setFocus()
        return shown

    def keep_block(self, block: str) -> None:
        """Put a block into the user's library, and say so."""
        app = self._app
        if app.shelf.save(block):
            title = app.session.state.document.blocks[block].title or block
            app.window.complain(Problem("library.kept", {"block": title}, severity="info"))

    def show_blocks(self) -> None:
        """Open the dialog of the project's and the user's blocks."""
        from workbench.ui.panels.blocks_dialog import BlocksDialog

        BlocksDialog(self._app.theme, self._app.session, self._app.shelf, self._app.window).open()

    def show_zoom(self) -> None:
        """Say in the footer how large the canvas shows things."""
        if self.canvas is not None:
            self._app.window.footer.zoom.setText(f"{self.canvas.canvas.scale * 100:.0f} %")

    def on_canvas(self, method: str) -> Callable[[], None]:
        """A command of the canvas, which may not have been made yet."""

        def call() -> None:
            if self.canvas is not None:
                getattr(self.canvas.canvas, method)()

        return call

    def zoom_100(self) -> None:
        """One pixel of the screen to one of the scene."""
        if self.canvas is not None:
            self.canvas.canvas.zoom_to(1.0)

    def reset_layout(self) -> None:
        """Put all panels back."""
        if self.design is not None:
            self.design.reset_layout()

    def search_commands(self) -> None:
        """Open the command search."""
        from workbench.ui.command_search import CommandSearch

        window = self._app.window
        search = CommandSearch(self._app.theme, self._app.actions, window)
        search.show_at(window.mapToGlobal(QPoint((window.width() - search.width()) // 2, BELOW_HEADER)))

    def show_keys(self) -> None:
        """Open the page of shortcuts."""
        from workbench.ui.keys_page import KeysPage

        app = self._app
        KeysPage(app.theme, app.actions, app.change_keys, app.window).open()

    def fill_panel_menu(self, menu: QMenu) -> None:
        """Which panels of Design are shown."""
        if self.design is not None and not menu.property("filled"):
            menu.setProperty("filled", True)
            menu.addSeparator()
            for action in self.design.view_actions():
                menu.addAction(action)

    def layouts(self) -> dict[str, str]:
        """Where panels and dividers stand, for the settings."""
        found = {}
        if self.design is not None:
            found["design"] = self.design.layout_text()
        for name, place in (("data", self.data), ("train", self.train)):
            if place is not None:
                found[name] = bytes(place.split.saveState().toBase64().data()).decode()
        return found

    def _with_layout(self, name: str, place: QWidget, split: QSplitter) -> QWidget:
        from PySide6.QtCore import QByteArray

        if name in self._app.settings.layout:
            split.restoreState(QByteArray.fromBase64(self._app.settings.layout[name].encode()))
        return place

    def _branch(self, run: str) -> None:
        """Ask from which checkpoint."""
        from workbench.ui.panels.branch_dialog import BranchDialog

        app = self._app
        folder, name = RunFolder(app.jobs.store.root / run), app.jobs.project_of(run)

        def begin(step: int, with_project: bool) -> None:
            app.trainer.branch(run, step, with_project=with_project)

        BranchDialog(app.theme, folder, name, begin, app.window).open()

    def _evaluate(self, run: str) -> None:
        self._app.trainer.show(run)
        self._app.window.show_place("evaluate")
        if self.evaluate is not None:
            self.evaluate.show_run(run)

    def _browse(self, field: Field, current: str) -> str | None:
        """A path for the options of the data."""
        folder = Path(current).parent if current else None
        if field.label == tr("Folder"):
            chosen = self._app.desk.ask_folder(tr("Choose a folder"), folder)
        else:
            chosen = self._app.desk.ask_open(tr("Choose a file"), tr("All files (*)"), folder)
        return str(chosen) if chosen is not None else None
