"""Language models that read from left to right (Radford et al., 2019: GPT-2), in small."""

from model_zoo.blocks import transformer_block
from model_zoo.registry import model
from model_zoo.sketch import chain, with_parts
from workbench.core.document import Data, Document, Training

CHARACTERS = 22
"""So many different ones occur in sums in words: letters, space, hyphen, full stop and line end."""


@model("GPT, mini", "Language")
def gpt_mini() -> Document:
    """Twelve Transformer blocks of width 64 that learn to write sums in words, letter by letter."""
    block = {"causal": True, "dropout": 0.0}
    return with_parts(
        chain(
            "GPT, mini",
            ("text", "input", {"column": "text"}),
            ("embedding_1", "embedding", {"num_embeddings": CHARACTERS, "embedding_dim": 64}),
            ("position_embedding_1", "position_embedding", {"num_positions": 64}),
            ("blocks", "block", {"definition": "transformer_block", "repeat": 12, "arguments": block}),
            ("layer_norm_1", "layer_norm", {}),
            ("linear_1", "linear", {"out_features": CHARACTERS, "bias": False}),
            ("next", "output", {"task": "classification", "target": "next"}),
            data=Data("sums"),
            training=Training(optimizer="adamw", epochs=20, batch_size=32, learning_rate=1e-3),
        ),
        transformer_block(),
    )
