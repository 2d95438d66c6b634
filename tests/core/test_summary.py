"""A network by the types of its layers."""

from tests.graphs import chain, graph, with_blocks
from workbench.core.analysis import Analysis, NodeAnalysis
from workbench.core.summary import Share, by_type, layer_count


def test_layers_are_counted_by_type_inside_blocks_too() -> None:
    document = with_blocks(
        chain(("x", "input"), ("use", "block", {"definition": "b", "repeat": 2}), ("l", "linear")),
        b=graph({"i": "block_input", "l": "linear", "o": "block_output"}, "i > l", "l > o"),
    )
    nodes = {
        "x": NodeAnalysis(),
        "use": NodeAnalysis(parameters=20),
        "use/0/l": NodeAnalysis(parameters=10, flops=4, activation_bytes=8),
        "use/1/l": NodeAnalysis(parameters=10, flops=4, activation_bytes=8),
        "l": NodeAnalysis(parameters=5, flops=None, activation_bytes=8),
    }
    assert by_type(document, Analysis(nodes=nodes)) == [Share("linear", 3, 25, None, 24), Share("input", 1)]
    assert by_type(document, Analysis(nodes=nodes), "use/") == [Share("linear", 2, 20, 8, 16)]
    assert layer_count(document, Analysis(nodes=nodes)) == 4
    assert layer_count(document, None) == 3, "of what is not known the nodes of the top graph"
