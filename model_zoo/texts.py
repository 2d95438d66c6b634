"""Networks that read a text to its end and say one thing of it."""

from model_zoo.ends import ended, input_of
from model_zoo.registry import model
from model_zoo.sketch import Row, Sketch
from workbench.core.analysis import ColumnSummary
from workbench.core.document import ColumnUse, Data, Document, Settings, Split, Step, Training

PADDING = 0
"""The number of the token that stands for nothing."""


@model("Film reviews, LSTM", "Language")
def imdb_lstm() -> Document:
    """Reads a review word by word, and says after the last one whether it is good; copies stay in one split."""
    ending = Step("truncate", {"max_length": 256, "keep": "tail"})  # where reviews say what they come to
    steps = (Step("clean_text"), Step("words"), ending)
    data = Data("imdb", columns={"text": ColumnUse(steps=steps)}, split=Split(together=True))
    text = ColumnSummary("text", "tokens", ("text",), "int64", size=20_000)
    return text_lstm("Film reviews, LSTM", data, text, ColumnSummary("sentiment", "label", (), "int64", ("neg", "pos")))


def text_bag(title: str, data: Data, text: ColumnSummary, *targets: ColumnSummary) -> Document:
    """The mean of the words' vectors, whatever their order (Joulin et al., 2016: fastText)."""
    sketch = Sketch()
    words = {"num_embeddings": text.size, "embedding_dim": 64, "padding_idx": PADDING}
    bag = sketch.layer(("embedding_bag_1", "embedding_bag", words), sketch.layer(input_of(text)))
    end = sketch.layer(("dropout_1", "dropout", {"p": 0.3}), bag)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adam", learning_rate=3e-3, epochs=10, batch_size=64, patience=2)
    return sketch.document(title, data, training)


def text_lstm(title: str, data: Data, text: ColumnSummary, *targets: ColumnSummary) -> Document:
    """Words' vectors of 100, an LSTM of 256 (Hochreiter and Schmidhuber, 1997), and its state after the last word."""
    sketch = Sketch()
    read = sketch.layer(input_of(text))
    vectors = sketch.layer(("embedding_1", "embedding", _embedding(text, 100)), read)
    states = sketch.layer(("lstm_1", "lstm", {"hidden_size": 256}), vectors)
    mask = sketch.layer(("padding_mask_1", "padding_mask", {}), read)
    end = sketch.layer(("last_step_1", "last_step", {}), states, padding_mask=mask)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adam", learning_rate=2e-3, epochs=10, batch_size=64, patience=2)
    return sketch.document(title, data, training)


def text_cnn(title: str, data: Data, text: ColumnSummary, *targets: ColumnSummary) -> Document:
    """Convolutions over 3, 5 and 7 words, of each the strongest answer (Kim, 2014)."""
    sketch = Sketch()
    read = sketch.layer(input_of(text))
    vectors = sketch.layer(("embedding_1", "embedding", _embedding(text, 100)), read)
    across = sketch.layer(("permute_1", "permute", {"dims": (2, 1)}), vectors)
    mask = sketch.layer(("padding_mask_1", "padding_mask", {}), read)
    strongest = []
    for words in (3, 5, 7):
        conv = {"out_channels": 64, "kernel_size": words, "padding": words // 2, "bias": False}
        rows: list[Row] = [
            (f"conv1d_{words}", "conv1d", conv),
            (f"relu_{words}", "relu", {}),
            (f"back_{words}", "permute", {"dims": (2, 1)}),
        ]
        steps = sketch.layers(rows, across)
        strongest.append(sketch.layer((f"strongest_{words}", "masked_max", {}), steps, padding_mask=mask))
    joined = sketch.layer(("concat_1", "concat", {"num_inputs": 3, "dim": 1}), *strongest)
    end = sketch.layer(("dropout_1", "dropout", {"p": 0.5}), joined)
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adam", epochs=10, batch_size=64, patience=2)
    return sketch.document(title, data, training)


def text_transformer(title: str, data: Data, text: ColumnSummary, *targets: ColumnSummary) -> Document:
    """Two Transformer encoder layers (Vaswani et al., 2017), then the mean over the words."""
    sketch = Sketch()
    read = sketch.layer(input_of(text))
    mask = sketch.layer(("padding_mask_1", "padding_mask", {}), read)
    rows = [
        ("embedding_1", "embedding", _embedding(text, 128)),
        ("sinusoidal_encoding_1", "sinusoidal_encoding", {}),
        ("dropout_1", "dropout", {"p": 0.1}),
    ]
    stack = {"num_layers": 2, "nhead": 4, "dim_feedforward": 256, "norm_first": True, "final_norm": True}
    words = sketch.layer(
        ("transformer_encoder_1", "transformer_encoder", stack), sketch.layers(rows, read), padding_mask=mask
    )
    end = sketch.layer(("masked_mean_1", "masked_mean", {}), words, padding_mask=mask)
    for target in targets:
        ended(sketch, end, target)
    training = Training(
        optimizer="adamw",
        learning_rate=5e-4,
        epochs=8,
        batch_size=32,
        weight_decay=0.01,
        schedule="one_cycle",
        patience=3,
    )
    return sketch.document(title, data, training)


def token_tagger(title: str, data: Data, text: ColumnSummary, *targets: ColumnSummary) -> Document:
    """A bidirectional LSTM that says something of every word (Huang, Xu and Yu, 2015)."""
    sketch = Sketch()
    read = sketch.layer(input_of(text))
    rows = [
        ("embedding_1", "embedding", _embedding(text, 100)),
        ("dropout_1", "dropout", {"p": 0.3}),
    ]
    mask = sketch.layer(("padding_mask_1", "padding_mask", {}), read)
    lstm = ("lstm_1", "lstm", {"hidden_size": 128, "bidirectional": True})
    states = sketch.layer(lstm, sketch.layers(rows, read), padding_mask=mask)
    end = sketch.layer(("dropout_2", "dropout", {"p": 0.3}), states)
    for target in targets:
        ended(sketch, end, target, "token_tagging")
    return sketch.document(title, data, Training(optimizer="adam", epochs=10, batch_size=32, patience=2))


def _embedding(text: ColumnSummary, dimensions: int) -> Settings:
    return {"num_embeddings": text.size, "embedding_dim": dimensions, "padding_idx": PADDING}
