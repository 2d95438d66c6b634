"""Real data for tests: digits of the embedded sample as picture files, tables, and the full MNIST from packages."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image

from tests.real import mnist as files
from tests.real.packages import NotFetchedError
from workbench.core.places import assets

TOY = assets() / "samples" / "toy"
IRIS, DIABETES = TOY / "iris.csv", TOY / "diabetes.csv"


@cache
def digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (28 × 28, bright ink on a dark ground) and labels of the embedded sample."""
    with np.load(assets() / "samples" / "digits.npz") as file:
        return file["images"], file["labels"]


def digit_pictures(folder: Path, each: int, classes: tuple[int, ...] = tuple(range(10)), skip: int = 0) -> Path:
    """A folder with a folder of PNGs for each class; `each` of every class."""
    images, labels = digits()
    for klass in classes:
        place = folder / str(klass)
        place.mkdir(parents=True)
        for number, at in enumerate(np.flatnonzero(labels == klass)[skip : skip + each]):
            Image.fromarray(images[at]).save(place / f"{number:03}.png")
    return folder


def masked_digits(folder: Path, count: int) -> Path:
    """Pictures of digits, and masks (a palette) in which ink is 1 and what is neither ink nor ground does not count."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number, pixels in enumerate(digits()[0][:count]):
        Image.fromarray(pixels).save(folder / "images" / f"{number:03}.png")
        mask = Image.fromarray(np.where(pixels > 200, 1, np.where(pixels > 50, 255, 0)).astype(np.uint8), "P")
        mask.putpalette([0, 0, 0, 255, 0, 0] + [255] * 762)
        mask.save(folder / "masks" / f"{number:03}.png")
    return folder


def tones(folder: Path, each: int) -> Path:
    """Sounds of 0.2 s by pitch: a folder of WAV files (8 kHz, 16 bit) for 500 Hz and one for 1,500 Hz."""
    dice = np.random.default_rng(0)
    for pitch in (500, 1500):
        (folder / str(pitch)).mkdir(parents=True)
        for number in range(each):
            wave = np.sin(2 * np.pi * pitch * np.arange(1600) / 8000 + number) * dice.uniform(0.1, 0.9)
            soundfile.write(folder / str(pitch) / f"{number:03}.wav", wave, 8000)
    return folder


def real(make: Callable[[], Path]) -> Path:
    """A folder of `tests.real`; skips the test where no registry answers."""
    try:
        return make()
    except NotFetchedError as error:
        pytest.skip(str(error))


def mnist(home: Path) -> None:
    """Put all of MNIST where the program would have downloaded it to; skips the test where no registry answers."""
    _link(real(files.mnist), home / "data" / "MNIST" / "raw")


def fashion_mnist(home: Path) -> None:
    """The same for Fashion-MNIST."""
    _link(real(files.fashion_mnist), home / "data" / "FashionMNIST" / "raw")


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.symlink_to(source, target_is_directory=True)
