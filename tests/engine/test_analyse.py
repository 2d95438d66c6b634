"""Analysis: what is found out about a network, and that nothing makes it raise."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.graphs import Layer, chain, graph, with_blocks
from workbench.core import edits
from workbench.core.analysis import Analysis, Spec
from workbench.core.catalogue import FieldInfo
from workbench.core.document import Block, Data, Document, Graph, Node, Param, Split, Training, Wire
from workbench.core.expand import MAX_NODES
from workbench.core.problems import Problem
from workbench.engine.analyse import analyse
from workbench.engine.compile import Network
from workbench.engine.layers import LAYERS
from workbench.engine.structure import NETWORK_NAMES, reserved_ids

HERE = Path()


def codes(found: Analysis) -> list[tuple[str, str]]:
    return [(problem.code, problem.node) for problem in found.problems]


def problem(document: Document) -> Problem:
    """The one problem that a document has."""
    (found,) = analyse(document, HERE).problems
    return found


def shape(found: Analysis, node: str, port: str = "out") -> tuple[int | str, ...]:
    return found.nodes[node].outputs[port].shape


# ---- what is known of a good network


def test_shapes_counts_and_memory_of_a_known_network() -> None:
    document = chain(
        ("x", "input", {"shape": (3, 32, 32)}),
        ("conv", "conv2d", {"out_channels": 8, "kernel_size": (3, 5), "stride": 2, "padding": 1}),
        ("flat", "flatten"),
        ("linear", "linear", {"out_features": 10}),
        ("y", "output"),
        training=Training(optimizer="sgd", momentum=0.9, batch_size=16),
    )
    found = analyse(document, HERE, revision=7)
    assert (found.revision, found.problems, found.ok) == (7, (), True)
    assert shape(found, "conv") == (8, 16, 15)
    assert found.nodes["conv"].parameters == 8 * 3 * 3 * 5 + 8
    assert found.nodes["conv"].flops == 2 * (8 * 16 * 15) * (3 * 3 * 5)
    assert shape(found, "flat") == (8 * 16 * 15,)
    assert found.nodes["linear"].flops == 2 * 8 * 16 * 15 * 10
    assert found.parameters == found.nodes["conv"].parameters + 8 * 16 * 15 * 10 + 10
    assert found.flops == 2 * 8 * 16 * 15 * 45 + 2 * 8 * 16 * 15 * 10
    memory = found.memory
    assert memory.training_bytes is not None
    assert memory.inference_bytes is not None
    assert memory.training_bytes > 4 * found.parameters * 3 > memory.inference_bytes - 2 * 16 * 4 * 3 * 32 * 32 > 0
    twice = analyse(document, HERE)
    assert twice.nodes == found.nodes


@pytest.mark.parametrize(
    ("settings", "shape_in", "flops"),
    [
        ({"out_channels": 4, "kernel_size": 3, "padding": "same", "groups": 2}, (2, 8, 8), 2 * 4 * 64 * 9),
        ({"out_channels": 4, "kernel_size": 1, "dilation": 2}, (2, 8, 8), 2 * 4 * 64 * 2),
        ({"out_channels": 4, "kernel_size": 3, "stride": (2, 1)}, (1, 9, 9), 2 * 4 * 4 * 7 * 9),
    ],
)
def test_flops_of_convolutions(settings: dict[str, Any], shape_in: tuple[int, ...], flops: int) -> None:
    found = analyse(chain(("x", "input", {"shape": shape_in}), ("c", "conv2d", settings), ("y", "output")), HERE)
    assert found.problems == ()
    assert found.nodes["c"].flops == flops == found.flops


def test_flops_of_layers_along_a_sequence() -> None:
    found = analyse(
        chain(
            ("x", "input", {"shape": (7, 16)}),
            ("a", "multihead_attention", {"num_heads": 2}),
            ("r", "lstm", {"hidden_size": 5, "bidirectional": True, "num_layers": 2}),
            ("l", "linear", {"out_features": 3}),
            ("y", "output"),
        ),
        HERE,
    )
    assert found.ok
    projections, products = 4 * 2 * 7 * 16 * 16, 2 * 2 * 7 * 7 * 16
    assert found.nodes["a"].flops == projections + products
    assert found.nodes["r"].flops == 2 * 2 * 4 * 5 * 7 * ((16 + 5) + (10 + 5))
    assert found.nodes["l"].flops == 2 * 7 * 10 * 3
    assert shape(found, "r", "out") == (7, 10)
    assert shape(found, "r", "last") == (10,)


RESIDUAL = graph(
    {
        "x": "block_input",
        "conv1": ("conv2d", {"out_channels": Param("width"), "padding": "same", "bias": False}),
        "norm1": "batch_norm2d",
        "relu1": "relu",
        "conv2": ("conv2d", {"out_channels": Param("width"), "padding": "same", "bias": False}),
        "norm2": "batch_norm2d",
        "sum": "add",
        "relu2": "relu",
        "y": "block_output",
    },
    "x > conv1",
    "conv1 > norm1",
    "norm1 > relu1",
    "relu1 > conv2",
    "conv2 > norm2",
    "norm2 > sum/in_1",
    "x > sum/in_2",
    "sum > relu2",
    "relu2 > y",
)


def resnet(repeat: Any = 3, width: int = 16) -> Document:
    document = Document(
        graph=graph(
            {
                "image": ("input", {"shape": (3, 32, 32)}),
                "stem": ("conv2d", {"out_channels": width, "padding": "same", "bias": False}),
                "stage": (
                    "block",
                    {"definition": "residual", "repeat": repeat, "arguments": {"width": width}},
                ),
                "pool": "global_avg_pool",
                "head": ("linear", {"out_features": 10}),
                "label": "output",
            },
            "image > stem",
            "stem > stage/x",
            "stage/y > pool",
            "pool > head",
            "head > label",
        )
    )
    return with_blocks(document, residual=Block(RESIDUAL, {"width": 8}))


def test_a_resnet_of_repeated_blocks_is_counted_as_by_hand() -> None:
    found = analyse(resnet(), HERE)
    assert found.problems == ()
    width, area = 16, 32 * 32
    stem, conv = 3 * width * 9, width * width * 9
    assert found.parameters == stem + 3 * 2 * (conv + 2 * width) + width * 10 + 10
    assert found.flops == 2 * area * (stem + 6 * conv) + 2 * width * 10
    assert found.nodes["stage"].parameters == 3 * 2 * (conv + 2 * width)
    assert found.nodes["stage"].outputs == {"y": Spec((width, 32, 32))}
    assert shape(found, "stage/2/sum") == (width, 32, 32)
    assert list(found.nodes)[:3] == ["image", "stem", "stage/0/conv1"]


# ---- blocks


def test_defaults_of_parameters_stand_where_nothing_is_given() -> None:
    document = with_blocks(
        chain(("x", "input", {"shape": (4,)}), ("b", "block", {"definition": "wide"}), ("y", "output")),
        wide=Block(
            graph(
                {
                    "in": "block_input",
                    "linear": ("linear", {"out_features": Param("units"), "bias": Param("bias")}),
                    "out": "block_output",
                },
                "in > linear",
                "linear > out",
            ),
            {"units": 7, "bias": False},
        ),
    )
    assert analyse(document, HERE).parameters == 28
    changed = edits.set_setting(document, "b", "arguments", {"units": 2})
    assert analyse(changed, HERE).parameters == 8


def test_blocks_in_blocks_hand_parameters_on() -> None:
    inner = Block(
        graph(
            {"in": "block_input", "l": ("linear", {"out_features": Param("n")}), "out": "block_output"},
            "in > l",
            "l > out",
        ),
        {"n": 1},
    )
    outer = Block(
        graph(
            {
                "in": "block_input",
                "one": ("block", {"definition": "inner", "arguments": {"n": Param("m")}}),
                "two": ("block", {"definition": "inner", "repeat": Param("times"), "arguments": {"n": 6}}),
                "out": "block_output",
            },
            "in > one/in",
            "one > two/in",
            "two > out",
        ),
        {"m": 1, "times": 1},
    )
    document = with_blocks(
        chain(
            ("x", "input", {"shape": (4,)}),
            ("use", "block", {"definition": "outer", "arguments": {"m": 5, "times": 2}}),
            ("y", "output"),
        ),
        inner=inner,
        outer=outer,
    )
    found = analyse(document, HERE)
    assert found.problems == ()
    assert [shape(found, path) for path in ("use/one/l", "use/two/0/l", "use/two/1/l", "use/two", "use")] == [
        (5,),
        (6,),
        (6,),
        (6,),
        (6,),
    ]
    network = Network(study_of(document))
    assert sorted(network.state_dict())[:2] == ["use.one.l.bias", "use.one.l.weight"]


def study_of(document: Document) -> Any:
    from workbench.engine.analyse import study

    return study(document, HERE)


def use(settings: dict[str, Any], *blocks: tuple[str, Graph]) -> Document:
    document = chain(("x", "input", {"shape": (4,)}), ("use", "block", settings), ("l", "linear"), ("y", "output"))
    return with_blocks(document, **dict(blocks))


PASS = graph({"in": "block_input", "l": "linear", "out": "block_output"}, "in > l", "l > out")


@pytest.mark.parametrize(
    ("document", "code", "node"),
    [
        (use({"definition": "none"}), "block.unknown", "use"),
        (use({}), "block.unknown", "use"),
        (use({"definition": 3}), "block.unknown", "use"),
        (use({"definition": "b", "repeat": 0}, ("b", PASS)), "block.repeat", "use"),
        (use({"definition": "b", "repeat": "2"}, ("b", PASS)), "block.repeat", "use"),
        (use({"definition": "b", "arguments": 3}, ("b", PASS)), "block.arguments", "use"),
        (use({"definition": "b", "repeat": Param("n")}, ("b", PASS)), "block.parameter", "use"),
        (
            use(
                {"definition": "b"},
                (
                    "b",
                    graph(
                        {"in": "block_input", "again": ("block", {"definition": "b"}), "out": "block_output"},
                        "in > again/in",
                        "again > out",
                    ),
                ),
            ),
            "block.recursive",
            "use/again",
        ),
        (
            use(
                {"definition": "b", "repeat": 2},
                (
                    "b",
                    graph(
                        {"in": "block_input", "l": "linear", "out": "block_output", "more": "block_output"},
                        "in > l",
                        "l > out",
                        "l > more",
                    ),
                ),
            ),
            "block.repeat_ports",
            "use",
        ),
        (
            use(
                {"definition": "b"},
                (
                    "b",
                    graph(
                        {"in": "block_input", "l": ("linear", {"out_features": Param("n")}), "out": "block_output"},
                        "in > l",
                        "l > out",
                    ),
                ),
            ),
            "block.parameter",
            "use/l",
        ),
        (
            use(
                {"definition": "b"}, ("b", graph({"in": "block_input", "l": "linear", "out": "block_output"}, "in > l"))
            ),
            "port.unconnected",
            "use/out",
        ),
        (
            use(
                {"definition": "b"},
                ("b", graph({"other": "block_input", "l": "linear", "out": "block_output"}, "other > l", "l > out")),
            ),
            "port.unconnected",
            "use",
        ),
        (
            use(
                {"definition": "b"},
                ("b", graph({"in": "block_input", "l": "linear", "end": "block_output"}, "in > l", "l > end")),
            ),
            "port.unknown",
            "l",
        ),
        (
            use(
                {"definition": "b"},
                (
                    "b",
                    graph(
                        {"in": "block_input", "forward": "linear", "out": "block_output"},
                        "in > forward",
                        "forward > out",
                    ),
                ),
            ),
            "node.reserved_id",
            "use/forward",
        ),
    ],
)
def test_trouble_with_a_block_is_told_once_where_it_is(document: Document, code: str, node: str) -> None:
    found = problem(document)
    assert (found.code, found.node, found.severity) == (code, node, "error")
    assert found.scope == ("b" if "/" in node else "")


def test_a_circle_through_a_block_is_named_once() -> None:
    document = use({"definition": "b"}, ("b", PASS))
    document = edits.connect(document, Wire("l", "out", "use", "in"))
    found = problem(document)
    assert (found.code, found.args) == ("graph.circle", {"nodes": ["use", "l"]})
    assert found.fix is not None
    assert ("graph.circle", "use") not in codes(analyse(edits.apply(document, found.fix), HERE))


def test_an_unused_block_may_stand_there_unconnected() -> None:
    document = with_blocks(chain(("b", "block", {"definition": "b"})), b=PASS)
    found = analyse(document, HERE)
    assert [item.severity for item in found.problems] == ["warning", "warning"]
    assert codes(found) == [("port.unconnected", "b"), ("graph.no_output", "")]


def test_blocks_that_grow_without_end_are_cut_off() -> None:
    """Ten levels of ten uses each would be ten milliards of layers."""
    blocks = {}
    for level in range(12):
        inner = "linear" if level == 0 else ("block", {"definition": f"b{level - 1}", "repeat": 1000})
        blocks[f"b{level}"] = graph({"in": "block_input", "x": inner, "out": "block_output"}, "in > x", "x > out")
    found = analyse(use({"definition": "b11", "repeat": 1000}, *blocks.items()), HERE)
    assert [item.code for item in found.problems].count("block.too_many") == 1
    assert found.problems[0].args == {"most": MAX_NODES}


@pytest.mark.parametrize("reverse", [False, True])
def test_a_long_chain_of_blocks_needs_no_deep_stack(reverse: bool) -> None:
    names = [f"use_{number}" for number in range(300)]
    nodes: dict[str, Any] = {name: ("block", {"definition": "b"}) for name in (reversed(names) if reverse else names)}
    wires = [f"{one}/out > {other}/in" for one, other in itertools.pairwise(names)]
    document = with_blocks(
        Document(
            graph=graph(
                {"x": ("input", {"shape": (4,)}), **nodes, "y": "output"}, "x > use_0/in", *wires, "use_299/out > y"
            )
        ),
        b=graph({"in": "block_input", "r": "relu", "out": "block_output"}, "in > r", "r > out"),
    )
    found = analyse(document, HERE)
    assert found.problems == ()
    assert shape(found, "use_299") == (4,)


# ---- ports


def test_two_inputs_and_two_outputs() -> None:
    document = Document(
        graph=graph(
            {
                "a": ("input", {"shape": (4, 6)}),
                "b": ("input", {"shape": (9, 6)}),
                "attend": ("multihead_attention", {"num_heads": 3}),
                "gru": ("gru", {"hidden_size": 5}),
                "one": "output",
                "two": ("output", {"task": "regression"}),
            },
            "a > attend/query",
            "b > attend/key",
            "attend > gru",
            "gru > one",
            "gru/last > two",
        )
    )
    found = analyse(document, HERE)
    assert found.problems == ()
    assert found.nodes["gru"].outputs == {"out": Spec((4, 5)), "last": Spec((5,))}
    network = Network(study_of(document))
    assert (network.inputs, network.outputs) == (["a", "b"], ["one", "two"])


@pytest.mark.parametrize(
    ("layers", "wires", "expected"),
    [
        (
            {"x": ("input", {"shape": (4,)}), "s": "add", "y": "output"},
            ["x > s/in_1", "s > y"],
            ("port.unconnected", "s", "in_2"),
        ),
        (
            {"x": ("input", {"shape": (4,)}), "s": "relu", "y": "output"},
            ["x > s/in", "x > s/other", "s > y"],
            ("port.unknown", "s", "other"),
        ),
        (
            {"x": ("input", {"shape": (4,)}), "s": "relu", "y": "output"},
            ["x > s", "s/side > y"],
            ("port.unknown", "y", "in"),
        ),
        ({"x": ("input", {"shape": (4,)}), "s": "relu", "y": "output"}, ["s > y"], ("port.unconnected", "s", "in")),
        (
            {"x": ("input", {"shape": (4,)}), "s": ("add", {"num_inputs": 99}), "y": "output"},
            ["x > s/in_1", "x > s/in_2", "s > y"],
            ("setting.range", "s", ""),
        ),
        (
            {"x": ("input", {"shape": (4, 4)}), "s": "multihead_attention", "y": "output"},
            ["x > s/key", "s > y"],
            ("port.unconnected", "s", "query"),
        ),
    ],
)
def test_trouble_with_ports(layers: dict[str, Any], wires: list[str], expected: tuple[str, str, str]) -> None:
    found = problem(Document(graph=graph(layers, *wires)))
    assert (found.code, found.node, found.port) == expected


def test_a_wire_that_leaves_the_end_of_a_block_is_named() -> None:
    found = analyse(Document(graph=graph({"e": "block_output", "s": "relu", "y": "output"}, "e > s", "s > y")), HERE)
    assert ("port.unknown", "s") in codes(found)
    assert not found.ok


def test_dangling_layers_are_warned_of_and_do_not_stand_in_the_way() -> None:
    document = Document(
        graph=graph(
            {"x": ("input", {"shape": (4,)}), "y": "output", "spare": "linear", "next": "relu"}, "x > y", "spare > next"
        )
    )
    found = analyse(document, HERE)
    assert codes(found) == [("port.unconnected", "spare")]
    assert found.ok


def test_two_wires_into_one_port_are_named_and_one_can_be_removed() -> None:
    document = Document(
        graph=graph(
            {"a": ("input", {"shape": (4,)}), "b": ("input", {"shape": (5,)}), "l": "linear", "y": "output"},
            "a > l",
            "b > l",
            "l > y",
        )
    )
    found = problem(document)
    assert (found.code, found.node, found.args) == ("port.twice", "l", {"port": "in"})
    assert found.fix is not None
    assert analyse(edits.apply(document, found.fix), HERE).problems == ()


# ---- circles, unknown things, quiet downstream


def test_a_circle_is_named_once_and_what_follows_is_quiet() -> None:
    layers = dict.fromkeys(("a", "b", "c", "after"), "relu") | {"y": "output"}
    document = Document(graph=graph(layers, "a > b", "b > c", "c > a", "c > after", "after > y"))  # type: ignore[arg-type]
    found = problem(document)
    assert found.code == "graph.circle"
    assert sorted(found.args["nodes"]) == ["a", "b", "c"]
    assert found.fix is not None
    mended = analyse(edits.apply(document, found.fix), HERE)
    assert "graph.circle" not in [item.code for item in mended.problems]


def test_a_layer_that_feeds_itself() -> None:
    found = problem(Document(graph=graph({"a": "relu", "y": "output"}, "a > a", "a > y")))
    assert (found.code, found.args, found.node) == ("graph.circle", {"nodes": ["a"]}, "a")


def test_two_circles_are_two_problems() -> None:
    layers = dict.fromkeys("abcd", "relu") | {"y": "output"}
    document = Document(graph=graph(layers, "a > b", "b > a", "c > d", "d > c"))  # type: ignore[arg-type]
    assert [code for code, _ in codes(analyse(document, HERE))] == ["port.unconnected", "graph.circle", "graph.circle"]


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (("bad", "hologram", {"depth": 3}), "node.unknown_type"),
        (("bad", "linear", {"out_features": 0}), "setting.range"),
        (("bad", "linear", {"out_features": "many"}), "setting.type"),
        (("bad", "linear", {"out_features": None}), "setting.missing"),
        (("bad", "linear", {"bias": 1}), "setting.type"),
        (("bad", "gelu", {"approximate": "sin"}), "setting.choice"),
        (("bad", "linear", {"out_features": 10**400}), "setting.range"),
        (("bad", "leaky_relu", {"negative_slope": float("inf")}), "setting.range"),
        (("bad", "leaky_relu", {"negative_slope": float("nan")}), "setting.range"),
        (("forward", "relu", {}), "node.reserved_id"),
        (("steps", "relu", {}), "node.reserved_id"),
        (("code", "relu", {}), "node.reserved_id"),
        (("__class__", "relu", {}), "node.reserved_id"),
        (("bad", "conv2d", {}), "layer.rank"),
        (("bad", "embedding", {}), "embedding.needs_int"),
    ],
)
def test_one_cause_is_told_once(layer: Layer, code: str) -> None:
    document = chain(
        ("x", "input", {"shape": (4,)}), layer, ("l1", "linear"), ("l2", "linear", {"out_features": 2}), ("y", "output")
    )
    found = problem(document)
    assert (found.code, found.node) == (code, layer[0])


def test_every_name_that_the_network_uses_itself_is_reserved() -> None:
    network = Network(study_of(chain(("x", "input", {"shape": (4,)}), ("y", "output"))))
    import torch

    assert set(dir(network)) == set(dir(torch.nn.Module())) | set(NETWORK_NAMES)
    assert set(dir(network)) <= reserved_ids()


def test_an_unknown_setting_is_kept_and_warned_of() -> None:
    document = chain(("x", "input", {"shape": (4,)}), ("l", "linear", {"sparkle": 3}), ("y", "output"))
    found = analyse(document, HERE)
    assert codes(found) == [("setting.unknown", "l")]
    assert found.ok
    assert "l" in found.nodes


def test_a_wrong_setting_can_be_set_back() -> None:
    document = chain(("x", "input", {"shape": (4,)}), ("l", "linear", {"out_features": -3}), ("y", "output"))
    found = problem(document)
    assert found.fix == edits.SetSetting("l", "out_features", 128)
    assert analyse(edits.apply(document, found.fix), HERE).problems == ()


def test_nothing_at_all() -> None:
    assert analyse(Document(), HERE) == Analysis(memory=analyse(Document(), HERE).memory)
    assert codes(analyse(chain(("x", "input", {"shape": (4,)})), HERE)) == [("graph.no_output", "")]


# ---- axes of variable length


def test_variable_axes_have_their_names() -> None:
    document = Document(
        graph=graph(
            {
                "x": ("input", {"shape": ("seq", 8)}),
                "l": ("linear", {"out_features": 3}),
                "t": "permute",
                "c": ("conv1d", {"out_channels": 5, "kernel_size": 3, "padding": "same"}),
                "d": ("conv1d", {"out_channels": 5, "kernel_size": 3}),
                "pool": "global_avg_pool",
                "h": ("linear", {"out_features": 2}),
                "y": "output",
                "z": "output",
            },
            "x > l",
            "l > t",
            "t > c",
            "c > d",
            "d > pool",
            "pool > h",
            "h > y",
            "c > z",
        )
    )
    found = analyse(document, HERE)
    assert found.problems == ()
    assert shape(found, "x") == ("seq", 8)
    assert shape(found, "l") == ("seq", 3)
    assert shape(found, "t") == (3, "seq")
    assert shape(found, "c") == (5, "seq")
    fresh = shape(found, "d")
    assert fresh[0] == 5
    assert isinstance(fresh[1], str)
    assert fresh[1] != "seq"
    assert shape(found, "h") == (2,)
    assert found.flops is None
    assert {item.flops for item in found.nodes.values()} == {None}
    assert found.memory.training_bytes is None
    assert found.parameters == (8 * 3 + 3) + (5 * 3 * 3 + 5) + (5 * 5 * 3 + 5) + (5 * 2 + 2)


def test_two_variable_axes_are_told_apart() -> None:
    found = analyse(
        Document(
            graph=graph(
                {
                    "a": ("input", {"shape": ("n", 4)}),
                    "b": ("input", {"shape": ("m", 4)}),
                    "p": ("matmul", {"transpose_b": True}),
                    "y": "output",
                },
                "a > p/a",
                "b > p/b",
                "p > y",
            )
        ),
        HERE,
    )
    assert found.problems == ()
    assert shape(found, "p") == ("n", "m")


@pytest.mark.parametrize(
    "layers",
    [
        [("flat", "flatten"), ("bad", "linear")],
        [("bad", "layer_norm", {"axes": 2, "elementwise_affine": False})],
        [("bad", "layer_norm", {"axes": 2})],
        [("bad", "batch_norm1d", {"affine": False})],
        [("bad", "reshape", {"shape": (19, 16)})],
        [("t", "permute"), ("bad", "lstm")],
        [("t", "permute"), ("bad", "multihead_attention", {"num_heads": 2})],
    ],
)
def test_a_layer_for_one_length_only_is_named(layers: list[Layer]) -> None:
    document = chain(("x", "input", {"shape": ("seq", 8)}), *layers, ("y", "output"))
    found = problem(document)
    assert (found.code, found.node, found.args) == ("layer.fixed_length", "bad", {"names": ["seq"]})


# ---- data


def test_inputs_and_outputs_are_bound_to_columns() -> None:
    document = chain(
        ("x", "input"), ("f", "flatten"), ("l", "linear", {"out_features": 10}), ("y", "output"), data=Data("digits")
    )
    found = analyse(document, HERE)
    assert found.problems == ()
    assert shape(found, "x") == (1, 28, 28)
    assert [column.name for column in found.columns] == ["image", "label"]


DIGITS = Data("digits")


@pytest.mark.parametrize(
    ("layers", "code", "node"),
    [
        ([("x", "input", {"column": "sound"})], "input.no_column", "x"),
        (
            [("x", "input"), ("f", "flatten"), ("l", "linear", {"out_features": 7}), ("y", "output")],
            "classification.width",
            "y",
        ),
        ([("x", "input"), ("f", "flatten"), ("y", "output")], "classification.width", "y"),
        ([("x", "input"), ("y", "output")], "classification.width", "y"),
        (
            [
                ("x", "input"),
                ("f", "flatten"),
                ("l", "linear", {"out_features": 10}),
                ("y", "output", {"task": "regression"}),
            ],
            "output.no_target",
            "y",
        ),
        (
            [
                ("x", "input"),
                ("f", "flatten"),
                ("l", "linear", {"out_features": 10}),
                ("y", "output", {"target": "age"}),
            ],
            "output.no_column",
            "y",
        ),
        (
            [
                ("x", "input"),
                ("f", "flatten"),
                ("l", "linear", {"out_features": 10}),
                ("y", "output", {"target": "label", "task": "regression"}),
            ],
            "output.kind",
            "y",
        ),
        (
            [("x", "input"), ("f", "flatten"), ("l", "linear", {"out_features": 10}), ("y", "output", {"loss": "mse"})],
            "output.loss",
            "y",
        ),
        (
            [
                ("x", "input"),
                ("f", "flatten"),
                ("l", "linear", {"out_features": 10}),
                ("s", "softmax"),
                ("y", "output"),
            ],
            "output.softmax",
            "y",
        ),
    ],
)
def test_what_does_not_suit_the_data_can_be_mended(layers: list[Layer], code: str, node: str) -> None:
    document = chain(*layers, data=DIGITS)
    found = next(item for item in analyse(document, HERE).problems if item.code != "graph.no_output")
    assert (found.code, found.node) == (code, node)
    assert found.severity == ("warning" if code == "output.softmax" else "error")
    for _ in range(3):  # a flatten first, then a linear layer
        if found.fix is None:
            break
        document = edits.apply(document, found.fix)
        left = [item for item in analyse(document, HERE).problems if item.code != "graph.no_output"]
        if not left:
            return
        found = left[0]
    pytest.fail(f"no remedy for {found}")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Data("holograms"), "data.unknown_source"),
        (Data("image_folder"), "data.no_path"),
        (Data("image_folder", {"path": "/none"}), "data.no_folder"),
        (Data("csv", {"path": "/none.csv"}), "file.unreadable"),
        (Data("csv", {"path": 3}), "setting.type"),
        (Data("digits", {"colour": True}), "setting.unknown"),
    ],
)
def test_data_that_cannot_be_read_is_told_once(data: Data, code: str) -> None:
    document = chain(
        ("x", "input", {"column": "image"}),
        ("f", "flatten"),
        ("l", "linear"),
        ("y", "output", {"target": "label"}),
        data=data,
    )
    assert problem(document).code == code


@pytest.mark.parametrize(
    ("training", "split", "name"),
    [
        (Training(learning_rate=-1.0), Split(), "learning_rate"),
        (Training(learning_rate=float("inf")), Split(), "learning_rate"),
        (Training(epochs=0), Split(), "epochs"),
        (Training(batch_size=0), Split(), "batch_size"),
        (Training(momentum=1.5), Split(), "momentum"),
        (Training(weight_decay=-0.1), Split(), "weight_decay"),
        (Training(seed=-1), Split(), "seed"),
        (Training(), Split(validation=1.5), "validation"),
        (Training(), Split(test=-0.5), "test"),
        (Training(), Split(seed=-1), "seed"),
    ],
)
def test_training_settings_out_of_range_are_problems(training: Training, split: Split, name: str) -> None:
    document = chain(
        ("x", "input"),
        ("f", "flatten"),
        ("l", "linear", {"out_features": 10}),
        ("y", "output"),
        data=Data("digits", {}, split),
        training=training,
    )
    found = problem(document)
    assert (found.code, found.args["name"], found.severity) == ("setting.range", name, "error")


def test_layers_of_the_settings_of_training_that_are_not_there_are_problems_with_a_remedy() -> None:
    document = chain(
        ("x", "input", {"shape": (4,)}), ("l", "linear"), ("y", "output"),
        training=Training(frozen=("gone", "l"), rates=(("l", 0.1), ("lost", 0.5))),
    )  # fmt: skip
    found = problem(document)
    assert (found.code, found.args["found"], found.severity) == ("training.no_node", ["gone", "lost"], "error")
    assert found.fix is not None
    mended = edits.apply(document, found.fix)
    assert (mended.training.frozen, mended.training.rates) == (("l",), (("l", 0.1),))
    renamed = edits.rename(mended, "l", "Something else")
    assert analyse(renamed, Path()).problems == analyse(mended, Path()).problems


def test_an_unknown_optimiser_is_a_problem() -> None:
    found = problem(
        chain(("x", "input", {"shape": (4,)}), ("l", "linear"), ("y", "output"), training=Training(optimizer="magic"))
    )
    assert (found.code, found.args["found"]) == ("training.optimizer", "magic")


# ---- whatever the document


@given(strategies.documents())
def test_no_document_makes_it_raise(document: Document) -> None:
    analyse(document, HERE)


def fitting(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Values that a form would let through, and some that it would not."""
    low, high = (
        int(info.minimum if info.minimum is not None else -8),
        int(info.maximum if info.maximum is not None else 2**53),
    )
    whole = st.integers(low, min(high, low + 12)) | st.sampled_from([low, min(high, 2**40), high])
    by_kind = {
        "int": whole,
        "pair": whole | st.tuples(whole, whole),
        "ints": st.lists(whole | st.sampled_from(["seq", "n"]), max_size=4).map(tuple),
        "float": st.floats(low, min(high, 1e6)),
        "bool": st.booleans(),
    }
    usual = by_kind.get(info.kind, strategies.texts)
    words = st.sampled_from(info.choices) if info.choices else st.nothing()
    return st.one_of(usual, words, st.just(info.default), strategies.values)


