"""Photographs as files: cut-outs by class, patches of photos by class, the same in CIFAR-10's format, and scenes."""

import pickle
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.real.packages import Package, kept

STAMPS = Package("tuxpaint-stamps-default", "2022.06.04-1", "6db6c1bfc870a47f", "deb")
PHOTOS = Package("scikit-image", "0.26.0", "74aa5518ccea2812")

CUTOUTS = {
    "ball": ("sports/*ball*",),
    "bird": ("animals/birds/*",),
    "fish": ("animals/fish/*",),
    "flower": ("plants/flowers/*",),
    "fruit": ("food/fruit/*",),
    "hoofed": ("animals/mammals/bovines/*", "animals/mammals/camel/*", "animals/mammals/deer/*"),
    "sign": ("town/roadsigns/*",),
    "tool": ("household/tools/*",),
    "vegetable": ("food/vegetables/*",),
    "vehicle": ("vehicles/*", "vehicles/*/*", "vehicles/flight/planes/*"),
}
PATCHES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "galaxies": "hubble_deep_field.jpg",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "motorcycle": "motorcycle_left.png",
    "retina": "retina.jpg",
    "tissue": "ihc.png",
}
EDGE = 32
TRAIN_SHARE = 0.7
"""The left part of each photo is for training, the rest for the test: no pixel is in both."""


def stamps() -> Path:
    """Tux Paint's stamps. Raises `NotFetchedError`."""
    return STAMPS.folder() / "usr" / "share" / "tuxpaint" / "stamps"


def cut_out_files(klass: str) -> list[Path]:
    """Photographs of one class with transparency around them. Raises `NotFetchedError`."""
    found = {path for pattern in CUTOUTS[klass] for path in stamps().glob(f"{pattern}.png")}
    return sorted(path for path in found if "cartoon" not in path.parts)


