"""Networks for tables, whose columns have been joined to one vector of numbers."""

from model_zoo.ends import ended, input_of
from model_zoo.registry import model
from model_zoo.sketch import Sketch
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training

CULTIVARS = ("class_0", "class_1", "class_2")
FEATURES = ColumnSummary("features", "table", (1,), "float32")


def table_mlp(title: str, data: Data, table: ColumnSummary, *targets: ColumnSummary) -> Document:
    """A multilayer perceptron of two hidden layers."""
    sketch = Sketch()
    end = sketch.layers(
        [
            ("linear_1", "linear", {"out_features": 64}),
            ("relu_1", "relu", {}),
            ("linear_2", "linear", {"out_features": 64}),
            ("relu_2", "relu", {}),
        ],
        sketch.layer(input_of(table)),
    )
    for target in targets:
        ended(sketch, end, target)
    training = Training(optimizer="adamw", epochs=100, batch_size=32, weight_decay=0.01, patience=20)
    return sketch.document(title, data, training)


@model("Wine, MLP", "Tables")
def wine_mlp() -> Document:
    """Two hidden layers tell from 13 measurements of a wine which of three growers it is from."""
    cultivar = ColumnSummary("cultivar", "label", (), "int64", CULTIVARS)
    return table_mlp("Wine, MLP", Data("toy", {"name": "wine"}), FEATURES, cultivar)


@model("Diabetes, MLP", "Tables")
def diabetes_mlp() -> Document:
    """Two hidden layers foretell a number: how far an illness goes on within a year."""
    progression = ColumnSummary("progression", "number", (1,), "float32")
    return table_mlp("Diabetes, MLP", Data("toy", {"name": "diabetes"}), FEATURES, progression)