@st.composite
def nodes(draw: st.DrawFn, name: str) -> Node:
    kind = draw(st.sampled_from([*LAYERS, "block", "block_input", "block_output", "hologram"]))
    if kind == "block":
        settings = {
            "definition": draw(st.sampled_from(["b", "c", 3])),
            "repeat": draw(st.sampled_from([1, 2, 0, True, None, "x", Param("p")])),
            "arguments": draw(st.sampled_from([{}, {"p": 2}, {"p": Param("p")}, 3, None, ("p",)])),
        }
        return Node(name, kind, settings)
    fields = LAYERS[kind].info.fields if kind in LAYERS else ()
    return Node(
        name, kind, {info.name: draw(fitting(info) | st.just(Param("p"))) for info in fields if draw(st.booleans())}
    )


@st.composite
def plausible(draw: st.DrawFn, inside: bool = False) -> Graph:
    names = [f"n{number}" for number in range(draw(st.integers(1, 6)))] + draw(
        st.sampled_from([[], ["forward"], ["steps"]])
    )
    found = {name: draw(nodes(name)) for name in names}
    if not inside:
        found["x"] = Node(
            "x",
            "input",
            {
                "shape": draw(st.sampled_from([(), (4,), (1, 8, 8), ("seq", 4), (6, 4), ("a", "b", 4)])),
                "dtype": draw(st.sampled_from(["float32", "int64"])),
            },
        )
        found["y"] = Node("y", "output")
    ends = st.sampled_from(sorted(found))
    ports = {
        "src": st.sampled_from(["out", "out", "out", "last", "n0"]),
        "dst": st.sampled_from(["in", "in", "in", "in_1", "in_2", "query", "key", "a", "b", "n1"]),
    }
    wires = draw(st.lists(st.builds(Wire, ends, ports["src"], ends, ports["dst"]), max_size=12))
    return Graph(found, frozenset(wires))


@st.composite
def plausible_documents(draw: st.DrawFn) -> Document:
    blocks = {name: Block(draw(plausible(inside=True)), draw(st.sampled_from([{}, {"p": 3}]))) for name in "bc"}
    return Document(graph=draw(plausible()), blocks=blocks, data=draw(st.sampled_from([None, DIGITS])))


@given(plausible_documents())
def test_no_network_of_real_layers_makes_it_raise(document: Document) -> None:
    found = analyse(document, HERE)
    for item in found.problems:
        if item.fix is not None:
            edits.apply(document, item.fix)
