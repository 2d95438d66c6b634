"""Ports of blocks: whatever happens to one inside, the wires of every use follow."""

from functools import partial

import pytest
from msgspec.structs import replace

from tests.core.test_blocks import meaning, ports, residual
from workbench.core import block_ports, blocks, edits
from workbench.core.catalogue import shipped
from workbench.core.document import BLOCK_INPUT, BLOCK_OUTPUT, Document, Frame, Layout, Wire
from workbench.core.expand import expand
from workbench.core.ports import needed_ports


def test_a_renamed_port_keeps_its_wires() -> None:
    document = edits.move(residual(), {"x": (4, 8)}, scope="residual")
    layout = replace(document.layout["residual"], frames={"f": Frame(("linear", "x"))})
    document = replace(document, layout={**document.layout, "residual": layout})
    renamed = block_ports.renamed(block_ports.renamed(document, "residual", "x", "skip"), "residual", "y", "total")
    assert meaning(renamed) == meaning(document)
    assert Wire("use_1", "total", "use_2", "skip") in renamed.graph.wires
    assert renamed.layout["residual"] == Layout({"skip": (4, 8)}, {"f": Frame(("linear", "skip"))})
    assert list(renamed.blocks["residual"].graph.nodes) == ["skip", "linear", "sum", "total"]
    for wrong in ("linear", "a b", ""):
        with pytest.raises(ValueError):
            block_ports.renamed(document, "residual", "x", wrong)
    with pytest.raises(ValueError, match="no port"):
        block_ports.renamed(document, "residual", "linear", "y2")


def test_ports_are_added_put_in_order_and_removed() -> None:
    document = edits.move(residual(), {"x": (4, 8)}, scope="residual")
    more, name = block_ports.added(document, "residual", BLOCK_INPUT)
    assert name == "in"
    assert more.layout["residual"].positions["in"] == (244, 8)
    use = more.graph.nodes["use_1"]
    assert ports(more)(use) == (("x", "in"), ("y",))
    shifted = block_ports.shifted(more, "residual", "in", -1)
    assert ports(shifted)(use) == (("in", "x"), ("y",))
    assert meaning(shifted) == meaning(more)
    assert block_ports.shifted(shifted, "residual", "in", -1) is shifted
    wired = edits.connect(more, Wire("start", "out", "use_1", "in"))
    gone = edits.remove_nodes(wired, ["in", "y"], scope="residual")
    assert gone.graph.wires == {Wire("start", "out", "use_1", "x")}
    two, _ = block_ports.added(document, "residual", BLOCK_OUTPUT, name="also")
    assert ports(two)(use)[1] == ("y", "also")


def test_ports_are_named_for_what_they_are_for() -> None:
    document = Document()
    for name, kind in (("a", "input"), ("b", "input"), ("mha", "multihead_attention"), ("sum", "add"), ("r", "relu")):
        document, _ = edits.add_node(document, kind, id=name, label="Go on!" if name == "r" else "")
    for src, dst, port in (("a", "mha", "query"), ("b", "mha", "key"), ("b", "mha", "value"), ("mha", "sum", "in_1"),
                           ("a", "sum", "in_2"), ("sum", "r", "in")):  # fmt: skip
        document = edits.connect(document, Wire(src, "out", dst, port))
    needed = partial(needed_ports, catalogue=shipped(), document=document)
    whole, name, use = blocks.group(document, ["mha", "sum", "r"], "Attend", needed)
    assert set(ports(document)(document.graph.nodes["mha"])[0]) > {"query", "key", "value"}, "it could do more"
    assert ports(whole)(whole.graph.nodes[use]) == (("query", "key"), ("out",))
    assert not [problem for problem in expand(whole).problems if problem.code != "port.unconnected"]
    part, name, use = blocks.group(document, ["sum", "r"], "Add", ports(document))
    assert ports(part)(part.graph.nodes[use])[0] == ("sum_in_1", "sum_in_2")
