"""What is copied can be pasted anywhere: here, in another project, into a mail and back."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_blocks import meaning, networks, residual, widths
from workbench.core import clipboard, edits, project
from workbench.core.document import Document


@given(networks(), st.data())
def test_a_copy_in_an_empty_project_is_the_part(document: Document, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(document.graph.nodes)), min_size=1))
    part = clipboard.understood(clipboard.copied(document, chosen))
    assert part is not None
    changed, names = clipboard.pasted(Document(), part)
    assert names == {node: node for node in chosen}
    rest = edits.remove_nodes(document, document.graph.nodes.keys() - chosen)
    assert changed.graph == rest.graph
    assert meaning(changed) == meaning(rest)


@given(networks())
def test_a_copy_beside_the_original_gets_names_of_its_own(document: Document) -> None:
    part = clipboard.understood(clipboard.copied(document, document.graph.nodes))
    assert part is not None
    changed, names = clipboard.pasted(document, part, at=(1000.0, 0.0))
    assert not set(names.values()) & document.graph.nodes.keys()
    assert edits.remove_nodes(changed, names.values()).graph == document.graph
    assert edits.remove_nodes(changed, document.graph.nodes).graph.wires == {
        edits.Wire(names[wire.src], wire.src_port, names[wire.dst], wire.dst_port) for wire in document.graph.wires
    }


def test_blocks_come_along() -> None:
    part = clipboard.understood(clipboard.copied(residual(), ["use_1", "use_2"]))
    assert part is not None
    changed, _ = clipboard.pasted(Document(), part)
    assert changed.blocks == residual().blocks
    again, names = clipboard.pasted(changed, part)
    assert again.blocks == changed.blocks, "the same block is not there twice"
    assert widths(again) == [8, 16, 8, 16]
    assert set(names.values()) == {"block_1", "block_2"}


def test_another_block_of_the_same_name_stays_another() -> None:
    part = clipboard.understood(clipboard.copied(residual(), ["use_1"]))
    assert part is not None
    other = edits.set_setting(residual(), "linear", "out_features", 3, scope="residual")
    changed, names = clipboard.pasted(other, part)
    assert changed.blocks.keys() == {"residual", "residual_1"}
    assert widths(changed) == [3, 3, 8]
    assert changed.graph.nodes[names["use_1"]].settings["definition"] == "residual_1"


def test_ports_of_a_block_stay_in_blocks() -> None:
    inner = residual().blocks["residual"].graph
    part = clipboard.understood(clipboard.copied(residual(), inner.nodes, scope="residual"))
    assert part is not None
    outside, _ = clipboard.pasted(Document(), part)
    assert outside.graph.nodes.keys() == {"linear", "sum"}
    inside, names = clipboard.pasted(residual(), part, scope="residual")
    assert len(names) == 4
    assert len(inside.blocks["residual"].graph.nodes) == 8


def test_places_keep_their_distances() -> None:
    document, _ = edits.add_node(Document(), "relu", position=(10, 20))
    document, _ = edits.add_node(document, "relu", position=(40, 120))
    part = clipboard.understood(clipboard.copied(document, ["relu_1", "relu_2"]))
    assert part is not None
    changed, _ = clipboard.pasted(Document(), part, at=(100.0, 100.0))
    assert changed.layout[""].positions == {"relu_1": (100.0, 100.0), "relu_2": (130.0, 200.0)}


@given(st.text())
def test_other_texts_are_no_nodes(text: str) -> None:
    assert clipboard.understood(text) is None


def test_a_whole_project_can_be_pasted() -> None:
    part = clipboard.understood(project.dumps(residual()))
    assert part is not None
    changed, _ = clipboard.pasted(Document(), part)
    assert changed.graph == residual().graph
