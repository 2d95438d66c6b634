"""From one text to another: an encoder reads, a decoder writes (Vaswani et al., Attention Is All You Need, 2017)."""

from model_zoo.ends import ended, identifier, input_of
from model_zoo.sketch import Row, Sketch
from model_zoo.texts import PADDING
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training


def encoder_decoder(
    title: str, data: Data, source: ColumnSummary, so_far: ColumnSummary, target: ColumnSummary, width: int = 128
) -> Document:
    """A Transformer of two encoder and two decoder layers.

    Args:
        title: of the document.
        data: its data.
        source: tokens of the text that is read.
        so_far: tokens of the text that is written, from its beginning mark on.
        target: the same, one token further.
        width: of the tokens' vectors.
    """
    sketch = Sketch()
    ends, masks = [], []
    for column in (source, so_far):
        name = identifier(column.name)
        read = sketch.layer(input_of(column))
        words = {"num_embeddings": column.size, "embedding_dim": width, "padding_idx": PADDING}
        rows: list[Row] = [
            (f"{name}_embedding", "embedding", words),
            (f"{name}_position", "sinusoidal_encoding", {}),
            (f"{name}_dropout", "dropout", {"p": 0.1}),
        ]
        ends.append(sketch.layers(rows, read))
        masks.append(sketch.layer((f"{name}_mask", "padding_mask", {}), read))
    stack = {"num_layers": 2, "nhead": 4, "dim_feedforward": 4 * width, "norm_first": True, "final_norm": True}
    memory = sketch.layer(("encoder", "transformer_encoder", stack), ends[0], padding_mask=masks[0])
    ports = {"memory": memory, "padding_mask": masks[1], "memory_mask": masks[0]}
    written = sketch.layer(("decoder", "transformer_decoder", {**stack, "causal": True}), ends[1], **ports)
    ended(sketch, written, target, "sequence")
    training = Training(
        optimizer="adamw",
        learning_rate=1e-3,
        epochs=20,
        batch_size=64,
        weight_decay=0.01,
        label_smoothing=0.1,
        schedule="one_cycle",
        clip_norm=1.0,
    )
    return sketch.document(title, data, training)
