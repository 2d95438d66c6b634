"""Published data sets of pictures, fetched when they are first used, in torchvision's folders: CIFAR, SVHN, flowers,
pets, food.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.places import data
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Dataset, dataset
from workbench.engine.datasets.image_folder import BAD_FILES, EDGE
from workbench.engine.files.arrays import matlab, unpickled
from workbench.engine.files.download import Download, fetched, unpacked
from workbench.engine.preprocess import ImageInput, MaskInput
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Files, Raw, RawColumn, Report, quiet


@dataclass(frozen=True)
class Published(Dataset):
    """Base of data sets that are fetched into the folder of data sets."""

    FOLDER: ClassVar[str] = ""
    DOWNLOADS: ClassVar[tuple[Download, ...]] = ()
    UNPACKED: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Of each archive, what it holds; nothing, where the file is read as it is."""

    @property
    def root(self) -> Path:
        """Where its files lie."""
        return data() / self.FOLDER

    def is_here(self) -> bool:
        """All that is read is there."""
        names = [name for archive in self.UNPACKED for name in archive]
        plain = [one.name for one, held in zip(self.DOWNLOADS, self.UNPACKED, strict=True) if not held]
        return all((self.root / name).exists() for name in (*names, *plain))

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """From the folder of data sets; what is not there is fetched, checked and unpacked. Raises `ProblemError`."""
        for one, held in zip(self.DOWNLOADS, self.UNPACKED, strict=True):
            if all((self.root / name).exists() for name in held or (one.name,)):
                continue
            file = fetched(one, self.root, self.info.title, report)
            if held:
                unpacked(file, self.root, held, self.info.title, report)
                file.unlink()
        return self.found()

    @abstractmethod
    def found(self) -> Raw:
        """What lies there. Raises `ProblemError`."""

    def _opened(self, read: Callable[[Path], Any], name: str) -> Any:
        try:
            return read(self.root / name)
        except (OSError, ValueError, KeyError) as error:
            raise ProblemError("data.damaged", where=str(self.root / name), detail=str(error)) from None


def pixels_and_labels(
    title: str, pixels: np.ndarray, labels: Sequence[int], test: int, classes: tuple[str, ...]
) -> Raw:
    """(count, 3, height, width) bytes and their classes, the last ones for the test."""
    spec = ImageInput(3, *pixels.shape[2:])
    columns = {
        "image": RawColumn("image", "image", torch.from_numpy(pixels), "input", preprocessing=spec),
        "label": RawColumn("label", "category", torch.tensor(labels, dtype=torch.int64), "target", classes),
    }
    given = np.full(len(pixels), TRAIN, np.int8)
    given[len(pixels) - test :] = TEST
    return Raw(title, columns, given)


class _Cifar(Published):
    TRAINING: ClassVar[tuple[str, ...]] = ()
    TESTING: ClassVar[str] = ""
    META: ClassVar[str] = ""
    LABELS: ClassVar[str] = ""
    NAMES: ClassVar[str] = ""
    CLASSES: ClassVar[int] = 0

    def outline(self) -> Raw:
        """Known beforehand, but for the names of the classes."""
        classes = tuple(map(str, range(self.CLASSES)))
        return pixels_and_labels(self.info.title, np.zeros((0, 3, 32, 32), np.uint8), [], 0, classes)

    def found(self) -> Raw:
        """Each row of a batch is 1,024 bytes of red, of green, of blue."""
        parts = [self._opened(self._batch, name) for name in (*self.TRAINING, self.TESTING)]
        classes = self._opened(lambda path: tuple(unpickled(path)[self.NAMES]), self.META)
        pixels = np.concatenate([pixels for pixels, _ in parts])
        labels = [label for _, labels in parts for label in labels]
        return pixels_and_labels(self.info.title, pixels, labels, len(parts[-1][1]), classes)

    def _batch(self, path: Path) -> tuple[np.ndarray, list[int]]:
        batch = unpickled(path)
        pixels = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = [int(label) for label in batch[self.LABELS]]
        if len(labels) != len(pixels):
            raise ValueError(f"{len(labels)} ≠ {len(pixels)}")
        return pixels, labels


