"""What stands below a node's title reads as people say it."""

import pytest
from msgspec.structs import replace

from workbench.core import edits
from workbench.core.catalogue import shipped
from workbench.core.document import Block, Document, Node, Param, Settings
from workbench.ui.captions import settings_caption
from workbench.ui.scene import name_of, title_of


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("layer_norm", {}, "last axis"),
        ("layer_norm", {"axes": 2}, "last 2 axes"),
        ("conv2d", {"out_channels": 1}, "1 filter · 3×3"),
        ("conv2d", {"padding": "same", "stride": (2, 1)}, "32 filters · 3×3 · stride 2×1 · same"),
        ("multihead_attention", {"num_heads": 1}, "1 head"),
        ("softmax", {}, "axis -1"),
        ("dropout", {"p": 0.1}, "probability 0.1"),
        ("input", {"shape": (1, "seq")}, "1 × seq"),
    ],
)
def test_a_caption_reads_naturally(kind: str, settings: Settings, said: str) -> None:
    assert settings_caption(Document(), Node("a", kind, settings), shipped().layers[kind]) == said


def test_a_repeated_block_says_so_whatever_it_is_called() -> None:
    document = edits.define_block(Document(), "part", Block(title="Part"))
    document, use = edits.add_node(document, "block", {"definition": "part", "repeat": 12}, id="use")
    node = document.graph.nodes[use]
    assert title_of(node, shipped(), document) == "12 × Part"
    assert name_of(node, shipped(), document) == "Part"
    assert title_of(replace(node, label="Body"), shipped(), document) == "12 × Body"
    given = {"causal": True, "dropout": 0.0, "bias": False, "hidden_size": Param("width")}
    said = settings_caption(document, replace(node, settings={**node.settings, "arguments": given}), None)
    assert said == "causal · dropout 0 · not bias · hidden size = width"
