"""Keeps the analysis up to date: asks the engine after every change, one question at a time."""

from PySide6.QtCore import QObject, QTimer

from workbench.core import project
from workbench.core.analysis import Analysis
from workbench.core.messages import Analyse
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import EngineClient


class Analyst(QObject):
    """Asks about the newest document only; what came in between is never asked."""

    def __init__(self, session: Session, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._asked = 0
        self._waiting = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)
        session.subscribe(self._changed)

    def close(self) -> None:
        """Ask nothing any more."""
        self._soon.stop()

    def _changed(self, old: State, new: State) -> None:
        if new.is_open and new.revision != self._asked:
            self._soon.start()

    def _ask(self) -> None:
        state = self._session.state
        if self._waiting or not state.is_open or state.revision == self._asked:
            return
        self._asked, self._waiting = state.revision, True
        folder = str(state.path.parent) if state.path else ""
        question = Analyse(project.to_raw(state.document), state.revision, folder)
        self._engine.ask(question, self._answered, self._failed)

    def _answered(self, analysis: Analysis, parts: list[bytes]) -> None:
        self._waiting = False
        self._session.analysed(analysis)
        self._ask()

    def _failed(self, problem: Problem) -> None:
        self._waiting = False
        self._session.analysed(Analysis(self._asked, problems=(problem,)))
        if problem.code == "engine.died":
            QTimer.singleShot(0, self, self._ask_again)
        else:
            self._ask()

    def _ask_again(self) -> None:
        """The next engine may get further, unless engines die so often that none is started any more."""
        if self._engine.state != "gone":
            self._asked = 0
            self._ask()