def cutouts() -> Path:
    """A folder of 10 classes of photographed things on white, at most 128 pixels wide. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        for klass in CUTOUTS:
            (folder / klass).mkdir()
            for file in cut_out_files(klass):
                picture = cut_out(file, 128)
                ground = Image.new("RGB", picture.size, "white")
                ground.paste(picture, mask=picture.getchannel("A"))
                ground.save(folder / klass / file.name)

    return kept("data/cutouts", make)


def cut_out(file: Path, edge: int) -> Image.Image:
    """A photograph without the transparent rim around it, as large as fits into a square."""
    with Image.open(file) as opened:
        picture = opened.convert("RGBA")
    picture = picture.crop(picture.getchannel("A").getbbox())
    picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return picture


def patches() -> Path:
    """`train` and `test` with a folder for each of 10 photos: grey 32 × 32 patches. Raises `NotFetchedError`.

    Their contrast is normalised, so that neither brightness nor colour gives the class away.
    """

    def make(folder: Path) -> None:
        for part, count in (("train", 400), ("test", 100)):
            for klass in PATCHES:
                place = folder / part / klass
                place.mkdir(parents=True)
                for number, patch in enumerate(_patches(klass, part == "test", count, "L")):
                    grey = patch.astype(np.float64)
                    grey = np.clip((grey - grey.mean()) / grey.std() * 48 + 128, 0, 255)
                    Image.fromarray(grey.astype(np.uint8)).save(place / f"{number:03}.png")

    return kept("data/patches", make)


def cifar(each: int = 500) -> Path:
    """`cifar-10-batches-py` with colour patches of photos in it, pickled as Python 2 did. Raises `NotFetchedError`.

    So many of each class for training, in five files, and a fifth of that for the test; names, shapes and types are
    CIFAR-10's own (Krizhevsky, 2009).
    """

    def make(folder: Path) -> None:
        place = folder / "cifar-10-batches-py"
        place.mkdir()
        dice = np.random.default_rng(0)
        train = _shuffled(dice, False, each)
        for number in range(5):
            part = slice(number * 2 * each, (number + 1) * 2 * each)
            name = f"training batch {number + 1} of 5"
            _batch(place / f"data_batch_{number + 1}", name, train[0][part], train[1][part])
        _batch(place / "test_batch", "testing batch 1 of 1", *_shuffled(dice, True, each // 5))
        meta = {"num_cases_per_batch": 2 * each, "label_names": list(PATCHES), "num_vis": 3072}
        _pickled(place / "batches.meta", meta)

    return kept("data/cifar" if each == 500 else f"data/cifar_{each}", make) / "cifar-10-batches-py"


def scenes() -> Path:
    """`train` and `test` with `images` and `masks`: cut-outs on photos, 96 × 96. Raises `NotFetchedError`.

    A mask is a PNG with a palette whose numbers are the lines of `classes.txt`. The things in the test's scenes are
    other ones than those in training.
    """

    def make(folder: Path) -> None:
        dice = np.random.default_rng(0)
        kinds = ("bird", "flower", "fruit", "sign")
        (folder / "classes.txt").write_text("\n".join(("background", *kinds)) + "\n")
        things = {klass: [cut_out(file, 64) for file in cut_out_files(klass)] for klass in kinds}
        for part, count in (("train", 600), ("test", 150)):
            for name in ("images", "masks"):
                (folder / part / name).mkdir(parents=True)
            grounds = [_photo(klass, part == "test", "RGB") for klass in ("brick", "cat", "coffee", "grass", "gravel")]
            for number in range(count):
                pictures = [_of_part(things[klass], part) for klass in kinds]
                image, mask = _scene(dice, grounds, pictures)
                image.save(folder / part / "images" / f"{number:03}.png")
                mask.save(folder / part / "masks" / f"{number:03}.png")

    return kept("data/scenes", make)


def _of_part(things: list[Image.Image], part: str) -> list[Image.Image]:
    """Every fourth thing is for the test."""
    return [thing for at, thing in enumerate(things) if (at % 4 == 3) == (part == "test")]


def _scene(
    dice: np.random.Generator, grounds: list[NDArray[np.uint8]], things: list[list[Image.Image]]
) -> tuple[Image.Image, Image.Image]:
    """One to three things on a piece of a photo, and the mask that says which pixel belongs to what."""
    edge = 96
    ground = grounds[int(dice.integers(len(grounds)))]
    image = Image.fromarray(_crop(dice, ground, edge))
    mask = Image.new("P", (edge, edge))
    mask.putpalette([0, 0, 0, 230, 60, 60, 60, 180, 75, 255, 225, 25, 67, 99, 216])
    for _ in range(int(dice.integers(1, 4))):
        number = int(dice.integers(len(things)))
        thing = things[number][int(dice.integers(len(things[number])))]
        size = int(dice.integers(32, 65))
        thing = thing.resize((max(8, thing.width * size // 64), max(8, thing.height * size // 64)))
        thing = thing.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if dice.random() < 0.5 else thing
        x, y = (int(dice.integers(-size // 4, edge - size * 3 // 4)) for _ in range(2))
        alpha = thing.getchannel("A")
        image.paste(thing, (x, y), alpha)
        mask.paste(number + 1, (x, y, x + thing.width, y + thing.height), alpha.point(lambda value: value > 127, "1"))
    return image, mask


def _photo(klass: str, test: bool, mode: str) -> NDArray[np.uint8]:
    """The part of a photo that is for training, or for the test; large photos at half their size."""
    with Image.open(PHOTOS.folder() / "skimage" / "data" / PATCHES[klass]) as opened:
        picture = opened.convert(mode)
    if picture.width > 900:
        picture = picture.reduce(2)
    cut = int(picture.width * TRAIN_SHARE)
    pixels: NDArray[np.uint8] = np.asarray(picture)
    return pixels[:, cut:] if test else pixels[:, :cut]


def _crop(dice: np.random.Generator, pixels: NDArray[np.uint8], edge: int) -> NDArray[np.uint8]:
    y, x = (int(dice.integers(size - edge + 1)) for size in pixels.shape[:2])
    return pixels[y : y + edge, x : x + edge]


def _patches(klass: str, test: bool, count: int, mode: str) -> Iterator[NDArray[np.uint8]]:
    """Patches in which there is something to see."""
    dice = np.random.default_rng([list(PATCHES).index(klass), test])
    pixels = _photo(klass, test, mode)
    while count:
        patch = _crop(dice, pixels, EDGE)
        if patch.std() > 8:
            count -= 1
            yield patch


def _shuffled(dice: np.random.Generator, test: bool, each: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    pictures = np.stack([patch for klass in PATCHES for patch in _patches(klass, test, each, "RGB")])
    order = dice.permutation(len(pictures))
    return pictures[order], np.repeat(np.arange(len(PATCHES)), each)[order]


def _batch(path: Path, name: str, pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
    """Each row is 1,024 bytes of red, of green, of blue."""
    data = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).reshape(len(pictures), -1)
    names = [f"{list(PATCHES)[label]}_s_{number:06}.png" for number, label in enumerate(labels.tolist())]
    _pickled(path, {"batch_label": name, "labels": labels.tolist(), "data": data, "filenames": names})


_Pickler: Any = pickle._Pickler  # the one in Python, whose parts can be replaced


class _Python2Pickler(_Pickler):  # type: ignore[misc]
    """Protocol 2 with Python 2's byte strings and NumPy's old module: what stands in CIFAR-10's files."""

    dispatch: ClassVar = dict(_Pickler.dispatch)

    def save_string(self, text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode("ascii")
        short = len(raw) < 256
        self.write((b"U" + bytes([len(raw)]) if short else b"T" + struct.pack("<i", len(raw))) + raw)
        self.memoize(text)

    def save_global(self, thing: object, name: str | None = None) -> None:
        module = str(getattr(thing, "__module__", "")).replace("numpy._core", "numpy.core")
        self.write(f"c{module}\n{name or getattr(thing, '__name__', '')}\n".encode())
        self.memoize(thing)

    dispatch[str] = dispatch[bytes] = save_string


def _pickled(path: Path, value: dict[str, object]) -> None:
    with path.open("wb") as file:
        _Python2Pickler(file, protocol=2).dump(value)
