"""The only mutable thing in the application: which document is open, where its history stands, what is selected.

Panels subscribe to one callback `(old, new)` and redraw what differs; since everything in a state is frozen,
`is` tells whether it does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.core.analysis import Analysis
from workbench.core.document import ROOT, Document, Graph, Wire
from workbench.core.history import History


@dataclass(frozen=True, eq=False)
class State:
    """What there is to show."""

    document: Document = field(default_factory=Document)
    path: Path | None = None
    """The project's file; None while it has none."""
    saved: Document | None = None
    """The document as it stands in the file."""
    is_open: bool = False
    """False while only the start page is there."""
    opened: int = 0
    """Counts documents: it differs when another one is shown."""
    scope: str = ROOT
    selection: frozenset[str] = frozenset()
    selected_wires: frozenset[Wire] = frozenset()
    revision: int = 0
    """Counts changes of what analysis looks at."""
    analysis: Analysis | None = None
    """The latest that was understood; older than `revision` while the engine is thinking."""
    undo_label: str | None = None
    redo_label: str | None = None

    @property
    def modified(self) -> bool:
        """There is work that is not in a file."""
        return self.is_open and self.document is not self.saved

    @property
    def graph(self) -> Graph:
        """The graph that is being looked at."""
        return self.document.scope(self.scope)


Listener = Callable[[State, State], None]


class Session:
    """Holds the state and its history, and tells listeners about every change."""

    def __init__(self) -> None:
        self._state = State()
        self._history: History[Document] = History(self._state.document)
        self._listeners: list[Listener] = []

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(old, new)` after every change; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def open(self, document: Document, path: Path | None = None, *, saved: bool = True) -> None:
        """Show another document. `saved` says that it stands in a file, or holds no work of the user's yet."""
        self._history = History(document)
        self._set(
            State(
                document=document,
                path=path,
                saved=document if saved else None,
                is_open=True,
                opened=self._state.opened + 1,
                revision=self._state.revision + 1,
            )
        )

    def close(self) -> None:
        """Go back to the start page."""
        self._history = History(Document())
        self._set(State(opened=self._state.opened + 1, revision=self._state.revision + 1))

    def edit(self, label: str, document: Document, *, merge: object = None) -> None:
        """Make an edited document the present one, as one step of undo with a name."""
        if document is not self._state.document:
            self._history.push(label, document, merge=merge)
            self._show_history()

    def undo(self) -> None:
        """Take the last edit back."""
        if self._history.undo():
            self._show_history()

    def redo(self) -> None:
        """Make the edit that was taken back again."""
        if self._history.redo():
            self._show_history()

    def select(self, nodes: Iterable[str] = (), wires: Iterable[Wire] = ()) -> None:
        """Select nodes and wires of the present scope."""
        state = self._state
        chosen, strung = frozenset(nodes) & state.graph.nodes.keys(), frozenset(wires) & state.graph.wires
        if (chosen, strung) != (state.selection, state.selected_wires):
            self._set(replace(state, selection=chosen, selected_wires=strung))

    def analysed(self, analysis: Analysis) -> None:
        """Take the engine's answer; one to an older question is dropped."""
        if analysis.revision == self._state.revision:
            self._set(replace(self._state, analysis=analysis))

    def mark_saved(self, path: Path, document: Document) -> None:
        """`document` stands in the file `path` now."""
        self._set(replace(self._state, path=path, saved=document))

    def _show_history(self) -> None:
        old, document, history = self._state, self._history.now, self._history
        scope = old.scope if old.scope == ROOT or old.scope in document.blocks else ROOT
        graph = document.scope(scope)
        same = all(
            getattr(old.document, part) is getattr(document, part) for part in ("graph", "blocks", "data", "training")
        )
        self._set(
            replace(
                old,
                document=document,
                scope=scope,
                selection=old.selection & graph.nodes.keys(),
                selected_wires=old.selected_wires & graph.wires,
                revision=old.revision if same else old.revision + 1,
                undo_label=history.label if history.past else None,
                redo_label=history.future[-1].label if history.future else None,
            )
        )

    def _set(self, state: State) -> None:
        old, self._state = self._state, state
        for listener in tuple(self._listeners):
            listener(old, state)
