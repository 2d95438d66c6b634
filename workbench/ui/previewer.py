"""One sample on its way through the network that is designed: asked of the engine after every pause in editing."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from widgets.node_canvas.scene import Picture
from workbench.core import project
from workbench.core.messages import PortPreview, Preview, PreviewSample
from workbench.core.problems import Problem
from workbench.core.session import Session, State
from workbench.ui.engine_client import EngineClient
from workbench.ui.seen import NOTHING, Port, Seen

PAUSE_MS = 250
"""Editing comes first: the sample sets out when nothing has changed for so long."""


class Previewer(QObject):
    """While it is on, the newest graph is asked about; an answer about an older one is dropped."""

    changed = Signal()
    """There is something else to see, or another sample is wanted."""

    def __init__(
        self, session: Session, engine: EngineClient, run: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._engine, self._run = session, engine, run
        self.is_on = False
        self.sample = self.seed = 0
        self.seen = NOTHING
        self._waiting = False
        self._asked: tuple[object, ...] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        session.subscribe(self._changed)

    def close(self) -> None:
        """Ask nothing any more."""
        self.is_on = False
        self._soon.stop()

    def toggle(self) -> None:
        """Show a sample on the wires, or none any more."""
        self.is_on = not self.is_on
        if self.is_on:
            self._ask()
        else:
            self._soon.stop()
            self.seen, self._asked = NOTHING, None
        self.changed.emit()

    def step(self, by: int) -> None:
        """Go on to another sample."""
        total = self.seen.answer.total if self.seen.answer else 0
        self.sample = (self.sample + by) % total if total else max(0, self.sample + by)
        self._ask()
        self.changed.emit()

    def use_fresh_weights(self) -> None:
        """Initialise the network anew, with the next seed."""
        self.seed += 1
        self._ask()
        self.changed.emit()

    @property
    def can_use_run(self) -> bool:
        """There is a run whose weights could be used instead of fresh ones."""
        return self.seed > 0 and bool(self._run())

    def use_run(self) -> None:
        """Go back to the weights of the run."""
        self.seed = 0
        self._ask()
        self.changed.emit()

    def look_again(self) -> None:
        """A run may have other weights than before."""
        if self.is_on and self.seed == 0:
            self._asked = None
            self._soon.start()

    def _changed(self, old: State, new: State) -> None:
        if old.opened != new.opened:
            self.sample = self.seed = 0
        if self.is_on and (old.opened, old.scope, old.inside) != (new.opened, new.scope, new.inside):
            self.seen, self._asked = NOTHING, None  # another graph may have nodes of the same names
            self.changed.emit()
        if self.is_on and new.is_open:
            place = (old.revision, old.scope, old.inside, old.analysis is None)
            if old.revision == new.revision and not new.same_of_nodes(old):
                self._asked = None  # the same graph is another one now: a file of one's own layers changed
            if place != (new.revision, new.scope, new.inside, new.analysis is None) or not new.same_of_nodes(old):
                self._soon.start()

    def _ask(self) -> None:
        state = self._session.state
        if not self.is_on or self._waiting or state.analysis is None or state.prefix is None:
            return
        if state.analysis.revision != state.revision:
            return  # it is asked again when the analysis has come
        run = self._run() if not self.seed else ""
        wanted = state.revision, state.opened, state.prefix, self.sample, self.seed, run
        if wanted == self._asked:
            return
        self._asked, self._waiting = wanted, True
        question = PreviewSample(
            project.to_raw(replace(state.document, layout={})),
            state.revision,
            str(state.path.parent) if state.path else "",
            self.sample,
            self.seed,
            state.prefix,
            run,
        )
        self._engine.ask(question, self._answered, self._failed)

    def _is_wanted(self) -> bool:
        """The answer is to what is wanted now."""
        self._waiting = False
        before, state = self._asked, self._session.state
        self._ask()
        place = state.revision, state.opened, state.prefix
        return self.is_on and before is not None and before == self._asked and before[:3] == place

    def _answered(self, answer: Preview, parts: list[bytes]) -> None:
        if not self._is_wanted():
            return
        pixels, prefix = parts[0] if parts else b"", self._session.state.prefix or ""
        ports = {(item.node.removeprefix(prefix), item.port): item for item in answer.ports}
        pictures = {port: self._picture(port, item, pixels) for port, item in ports.items()}
        self.seen = Seen(pictures, ports, answer, answer.problem)
        self.changed.emit()

    def _picture(self, port: Port, item: PortPreview, pixels: bytes) -> Picture:
        """What was there before is kept where it is the same: the canvas then need not draw it anew."""
        new = Picture(item.width, item.height, pixels[item.start : item.start + 4 * item.width * item.height])
        old = self.seen.pictures.get(port)
        return old if old == new else new

    def _failed(self, problem: Problem) -> None:
        if self._is_wanted():
            self.seen = Seen(problem=problem)
            self.changed.emit()
