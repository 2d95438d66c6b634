"""Remedies: what people break most often, what is offered for it, and that every offer works."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.engine.test_analyse import plausible_documents
from tests.graphs import chain, graph, with_blocks
from workbench.core import edits, wording
from workbench.core.analysis import Analysis
from workbench.core.document import Block, Data, Document, Param, Wire
from workbench.core.edits import SetArgument, apply
from workbench.core.problems import Problem
from workbench.engine.analyse import analyse

HERE = Path()
DIGITS = Data("digits")
SAME = {"padding": "same"}


def skip(main: dict[str, object], *, join: str = "add", beside: dict[str, object] | None = None) -> Document:
    """A convolution with a connection around it."""
    layers = {
        "x": ("input", {"shape": (16, 28, 28)}),
        "c": ("conv2d", main),
        "s": ("conv2d", beside) if beside is not None else "relu",
        "j": join,
        "y": "output",
    }
    return Document(graph=graph(layers, "x > c", "x > s", "c > j/in_1", "s > j/in_2", "j > y"))  # type: ignore[arg-type]


def alone(kind: str, settings: dict[str, object], shape: tuple[int | str, ...], dtype: str = "float32") -> Document:
    """A layer behind an input of a shape."""
    return chain(("x", "input", {"shape": shape, "dtype": dtype}), ("n", kind, settings), ("y", "output"))


UNFED = Document(
    graph=graph({"x": ("input", {"shape": (4, 8)}), "b": "relu", "n": "linear", "y": "output"}, "x > b", "n > y")
)
THREE = {"x": ("input", {"shape": (4, 8)}), "j": ("add", {"num_inputs": 3}), "b": "relu", "y": "output"}
FAMILIES: list[tuple[Document, str, str, list[str]]] = [
    (chain(("x", "input"), ("y", "output"), data=DIGITS), "y", "classification.width",
     ["Insert Flatten and Linear (10)"]),
    (chain(("x", "input"), ("f", "flatten"), ("l", "linear"), ("r", "relu"), ("y", "output"), data=DIGITS), "y",
     "classification.width", ["Insert Linear (10)", "Set units of Linear to 10"]),
    (chain(("x", "input"), ("n", "linear"), ("f", "flatten"), ("l", "linear", {"out_features": 10}), ("y", "output"),
           data=DIGITS), "n", "linear.not_flat", ["Insert Flatten"]),
    (skip({"out_channels": 32, **SAME}), "j", "operation.broadcast",
     ["Insert Conv2d (filters 32, kernel 1)", "Insert Conv2d (filters 16, kernel 1)", "Set filters of Conv2d to 16"]),
    (skip({"out_channels": 32, "stride": 2, "padding": 1}), "j", "operation.broadcast",
     ["Insert Conv2d (filters 32, kernel 1, stride 2)"]),
    (skip({"out_channels": 16}), "j", "operation.broadcast", ["Set padding of Conv2d to same"]),
    (skip({"out_channels": 32}), "j", "operation.broadcast",
     ["Set padding of Conv2d to same; Insert Conv2d (filters 32, kernel 1)"]),
    (skip({"stride": 2, "padding": 1}, join="concat"), "j", "operation.concat",
     ["Insert MaxPool2d (2)", "Set stride of Conv2d to 1"]),
    (skip({}, join="concat", beside=SAME), "j", "operation.concat", ["Set padding of Conv2d to same"]),
    (alone("conv2d", {"kernel_size": 9}, (3, 5, 8)), "n", "conv.kernel_too_large",
     ["Set kernel of Conv2d to 5 × 8", "Set padding of Conv2d to same"]),
    (alone("max_pool2d", {}, (3, 1, 1)), "n", "conv.kernel_too_large", ["Remove MaxPool2d"]),
    (alone("conv1d", {}, ("T", 16)), "n", "layer.fixed_length", ["Insert Permute (2, 1)"]),
    (alone("conv2d", {}, (28, 28)), "n", "layer.rank", ["Insert Reshape (1 × 28 × 28)"]),
    (alone("conv2d", {}, (3, "T")), "n", "layer.rank", ["Change Conv2d to Conv1d"]),
    (alone("conv2d", {}, ("H", "W")), "n", "layer.rank", ["Insert Unsqueeze (1)"]),
    (alone("pixel_shuffle", {}, (3, 8, 8)), "n", "shuffle.channels", ["Insert Conv2d (filters 4, kernel 1)"]),
    (chain(("x", "input", {"shape": ("T", 16)}), ("f", "flatten"), ("n", "linear"), ("y", "output")), "n",
     "layer.fixed_length", ["Change Flatten to Mean"]),
    (alone("lstm", {}, (3, 8, 8)), "n", "layer.rank", ["Insert Flatten (first axis 2) and Permute (2, 1)"]),
    (alone("linear", {}, ("T",), "int64"), "n", "layer.needs_float", ["Insert Embedding"]),
    (alone("embedding", {}, ("T",)), "n", "embedding.needs_int", ["Set dtype of Input to int64"]),
    (alone("batch_norm1d", {}, (3, 8, 8)), "n", "layer.use_instead", ["Change BatchNorm1d to BatchNorm2d"]),
    (alone("multihead_attention", {"num_heads": 7}, ("T", 16)), "n", "attention.heads",
     ["Set heads of MultiheadAttention to 8", "Set heads of MultiheadAttention to 4"]),
    (alone("conv2d", {"groups": 4, "out_channels": 30}, (8, 9, 9)), "n", "conv.groups",
     ["Set groups of Conv2d to 2", "Set filters of Conv2d to 32"]),
    (alone("group_norm", {"num_groups": 5}, (12, 9, 9)), "n", "group_norm.groups", ["Set groups of GroupNorm to 4"]),
    (alone("layer_norm", {"axes": 3}, ("T", 9)), "n", "layer_norm.axes", ["Set last axes of LayerNorm to 1"]),
    (UNFED, "n", "port.unconnected", ["Connect ReLU", "Connect Input", "Remove Linear"]),
    (Document(graph=graph(THREE, "x > b", "x > j/in_1", "b > j/in_3", "j > y")), "j", "port.unconnected",  # type: ignore[arg-type]
     ["Set inputs of Add to 2"]),
    (chain(("x", "input", {"shape": (4,)}), ("l", "linear")), "", "graph.no_output", ["Add Output after Linear"]),
    (chain(("x", "input", {"shape": (4,)}), ("n", "leakyrelu"), ("y", "output")), "n", "node.unknown_type",
     ["Change leakyrelu to LeakyReLU"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "node", "code", "offered"), FAMILIES, ids=lambda item: str(item)[:24])
def test_what_is_broken_most_often_is_mended_by_one_click(
    document: Document, node: str, code: str, offered: list[str]
) -> None:
    found = analyse(document, HERE)
    (item,) = [item for item in found.problems if item.node == node]
    assert item.code == code
    texts = [wording.fix(fix, document) for fix in item.fixes]
    assert [text for text in texts if text in offered] == offered, texts
    for fix in item.fixes:
        assert is_gone(item, analyse(apply(document, fix), HERE)), wording.fix(fix, document)


def test_the_wire_of_the_skip_connection_is_marked_and_the_rest_is_quiet() -> None:
    document = skip({"out_channels": 32, **SAME})
    for name in ("l1", "l2"):
        document, _ = edits.add_node(document, "linear", id=name)
    document = edits.connect(document, Wire("j", "out", "l1", "in"))
    document = edits.connect(document, Wire("l1", "out", "l2", "in"))
    (found,) = analyse(document, HERE).problems
    assert (found.node, found.port) == ("j", "in_2")


def test_axes_of_variable_length_are_called_by_their_names() -> None:
    (found,) = analyse(alone("conv2d", {}, ("H", "W")), HERE).problems
    assert wording.what(found) == "It gets H × W; expected channels × height × width."


def test_a_problem_inside_a_block_is_mended_in_its_definition_or_where_a_parameter_is_given() -> None:
    inner = graph(
        {
            "i": "block_input",
            "c": ("conv2d", {"out_channels": Param("width"), "groups": 4, **SAME}),
            "o": "block_output",
        },
        "i > c",
        "c > o",
    )
    document = with_blocks(
        chain(
            ("x", "input", {"shape": (8, 9, 9)}), ("one", "block", {"definition": "b", "arguments": {"width": 30}}),
            ("relu", "relu"), ("y", "output"),
        ),
        b=Block(inner, {"width": 8}),
    )  # fmt: skip
    document = edits.disconnect(document, document.graph.wires)
    for wire in ("x/out one/i", "one/o relu/in", "relu/out y/in"):
        (src, out), (dst, into) = (end.split("/") for end in wire.split())
        document = edits.connect(document, Wire(src, out, dst, into))
    (found,) = analyse(document, HERE).problems
    assert (found.node, found.scope, found.code) == ("one/c", "b", "conv.groups")
    assert SetArgument("one", "width", 32) in found.fixes
    for fix in found.fixes:
        assert analyse(apply(document, fix), HERE).problems == ()


def test_a_fix_in_a_definition_may_not_break_its_other_uses() -> None:
    """Of two uses, one gets sequences and one images: what mends one breaks the other."""
    inner = graph({"i": "block_input", "n": "batch_norm1d", "o": "block_output"}, "i > n", "n > o")
    layers = {
        "a": ("input", {"shape": (4, 8)}), "b": ("input", {"shape": (4, 8, 8)}), "one": ("block", {"definition": "k"}),
        "two": ("block", {"definition": "k"}), "y": "output", "z": "output",
    }  # fmt: skip
    document = with_blocks(
        Document(graph=graph(layers, "a > one/i", "b > two/i", "one/o > y", "two/o > z")),  # type: ignore[arg-type]
        k=inner,
    )
    (found,) = analyse(document, HERE).problems
    assert found.node == "two/n"
    assert "Change BatchNorm1d to BatchNorm2d" not in [wording.fix(fix, document) for fix in found.fixes]
    for fix in found.fixes:
        assert analyse(apply(document, fix), HERE).ok


@settings(max_examples=25, deadline=None)
@given(plausible_documents())
def test_every_offer_does_away_with_its_problem(document: Document) -> None:
    for item in analyse(document, HERE).problems:
        for fix in item.fixes[:2]:
            assert is_gone(item, analyse(apply(document, fix), HERE)), (item, fix)
            assert wording.fix(fix, document)


def is_gone(problem: Problem, found: Analysis) -> bool:
    """The problem is not there any more."""
    return (problem.code, problem.node, problem.port) not in [(p.code, p.node, p.port) for p in found.problems]
