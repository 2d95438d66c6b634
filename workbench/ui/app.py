"""The window application, put together: every part is made here and handed what it needs."""

import gc
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMenu

import model_zoo
import workbench
from workbench.core import journal, logs, project, settings
from workbench.core.catalogue import Catalogue, shipped
from workbench.core.commands import table
from workbench.core.i18n import system_language, tr, trn, use_language
from workbench.core.messages import ExportReport, GetCatalogue
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import RunFolder, RunStore
from workbench.core.session import Session, State
from workbench.core.settings import Settings
from workbench.core.troubles import ranked
from workbench.ui.actions import Actions, with_key
from workbench.ui.analyst import Analyst
from workbench.ui.block_shelf import BlockShelf
from workbench.ui.command_table import commands
from workbench.ui.desk import Desk, QtDesk
from workbench.ui.editor import Editor
from workbench.ui.engine_client import EngineClient
from workbench.ui.files import Files, project_name
from workbench.ui.jobs import Jobs
from workbench.ui.journal_keeper import JournalKeeper
from workbench.ui.neighbourhood import Neighbourhood
from workbench.ui.own_layers import OwnLayers
from workbench.ui.panels.start import StartPage
from workbench.ui.parts import IconButton
from workbench.ui.places import Places
from workbench.ui.previewer import Previewer
from workbench.ui.theme import Theme
from workbench.ui.trainer import Trainer, default_model_path
from workbench.ui.ways_out import NEEDS_DATA, NEEDS_TRUST, way_out
from workbench.ui.window import PLACES, START, WIZARD, Window, place_title

COLLECT_MS = 2000
ZOO = "zoo:"


