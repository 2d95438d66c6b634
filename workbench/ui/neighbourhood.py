"""Knows which layers fit behind an output: asks the engine once for each shape, about the newest shape only."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.analysis import Spec
from workbench.core.messages import FindNeighbours, Neighbours
from workbench.core.problems import Problem
from workbench.ui.engine_client import EngineClient
from workbench.ui.own_layers import OwnLayers

Fitting = Mapping[str, Spec | None]
"""Layers that fit, by key, and what would come out of each."""
WAIT_MS = 60
"""So long a shape must be looked at, so that running along a network does not ask about each layer on the way."""
TURNS = 8
"""A shape is asked about in so many turns: an edit in between is analysed first."""
MOST = 256


class Neighbourhood(QObject):
    """Answers what is known at once, and says when more is."""

    found = Signal()

    def __init__(self, engine: EngineClient, own: OwnLayers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._own = engine, own
        self._known: dict[Spec, Fitting] = {}
        self._wanted: Spec | None = None
        self._asked: Spec | None = None
        """What is asked about now."""
        self._is_stale = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(WAIT_MS)
        self._soon.timeout.connect(self._ask)

    def after(self, spec: Spec | None) -> Fitting | None:
        """What fits behind an output of this shape; None while that is not known, and `found` will tell."""
        if spec is None or spec in self._known:
            return self._known.get(spec) if spec is not None else None
        if spec == self._asked:
            self._wanted = None
        elif spec != self._wanted:
            self._wanted = spec
            self._soon.start()
        return None

    def forget(self) -> None:
        """There are other layers now; what is under way was asked about the old ones."""
        self._known.clear()
        self._is_stale = self._asked is not None

    def close(self) -> None:
        """Ask nothing any more."""
        self._soon.stop()

    def _ask(self) -> None:
        if self._wanted is not None and self._asked is None:
            self._asked = spec = self._wanted
            self._wanted = None
            self._ask_turn(spec, 0, {})

    def _ask_turn(self, spec: Spec, turn: int, fitting: dict[str, Spec | None]) -> None:
        question = FindNeighbours(spec, turn, TURNS, tuple(self._own.layers), str(self._own.folder or ""))
        answered = partial(self._answered, spec, turn, fitting)
        self._engine.ask(question, answered, partial(self._failed, spec))

    def _answered(
        self, spec: Spec, turn: int, fitting: dict[str, Spec | None], answer: Neighbours, parts: list[bytes]
    ) -> None:
        fitting.update(answer.fitting)
        if self._is_stale:
            self._ask_anew(spec)
        elif turn + 1 == TURNS:
            self._take(spec, fitting)
        elif self._wanted is None:
            self._ask_turn(spec, turn + 1, fitting)
        else:  # something else is looked at by now
            self._asked = None
            self._ask()

    def _ask_anew(self, spec: Spec) -> None:
        self._asked, self._is_stale = None, False
        self._wanted = self._wanted or spec
        self._ask()

    def _failed(self, spec: Spec, problem: Problem) -> None:
        """Nothing is offered then. Asked again it would fail again, unless it was the engine that failed."""
        self._is_stale = False
        self._take(spec, {})
        if problem.code == "engine.died":
            self._known.pop(spec, None)

    def _take(self, spec: Spec, fitting: Fitting) -> None:
        self._asked = None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[spec] = fitting
        self.found.emit()
        self._ask()
