"""What `training` measures: small networks as documents, and the same as modules of torch."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

import model_zoo
from model_zoo.sketch import Row, chain
from workbench.core.document import Data, Document, Training

LABEL: Row = ("label", "output", {"task": "classification"})
ROWS: tuple[Row, ...] = (("image", "input", {"column": "image"}), ("rows", "reshape", {"shape": (28, 28)}))
"""A digit as a sequence of its rows."""


@dataclass(frozen=True)
class Model:
    """A network, both ways."""

    document: Callable[[], Document]
    module: Callable[[], nn.Module]
    epochs: int
    """Enough for a few seconds."""


def _mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def _table() -> Document:
    return chain(
        "Table, MLP",
        ("features", "input", {}),
        ("linear_1", "linear", {"out_features": 64}),
        ("relu_1", "relu", {}),
        ("linear_2", "linear", {"out_features": 64}),
        ("relu_2", "relu", {}),
        ("linear_3", "linear", {"out_features": 2}),
        ("diagnosis", "output", {"task": "classification"}),
        data=Data("toy", {"name": "breast_cancer"}),
        training=Training(batch_size=32),
    )


def _table_module() -> nn.Module:
    return nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


def _transformer() -> Document:
    return chain(
        "Transformer encoder",
        *ROWS,
        ("linear_1", "linear", {"out_features": 64}),
        ("encoder", "transformer_encoder", {"nhead": 4, "dim_feedforward": 128, "num_layers": 2}),
        ("mean", "mean", {"dim": (1,)}),
        ("linear_2", "linear", {"out_features": 10}),
        LABEL,
        data=Data("digits"),
        training=Training(batch_size=64),
    )


class _Rows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(-1, 28, 28)


class _Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)


def _transformer_module() -> nn.Module:
    layer = nn.TransformerEncoderLayer(64, 4, 128, 0.1, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return nn.Sequential(_Rows(), nn.Linear(28, 64), encoder, _Mean(), nn.Linear(64, 10))


def _lstm() -> Document:
    return chain(
        "LSTM",
        *ROWS,
        ("lstm_1", "lstm", {"hidden_size": 128}),
        ("last", "select", {"dim": 1, "index": -1}),
        ("linear_1", "linear", {"out_features": 10}),
        LABEL,
        data=Data("digits"),
        training=Training(batch_size=64),
    )


class _Last(nn.Module):
    def forward(self, x: tuple[Tensor, tuple[Tensor, Tensor]]) -> Tensor:
        return x[0][:, -1]


def _lstm_module() -> nn.Module:
    return nn.Sequential(_Rows(), nn.LSTM(28, 128, batch_first=True), _Last(), nn.Linear(128, 10))


MODELS = {
    "mnist_mlp": Model(lambda: model_zoo.document("mnist_mlp"), _mlp, 30),
    "table MLP": Model(_table, _table_module, 200),
    "Transformer encoder": Model(_transformer, _transformer_module, 4),
    "LSTM": Model(_lstm, _lstm_module, 4),
}
