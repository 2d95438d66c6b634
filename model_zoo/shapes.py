"""Networks for looking at shapes."""

from model_zoo.registry import model
from model_zoo.sketch import chain
from workbench.core.document import Document


@model("Linear 10-20-10", "Basics")
def linear_10_20_10() -> Document:
    """Two linear layers without data: change a number and watch the shapes follow."""
    return chain(
        "Linear 10-20-10",
        ("input_1", "input", {"shape": (10,)}),
        ("linear_1", "linear", {"out_features": 20}),
        ("linear_2", "linear", {"out_features": 10}),
        ("output_1", "output", {"task": "regression"}),
    )
