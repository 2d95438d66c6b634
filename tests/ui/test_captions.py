"""What stands below a node's title reads as people say it."""

import pytest

from workbench.core.catalogue import shipped
from workbench.core.document import Document, Node, Settings
from workbench.ui.captions import settings_caption


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
