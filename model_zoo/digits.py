"""Networks that read handwritten digits."""

from model_zoo.registry import model
from model_zoo.sketch import chain
from workbench.core.document import Data, Document, Training

INPUT = ("image", "input", {"column": "image"})
OUTPUT = ("label", "output", {"task": "classification", "target": "label"})


@model("Digits, MLP", "Vision")
def mnist_mlp() -> Document:
    """784-256-10 with ReLU: the network every course starts with. On the whole of MNIST it is right for 98 of 100."""
    return chain(
        "Digits, MLP",
        INPUT,
        ("flatten_1", "flatten", {}),
        ("linear_1", "linear", {"out_features": 256}),
        ("relu_1", "relu", {}),
        ("linear_2", "linear", {"out_features": 10}),
        OUTPUT,
        data=Data("digits"),
        training=Training(optimizer="adam", epochs=5, batch_size=32),
    )


@model("Digits, CNN", "Vision")
def mnist_cnn() -> Document:
    """A small convolutional network that reads digits far better than an MLP of its size."""
    return chain(
        "Digits, CNN",
        INPUT,
        ("conv2d_1", "conv2d", {"out_channels": 16, "kernel_size": 3, "padding": "same"}),
        ("batch_norm2d_1", "batch_norm2d", {}),
        ("relu_1", "relu", {}),
        ("max_pool2d_1", "max_pool2d", {"kernel_size": 2}),
        ("conv2d_2", "conv2d", {"out_channels": 32, "kernel_size": 3, "padding": "same"}),
        ("batch_norm2d_2", "batch_norm2d", {}),
        ("relu_2", "relu", {}),
        ("max_pool2d_2", "max_pool2d", {"kernel_size": 2}),
        ("flatten_1", "flatten", {}),
        ("dropout_1", "dropout", {"p": 0.25}),
        ("linear_1", "linear", {"out_features": 10}),
        OUTPUT,
        data=Data("digits"),
        training=Training(epochs=10, batch_size=64),
    )
