"""The only mutable thing in the application: which document is open, where its history stands, what is selected.

Panels subscribe to one callback `(old, new)` and redraw what differs; since everything in a state is frozen,
`is` tells whether it does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from workbench.core.analysis import Analysis, NodeAnalysis, Spec
from workbench.core.document import BLOCK_INPUT, ROOT, Document, Graph, Wire
from workbench.core.expand import BLOCK, way_into
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
    """The graph that is being looked at: the top one, or the definition of a block."""
    inside: tuple[str, ...] = ()
    """The uses of blocks, one inside the other, through which one came here; empty also for a block looked at by
    itself."""
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

    @cached_property
    def prefix(self) -> str | None:
        """What stands before the ids of this graph's nodes in an analysis; None where none of them is part of it."""
        if not self.inside:
            return "" if self.scope == ROOT else None
        found = way_into(self.document, self.inside)
        return found and found[1]

    def same_of_nodes(self, other: "State") -> bool:
        """Both analyses say the same of every node, whatever they say of the whole (its memory is found out later)."""
        one, two = self.analysis, other.analysis
        if one is None or two is None:
            return one is two
        return one.nodes is two.nodes and one.problems is two.problems

    def known(self, node: str) -> NodeAnalysis | None:
        """What was found out about a node of this graph."""
        if self.analysis is None or self.prefix is None:
            return None
        found = self.analysis.nodes.get(self.prefix + node)
        if found is None and node in self.graph.nodes and self.graph.nodes[node].type == BLOCK_INPUT:
            spec = self._fed(self.inside, node)
            return NodeAnalysis({"out": spec}) if spec else None
        return found

    def _fed(self, inside: tuple[str, ...], port: str) -> Spec | None:
        """What comes in at a port of the block that these uses lead into."""
        around = way_into(self.document, inside[:-1]) if inside else None
        if around is None or self.analysis is None:
            return None
        graph = self.document.scope(around[0])
        wires = (wire for wire in graph.wires if (wire.dst, wire.dst_port) == (inside[-1], port))
        wire = min(wires, default=None)
        if wire is None:
            return None
        if graph.nodes[wire.src].type == BLOCK_INPUT:
            return self._fed(inside[:-1], wire.src)
        known = self.analysis.nodes.get(around[1] + wire.src)
        return known.outputs.get(wire.src_port) if known else None


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

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of all steps of undo, those that were taken back too; the first one, the start, has none."""
        return self._history.steps

    @property
    def step(self) -> int:
        """Which of the steps is the present one."""
        return self._history.at

    def go_to(self, step: int) -> None:
        """Undo or redo to a step."""
        if self._history.go(step):
            self._show_history()

    def select(self, nodes: Iterable[str] = (), wires: Iterable[Wire] = ()) -> None:
        """Select nodes and wires of the present scope."""
        state = self._state
        chosen, strung = frozenset(nodes) & state.graph.nodes.keys(), frozenset(wires) & state.graph.wires
        if (chosen, strung) != (state.selection, state.selected_wires):
            self._set(replace(state, selection=chosen, selected_wires=strung))

    def enter(self, use: str) -> None:
        """Look into the block that a node of the present graph uses; nothing where it uses none that is there."""
        inside = (*self._state.inside, use)
        if self._state.scope == ROOT or self._state.inside:
            found = way_into(self._state.document, inside)
            if found is not None:
                self._look(found[0], inside)
            return
        node = self._state.graph.nodes.get(use)
        name = node.settings.get("definition") if node and node.type == BLOCK else None
        if name in self._state.document.blocks:
            self._look(str(name), ())

    def leave(self, depth: int | None = None) -> None:
        """Go back to the graph so many uses inside the top one; by default one out of here."""
        state = self._state
        if state.scope == ROOT:
            return
        inside = state.inside[: len(state.inside) - 1 if depth is None else depth] if state.inside else ()
        found = way_into(state.document, inside)
        came_from = state.inside[len(inside)] if state.inside else None
        self._look(found[0] if found else ROOT, inside if found else ())
        if came_from is not None:
            self.select([came_from])

    def look_at(self, block: str) -> None:
        """Look at the definition of a block by itself. Raises KeyError when there is no such block."""
        self._state.document.scope(block)
        self._look(block, ())

    def reveal(self, path: str) -> bool:
        """Go to the graph that a node is in, by its path in an analysis, and select it; False where it is gone."""
        *uses, node = (part for part in path.split("/") if not part.isdigit())
        found = way_into(self._state.document, uses)
        if found is None or node not in self._state.document.scope(found[0]).nodes:
            return False
        self._look(found[0], tuple(uses))
        self.select([node])
        return True

    def _look(self, scope: str, inside: tuple[str, ...]) -> None:
        state = self._state
        if (scope, inside) != (state.scope, state.inside):
            empty: frozenset[Wire] = frozenset()
            self._set(replace(state, scope=scope, inside=inside, selection=frozenset(), selected_wires=empty))

    def analysed(self, analysis: Analysis) -> None:
        """Take the engine's answer; one to an older question is dropped."""
        if analysis.revision == self._state.revision:
            self._set(replace(self._state, analysis=analysis))

    def mark_saved(self, path: Path, document: Document) -> None:
        """`document` stands in the file `path` now."""
        self._set(replace(self._state, path=path, saved=document))

    def _show_history(self) -> None:
        old, document, history = self._state, self._history.now, self._history
        scope, inside = _still_there(document, old.scope, old.inside)
        graph = document.scope(scope)
        same = all(
            getattr(old.document, part) is getattr(document, part) for part in ("graph", "blocks", "data", "training")
        )
        self._set(
            replace(
                old,
                document=document,
                scope=scope,
                inside=inside,
                selection=old.selection & graph.nodes.keys() if scope == old.scope else frozenset(),
                selected_wires=old.selected_wires & graph.wires if scope == old.scope else frozenset(),
                revision=old.revision if same else old.revision + 1,
                undo_label=history.label if history.past else None,
                redo_label=history.future[-1].label if history.future else None,
            )
        )

    def _set(self, state: State) -> None:
        old, self._state = self._state, state
        for listener in tuple(self._listeners):
            listener(old, state)


def _still_there(document: Document, scope: str, inside: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """What is left of the way to a graph, after an edit that may have taken away uses and blocks."""
    if not inside:
        return (scope if scope == ROOT or scope in document.blocks else ROOT), ()
    while inside:
        found = way_into(document, inside)
        if found is not None:
            return found[0], inside
        inside = inside[:-1]
    return ROOT, ()
