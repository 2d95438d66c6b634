"""Handwritten digits: the sample that ships with the program, MNIST and Fashion-MNIST."""

import gzip
import math
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.files import unreadable, write_atomically
from workbench.core.places import assets, data
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Dataset, dataset
from workbench.engine.files.download import Download, fetched
from workbench.engine.preprocess import ImageInput
from workbench.engine.raw import TEST, TRAIN, Raw, RawColumn, Report, quiet

DIGITS = tuple("0123456789")
INK = ImageInput(channels=1, height=28, width=28, ink=True)
FILES = tuple(f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"))
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def _raw(
    title: str, images: Tensor, labels: Tensor, classes: tuple[str, ...], spec: ImageInput, test: NDArray[np.bool_]
) -> Raw:
    """Pictures (count, 28, 28) and their classes."""
    columns = {
        "image": RawColumn("image", "image", images[:, None], "input", preprocessing=spec),
        "label": RawColumn("label", "category", labels.long(), "target", classes),
    }
    return Raw(title, columns, np.where(test, TEST, TRAIN).astype(np.int8))


@dataset("digits", "Digits", "Samples")
@dataclass(frozen=True)
class Digits(Dataset):
    """5,000 handwritten digits of MNIST, 28 × 28, which ship with the program: 4,000 to learn, 1,000 to test."""

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """From the program's assets."""
        images, labels, test = _sample()
        return _raw("Digits", torch.from_numpy(images), torch.from_numpy(labels), DIGITS, INK, test)


@cache
def _sample() -> tuple[Any, Any, Any]:
    with np.load(assets() / "samples" / "digits.npz", allow_pickle=False) as file:
        return file["images"], file["labels"], file["test"]


def is_whole(path: Path) -> bool:
    """An IDX file is there and as long as its header says: unpacking it may have been cut short."""
    try:
        with path.open("rb") as stream:
            axes = stream.read(4)[3]
            count = math.prod(int.from_bytes(stream.read(4)) for _ in range(axes))
        return path.stat().st_size == 4 + 4 * axes + count
    except (OSError, IndexError):
        return False


@dataclass(frozen=True)
class _TorchvisionDigits(Dataset):
    CLASS: ClassVar[str] = ""
    CLASSES: ClassVar[tuple[str, ...]] = ()
    SPEC: ClassVar[ImageInput] = INK
    FILES: ClassVar[tuple[Download, ...]] = ()

    def outline(self) -> Raw:
        """Known beforehand."""
        none = torch.zeros(0, 28, 28, dtype=torch.uint8)
        return _raw(self.info.title, none, torch.zeros(0), self.CLASSES, self.SPEC, np.zeros(0, np.bool_))

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """From the folder of data sets; what is not there is fetched, checked and unpacked. Raises `ProblemError`."""
        for file in self.FILES:
            self._fetch(file, report)
        arrays = [_idx(self._root / name) for name in FILES]
        images, labels = (torch.from_numpy(np.concatenate(arrays[place::2])) for place in (0, 1))
        test = np.arange(len(labels)) >= len(arrays[1])
        return _raw(self.info.title, images, labels, self.CLASSES, self.SPEC, test)

    def is_here(self) -> bool:
        """All four files are in the folder of data sets."""
        return all(is_whole(self._root / name) for name in FILES)

    @property
    def _root(self) -> Path:
        return data() / self.CLASS / "raw"

    def _fetch(self, file: Download, report: Report) -> None:
        plain = self._root / Path(file.name).stem
        if is_whole(plain):
            return
        packed = fetched(file, self._root, self.info.title, report)
        try:
            write_atomically(plain, gzip.decompress(packed.read_bytes()))
        except (OSError, EOFError, zlib.error) as error:
            raise (
                unreadable(packed, error)
                if isinstance(error, OSError)
                else ProblemError("data.damaged", where=str(packed), detail=str(error))
            ) from None
        packed.unlink()


def _idx(path: Path) -> NDArray[np.uint8]:
    """An array of bytes: its number of axes and their sizes stand before it (LeCun, *THE IDX FILE FORMAT*)."""
    content = path.read_bytes()
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape).copy()


def _downloads(mirrors: tuple[str, ...], checksums: tuple[str, ...]) -> tuple[Download, ...]:
    return tuple(
        Download(f"{name}.gz", tuple(f"{mirror}{name}.gz" for mirror in mirrors), md5)
        for name, md5 in zip(FILES, checksums, strict=True)
    )


@dataset("mnist", "MNIST", "Downloads", download="11 MB")
@dataclass(frozen=True)
class Mnist(_TorchvisionDigits):
    """70,000 handwritten digits, 28 × 28: 60,000 to learn, 10,000 to test (LeCun, Cortes and Burges)."""

    CLASS = "MNIST"
    CLASSES = DIGITS
    FILES = _downloads(
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    )


@dataset("fashion_mnist", "Fashion-MNIST", "Downloads", download="31 MB")
@dataclass(frozen=True)
class FashionMnist(_TorchvisionDigits):
    """70,000 pictures of ten kinds of clothes, 28 × 28: harder than digits (Xiao, Rasul and Vollgraf, 2017)."""

    CLASS = "FashionMNIST"
    CLASSES = CLOTHES
    FILES = _downloads(
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    )
    SPEC = ImageInput(channels=1, height=28, width=28)