class Workbench:
    """One window and all that stands behind it."""

    def __init__(self, application: QApplication, desk: Desk | None = None, engine: EngineClient | None = None) -> None:
        self.settings = self._kept = settings.load()
        use_language(self.settings.language or system_language())
        self.theme = Theme(application, self.settings.theme)
        self._made_with = self.theme.tokens
        self.catalogue: Catalogue = shipped()
        self._shipped = self.catalogue
        self.session = Session()
        self.window = Window(self.theme)
        self.desk: Desk = desk or QtDesk(self.window)
        self.engine = engine or EngineClient(self.window)
        self.analyst = Analyst(self.session, self.engine, self.window)
        self.jobs = Jobs(RunStore(self.settings.runs), lambda: self.settings, self.window)
        self.trainer = Trainer(self.session, self.jobs, self.complain, self.window)
        self.shelf = BlockShelf(self.session, self.desk, self.complain, self.window)
        self.previewer = Previewer(self.session, self.engine, self._usable_run, self.window)
        self.editor = Editor(self.session, self.catalogue, self._count_use, self.shelf.taken)
        self.files = Files(self.session, self.desk, lambda: self.settings, self.change_settings, self.complain)
        self.own = OwnLayers(self.session, lambda: self.settings, self.change_settings, self.window)
        self.neighbourhood = Neighbourhood(self.engine, self.own, self.window)
        self.engine.trusted = lambda: tuple(self.settings.trusted)
        self.journal = JournalKeeper(self.session, self.window)
        self.places = Places(self)
        self.start = StartPage(self.theme, self.catalogue)
        rows = table(commands(self))
        self.actions = Actions(rows, self.session, self.theme, self.window, self.settings.shortcuts)
        self._connect()
        self._dress_window()

    # Putting together

    def _connect(self) -> None:
        start, window = self.start, self.window
        start.new_wanted.connect(self.files.new)
        start.open_wanted.connect(self.files.ask_and_open)
        start.data_wanted.connect(self.start_from_data)
        start.dropped.connect(self._take_dropped)
        start.zoo_wanted.connect(self.files.open_zoo)
        start.recent_wanted.connect(lambda name: self.files.open(Path(name)))
        start.restore_wanted.connect(self.files.restore)
        start.discard_wanted.connect(self._discard)
        window.closing.connect(self._closing)
        window.place_shown.connect(lambda name: self.actions.update())
        window.footer.problems_button.clicked.connect(self._show_first_problem)
        self.engine.state_changed.connect(window.footer.show_engine)
        self.jobs.changed.connect(self._run_changed)
        self.jobs.listed.connect(self.trainer.show_latest)
        self.jobs.listed.connect(self.actions.update)
        self.jobs.listed.connect(self.previewer.look_again)
        self.previewer.changed.connect(self.actions.update)
        self.trainer.shown_changed.connect(self._show_primary)
        self.own.changed.connect(self._own_layers_changed)
        self.own.stopped.connect(self.complain)
        self.session.subscribe(self._state_changed)

    def _dress_window(self) -> None:
        window = self.window
        window.add_place(START, lambda: self.start)
        window.add_place(WIZARD, self.places.make_wizard)
        for name in PLACES:
            window.add_place(name, getattr(self.places, f"make_{name}"))
        menus = {"view": self._fill_view_menu, "file": self._fill_recent_menu}
        window.header.set_menu(self.actions.menu(window, menus))
        search = self._button("search", tr("Search commands"), "help.search")
        export = self._button("download", tr("Export ONNX"), "run.export")
        self.primary = IconButton(self.theme, "play", tr("Train"), look="primary")
        self.primary.setObjectName("primary")
        self.primary.clicked.connect(self._primary)
        self._show_primary()
        self._show_place_keys()
        for button in (search, export, self.primary):
            window.header.add_button(button)
        self.start.show_recent(self.settings.recent)
        window.show_place(START)
        if "window" in self.settings.layout:
            window.restore_geometry(self.settings.layout["window"])

    def _button(self, icon: str, text: str, command: str) -> IconButton:
        """A button in the header that does what a command does, and only when that can be done."""
        action = self.actions.by_id[command]
        button = IconButton(self.theme, icon, text)
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda: button.setToolTip(with_key(text, action)))
        action.changed.emit()
        button.setEnabled(action.isEnabled())
        action.enabledChanged.connect(button.setEnabled)
        return button

    def show(self) -> None:
        """Put the window on the screen; everything that is not needed for that comes after."""
        self.window.show()
        if self.theme.tokens is not self._made_with:
            self.theme.tell()
        self.start.setFocus()
        QTimer.singleShot(0, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.engine.start()
        QTimer.singleShot(0, self.window, self.actions.dress)  # nobody opens a menu sooner
        self.engine.ask(GetCatalogue(), self._take_catalogue)
        self.jobs.open()
        self.trainer.show_latest()
        self.start.show_left_behind(journal.left_behind())
        _collect_garbage_here(self.window)

    def _take_catalogue(self, catalogue: Catalogue, parts: list[bytes]) -> None:
        """The engine's own catalogue differs from the one that ships when plug-ins add to it."""
        if catalogue != self._shipped:
            self._shipped = catalogue
            self._show_catalogue()

    def _show_catalogue(self) -> None:
        self.catalogue = self.editor.catalogue = self.own.together(self._shipped)
        self.places.show_catalogue(self.catalogue)

    def _own_layers_changed(self) -> None:
        self.window.clear_complaints()
        self._show_catalogue()
        self.analyst.ask_again()

    # What happens

    def complain(self, problem: Problem) -> None:
        """Say what is wrong, at its node where it has one."""
        notice = self.window.complain(problem, self.session.state.document, action=way_out(problem))
        notice.action_triggered.connect(lambda: self._mend(problem))
        if problem.node and self.window.shown == "design":
            self.places.show_problem(problem)

    def _mend(self, problem: Problem) -> None:
        self.window.clear_complaints()
        self.mend(problem)

    def mend(self, problem: Problem, run: str = "") -> None:
        """Apply the remedy of a problem (of a run, where it is of one), or lead to what remedies it."""
        self.editor.apply(problem)
        if problem.code in NEEDS_DATA:
            self.window.show_place("data")
        elif problem.code in NEEDS_TRUST:
            self.ask_trust(problem, run)

    def ask_trust(self, problem: Problem, run: str = "") -> None:
        """Show a file that is not trusted, beside the project or with a run, and ask whether it may be run."""
        from workbench.ui.panels.trust_dialog import TrustDialog

        run = run or self.trainer.run
        kept = [RunFolder(self.jobs.store.root / run).code] if run else []
        try:
            code, folder = self.own.code(problem.args["file"], problem.args["sha256"], *kept)
        except ProblemError as error:
            self.complain(error.problem)
            return
        parent = QApplication.activeModalWidget() or self.window
        TrustDialog(self.theme, code, folder, self.own.trust, parent).open()

    def _usable_run(self) -> str:
        """The folder of the run whose weights would be used; empty where there is none."""
        run = self.trainer.usable
        return str(self.jobs.store.root / run) if run else ""

    def change_settings(self, changed: Settings) -> None:
        """Take and keep other settings. What this window left as it was, another one may have changed meanwhile."""
        changed = settings.merged(self._kept, changed, settings.load())
        self.settings = self._kept = changed
        try:
            settings.save(changed)
        except OSError as error:
            self.window.complain(
                Problem("file.unwritable", {"detail": error.strerror or str(error)}, str(settings.settings_file()))
            )
        self.start.show_recent(changed.recent)

    def _state_changed(self, old: State, new: State) -> None:
        self.window.show_state(new)
        if old.opened != new.opened:
            self.window.clear_complaints()
            self.window.show_place("design" if new.is_open else START)
            if new.is_open:
                self.jobs.want_spare()
        elif old.saved is not new.saved or old.document.data is not new.document.data:
            self.window.clear_complaints()  # that it could not be saved, or had no data, is over
        if new.is_open and self.window.shown == "design":
            self.places.show_zoom()

    def _run_changed(self, run: str) -> None:
        if run == self.trainer.run:
            self.places.refresh_monitors()
            self._show_primary()
            self.actions.update()
            status = self.trainer.status
            if status is not None and status.device:
                threads = trn("{n} thread", "{n} threads", status.threads) if status.threads else ""
                self.window.footer.device.setText(" · ".join(filter(None, (status.device.upper(), threads))))

    def _show_primary(self) -> None:
        """The primary action fits what is going on."""
        live = self.trainer.is_live
        self.primary.setText(tr("Stop") if live else tr("Train"))
        self.primary.set_icon("square" if live else "play")
        action = self.actions.by_id["run.stop" if live else "run.train"]
        self.primary.setToolTip(with_key(self.primary.text(), action))
        self.actions.update()

    def _primary(self) -> None:
        if self.trainer.is_live:
            self.trainer.stop()
        else:
            self.train()

    def train(self) -> None:
        """Train the open document, where its monitor can be seen."""
        self.window.clear_complaints()
        if self.trainer.start():
            if self.window.shown not in ("design", "train"):
                self.window.show_place("train")
            self.places.show_monitor()

    def export(self, run: str = "") -> None:
        """Open the export dialog for a run."""
        run = run or self.trainer.usable
        shown = self.jobs.watched(run) if run else None
        if shown is None:
            self.complain(Problem("checkpoint.none", node=run or project_name(self.session.state)))
            return
        name = self.jobs.project_of(run)
        known = self.settings.exports.get(run)
        folder = self.session.state.path.parent if self.session.state.path else Path.home()
        suggestion = Path(known) if known else default_model_path(folder, name)
        dialog = self.places.export_dialog(shown.folder.path, name, suggestion)
        dialog.exported.connect(lambda report: self._exported(run, report))
        dialog.try_wanted.connect(lambda model: self.window.show_place("deploy"))
        dialog.mend_wanted.connect(lambda problem: self.mend(problem, run))
        dialog.open()

    def _exported(self, run: str, report: ExportReport) -> None:
        self.change_settings(self.settings.with_export(run, Path(report.path)))
        self.trainer.show(run)
        self.places.refresh_deploy()

    def _show_first_problem(self) -> None:
        for problem in ranked(self.session.state)[:1]:
            self.show_problem(problem)

    def show_problem(self, problem: Problem) -> None:
        """Go to where a problem is; one that is nowhere is said."""
        self.window.show_place("design")
        if not self.places.show_problem(problem):
            self.complain(problem)

    def _discard(self, found: journal.Recovered) -> None:
        """Work that is lost cannot be brought back: one click is not enough."""
        answer = self.desk.choose(
            tr("Discard the unsaved work on “{title}”?", title=found.document.title or tr("Untitled")),
            tr("It cannot be brought back."),
            [("keep", tr("Keep it")), ("discard", tr("Discard"))],
        )
        if answer == "discard":
            journal.discard(found)
        self.start.show_left_behind(journal.left_behind())

    # Leaving

    def _closing(self, event: QCloseEvent) -> None:
        if not self.files.may_leave() or not self._may_leave_runs():
            event.ignore()
            return
        layout = {**self.settings.layout, "window": self.window.geometry_text(), **self.places.layouts()}
        self.change_settings(replace(self.settings, layout=layout))
        self.close()

    def _may_leave_runs(self) -> bool:
        """A run goes on without the window, unless the user would rather stop it."""
        live = self.jobs.live()
        if not live:
            return True
        answer = self.desk.choose(
            trn("A run is still at work.", "{n} runs are still at work.", len(live)),
            tr("It can go on in the background; the next window finds it again."),
            [("continue", tr("Continue in the background")), ("stop", tr("Stop at the next step"))],
        )
        if answer == "stop":
            for item in live:
                self.jobs.ask(item.folder.name, "stop")
        return answer is not None

    def close(self) -> None:
        """End what belongs to the window."""
        self.jobs.close()
        self.analyst.close()
        self.previewer.close()
        self.neighbourhood.close()
        self.engine.close()
        self.engine.trusted = tuple
        self.journal.close()
        self.own.close()

    def used(self) -> Mapping[str, int]:
        """How often each type of layer was added."""
        return self.settings.used

    def _count_use(self, kind: str) -> None:
        """Written with the next settings that are: not worth a file of its own."""
        self.settings = self.settings.with_used(kind)

    def change_keys(self, changed: Mapping[str, tuple[str, ...]]) -> None:
        """Let commands be run by other keys, from now on and in the next window."""
        self.actions.change_keys(changed)
        self.change_settings(replace(self.settings, shortcuts=dict(changed)))
        self._show_primary()
        self._show_place_keys()

    def _show_place_keys(self) -> None:
        for name in PLACES:
            text = with_key(place_title(name), self.actions.by_id[f"view.{name}"])
            self.window.header.places.set_tooltip(name, text)

    def toggle_theme(self) -> None:
        """Dark becomes light, and the other way round; the choice is kept."""
        choice = "light" if self.theme.tokens.dark else "dark"
        self.theme.choose(choice)
        self.change_settings(replace(self.settings, theme="light" if choice == "light" else "dark"))

    def about(self) -> None:
        """Say what this is."""
        self.desk.choose(
            tr("Model Workbench {version}", version=workbench.__version__),
            tr("Apache License 2.0. Works offline, without an account and without telemetry."),
            [("ok", tr("OK"))],
        )

    def start_from_data(self, path: str = "") -> None:
        """Lead from data to a project; from a file or folder, where one is named."""
        self.window.clear_complaints()
        self.window.show_place(WIZARD)
        if self.places.wizard is not None:
            self.places.wizard.begin(path)

    def leave_wizard(self) -> None:
        """Back to what was there before."""
        self.window.show_place("data" if self.session.state.is_open else START)

    def _take_dropped(self, path: str) -> None:
        if path.endswith(project.SUFFIX):
            self.files.open(Path(path))
        else:
            self.start_from_data(path)

    def open(self, name: str) -> None:
        """Open a project by its file or `zoo:NAME`."""
        if not name.startswith(ZOO):
            self.files.open(Path(name))
        elif name.removeprefix(ZOO) in model_zoo.ZOO:
            self.files.open_zoo(name.removeprefix(ZOO))
        else:
            self.complain(Problem("zoo.unknown", {"known": list(model_zoo.ZOO)}, name.removeprefix(ZOO)))

    def _fill_view_menu(self, menu: QMenu) -> None:
        """The panels of Design, once they are there."""
        menu.aboutToShow.connect(lambda: self.places.fill_panel_menu(menu))

    def _fill_recent_menu(self, menu: QMenu) -> None:
        recent = menu.addMenu(tr("Recent projects"))
        recent.aboutToShow.connect(lambda: self._list_recent(recent))

    def _list_recent(self, menu: QMenu) -> None:
        menu.clear()
        for name in self.settings.recent:
            action = menu.addAction(name)
            action.triggered.connect(lambda checked=False, path=name: self.files.open(Path(path)))


def _collect_garbage_here(window: Window) -> None:
    """Qt objects in reference cycles must be destroyed in this thread, and at a quiet moment."""
    gc.disable()
    timer = QTimer(window)
    timer.setInterval(COLLECT_MS)
    timer.timeout.connect(lambda: gc.collect(1))
    timer.start()


def _report_crashes() -> None:
    """An error in a slot is written down; the window goes on."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logs.report_crash("window", kind, error, trace)
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = report


def main(arguments: Sequence[str]) -> int:
    """Open the window, with a project (a file or `zoo:NAME`) where one is named. Returns the exit status."""
    logs.start("window")
    _report_crashes()
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Model Workbench")
    application.setDesktopFileName("model-workbench")
    app = Workbench(application)
    app.show()
    if arguments:
        QTimer.singleShot(0, lambda: app.open(arguments[0]))
    return application.exec()
