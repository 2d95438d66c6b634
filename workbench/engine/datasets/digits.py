"""Handwritten digits: the sample that ships with the program, MNIST and Fashion-MNIST."""

import contextlib
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import URLError

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.places import assets, data
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Dataset, dataset
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

    def outline(self) -> Raw:
        """Known beforehand."""
        none = torch.zeros(0, 28, 28, dtype=torch.uint8)
        return _raw(self.info.title, none, torch.zeros(0), self.CLASSES, self.SPEC, np.zeros(0, np.bool_))

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """From the folder of data sets; fetched into it first where it is not there (checked by MD5)."""
        from torchvision import datasets

        cls = getattr(datasets, self.CLASS)
        self._fetch(cls, report)
        sets = [cls(data(), train=train) for train in (True, False)]
        images = torch.cat([part.data for part in sets])
        labels = torch.cat([part.targets for part in sets])
        test = np.arange(len(labels)) >= len(sets[0].targets)
        return _raw(self.info.title, images, labels, self.CLASSES, self.SPEC, test)

    def is_here(self) -> bool:
        """All four files are in the folder of data sets."""
        raw = data() / self.CLASS / "raw"
        return all(is_whole(raw / name) for name in FILES)

    def _fetch(self, cls: Any, report: Report) -> None:
        from torchvision.datasets.utils import download_and_extract_archive

        raw = data() / self.CLASS / "raw"
        for number, (name, checksum) in enumerate(cls.resources):
            if is_whole(raw / Path(name).stem):
                continue
            report("data.downloading", number, len(cls.resources))
            for mirror in cls.mirrors:
                with contextlib.suppress(URLError, RuntimeError, OSError):
                    download_and_extract_archive(mirror + name, str(raw), filename=name, md5=checksum)
                    break
            else:
                raise ProblemError("data.download", name=self.info.title, file=name, folder=str(raw))


@dataset("mnist", "MNIST", "Downloads", download="11 MB")
@dataclass(frozen=True)
class Mnist(_TorchvisionDigits):
    """70,000 handwritten digits, 28 × 28: 60,000 to learn, 10,000 to test (LeCun, Cortes and Burges)."""

    CLASS = "MNIST"
    CLASSES = DIGITS


@dataset("fashion_mnist", "Fashion-MNIST", "Downloads", download="31 MB")
@dataclass(frozen=True)
class FashionMnist(_TorchvisionDigits):
    """70,000 pictures of ten kinds of clothes, 28 × 28: harder than digits (Xiao, Rasul and Vollgraf, 2017)."""

    CLASS = "FashionMNIST"
    CLASSES = CLOTHES
    SPEC = ImageInput(channels=1, height=28, width=28)
