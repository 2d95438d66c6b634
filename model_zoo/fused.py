"""One network for several inputs of any kinds: each is read by a small network of its own, and all are joined."""

from model_zoo.ends import INPUTS, ended, identifier, input_of
from model_zoo.pictures import conv_unit, halvings
from model_zoo.sketch import Row, Sketch
from model_zoo.texts import PADDING
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training


def fused(title: str, data: Data, *columns: ColumnSummary) -> Document:
    """Vectors of pictures, texts, sounds and tables side by side, and linear layers over them for each target."""
    sketch = Sketch()
    inputs = [column for column in columns if column.kind in INPUTS]
    vectors = [sketch.layers(_reader(column), sketch.layer(input_of(column))) for column in inputs]
    end = vectors[0]
    if len(vectors) > 1:
        end = sketch.layer(("concat_1", "concat", {"num_inputs": len(vectors), "dim": 1}), *vectors)
    rows: list[Row] = [
        ("linear_1", "linear", {"out_features": 128}),
        ("relu_1", "relu", {}),
        ("dropout_1", "dropout", {"p": 0.3}),
    ]
    end = sketch.layers(rows, end)
    for target in columns:
        if target.kind not in INPUTS:
            ended(sketch, end, target)
    training = Training(optimizer="adamw", epochs=20, batch_size=64, weight_decay=0.01, patience=4)
    return sketch.document(title, data, training)


def _reader(column: ColumnSummary) -> list[Row]:
    name = identifier(column.name)
    if column.kind == "tokens":
        words = {"num_embeddings": column.size, "embedding_dim": 64, "padding_idx": PADDING}
        return [(f"{name}_embedding_bag", "embedding_bag", words)]
    if column.kind in ("image", "audio"):
        rows: list[Row] = [(f"{name}_unsqueeze", "unsqueeze", {"dim": 1})] if column.kind == "audio" else []
        depth = 3 if column.kind == "audio" else min(3, halvings(column))
        for number in range(1, depth + 1):
            pool = (f"max_pool2d_{number}", "max_pool2d", {"kernel_size": 2})
            rows += [
                (f"{name}_{id}", kind, settings) for id, kind, settings in [*conv_unit(number, 16 * 2**number), pool]
            ]
        return [*rows, (f"{name}_global_avg_pool", "global_avg_pool", {})]
    rows = [(f"{name}_flatten", "flatten", {})] if len(column.shape) > 1 else []
    return [*rows, (f"{name}_linear", "linear", {"out_features": 64}), (f"{name}_relu", "relu", {})]
