"""Models that the zoo suggests for a data set: each is bound to it, has no problems, and begins to learn."""

import csv
from math import isfinite
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from msgspec.structs import replace
from PIL import Image

import model_zoo
from tests.engine.training import prepared
from tests.samples import IRIS, digit_pictures, digits
from workbench.core.document import ColumnUse, Data
from workbench.core.inspection import Inspection, Suggestion
from workbench.engine.analyse import analyse
from workbench.engine.datasets.sums import in_words
from workbench.engine.loading import load
from workbench.engine.train import Stepped, fit

torch.set_num_threads(1)


def inspection(data: Data) -> Inspection:
    found = load(data, Path())
    ready = tuple(column.summary() for column in found.columns.values())
    splits = {name: len(rows) for name, rows in found.splits.items()}
    rows = sum(splits.values())
    return Inspection(data.source, found.title, rows, (), ready=ready, splits=splits, data=msgspec.to_builtins(data))


def pictures(folder: Path) -> Data:
    path = digit_pictures(folder / "pictures", 12, (3, 5, 8))
    return Data("image_folder", {"path": str(path), "height": 20, "width": 27})


def reviews(folder: Path) -> Data:
    rows = [
        (f"a film that is {word} and {number} times seen", word) for number in range(30) for word in ("good", "bad")
    ]
    return Data("text_table", {"path": str(table(folder / "reviews.csv", ("text", "opinion"), rows))})


def pairs(folder: Path) -> Data:
    rows = [(f"the price is {in_words(n)} in all", f"in all {in_words(n)} is the price") for n in range(60)]
    return Data("text_pairs", {"path": str(table(folder / "pairs.csv", ("en", "yoda"), rows))})


def scenes(folder: Path) -> Data:
    images, _ = digits()
    for name in ("images", "masks"):
        (folder / "scenes" / name).mkdir(parents=True)
    for number, image in enumerate(images[:24]):
        Image.fromarray(image).save(folder / "scenes" / "images" / f"{number}.png")
        Image.fromarray((image > 127).astype(np.uint8)).save(folder / "scenes" / "masks" / f"{number}.png")
    return Data("image_masks", {"path": str(folder / "scenes"), "height": 30, "width": 28, "colour": False})


def table(path: Path, header: tuple[str, str], rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


SOURCES = {
    "classes of a table": (lambda folder: Data("csv", {"path": str(IRIS)}), ["table_mlp", "dense_autoencoder"]),
    "a number of a table": (
        lambda folder: Data("toy", {"name": "diabetes"}),
        ["table_mlp", "dense_autoencoder"],
    ),
    "two targets": (
        lambda folder: Data(
            "csv", {"path": str(IRIS)}, columns={"petal_width": ColumnUse("target"), "species": ColumnUse("target")}
        ),
        ["table_mlp", "dense_autoencoder"],
    ),
    "pictures": (pictures, ["picture_cnn", "picture_resnet", "conv_autoencoder", "dense_autoencoder"]),
    "texts": (reviews, ["text_bag", "text_cnn", "text_lstm", "text_transformer"]),
    "pairs": (pairs, ["encoder_decoder"]),
    "masks": (scenes, ["unet", "conv_autoencoder", "dense_autoencoder"]),
    "text": (lambda folder: Data("sums", {"length": 32}), ["gpt"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_suggested_learns(name: str, tmp_path: Path) -> None:
    make, wanted = SOURCES[name]
    found = model_zoo.suggestions(inspection(make(tmp_path)))
    assert [item.name for item in found] == wanted
    for item in found:
        learns(item)


def learns(item: Suggestion) -> None:
    assert analyse(item.document, Path()).problems == (), item.name
    document = replace(item.document, training=replace(item.document.training, epochs=1, batch_size=8))
    loop, plan = prepared(document)
    first = next(event for event in fit(loop, plan) if isinstance(event, Stepped))
    assert all(map(isfinite, map(float, first.series["train/loss"]))), item.name


def test_few_epochs_are_suggested_for_many_samples() -> None:
    few = inspection(Data("toy", {"name": "iris"}))
    assert model_zoo.suggestions(few)[0].document.training.epochs == 100
    many = msgspec.structs.replace(few, splits={"train": 200_000})
    assert model_zoo.suggestions(many)[0].document.training.epochs == 5
