"""Start, pause, go on, stop: the one run that the window's primary button is about."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from workbench.core import edits
from workbench.core.analysis import Analysis
from workbench.core.catalogue import shipped
from workbench.core.document import Value
from workbench.core.edits import Fix, SetTraining, Several
from workbench.core.live_edits import AUGMENTATION, EDITABLE, augmentation_changes, document_at
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import LIVE, RESUMABLE, RunFolder, Status, Want
from workbench.core.session import Session, State
from workbench.ui.files import project_name
from workbench.ui.jobs import Jobs, Watched


class Trainer(QObject):
    """Starts runs of the open document; `run` is the one that is being looked at."""

    shown_changed = Signal()
    """Another run is looked at."""

    def __init__(
        self, session: Session, jobs: Jobs, complain: Callable[[Problem], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._complain = complain
        self._run = ""
        self._is_chosen = False
        """The run is looked at because the user wanted to see it, whatever project it is of."""
        self._names: set[str] = set()
        """What the open project has been called since it was opened."""
        session.subscribe(self._changed)

    @property
    def run(self) -> str:
        """The run that is being looked at; empty when there is none."""
        return self._run

    @property
    def shown(self) -> Watched | None:
        """The run that is being looked at, with its curves."""
        return self._jobs.watched(self._run) if self._run else None

    @property
    def status(self) -> Status | None:
        """Where it stands."""
        return self.shown.status if self.shown else None

    @property
    def is_live(self) -> bool:
        """It is at work."""
        return self.status is not None and self.status.state in LIVE

    @property
    def can_resume(self) -> bool:
        """It ended before its time, and can be gone on with."""
        return self.status is not None and self.status.state in RESUMABLE and self._jobs.has_weights(self._run)

    @property
    def usable(self) -> str:
        """The run to evaluate, export and try unless the user says otherwise; empty when there is none.

        It is the one being looked at, or else the latest of the open project: never one of another project by itself.
        """
        if self._run and (self._is_chosen or self.is_ours(self._run)):
            return self._run if self._jobs.has_weights(self._run) else ""
        ours = (record.run for record in self._jobs.records if record.project in self._names and record.status.step)
        return next(filter(self._jobs.has_weights, ours), "")

    def show(self, run: str) -> None:
        """Look at another run, because the user wants to."""
        self._look_at(run, is_chosen=True)

    def show_latest(self) -> None:
        """Look at a run that is at work, or else at none until the user chooses one."""
        live = self._jobs.live()
        if live and not self.is_live:
            self._look_at(live[-1].folder.name, is_chosen=False)

    def _look_at(self, run: str, *, is_chosen: bool) -> None:
        changed, self._run, self._is_chosen = run != self._run, run, is_chosen
        if changed:
            self.shown_changed.emit()

    def _changed(self, old: State, new: State) -> None:
        """What is looked at goes with its project, unless it is at work."""
        if old.opened != new.opened:
            self._names = {project_name(new)} if new.is_open else set()
            self._is_chosen = False
            if not self.is_live and not self.is_ours(self._run):
                self._run = ""
            self.shown_changed.emit()
        elif old.path != new.path:
            self._names = self._names | {project_name(new)}

    def is_ours(self, run: str) -> bool:
        """A run was started from the open project."""
        return bool(run) and self._jobs.project_of(run) in self._names

    def start(self) -> bool:
        """Train the open document; or say why that is not possible."""
        state = self._session.state
        problem = obstacle(state.analysis, has_data=state.document.data is not None)
        if problem is not None:
            self._complain(problem)
            return False
        folder = state.path.parent if state.path else None
        try:
            run = self._jobs.start(state.document, folder, project_name(state))
        except OSError as error:
            self._complain(Problem("run.unwritable", {"detail": error.strerror or str(error)}))
            return False
        self.show(run)
        return True

    def enqueue(self) -> bool:
        """Let the open document wait for its turn; or say why that is not possible."""
        state = self._session.state
        problem = obstacle(state.analysis, has_data=state.document.data is not None)
        if problem is not None:
            self._complain(problem)
            return False
        folder = state.path.parent if state.path else None
        memory = state.analysis.memory if state.analysis else None
        return self._done(lambda: self._jobs.enqueue(state.document, folder, project_name(state), memory))

    def move(self, run: str, place: int) -> None:
        """Let a run wait at another place of the queue."""
        self._done(lambda: self._jobs.move(run, place))

    def take_out(self, run: str) -> None:
        """Let a run wait no longer."""
        self._done(lambda: self._jobs.take_out(run))

    def tell(self, run: str, want: Want) -> None:
        """Pause, go on or stop any run."""
        self._done(lambda: self._jobs.ask(run, want))

    def live_changes(self) -> list[tuple[str, Value, Value]]:
        """What the project has otherwise than its run at work, so far as that can change: name, old, new."""
        shown = self.shown
        if shown is None or not self.is_live or not self.is_ours(self._run):
            return []
        try:
            now = document_at(shown.folder.info())
        except ProblemError:  # its job is just writing it down
            return []
        wanted = self._session.state.document
        found: list[tuple[str, Value, Value]] = [
            (name, old, new)
            for name in EDITABLE
            if (old := getattr(now.training, name)) != (new := getattr(wanted.training, name))
        ]
        if (steps := augmentation_changes(now.data, wanted.data, shipped().steps)) is not None:
            found.append((AUGMENTATION, *steps))
        return found

    def apply_changes(self) -> None:
        """Let the run at work have them from its next step on."""
        run = self.folder()
        for name, _, new in self.live_changes():
            if run is not None:
                self._done(partial(run.ask_for, name, new))

    def branch(self, run: str, step: int, *, with_project: bool) -> None:
        """Begin a new run with a checkpoint of another, with its settings or the training settings of the project."""

        def begin() -> None:
            document = document_at(RunFolder(self._jobs.store.root / run).info(), step)
            if with_project:
                document = replace(document, training=self._session.state.document.training)
            self.show(self._jobs.branch(run, step, document, self._jobs.project_of(run)))

        self._done(begin)

    @property
    def remedy(self) -> Fix | None:
        """An edit of the training that would have kept the run from failing."""
        reason = self.status.reason if self.status else None
        fix = reason.fix if reason else None
        steps = fix.steps if isinstance(fix, Several) else (fix,)
        return fix if all(isinstance(step, SetTraining) for step in steps) else None

    def mend(self) -> None:
        """Go on in a new run with the settings that would have kept this one from failing."""
        run, fix = self.folder(), self.remedy
        if run is None or fix is None:
            return

        def begin() -> None:
            known = run.snapshots()
            document = edits.apply(document_at(run.info(), known[-1] if known else 0), fix)
            self.show(self._jobs.branch(run.name, None, document, self._jobs.project_of(run.name)))

        self._done(begin)

    def _done(self, act: Callable[[], None]) -> bool:
        """Do something with the runs on the disk, or say why it cannot be done."""
        try:
            act()
        except ProblemError as error:
            self._complain(error.problem)
        except OSError as error:
            self._complain(Problem("run.unwritable", {"detail": error.strerror or str(error)}))
        else:
            return True
        return False

    def pause_or_go_on(self) -> None:
        """Pause a run at work; go on with one that is paused, stopped or interrupted."""
        status = self.status
        if status is None:
            return
        if status.state == "paused":
            self._ask("run")
        elif status.state in LIVE:
            self._ask("pause")
        elif self.can_resume:
            self.resume()

    def resume(self) -> None:
        """Go on with a run that ended before its time."""
        if self._run:
            self._jobs.resume(self._run)

    def stop(self) -> None:
        """Stop at the next step, and keep everything."""
        if self.is_live:
            self._ask("stop")

    def delete(self, run: str) -> None:
        """Remove a run."""
        try:
            self._jobs.delete(run)
        except ProblemError as error:
            self._complain(error.problem)
        except OSError as error:
            self._complain(Problem("run.unwritable", {"detail": error.strerror or str(error)}))
        if run == self._run:
            self.show("")

    def folder(self) -> RunFolder | None:
        """The folder of the run that is being looked at."""
        return self.shown.folder if self.shown else None

    def _ask(self, want: str) -> None:
        try:
            self._jobs.ask(self._run, want)  # type: ignore[arg-type]
        except OSError as error:
            self._complain(Problem("run.unwritable", {"detail": error.strerror or str(error)}))


def obstacle(analysis: Analysis | None, *, has_data: bool) -> Problem | None:
    """What stands in the way of training, as far as is known; the job finds the rest."""
    if not has_data:
        return Problem("train.no_data")
    for problem in analysis.problems if analysis else ():
        if problem.severity == "error" or problem.code == "graph.no_output":
            return problem
    return None


def default_model_path(folder: Path, title: str) -> Path:
    """Where an exported model is suggested to go."""
    name = re.sub(r"[^\w-]+", "-", title.lower()).strip("-")
    return folder / f"{name or 'model'}.onnx"
