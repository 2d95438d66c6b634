"""Blocks: whatever is grouped, opened up or told apart, the network stays the same."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core import blocks, edits, project
from workbench.core.catalogue import shipped
from workbench.core.document import Block, Document, Graph, Node, Param, Wire, topological
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, NOTE, expand
from workbench.core.ports import ports_of

KINDS = {"relu": ("in",), "linear": ("in",), "add": ("in_1", "in_2"), "lstm": ("in",)}
OUTPUTS = {"lstm": ("out", "last")}


@st.composite
def networks(draw: st.DrawFn) -> Document:
    """A network without circles, some of its inputs open."""
    document = Document()
    ids: list[str] = []
    for _ in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(sorted(KINDS)))
        at = draw(st.none() | st.tuples(st.integers(0, 500), st.integers(0, 500)))
        document, name = edits.add_node(document, kind, {"x": draw(st.integers(0, 3))}, position=at)
        for port in KINDS[kind]:
            if ids and draw(st.booleans()):
                source = draw(st.sampled_from(ids))
                outputs = OUTPUTS.get(document.graph.nodes[source].type, ("out",))
                document = edits.connect(document, Wire(source, draw(st.sampled_from(outputs)), name, port))
        ids.append(name)
    return document


def ports(document: Document):
    return partial(ports_of, catalogue=shipped(), document=document)


def meaning(document: Document) -> tuple[dict, dict]:
    """The unfolded network, each layer known by the last part of its path (the ids are not used twice here)."""
    flat = expand(document)
    last = {path: path.rpartition("/")[2] for path in flat.nodes}
    nodes = {last[path]: (found.node.type, found.node.settings) for path, found in flat.nodes.items()}
    feeds = {
        last[path]: {port: (last[source], end) for port, (source, end) in inputs.items()}
        for path, inputs in flat.inputs.items()
    }
    return nodes, feeds


def some(data: st.DataObject, graph: Graph) -> set[str]:
    return data.draw(st.sets(st.sampled_from(sorted(graph.nodes)), min_size=1))


@settings(max_examples=200)
@given(networks(), st.data())
def test_grouping_changes_nothing_but_the_drawing(document: Document, data: st.DataObject) -> None:
    chosen = some(data, document.graph)
    changed, name, use = blocks.group(document, chosen, "My part!", ports(document))
    assert meaning(changed) == meaning(document)
    assert topological(changed.graph)[1] == frozenset(), "no circle"
    assert chosen <= changed.blocks[name].graph.nodes.keys()
    assert changed.blocks[name].title == "My part!"
    assert name == "my_part_1"
    assert project.loads(project.dumps(changed)) == changed
    opened, back = blocks.ungroup(changed, use)
    assert meaning(opened) == meaning(document)
    assert opened.graph == document.graph
    assert back >= chosen


@settings(max_examples=100)
@given(networks(), st.data())
def test_blocks_in_blocks(document: Document, data: st.DataObject) -> None:
    changed, outer, use = blocks.group(document, some(data, document.graph), "outer", ports(document))
    layers = [key for key, node in changed.blocks[outer].graph.nodes.items() if node.type in KINDS]
    chosen = data.draw(st.sets(st.sampled_from(layers), min_size=1))
    nested, _, _ = blocks.group(changed, chosen, "inner", ports(changed), scope=outer)
    assert meaning(nested) == meaning(document)
    opened, found = blocks.ungroup(nested, use)
    assert meaning(opened) == meaning(document)
    inner = next(key for key in found if opened.graph.nodes[key].type == BLOCK)
    assert blocks.ungroup(opened, inner)[0].graph == document.graph


def residual() -> Document:
    """A block that adds what goes through a linear layer of `width` units, used twice."""
    inner = Graph(
        {
            "x": Node("x", BLOCK_INPUT),
            "linear": Node("linear", "linear", {"out_features": Param("width")}),
            "sum": Node("sum", "add"),
            "y": Node("y", BLOCK_OUTPUT),
        },
        frozenset(
            {
                Wire("x", "out", "linear", "in"),
                Wire("x", "out", "sum", "in_1"),
                Wire("linear", "out", "sum", "in_2"),
                Wire("sum", "out", "y", "in"),
            }
        ),
    )
    document, start = edits.add_node(Document(), "input", id="start")
    document = edits.define_block(document, "residual", Block(inner, {"width": 8}, "Residual"))
    for number, arguments in ((1, {}), (2, {"width": 16})):
        document, _ = edits.add_node(
            document, BLOCK, {"definition": "residual", "arguments": arguments}, id=f"use_{number}", position=(0, 0)
        )
    document = edits.connect(document, Wire(start, "out", "use_1", "x"))
    return edits.connect(document, Wire("use_1", "y", "use_2", "x"))


def widths(document: Document) -> list[int]:
    return [
        found.node.settings["out_features"] for found in expand(document).nodes.values() if found.node.type == "linear"
    ]


def test_an_opened_block_has_its_arguments_put_in() -> None:
    document = residual()
    opened, _ = blocks.ungroup(document, "use_2")
    assert widths(opened) == widths(document) == [8, 16]
    assert Wire("use_1", "y", "linear", "in") in opened.graph.wires
    assert Wire("use_1", "y", "sum", "in_1") in opened.graph.wires
    both, _ = blocks.ungroup(opened, "use_1")
    assert sorted(both.graph.nodes) == ["add_1", "linear", "linear_1", "start", "sum"]
    assert Wire("add_1", "out", "linear", "in") in both.graph.wires
    assert not expand(both).problems


def test_a_repeated_block_becomes_a_row() -> None:
    document = edits.set_setting(residual(), "use_1", "repeat", 3)
    opened, row = blocks.ungroup(document, "use_1")
    assert len(row) == 3
    assert sorted(widths(opened)) == widths(document)
    assert len(expand(opened).nodes) == len(expand(document).nodes)
    assert not expand(opened).problems


def test_a_use_made_unique_goes_its_own_way() -> None:
    document, name = blocks.make_unique(residual(), "use_2")
    assert name == "residual_1"
    changed = edits.set_setting(document, "linear", "out_features", 5, scope=name)
    assert widths(changed) == [8, 5]
    assert [node.id for _, node in blocks.uses(changed, "residual")] == ["use_1"]


def test_a_part_of_a_block_keeps_its_parameters() -> None:
    document = residual()
    changed, name, use = blocks.group(document, ["linear"], "dense", ports(document), scope="residual")
    assert changed.blocks[name].parameters == {"width": 8}
    assert changed.blocks["residual"].graph.nodes[use].settings["arguments"] == {"width": Param("width")}
    assert widths(changed) == [8, 16]


def test_what_cannot_be_grouped() -> None:
    document = residual()
    assert not blocks.can_be_grouped(document.graph, [])
    assert not blocks.can_be_grouped(document.graph, ["start", "use_1"])
    assert not blocks.can_be_grouped(document.blocks["residual"].graph, ["x"])
    with pytest.raises(ValueError, match="cannot become a block"):
        blocks.group(document, ["start"], "x", ports(document))
    with pytest.raises(ValueError, match="no use"):
        blocks.ungroup(document, "start")


def test_a_block_in_use_is_not_forgotten() -> None:
    document = residual()
    with pytest.raises(ValueError, match="in use"):
        blocks.forget(document, "residual")
    assert blocks.forget(edits.remove_nodes(document, ["use_1", "use_2"]), "residual").blocks == {}


@pytest.mark.parametrize(
    ("title", "stem"),
    [("Residual block", "residual_block"), ("2× deep", "block_2_deep"), ("", "block"), ("é", "block")],
)
def test_names_of_blocks(title: str, stem: str) -> None:
    assert blocks.identifier(title) == stem


@given(networks(), st.data())
def test_bypassed_nodes_pass_on_what_they_get(document: Document, data: st.DataObject) -> None:
    chosen = some(data, document.graph)
    passed = edits.bypass(document, chosen, True)
    healed = edits.heal(document, [node for node in topological(document.graph)[0] if node in chosen])
    assert meaning(passed) == meaning(healed)
    assert edits.bypass(passed, chosen, False) == document
    assert project.loads(project.dumps(passed)) == passed


@given(networks(), st.data())
def test_healing_leaves_no_gap(document: Document, data: st.DataObject) -> None:
    chosen = some(data, document.graph)
    healed = edits.heal(document, chosen).graph
    assert not chosen & healed.nodes.keys()
    kept = [wire for wire in document.graph.wires if not {wire.src, wire.dst} & chosen]
    assert healed.wires >= set(kept)


def test_a_circle_of_bypassed_nodes_is_named() -> None:
    document = Document()
    for name in "ab":
        document, _ = edits.add_node(document, "relu", id=name)
    document, _ = edits.add_node(document, "output", id="end")
    for src, dst in (("a", "b"), ("b", "a"), ("b", "end")):
        document = edits.connect(document, Wire(src, "out", dst, "in"))
    flat = expand(edits.bypass(document, "ab", True))
    assert [problem.code for problem in flat.problems] == ["graph.circle"]
    assert flat.broken == {("end", "in")}


def test_the_ends_of_a_network_cannot_be_bypassed() -> None:
    document, _ = edits.add_node(Document(), "input", id="start")
    assert "start" in expand(edits.bypass(document, ["start"], True)).nodes


def test_notes_are_not_part_of_the_network() -> None:
    plain = residual()
    scope = next(iter(plain.blocks))
    noted, note = edits.add_node(plain, NOTE, {"text": "Why?\nBecause."})
    noted, inner = edits.add_node(noted, NOTE, {"text": "inside"}, scope=scope)
    assert expand(noted) == expand(plain)
    assert ports(noted)(noted.graph.nodes[note]) == ((), ())
    assert not blocks.can_be_grouped(noted.graph, [note])
    assert blocks.can_be_grouped(
        noted.scope(scope), [inner, next(iter(set(noted.scope(scope).nodes) - {inner} - ends(noted, scope)))]
    )


def ends(document: Document, scope: str) -> set[str]:
    return {node.id for node in document.scope(scope).nodes.values() if node.type in (BLOCK_INPUT, BLOCK_OUTPUT)}
