"""The source of a network runs by itself, takes the same weights and gives the same outputs."""

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import model_zoo
from tests.engine.examples import EXAMPLES, Example, ids
from tests.engine.test_layers import document_of
from workbench.core import edits
from workbench.core.document import Block, Document, Graph, Node, Param, Wire
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT
from workbench.core.messages import Source
from workbench.core.problems import ProblemError
from workbench.engine.analyse import Study, study
from workbench.engine.compile import compiled
from workbench.engine.source import source_of

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # costs a copy, no more


def built(source: Source, folder: Path) -> nn.Module:
    """The network that the source itself makes."""
    path = folder / "model.py"
    path.write_text(source.text)
    tree = ast.parse(source.text)
    name = next(node.name for node in reversed(tree.body) if isinstance(node, ast.ClassDef))
    model = runpy.run_path(str(path))[name]()
    assert isinstance(model, nn.Module)
    return model


def samples(known: Study) -> list[torch.Tensor]:
    torch.manual_seed(3)
    found = []
    for path, flat in known.flat.nodes.items():
        if flat.node.type == "input" and path in known.used:
            spec = known.known[path, "out"]
            made = torch.randn(3, *spec.shape) if spec.floating else torch.randint(0, 5, (3, *spec.shape))
            found.append(made.to(getattr(torch, spec.dtype)))
    return found


def assert_the_same(document: Document, folder: Path) -> Source:
    known = study(document, folder)
    network = compiled(known).eval()
    source = source_of(known)
    model = built(source, folder).eval()
    model.load_state_dict(network.state_dict())
    given = samples(known)
    with torch.no_grad():
        expected, found = network(*given), model(*given)
    for one, other in zip(expected, found if isinstance(found, tuple) else (found,), strict=True):
        torch.testing.assert_close(other, one, rtol=0, atol=0, equal_nan=True)
    return source


@pytest.mark.parametrize("name", model_zoo.ZOO)
def test_models_of_the_zoo(name: str, tmp_path: Path) -> None:
    source = assert_the_same(model_zoo.document(name), tmp_path)
    lines = source.text.splitlines()
    for place, numbers in source.lines.items():
        node = place.rpartition("/")[2]
        said = [lines[number - 1] for number in numbers]
        assert any(node in line or line.strip().startswith("return") for line in said)


def residual_network() -> Document:
    """Two uses of a residual block of different width, the second three times over, and a projection between."""
    inner = Graph(
        {
            "x": Node("x", BLOCK_INPUT),
            "norm": Node("norm", "layer_norm"),
            "linear": Node("linear", "linear", {"out_features": Param("width")}),
            "relu": Node("relu", "relu"),
            "sum": Node("sum", "add"),
            "y": Node("y", BLOCK_OUTPUT),
        },
        frozenset(
            Wire(*ends)
            for ends in (
                ("x", "out", "norm", "in"),
                ("norm", "out", "linear", "in"),
                ("linear", "out", "relu", "in"),
                ("x", "out", "sum", "in_1"),
                ("relu", "out", "sum", "in_2"),
                ("sum", "out", "y", "in"),
            )
        ),
    )
    document = edits.define_block(Document(title="Residual net"), "residual", Block(inner, {"width": 8}, "Residual"))
    document, _ = edits.add_node(document, "input", {"shape": (8,)}, id="start")
    document, _ = edits.add_node(document, BLOCK, {"definition": "residual"}, id="first")
    document, _ = edits.add_node(document, "linear", {"out_features": 12}, id="wider")
    settings = {"definition": "residual", "arguments": {"width": 12}, "repeat": 3}
    document, _ = edits.add_node(document, BLOCK, settings, id="deep")
    document, _ = edits.add_node(document, "output", id="end")
    for ends in (
        ("start", "out", "first", "x"),
        ("first", "y", "wider", "in"),
        ("wider", "out", "deep", "x"),
        ("deep", "y", "end", "in"),
    ):
        document = edits.connect(document, Wire(*ends))
    return document


def test_blocks_are_classes_and_repeats_are_loops(tmp_path: Path) -> None:
    source = assert_the_same(residual_network(), tmp_path)
    assert source.text.count("(nn.Module)") == 3, "the block, the network, and what adds"
    assert "def __init__(self, width: int) -> None:" in source.text
    assert "self.deep = nn.ModuleList(Residual(12) for _ in range(3))" in source.text
    assert "for part in self.deep:" in source.text
    assert "residual/linear" in source.lines