@dataset("cifar10", "CIFAR-10", "Downloads", download="170 MB")
@dataclass(frozen=True)
class Cifar10(_Cifar):
    """60,000 colour pictures of ten kinds of things, 32 × 32: 50,000 to learn, 10,000 to test (Krizhevsky, 2009)."""

    DOWNLOADS = (
        Download(
            "cifar-10-python.tar.gz",
            ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
            "c58f30108f718f92721af3b95e74349a",
        ),
    )
    UNPACKED = (("cifar-10-batches-py",),)
    TRAINING = tuple(f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6))
    TESTING, META = "cifar-10-batches-py/test_batch", "cifar-10-batches-py/batches.meta"
    LABELS, NAMES, CLASSES = "labels", "label_names", 10


@dataset("cifar100", "CIFAR-100", "Downloads", download="169 MB")
@dataclass(frozen=True)
class Cifar100(_Cifar):
    """60,000 colour pictures of a hundred kinds of things, 32 × 32: 50,000 to learn, 10,000 to test."""

    DOWNLOADS = (
        Download(
            "cifar-100-python.tar.gz",
            ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
            "eb9058c3a382ffc7106e4002c42a8d85",
        ),
    )
    UNPACKED = (("cifar-100-python",),)
    TRAINING, TESTING, META = ("cifar-100-python/train",), "cifar-100-python/test", "cifar-100-python/meta"
    LABELS, NAMES, CLASSES = "fine_labels", "fine_label_names", 100


@dataset("svhn", "Street View House Numbers", "Downloads", download="246 MB")
@dataclass(frozen=True)
class Svhn(Published):
    """99,289 digits of house numbers, 32 × 32: 73,257 to learn, 26,032 to test (Netzer and others, 2011)."""

    DOWNLOADS = tuple(
        Download(f"{part}_32x32.mat", (f"http://ufldl.stanford.edu/housenumbers/{part}_32x32.mat",), md5)
        for part, md5 in (
            ("train", "e26dedcc434d2e4c54c9b2d4a06d8373"),
            ("test", "eb5a983be6a315427106f1b164d9cef3"),
        )
    )
    UNPACKED = ((), ())
    DIGITS: ClassVar[tuple[str, ...]] = tuple("0123456789")

    def outline(self) -> Raw:
        """Known beforehand."""
        return pixels_and_labels(self.info.title, np.zeros((0, 3, 32, 32), np.uint8), [], 0, self.DIGITS)

    def found(self) -> Raw:
        """X is (32, 32, 3, count); in y, 10 stands for the digit 0."""
        parts = [self._opened(_house_numbers, one.name) for one in self.DOWNLOADS]
        pixels, labels = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
        return pixels_and_labels(self.info.title, pixels, labels.tolist(), len(parts[-1][1]), self.DIGITS)


