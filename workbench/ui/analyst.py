"""Keeps the analysis up to date: asks the engine after every change, one question at a time.

What is asked about is the whole document at first, and what differs from the last one from then on.
"""

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer

from workbench.core import project
from workbench.core.analysis import Analysis, Memory
from workbench.core.changes import changes, patched
from workbench.core.document import Document
from workbench.core.messages import Analyse, Follow, Followed, GetMemory
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import EngineClient


@dataclass(frozen=True)
class _Known:
    """What the engine has been told and has answered."""

    document: Document
    folder: str
    analysis: Analysis


def _with_memory(known: _Known, memory: Memory) -> _Known:
    return _Known(known.document, known.folder, replace(known.analysis, memory=memory))


class Analyst(QObject):
    """Asks about the newest document only; what came in between is never asked."""

    def __init__(self, session: Session, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._asked = 0
        self._waiting = False
        self._closed = False
        self._known: _Known | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)
        session.subscribe(self._changed)

    def close(self) -> None:
        """Ask nothing any more, and take no answer."""
        self._closed = True
        self._soon.stop()

    def ask_again(self) -> None:
        """What the analysis depends on besides the document has changed."""
        self._asked, self._known = 0, None
        self._soon.start()

    def _changed(self, old: State, new: State) -> None:
        if new.is_open and new.revision != self._asked:
            self._ask()  # at once, so that the engine works while the window shows the edit

    def _ask(self) -> None:
        state = self._session.state
        if self._waiting or self._closed or not state.is_open or state.revision == self._asked:
            return
        self._asked, self._waiting = state.revision, True
        folder = str(state.path.parent) if state.path else ""
        known = self._known if self._known and self._known.folder == folder else None
        if known is None:
            self._ask_all(state.document, folder, state.revision)
        else:
            self._ask_changes(known, state.document, state.revision)

    def _ask_all(self, document: Document, folder: str, revision: int) -> None:
        raw = project.to_raw(replace(document, layout={}))

        def answered(analysis: Analysis, parts: list[bytes]) -> None:
            self._take(_Known(document, folder, analysis))

        self._engine.ask(Analyse(raw, revision, folder), answered, self._failed)

    def _ask_changes(self, known: _Known, document: Document, revision: int) -> None:
        def answered(followed: Followed | None, parts: list[bytes]) -> None:
            if followed is None and not self._closed:  # another engine, that knows nothing of this document
                self._ask_all(document, known.folder, revision)
            if followed is None:
                return
            nodes = patched(known.analysis.nodes, followed.nodes)
            self._take(_Known(document, known.folder, replace(followed.rest, nodes=nodes)))

        question = Follow(changes(known.document, document), known.analysis.revision, revision, known.folder)
        self._engine.ask(question, answered, self._failed)

    def _take(self, known: _Known) -> None:
        if self._closed:
            return
        self._waiting = False
        self._known = known
        self._session.analysed(known.analysis)
        self._ask()
        if not self._waiting and known.analysis.memory.unfinished:
            self._ask_memory(known)

    def _ask_memory(self, known: _Known) -> None:
        """Shapes have come; now there is time for the rest, a moment at a time."""

        def answered(memory: Memory | None, parts: list[bytes]) -> None:
            if memory is None:
                self._waiting = False
                self._ask()
            else:
                self._take(_with_memory(known, memory))

        self._waiting = True
        self._engine.ask(GetMemory(known.analysis.revision), answered, self._failed)

    def _failed(self, problem: Problem) -> None:
        if self._closed:
            return
        self._waiting = False
        self._known = None
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
