"""What gestures and the palette do to the document: intents in, named edits out. No widgets in here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from workbench.core import edits, frames, parameters, wording
from workbench.core.catalogue import Catalogue
from workbench.core.document import BLOCK, Document, Layout, Node, Settings, Value, Wire, outgoing, reachable
from workbench.core.edits import Fix
from workbench.core.i18n import tr, trn
from workbench.core.layout import ROW, WIDE, pitch
from workbench.core.placing import placed
from workbench.core.ports import ports_of
from workbench.core.problems import Problem
from workbench.core.session import Session
from workbench.ui.scene import name_of, setting_title, title_of

Key = tuple[str, str, str, str]
Shelf = Callable[[str, Document], tuple[Document, str] | None]
"""A document in which the block of a key is defined, and the block's name there; None for what is no block."""


@dataclass(frozen=True)
class PortEnd:
    """One port: where a wire begins or ends."""

    node: str
    port: str
    is_output: bool


def _nothing(kind: str) -> None:
    """Nobody counts what is used."""


def _no_blocks(key: str, document: Document) -> None:
    """There are layers only."""


class Editor:
    """Edits the graph that is being looked at."""

    def __init__(
        self,
        session: Session,
        catalogue: Catalogue,
        added: Callable[[str], None] = _nothing,
        shelf: Shelf = _no_blocks,
    ) -> None:
        self._session = session
        self._shelf = shelf
        self.catalogue = catalogue
        self._added = added
        """Told the type of each layer that the user adds."""

    @property
    def _document(self) -> Document:
        return self._session.state.document

    @property
    def _scope(self) -> str:
        return self._session.state.scope

    def move(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Put nodes elsewhere."""
        self._session.edit(tr("Move"), edits.move(self._document, places, scope=self._scope))

    def connect(self, src: str, src_port: str, dst: str, dst_port: str) -> None:
        """Draw a wire; one that would close a circle is not drawn."""
        graph = self._session.state.graph
        if src in reachable(graph, [dst]):
            return
        wire = Wire(src, src_port, dst, dst_port)
        if wire not in graph.wires:
            self._session.edit(tr("Connect"), edits.connect(self._document, wire, scope=self._scope))

    def rewire(self, key: Key, dst: str, dst_port: str) -> None:
        """Move the end of a wire to another input."""
        old = Wire(*key)
        if (dst, dst_port) == (old.dst, old.dst_port):
            return
        cut = edits.disconnect(self._document, [old], scope=self._scope)
        if old.src not in reachable(cut.scope(self._scope), [dst]):
            wire = Wire(old.src, old.src_port, dst, dst_port)
            self._session.edit(tr("Move a wire"), edits.connect(cut, wire, scope=self._scope))

    def cut(self, key: Key) -> None:
        """Remove a wire."""
        self._session.edit(tr("Remove a wire"), edits.disconnect(self._document, [Wire(*key)], scope=self._scope))

    def cut_all(self, keys: Iterable[Key]) -> None:
        """Remove wires that one stroke went through."""
        wires = [Wire(*key) for key in keys]
        label = trn("Cut a wire", "Cut {n} wires", len(wires))
        self._session.edit(label, edits.disconnect(self._document, wires, scope=self._scope))

    def put_between(self, node: str, key: Key, x: float, y: float) -> None:
        """Let a node that has no wires stand in the middle of one, and in the frame that both its ends are in."""
        wire, scope = Wire(*key), self._scope
        inputs, outputs = ports_of(self._session.state.graph.nodes[node], self.catalogue, self._document)
        if not inputs or not outputs:
            self.move({node: (x, y)})
            return
        moved = edits.move(self._document, {node: (x, y)}, scope=scope)
        changed = edits.put_between(moved, wire, node, in_port=inputs[0], out_port=outputs[0], scope=scope)
        layout = changed.layout.get(scope, Layout())
        around = frames.frame_of(layout, wire.src)
        if around is not None and around == frames.frame_of(layout, wire.dst):
            changed = frames.joined(changed, [node], around, scope=scope)
        title = title_of(self._session.state.graph.nodes[node], self.catalogue, self._document)
        self._session.edit(tr("Insert {layer}", layer=title), changed)

    def reframe(self, places: Mapping[str, tuple[float, float]], nodes: Iterable[str], frame: str) -> None:
        """Put nodes elsewhere, some of them into another frame, or with "" into none."""
        moved = edits.move(self._document, places, scope=self._scope)
        if frame:
            label, changed = tr("Move into the frame"), frames.joined(moved, nodes, frame, scope=self._scope)
        else:
            label, changed = tr("Move out of the frame"), frames.unframed(moved, nodes, scope=self._scope)
        self._session.edit(label, changed)

    def rename_frame(self, frame: str, title: str) -> None:
        """Give a frame another title."""
        self._session.edit(tr("Rename the frame"), frames.renamed(self._document, frame, title, scope=self._scope))

    def write_note(self, note: str, text: str) -> None:
        """Change what a note says; one that says nothing is gone."""
        if text.strip():
            changed = edits.set_setting(self._document, note, "text", text.strip(), scope=self._scope)
        else:
            changed = edits.remove_nodes(self._document, [note], scope=self._scope)
        self._session.edit(tr("Write a note"), changed)

    def compatible(self, node: str, is_output: bool) -> frozenset[tuple[str, str]]:
        """The ports that a wire from here may end at: all that close no circle."""
        graph = self._session.state.graph
        barred = reachable(graph, [node], backwards=is_output)
        found: set[tuple[str, str]] = set()
        for other in graph.nodes.values():
            if other.id not in barred:
                inputs, outputs = ports_of(other, self.catalogue, self._document)
                found.update((other.id, port) for port in (inputs if is_output else outputs))
        return frozenset(found)

    def add(self, kind: str, place: tuple[float, float] | None = None, *, middle: tuple[float, float]) -> str:
        """Add a layer and select it; returns its id.

        With a `place` it goes there. Otherwise it goes after the one selected node: into its outgoing wire where
        there is one, connected to its output where there is none; and without a selection to the middle.
        """
        state = self._session.state
        start, node = self._wanted(kind)
        title = tr("Add {layer}", layer=title_of(node, self.catalogue, start))
        selected = next(iter(state.selection)) if len(state.selection) == 1 else None
        if place is None and selected is not None:
            document, name = self._after(start, selected, node)
        else:
            document, name = edits.add_node(
                start, node.type, node.settings, position=place or middle, scope=self._scope
            )
        return self._take(title, document, kind, name)

    def add_joined(self, kind: str, place: tuple[float, float], end: PortEnd) -> str:
        """Add a layer at a place and draw a wire between it and a port; returns its id."""
        start, node = self._wanted(kind)
        inputs, outputs = ports_of(node, self.catalogue, start)
        document, name = edits.add_node(start, node.type, node.settings, position=place, scope=self._scope)
        if end.is_output and inputs:
            document = edits.connect(document, Wire(end.node, end.port, name, inputs[0]), scope=self._scope)
        elif not end.is_output and outputs:
            document = edits.connect(document, Wire(name, outputs[0], end.node, end.port), scope=self._scope)
        return self._take(tr("Add {layer}", layer=title_of(node, self.catalogue, start)), document, kind, name)

    def _take(self, label: str, document: Document, kind: str, name: str) -> str:
        """A layer was added: it is selected, and counted."""
        self._session.edit(label, document)
        self._session.select([name])
        self._added(kind)
        return name

    def insert(self, kind: str, key: Key, place: tuple[float, float]) -> str:
        """Put a new layer on a wire, where it was dropped; returns its id."""
        wire = Wire(*key)
        start, node = self._wanted(kind)
        inputs, outputs = ports_of(node, self.catalogue, start)
        title = tr("Insert {layer}", layer=title_of(node, self.catalogue, start))
        if not inputs or not outputs:
            document, name = edits.add_node(start, node.type, node.settings, position=place, scope=self._scope)
        else:
            document, name = edits.insert_on_wire(
                start, wire, node.type, node.settings, in_port=inputs[0], out_port=outputs[0], scope=self._scope
            )
            document = edits.move(document, {name: place}, scope=self._scope)
        return self._take(title, document, kind, name)

    def set_setting(self, node: str, name: str, value: Value, merge: object = None) -> None:
        """Change one setting of a node."""
        info = self.catalogue.layers.get(self._session.state.graph.nodes[node].type)
        label = tr("Change {name}", name=setting_title(info.fields if info else (), name))
        document = parameters.put(self._document, node, name, value, scope=self._scope)
        self._session.edit(label, document, merge=("setting", node, name, merge) if merge is not None else None)

    def rename(self, node: str, label: str) -> None:
        """Call a node something else; its type's name when empty."""
        old = self._session.state.graph.nodes[node]
        plain = name_of(replace(old, label=""), self.catalogue, self._document)
        new = "" if label.strip() == plain else label.strip()
        if new != old.label:
            self._session.edit(tr("Rename"), edits.rename(self._document, node, new, scope=self._scope))

    def apply(self, problem: Problem, fix: Fix | None = None) -> None:
        """Apply a remedy of a problem (the best by default), and show what it changed; nothing when that is gone."""
        fix = fix or problem.fix
        if fix is None:
            return
        try:
            document = placed(self._document, edits.apply(self._document, fix), fix.scope)
        except (ValueError, KeyError):
            return
        before = self._document.scope(fix.scope).nodes.keys()
        self._session.edit(wording.fix(fix, self._document), document)
        added = self._session.state.graph.nodes.keys() - before
        if added and fix.scope == self._scope:
            self._session.select(added)

    def _after(self, document: Document, selected: str, node: Node) -> tuple[Document, str]:
        """Add a layer behind a node."""
        scope, kind, settings = self._scope, node.type, node.settings
        graph = document.scope(scope)
        layout = document.layout.get(scope, Layout())
        x, y = layout.positions.get(selected, (0.0, 0.0))
        _, outputs = ports_of(graph.nodes[selected], self.catalogue, document)
        inputs, new_outputs = ports_of(node, self.catalogue, document)
        leaving = [wire for wire in outgoing(graph)[selected] if outputs and wire.src_port == outputs[0]]
        place = (x, y + ROW) if layout.flow == "down" else (x + WIDE, y)
        if inputs and new_outputs and len(leaving) == 1:
            moved = self._made_room(document, selected, leaving[0].dst)
            changed, name = edits.insert_on_wire(
                moved, leaving[0], kind, settings, in_port=inputs[0], out_port=new_outputs[0], scope=scope
            )
            return edits.move(changed, {name: place}, scope=scope), name
        changed, name = edits.add_node(document, kind, settings, position=place, scope=scope)
        if inputs and outputs and not leaving:
            changed = edits.connect(changed, Wire(selected, outputs[0], name, inputs[0]), scope=scope)
        return changed, name

    def _made_room(self, document: Document, above: str, below: str) -> Document:
        """What follows in the same column (or row) moves on by one, when there is no room for one more."""
        layout = document.layout.get(self._scope, Layout())
        places, along = layout.positions, 1 if layout.flow == "down" else 0
        if above not in places or below not in places:
            return document
        start, step = places[above], pitch(layout.flow)[1]
        gap = places[below][along] - start[along]
        if gap >= 2 * step or gap <= 0:
            return document
        later = reachable(document.scope(self._scope), [below])
        moved = {
            node: (x, y + step) if along else (x + step, y)
            for node, (x, y) in places.items()
            if node in later and (x, y)[along] > start[along] and abs((x, y)[1 - along] - start[1 - along]) < ROW
        }
        return edits.move(document, moved, scope=self._scope)

    def _wanted(self, kind: str) -> tuple[Document, Node]:
        """What a key of the palette stands for: a layer, or a use of a block, which is defined in the document then."""
        found = self._shelf(kind, self._document)
        if found is None:
            return self._document, Node("", kind, self._first_settings(kind))
        document, block = found
        return document, Node("", BLOCK, {"definition": block})

    def _first_settings(self, kind: str) -> Settings:
        """A fresh input without data needs a shape to say anything."""
        if kind == "input" and self._document.data is None:
            return {"shape": (1, 28, 28)}
        return {}