def _house_numbers(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    found = matlab(path)
    return np.ascontiguousarray(found["X"].transpose(3, 2, 0, 1)), found["y"].ravel().astype(np.int64) % 10


@dataclass(frozen=True)
class _Photographs(Published):
    height: Annotated[int, EDGE] = 96
    width: Annotated[int, EDGE] = 96
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def _raw(
        self,
        names: Sequence[str],
        labels: Sequence[int],
        classes: tuple[str, ...],
        given: Sequence[int] | NDArray[np.int64],
        label: str,
    ) -> Raw:
        spec = ImageInput(3, self.height, self.width)
        columns = {
            "image": RawColumn("image", "image", Files(self.root, tuple(names)), "input", preprocessing=spec),
            label: RawColumn(label, "category", torch.tensor(labels, dtype=torch.int64), "target", classes),
        }
        return Raw(self.info.title, columns, np.array(given, np.int8))


@dataset("flowers102", "Flowers 102", "Downloads", download="345 MB")
@dataclass(frozen=True)
class Flowers102(_Photographs):
    """8,189 photographs of 102 kinds of flowers: 1,020 to learn, 1,020 to check, 6,149 to test (Nilsback, 2008)."""

    FOLDER = "flowers-102"
    DOWNLOADS = tuple(
        Download(name, (f"https://www.robots.ox.ac.uk/~vgg/data/flowers/102/{name}",), md5)
        for name, md5 in (
            ("102flowers.tgz", "52808999861908f626f3c1f4e79d11fa"),
            ("imagelabels.mat", "e0620be6f572b9609742df49c70aed4d"),
            ("setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c"),
        )
    )
    UNPACKED = (("jpg",), (), ())

    def found(self) -> Raw:
        """Labels count from 1, as files do."""
        parts = (("trnid", TRAIN), ("valid", VALIDATION), ("tstid", TEST))
        kinds = self._opened(lambda path: matlab(path)["labels"].ravel(), "imagelabels.mat")
        numbers = self._opened(lambda path: [matlab(path)[name].ravel() for name, _ in parts], "setid.mat")
        order = np.concatenate(numbers).astype(np.int64)
        given = np.repeat([part for _, part in parts], [len(some) for some in numbers])
        names = [f"jpg/image_{number:05}.jpg" for number in order]
        return self._raw(names, (kinds[order - 1].astype(np.int64) - 1).tolist(), flower_names(), given, "flower")


def flower_names() -> tuple[str, ...]:
    """As torchvision has them: the files name none."""
    from torchvision.datasets import Flowers102 as Names

    return tuple(Names.classes)


@dataset("oxford_pets", "Oxford Pets", "Downloads", download="811 MB")
@dataclass(frozen=True)
class OxfordPets(_Photographs):
    """7,349 photographs of 37 breeds of cats and dogs, with masks of the animals (Parkhi and others, 2012).

    The breed is the target; make it the mask or the species instead in the list of columns.
    """

    FOLDER = "oxford-iiit-pet"
    DOWNLOADS = tuple(
        Download(f"{name}.tar.gz", (f"https://www.robots.ox.ac.uk/~vgg/data/pets/data/{name}.tar.gz",), md5)
        for name, md5 in (
            ("images", "5c4f3ee8e5d25df40f4fd59a7f44e54c"),
            ("annotations", "95a8c909bbe2e81eed6a22bccdf3f68f"),
        )
    )
    UNPACKED = (("images",), ("annotations",))

    def found(self) -> Raw:
        """Lines of the lists are a name, the number of the breed, of the species, and of the breed in its species."""
        parts = (("trainval", TRAIN), ("test", TEST))
        lines = [(*line, part) for name, part in parts for line in self._opened(_lines, f"annotations/{name}.txt")]
        names = [str(line[0]) for line in lines]
        breeds = {int(line[1]): str(line[0]).rsplit("_", 1)[0].replace("_", " ") for line in lines}
        order = {number: at for at, number in enumerate(sorted(breeds))}
        raw = self._raw(
            [f"images/{name}.jpg" for name in names],
            [order[int(line[1])] for line in lines],
            tuple(breeds[number] for number in sorted(breeds)),
            [int(line[-1]) for line in lines],
            "breed",
        )
        species = torch.tensor([int(line[2]) - 1 for line in lines])
        masks = Files(self.root, tuple(f"annotations/trimaps/{name}.png" for name in names))
        spec = MaskInput((2, 1), self.height, self.width, ignore=3)
        return Raw(
            raw.title,
            {
                **raw.columns,
                "species": RawColumn("species", "category", species, "ignore", ("cat", "dog")),
                "mask": RawColumn("mask", "mask", masks, "ignore", ("background", "animal"), spec),
            },
            raw.given,
        )


def _lines(path: Path) -> list[list[str]]:
    rows = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    if not all(len(row) == 4 for row in rows):
        raise ValueError(next(" ".join(row) for row in rows if len(row) != 4))
    return rows


@dataset("food101", "Food-101", "Downloads", download="5.0 GB")
@dataclass(frozen=True)
class Food101(_Photographs):
    """101,000 photographs of 101 dishes: 75,750 to learn, 25,250 to test (Bossard and others, 2014)."""

    DOWNLOADS = (
        Download(
            "food-101.tar.gz",
            ("http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz",),
            "85eeb15f3717b99a5da872d97d918f87",
        ),
    )
    UNPACKED = (("food-101",),)

    def found(self) -> Raw:
        """Lines of the lists are names of files without their ending, below the name of the class."""
        rows = [
            (line, part)
            for name, part in (("train", TRAIN), ("test", TEST))
            for line in self._opened(lambda path: path.read_text("utf-8").split(), f"food-101/meta/{name}.txt")
        ]
        kinds = sorted({line.split("/")[0] for line, _ in rows})
        number = {name: at for at, name in enumerate(kinds)}
        names = [f"food-101/images/{line}.jpg" for line, _ in rows]
        labels = [number[line.split("/")[0]] for line, _ in rows]
        classes = tuple(name.replace("_", " ") for name in kinds)
        return self._raw(names, labels, classes, [part for _, part in rows], "dish")
