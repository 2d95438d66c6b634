"""Edits and undo: whatever is done, in whatever order, can be taken back exactly."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from tests.strategies import anywhere, documents, graphs, names, texts, values
from workbench.core import blocks, clipboard, edits, project
from workbench.core.document import EDGE, Document, Graph, Node, Training, Wire, reachable, topological
from workbench.core.history import History


@given(documents(), st.data())
def test_wires_never_point_at_nodes_that_are_gone(document: Document, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(document.graph.nodes)))) if document.graph.nodes else set()
    graph = edits.remove_nodes(document, gone).graph
    assert not gone & graph.nodes.keys()
    assert all(wire.src in graph.nodes and wire.dst in graph.nodes for wire in graph.wires)


def chain(*types: str) -> Document:
    document = Document()
    previous = None
    for kind in types:
        document, name = edits.add_node(document, kind)
        if previous:
            document = edits.connect(document, Wire(previous, "out", name, "in"))
        previous = name
    return document


def test_a_new_wire_replaces_what_fed_the_port() -> None:
    document = chain("input", "relu", "gelu")
    changed = edits.connect(document, Wire("input_1", "out", "gelu_1", "in"))
    into = [wire for wire in changed.graph.wires if wire.dst == "gelu_1"]
    assert into == [Wire("input_1", "out", "gelu_1", "in")]


def test_a_node_is_inserted_on_a_wire() -> None:
    document = edits.move(chain("input", "linear"), {"input_1": (0, 0), "linear_1": (0, 100)})
    changed, name = edits.insert_on_wire(document, Wire("input_1", "out", "linear_1", "in"), "flatten")
    assert changed.graph.wires == {Wire("input_1", "out", name, "in"), Wire(name, "out", "linear_1", "in")}
    assert changed.layout[""].positions[name] == (0, 50)


def test_places_stay_where_arithmetic_is_exact() -> None:
    document = edits.move(chain("input", "linear"), {"input_1": (1.7e308, -1.7e308), "linear_1": (3.0, 4.0)})
    assert document.layout[""].positions == {"input_1": (EDGE, -EDGE), "linear_1": (3.0, 4.0)}
    assert project.loads(project.dumps(document).replace(str(EDGE), "1e300")) == document
    far, new = edits.duplicate(document, ["input_1"], offset=(1e308, 1e308))
    assert far.layout[""].positions[new["input_1"]] == (EDGE, EDGE)


def test_thousands_of_nodes_are_rejoined_and_duplicated_at_once() -> None:
    def work(count: int) -> float:
        nodes = ["input", *(f"n{i}" for i in range(count)), "output"]
        wires = (Wire(one, "out", other, "in") for one, other in pairwise(nodes))
        document = Document(graph=Graph({name: Node(name, "relu") for name in nodes}, frozenset(wires)))
        begun = time.process_time()
        healed = edits.heal(document, nodes[1:-1])
        twice, _ = edits.duplicate(document, nodes)
        ended = time.process_time()
        assert healed.graph.wires == {Wire("input", "out", "output", "in")}
        assert len(twice.graph.nodes) == 2 * len(nodes)
        return ended - begun

    few = max(work(500) for _ in range(3))
    assert work(5000) < 40 * few, "both were quadratic once: a hundred times as long for ten times as many"


def test_duplicates_keep_the_wires_between_them() -> None:
    document = chain("input", "linear", "relu")
    changed, new = edits.duplicate(document, ["linear_1", "relu_1"])
    assert Wire(new["linear_1"], "out", new["relu_1"], "in") in changed.graph.wires
    assert not [wire for wire in changed.graph.wires if wire.src == "input_1" and wire.dst == new["linear_1"]]


def test_impossible_edits_are_refused() -> None:
    document = chain("input")
    with pytest.raises(ValueError, match="no node 'x'"):
        edits.set_setting(document, "x", "a", 1)
    with pytest.raises(ValueError, match="already"):
        edits.add_node(document, "input", id="input_1")
    with pytest.raises(ValueError, match="identifier"):
        edits.add_node(document, "input", id="1/2")


def test_a_field_is_checked_against_its_type() -> None:
    assert edits.set_field(Training(), "epochs", 3).epochs == 3
    with pytest.raises(ValueError, match="epochs is a text; expected a whole number"):
        edits.set_field(Training(), "epochs", "three")
    with pytest.raises(ValueError, match="there is no setting 'epoch'"):
        edits.set_field(Training(), "epoch", 3)


@given(graphs())
def test_order_puts_every_node_after_what_feeds_it(graph: Graph) -> None:
    order, stuck = topological(graph)
    place = {node: index for index, node in enumerate(order)}
    assert set(order) | stuck == graph.nodes.keys()
    assert all(place[wire.src] < place[wire.dst] for wire in graph.wires if wire.dst in place)
    for node in stuck:  # every node that is stuck is fed by another that is
        assert any(wire.src in stuck for wire in graph.wires if wire.dst == node)


@given(graphs())
def test_reachable_is_transitive(graph: Graph) -> None:
    for node in graph.nodes:
        found = reachable(graph, [node])
        assert all(wire.dst in found for wire in graph.wires if wire.src in found)
        assert all(node in reachable(graph, [other], backwards=True) for other in found)


class Editing(RuleBasedStateMachine):
    """Random edits, undo and redo against a plain list of what the document was."""

    scopes = Bundle("scopes")

    @initialize(target=scopes, document=documents())
    def start(self, document: Document) -> str:
        self.history = History(document)
        self.trail = [document]
        self.at = 0
        return ""

    def push(self, label: str, document: Document) -> None:
        if document is not self.history.now:
            self.history.push(label, document)
            del self.trail[self.at + 1 :]
            self.trail.append(document)
            self.at += 1

    def known(self, scope: str) -> str:
        return scope if not scope or scope in self.history.now.blocks else ""

    @rule(scope=scopes, kind=names, key=names, value=values, place=anywhere)
    def add(self, scope: str, kind: str, key: str, value: object, place: tuple[float, float]) -> None:
        scope = self.known(scope)
        self.push("Add", edits.add_node(self.history.now, kind, {key: value}, position=place, scope=scope)[0])

    @rule(scope=scopes, data=st.data())
    def remove(self, scope: str, data: st.DataObject) -> None:
        nodes = sorted(self.history.now.scope(self.known(scope)).nodes)
        if nodes:
            chosen = data.draw(st.sets(st.sampled_from(nodes)))
            self.push("Delete", edits.remove_nodes(self.history.now, chosen, scope=self.known(scope)))

    @rule(scope=scopes, data=st.data())
    def connect(self, scope: str, data: st.DataObject) -> None:
        nodes = sorted(self.history.now.scope(self.known(scope)).nodes)
        if nodes:
            ends = st.sampled_from(nodes)
            wire = Wire(data.draw(ends), "out", data.draw(ends), data.draw(names))
            self.push("Connect", edits.connect(self.history.now, wire, scope=self.known(scope)))

    @rule(scope=scopes, data=st.data(), value=values)
    def change(self, scope: str, data: st.DataObject, value: object) -> None:
        nodes = sorted(self.history.now.scope(self.known(scope)).nodes)
        if nodes:
            node = data.draw(st.sampled_from(nodes))
            self.push("Change", edits.set_setting(self.history.now, node, "x", value, scope=self.known(scope)))

    @rule(scope=scopes, data=st.data())
    def duplicate(self, scope: str, data: st.DataObject) -> None:
        nodes = sorted(self.history.now.scope(self.known(scope)).nodes)
        if nodes:
            chosen = data.draw(st.sets(st.sampled_from(nodes)))
            self.push("Duplicate", edits.duplicate(self.history.now, chosen, scope=self.known(scope))[0])

    @rule(scope=scopes, data=st.data(), bypassed=st.booleans())
    def bypass_or_heal(self, scope: str, data: st.DataObject, bypassed: bool) -> None:
        scope = self.known(scope)
        nodes = sorted(self.history.now.scope(scope).nodes)
        if nodes:
            chosen = data.draw(st.sets(st.sampled_from(nodes), min_size=1))
            if data.draw(st.booleans()):
                self.push("Bypass", edits.bypass(self.history.now, chosen, bypassed, scope=scope))
            else:
                self.push("Heal", edits.heal(self.history.now, sorted(chosen), scope=scope))

    @rule(target=scopes, scope=scopes, data=st.data(), title=texts)
    def group(self, scope: str, data: st.DataObject, title: str) -> str:
        scope = self.known(scope)
        now = self.history.now
        nodes = sorted(now.scope(scope).nodes)
        chosen = data.draw(st.sets(st.sampled_from(nodes))) if nodes else set()
        if not blocks.can_be_grouped(now.scope(scope), chosen):
            return scope
        changed, name, _ = blocks.group(now, chosen, title, lambda node: (("in",), ("out",)), scope=scope)
        self.push("Group", changed)
        return name

    @rule(scope=scopes, data=st.data())
    def open_up(self, scope: str, data: st.DataObject) -> None:
        scope = self.known(scope)
        now = self.history.now
        found = [node.id for node in now.scope(scope).nodes.values() if node.settings.get("definition") in now.blocks]
        if found:
            use = data.draw(st.sampled_from(found))
            if data.draw(st.booleans()):
                self.push("Make unique", blocks.make_unique(now, use, scope=scope)[0])
            else:
                self.push("Ungroup", blocks.ungroup(now, use, scope=scope)[0])

    @rule(scope=scopes, data=st.data())
    def paste(self, scope: str, data: st.DataObject) -> None:
        scope = self.known(scope)
        nodes = sorted(self.history.now.scope(scope).nodes)
        if nodes:
            chosen = data.draw(st.sets(st.sampled_from(nodes), min_size=1))
            part = clipboard.understood(clipboard.copied(self.history.now, chosen, scope=scope))
            assert part is not None
            self.push("Paste", clipboard.pasted(self.history.now, part, at=(0.0, 0.0), scope=scope)[0])

    @rule(target=scopes, name=names, graph=graphs())
    def define(self, name: str, graph: Graph) -> str:
        block = edits.Block(graph)
        self.push("Define", edits.define_block(self.history.now, name, block))
        return name

    @rule(scope=consumes(scopes))
    def forget_scope(self, scope: str) -> None:
        """Later rules then work on other graphs."""

    @rule()
    def undo(self) -> None:
        assert self.history.undo() == (self.at > 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert self.history.redo() == (self.at < len(self.trail) - 1)
        self.at = min(len(self.trail) - 1, self.at + 1)

    @invariant()
    def the_document_is_what_it_was_then(self) -> None:
        if hasattr(self, "history"):
            assert self.history.now is self.trail[self.at]

    def teardown(self) -> None:
        if not hasattr(self, "history"):
            return
        assert project.loads(project.dumps(self.history.now)) == self.history.now
        while self.history.undo():
            pass
        assert self.history.now == self.trail[0]
        while self.history.redo():
            pass
        assert self.history.now == self.trail[-1]


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_one_drag_is_one_step() -> None:
    history = History(Document())
    for x in range(5):
        history.push(f"Move {x}", Document(title=str(x)), merge="drag")
    assert history.steps == ("", "Move 0")
    assert history.undo()
    assert history.now == Document()
    assert not history.undo()


def test_undo_ends_a_drag() -> None:
    history = History(0)
    history.push("Move", 1, merge="drag")
    history.undo()
    history.push("Move", 2, merge="drag")
    assert history.undo()
    assert history.now == 0


def test_the_past_has_a_limit() -> None:
    history = History(0, limit=3)
    for number in range(1, 9):
        history.push("Count", number)
    steps = 0
    while history.undo():
        steps += 1
    assert (steps, history.now) == (3, 5)


def test_fixes_are_edits() -> None:
    document = chain("input", "linear")
    wire = Wire("input_1", "out", "linear_1", "in")
    assert "flatten_1" in edits.apply(document, edits.InsertNode(wire, "flatten")).graph.nodes
    changed = edits.apply(document, edits.SetSetting("linear_1", "out_features", 3))
    assert changed.graph.nodes["linear_1"] == Node("linear_1", "linear", {"out_features": 3})
    assert not edits.apply(document, edits.RemoveWire(wire)).graph.wires
    assert "linear_1" not in edits.apply(document, edits.RemoveNode("linear_1")).graph.nodes


def test_a_node_that_is_taken_out_leaves_no_gap() -> None:
    document = chain("input", "softmax", "linear")
    changed = edits.apply(document, edits.RemoveNode("softmax_1"))
    assert changed.graph.wires == {Wire("input_1", "out", "linear_1", "in")}
    two = edits.connect(document, Wire("linear_1", "out", "softmax_1", "other"))
    assert edits.take_out(two, "softmax_1").graph.wires == frozenset()
    alone = edits.connect(chain("relu"), Wire("relu_1", "out", "relu_1", "in"))
    assert edits.take_out(alone, "relu_1").graph.nodes == {}