def test_a_bypassed_layer_is_not_there(tmp_path: Path) -> None:
    document = edits.bypass(residual_network(), ["norm"], True, scope="residual")
    source = assert_the_same(document, tmp_path)
    assert "norm" not in source.text
    assert_the_same(edits.bypass(residual_network(), ["deep"], True), tmp_path)


def test_blocks_in_blocks_and_turns_that_differ(tmp_path: Path) -> None:
    """The first turn reads 5 features and the others 8: a list of parts that are not made alike."""
    inner = Graph(
        {
            "x": Node("x", BLOCK_INPUT),
            "linear": Node("linear", "linear", {"out_features": 8}),
            "y": Node("y", BLOCK_OUTPUT),
        },
        frozenset({Wire("x", "out", "linear", "in"), Wire("linear", "out", "y", "in")}),
    )
    outer = Graph(
        {
            "x": Node("x", BLOCK_INPUT),
            "use": Node("use", BLOCK, {"definition": "dense", "repeat": 2}),
            "y": Node("y", BLOCK_OUTPUT),
        },
        frozenset({Wire("x", "out", "use", "x"), Wire("use", "y", "y", "in")}),
    )
    document = Document(blocks={"dense": Block(inner), "two": Block(outer, title="2 of them")})
    document, _ = edits.add_node(document, "input", {"shape": (5,)}, id="start")
    document, _ = edits.add_node(document, BLOCK, {"definition": "two", "repeat": 2}, id="use")
    document, _ = edits.add_node(document, "output", id="end")
    document = edits.connect(document, Wire("start", "out", "use", "x"))
    document = edits.connect(document, Wire("use", "y", "end", "in"))
    source = assert_the_same(document, tmp_path)
    assert "nn.ModuleList([" in source.text


def test_what_torch_does_not_have_comes_along(tmp_path: Path) -> None:
    """Attention and recurrent layers with their wrappers; a second output; an input of whole numbers."""
    document, _ = edits.add_node(Document(), "input", {"shape": (7,), "dtype": "int64"}, id="words")
    for kind, settings in (
        ("embedding", {"num_embeddings": 9, "embedding_dim": 8}),
        ("lstm", {"hidden_size": 4, "bidirectional": True}),
        ("multihead_attention", {"num_heads": 2, "causal": True}),
        ("transformer_encoder_layer", {"nhead": 2, "dim_feedforward": 16, "causal": True}),
        ("output", {}),
        ("output", {}),
    ):
        document, _ = edits.add_node(document, kind, settings)
    for ends in (
        ("words", "out", "embedding_1", "in"),
        ("embedding_1", "out", "lstm_1", "in"),
        ("lstm_1", "out", "multihead_attention_1", "query"),
        ("multihead_attention_1", "out", "transformer_encoder_layer_1", "in"),
        ("transformer_encoder_layer_1", "out", "output_1", "in"),
        ("lstm_1", "last", "output_2", "in"),
    ):
        document = edits.connect(document, Wire(*ends))
    source = assert_the_same(document, tmp_path)
    assert "workbench." not in source.text


def test_names_that_python_keeps_for_itself(tmp_path: Path) -> None:
    document, _ = edits.add_node(Document(), "input", {"shape": (5,)}, id="torch")
    document, _ = edits.add_node(document, "linear", id="lambda")
    document, _ = edits.add_node(document, "output", id="self")
    document = edits.connect(document, Wire("torch", "out", "lambda", "in"))
    assert_the_same(edits.connect(document, Wire("lambda", "out", "self", "in")), tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=ids)
def test_every_layer_can_be_written(example: Example, tmp_path: Path) -> None:
    assert_the_same(document_of(example), tmp_path)


def test_a_broken_network_has_no_source(tmp_path: Path) -> None:
    document = edits.disconnect(residual_network(), residual_network().graph.wires)
    with pytest.raises(ProblemError):
        source_of(study(document, tmp_path))


def test_the_file_runs_without_the_program(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(source_of(study(residual_network(), tmp_path)).text)
    said = subprocess.run(
        [sys.executable, "-I", "model.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout == "(2, 12)\n"
