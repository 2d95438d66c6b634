"""Language models that read from left to right (Radford et al., 2019: GPT-2), in small."""

from model_zoo.blocks import transformer_block
from model_zoo.ends import input_of, output_of
from model_zoo.registry import model
from model_zoo.sketch import chain, with_parts
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Settings, Training

CHARACTERS = 22
"""So many different ones occur in sums in words: letters, space, hyphen, full stop and line end."""


def gpt(
    title: str, data: Data, text: ColumnSummary, target: ColumnSummary, *, width: int = 128, blocks: int = 4
) -> Document:
    """Transformer blocks that foresee each token from those before it.

    Args:
        title: of the document.
        data: its data.
        text: windows of tokens, all of one length.
        target: the same windows, one token further.
        width: of the tokens' vectors.
        blocks: how many Transformer blocks stand behind one another.
    """
    (length,) = text.shape
    vocabulary = len(target.classes)
    arguments: Settings = {"width": width, "hidden": 4 * width, "causal": True, "dropout": 0.1}
    use = {"definition": "transformer_block", "repeat": blocks, "arguments": arguments}
    return with_parts(
        chain(
            title,
            input_of(text),
            ("embedding_1", "embedding", {"num_embeddings": max(text.size, vocabulary), "embedding_dim": width}),
            ("position_embedding_1", "position_embedding", {"num_positions": length}),
            ("dropout_1", "dropout", {"p": 0.1}),
            ("blocks", "block", use),
            ("layer_norm_1", "layer_norm", {}),
            ("linear_1", "linear", {"out_features": vocabulary, "bias": False}),
            output_of(target, "language_modelling"),
            data=data,
            training=Training(
                optimizer="adamw",
                learning_rate=1e-3,
                epochs=10,
                batch_size=32,
                weight_decay=0.1,
                no_decay=True,
                schedule="cosine",
                warmup=100,
                clip_norm=1.0,
            ),
        ),
        transformer_block(),
    )


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
            ("next", "output", {"task": "language_modelling", "target": "next"}),
            data=Data("sums"),
            training=Training(optimizer="adamw", epochs=20, batch_size=32, learning_rate=1e-3),
        ),
        transformer_block(),
    )
