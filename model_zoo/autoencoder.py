"""Autoencoders: what passes a narrow place is what matters (Hinton and Salakhutdinov, 2006)."""

from math import prod

from model_zoo.ends import identifier, input_of
from model_zoo.pictures import halvings
from model_zoo.registry import model
from model_zoo.sketch import Row, Sketch
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document, Training

DIGIT = ColumnSummary("image", "image", (1, 28, 28), "float32")


def dense_autoencoder(title: str, data: Data, column: ColumnSummary, code: int = 32) -> Document:
    """Linear layers down to a few numbers and up again."""
    size = prod(int(axis) for axis in column.shape)
    wide = max(code, min(256, size))
    rows: list[Row] = [("flatten_1", "flatten", {})] if len(column.shape) > 1 else []
    rows += [
        ("linear_1", "linear", {"out_features": wide}),
        ("relu_1", "relu", {}),
        ("bottleneck", "linear", {"out_features": min(code, max(1, size // 2))}),
        ("linear_2", "linear", {"out_features": wide}),
        ("relu_2", "relu", {}),
        ("linear_3", "linear", {"out_features": size}),
    ]
    rows += [("reshape_1", "reshape", {"shape": column.shape})] if len(column.shape) > 1 else []
    return _rebuilding(title, data, column, rows)


def conv_autoencoder(title: str, data: Data, image: ColumnSummary, code: int = 8) -> Document:
    """Strided convolutions down to a small picture of few channels, and transposed ones up again."""
    depth = min(3, halvings(image))
    rows: list[Row] = []
    for number in range(1, depth + 1):
        down = {"out_channels": 16 * 2**number, "kernel_size": 3, "stride": 2, "padding": 1}
        rows += [(f"conv2d_{number}", "conv2d", down), (f"relu_{number}", "relu", {})]
    rows.append(("bottleneck", "conv2d", {"out_channels": code, "kernel_size": 1}))
    for number in range(depth, 0, -1):
        up = {"out_channels": 16 * 2**number, "kernel_size": 4, "stride": 2, "padding": 1}
        rows += [(f"conv_transpose2d_{number}", "conv_transpose2d", up), (f"relu_{depth + number}", "relu", {})]
    channels, *sides = (int(axis) for axis in image.shape)
    if any(side % 2**depth for side in sides):
        rows.append(("upsample_1", "upsample", {"size": tuple(sides), "mode": "bilinear"}))
    rows.append(("picture", "conv2d", {"out_channels": channels, "kernel_size": 3, "padding": 1}))
    return _rebuilding(title, data, image, rows)


def _rebuilding(title: str, data: Data, column: ColumnSummary, rows: list[Row]) -> Document:
    sketch = Sketch()
    end = sketch.layers(rows, sketch.layer(input_of(column)))
    said = {"task": "autoencoding", "target": column.name}
    sketch.layer((f"{identifier(column.name)}_output", "output", said), end)
    return sketch.document(title, data, Training(optimizer="adamw", epochs=20, batch_size=64))


@model("Digits, autoencoder", "Vision")
def digits_autoencoder() -> Document:
    """784-256-32-256-784: pictures of digits through 32 numbers, and back."""
    return dense_autoencoder("Digits, autoencoder", Data("digits"), DIGIT)


@model("Digits, convolutional autoencoder", "Vision")
def digits_conv_autoencoder() -> Document:
    """Strided convolutions down to 4 × 4 and back."""
    return conv_autoencoder("Digits, convolutional autoencoder", Data("digits"), DIGIT)
