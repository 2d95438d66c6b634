"""What the axes of a tensor are called."""

import pytest

from tests.graphs import Layer, chain, graph, with_blocks
from workbench.core.analysis import Analysis, Axis, NodeAnalysis, Spec
from workbench.core.axes import Axes
from workbench.core.document import Document

PICTURE = ("channels", "height", "width")
SEQUENCE = ("length", "features")


def known(**shapes: tuple[Axis, ...]) -> Analysis:
    """An analysis that says what leaves each node."""
    return Analysis(
        nodes={name.replace("__", "/"): NodeAnalysis({"out": Spec(shape)}) for name, shape in shapes.items()}
    )


@pytest.mark.parametrize(
    ("layers", "shapes", "names"),
    [
        ([("x", "input"), ("c", "conv2d"), ("r", "relu")], [(1, 8, 8), (4, 6, 6), (4, 6, 6)], PICTURE),
        ([("x", "input"), ("f", "flatten")], [(1, 8, 8), (64,)], ("features",)),
        ([("x", "input"), ("f", "flatten", {"start_dim": 2})], [(3, 8, 8), (3, 64)], ("channels", "height·width")),
        ([("x", "input"), ("g", "global_avg_pool")], [(3, 8, 8), (3,)], ("channels",)),
        ([("x", "input"), ("e", "embedding"), ("l", "linear")], [("T",), ("T", 8), ("T", 4)], SEQUENCE),
        ([("x", "input"), ("e", "embedding")], [(64,), (64, 8)], SEQUENCE),
        ([("x", "input"), ("p", "permute", {"dims": (2, 1)})], [("T", 8), (8, "T")], ("features", "length")),
        ([("x", "input"), ("p", "permute", {"dims": (2, 1)}), ("c", "conv1d")], [("T", 8), (8, "T"), (4, "n0")],
         ("channels", "length")),
        ([("x", "input"), ("r", "reshape", {"shape": (2, 4)}), ("a", "relu")], [(8,), (2, 4), (2, 4)], ("", "")),
        ([("x", "input"), ("p", "permute", {"dims": (3, 1)})], [(3, 8, 8), (8, 3)], ("width", "channels")),
    ],
)  # fmt: skip
def test_names_travel_through_layers(
    layers: list[Layer], shapes: list[tuple[Axis, ...]], names: tuple[str, ...]
) -> None:
    document = chain(*layers)
    found = Axes(document, known(**dict(zip(document.graph.nodes, shapes, strict=True))))
    assert found.of((), layers[-1][0], "out") == names


def test_names_go_into_blocks_and_out_again_and_a_circle_ends() -> None:
    inner = graph({"i": "block_input", "r": "relu", "o": "block_output"}, "i > r", "r > o")
    outer = graph(
        {"x": "input", "use": ("block", {"definition": "b", "repeat": 2}), "a": "relu"}, "x > use/i", "use/o > a"
    )
    document = with_blocks(Document(graph=outer), b=inner)
    shape = (3, 8, 8)
    analysis = known(x=shape, a=shape, use__0__r=shape)
    assert Axes(document, analysis).of((), "a", "out") == PICTURE
    assert Axes(document, analysis).of(("use",), "r", "out") == PICTURE
    round_and_round = Document(graph=graph({"a": "relu", "b": "relu"}, "a > b", "b > a"))
    assert Axes(round_and_round, known(a=shape, b=shape)).of((), "a", "out") == ("", "", "")
