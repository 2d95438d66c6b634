"""What is found for what people type, blocks included."""

import pytest
from msgspec.structs import replace

from tests.graphs import chain
from workbench.core import blocks, edits
from workbench.core.analysis import Analysis, NodeAnalysis, Spec
from workbench.core.catalogue import shipped
from workbench.core.document import Block, Document, Graph, Node
from workbench.core.ports import ports_of
from workbench.core.session import Session
from workbench.ui.finding import axes_of, find


def ports(document):
    return lambda node: ports_of(node, shipped(), document)


@pytest.fixture
def document():
    document = chain(("x", "input"), ("conv_a", "conv2d"), ("b", "relu"), ("flat", "flatten"), ("y", "output"))
    document = edits.rename(document, "b", "Bend it")
    document, _, use = blocks.group(document, ["conv_a", "b"], "Stem", ports(document))
    assert use == "block_1"
    return document


ANALYSIS = Analysis(
    nodes={
        "x": NodeAnalysis({"out": Spec((1, 28, 28))}),
        "block_1/conv_a": NodeAnalysis({"out": Spec((64, 14, 14))}),
        "flat": NodeAnalysis({"out": Spec(("seq", 128))}),
    }
)


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("", []),
        ("conv", ["block_1/conv_a"]),
        ("CONV2D", ["block_1/conv_a"]),
        ("bend", ["block_1/b"]),
        ("stem", ["block_1"]),
        ("64x14", ["block_1/conv_a"]),
        ("14×14", ["block_1/conv_a"]),
        ("64x?x14", ["block_1/conv_a"]),
        ("?x128", ["flat"]),
        ("seqx128", ["flat"]),
        ("28", ["x"]),
        ("64x28", []),
        ("conv 64x14", ["block_1/conv_a"]),
        ("flatten 64x14", []),
        ("rectif", ["block_1/b"]),
    ],
)
def test_names_types_and_shapes(document, query, paths):
    found = find(query, document, shipped(), ANALYSIS)
    assert [item.path for item in found] == paths
    session = Session()
    session.open(document)
    for item in found:
        assert session.reveal(item.path)
        assert session.state.selection == {item.node}


def test_words_with_an_x_are_no_shapes():
    assert axes_of("max_pool") is None
    assert axes_of("x1") is None
    assert axes_of("3x3") == ("3", "3")


def test_blocks_in_blocks_end_somewhere():
    """Eight levels of eight uses each would be more than one waits for."""
    document, inner = Document(), {"conv_a": Node("conv_a", "conv2d")}
    for level in range(8):
        document = edits.define_block(document, f"L{level}", Block(Graph(inner)))
        inner = {f"u{place}": Node(f"u{place}", "block", {"definition": f"L{level}"}) for place in range(8)}
    document = replace(document, graph=Graph(inner))
    assert len(find("u7", document, shipped(), None)) > 1000
