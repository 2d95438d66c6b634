"""Keeps the source of the network up to date while somebody looks at it.

It is asked for after each analysis, one at a time; an answer that comes too late is followed by the next question.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core import project
from workbench.core.messages import GetSource, Source
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import EngineClient

WAIT_MS = 100
"""While somebody types, the analysis comes first."""


class SourceAsker(QObject):
    """Knows the last source that there was, and why there is none of the network as it is now."""

    changed = Signal()

    def __init__(self, session: Session, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.source: Source | None = None
        self.problem: Problem | None = None
        """Why the source is not that of the network as it is now."""
        self._is_wanted = False
        self._is_waiting = False
        self._shown: object = None
        """The analysis that the source belongs to."""
        self._opened = session.state.opened
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(WAIT_MS)
        self._soon.timeout.connect(self._ask)
        session.subscribe(self._state_changed)

    def want(self, is_wanted: bool) -> None:
        """Begin to follow the network, or stop: what nobody looks at is not asked for."""
        self._is_wanted = is_wanted
        if is_wanted:
            self._ask()
        else:
            self._soon.stop()

    def _state_changed(self, old: State, new: State) -> None:
        if new.opened != self._opened:
            self._opened, self.source, self._shown, self.problem = new.opened, None, None, None
            self.changed.emit()
        if self._is_wanted and not new.same_of_nodes(old):
            self._soon.start()

    @staticmethod
    def _is_old(state: State) -> bool:
        return state.analysis is None or state.analysis.revision != state.revision

    def _ask(self) -> None:
        state = self._session.state
        analysis = state.analysis
        if self._is_waiting or not self._is_wanted or analysis is None or self._is_old(state):
            return
        problem = next((item for item in analysis.problems if item.severity == "error"), None)
        if problem is not None or not any(node.type == "output" for node in state.document.graph.nodes.values()):
            self._say(problem or Problem("graph.no_output"))
            return
        if self._shown is analysis:
            return
        self._is_waiting = True
        self._send(GetSource(revision=analysis.revision), state)

    def _send(self, question: GetSource, state: State) -> None:
        analysis = state.analysis

        def answered(source: Source | None, parts: list[bytes]) -> None:
            is_newest = self._session.state.analysis is analysis
            if source is None and is_newest:  # the engine has looked at another document since
                folder = str(state.path.parent) if state.path else ""
                self._send(GetSource(project.to_raw(state.document), folder), state)
                return
            self._is_waiting = False
            if source is not None and self._session.state.opened == state.opened:
                self.source, self._shown, self.problem = source, analysis, None
                self.changed.emit()
            self._ask_what_came_meanwhile(analysis)

        def failed(problem: Problem) -> None:
            self._is_waiting = False
            if self._session.state.analysis is analysis:
                self._say(problem)
            self._ask_what_came_meanwhile(analysis)

        self._engine.ask(question, answered, failed)

    def _ask_what_came_meanwhile(self, asked: object) -> None:
        if self._session.state.analysis is not asked:
            self._soon.start()

    def _say(self, problem: Problem) -> None:
        if problem != self.problem:
            self.problem = problem
            self.changed.emit()
