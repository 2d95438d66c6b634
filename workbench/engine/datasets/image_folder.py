"""A folder with a folder of images for every class."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from workbench.core.analysis import ColumnSummary
from workbench.core.problems import Problem, ProblemError
from workbench.engine.datasets.base import Column, Dataset, Loaded, Report, dataset, quiet
from workbench.engine.preprocess import ImageInput, picture
from workbench.engine.registry import Setting

TRAIN, TEST = ("train", "training"), ("test", "val", "valid", "validation")


@dataset("image_folder", "Folder of images", "Your files")
@dataclass(frozen=True)
class ImageFolder(Dataset):
    """A folder that holds one folder of pictures for each class; `train` and `test` above them are respected."""

    path: Annotated[str, Setting(kind="path", label="Folder", help="Holds one folder for each class")] = ""
    height: Annotated[int, Setting(1, 4096, unit="px", help="Pictures are resized to this")] = 64
    width: Annotated[int, Setting(1, 4096, unit="px", help="Pictures are resized to this")] = 64
    colour: Annotated[bool, Setting(help="Three channels instead of one")] = True
    bad_files: Annotated[
        str,
        Setting(choices=("skip", "refuse"), label="Damaged files", help="Files that are no pictures"),
    ] = "skip"

    @property
    def _spec(self) -> ImageInput:
        return ImageInput(3 if self.colour else 1, self.height, self.width)

    def peek(self, folder: Path) -> tuple[ColumnSummary, ...]:
        """The classes are the names of the folders that hold pictures."""
        classes = _Classes(self._parts(folder)).names
        shape = (self._spec.channels, self.height, self.width)
        return ColumnSummary("image", "image", shape, "float32"), ColumnSummary("label", "label", (), "int64", classes)

    def load(self, folder: Path, report: Report = quiet) -> Loaded:
        """Every picture, decoded. What is no picture is counted and named."""
        parts = self._parts(folder)
        classes = _Classes(parts).names
        files = [
            (file, classes.index(label), test)
            for root, test in parts
            for label, file in _files(root)
            if label in classes
        ]
        images = np.zeros((len(files), self._spec.channels, self.height, self.width), np.uint8)
        kept: list[int] = []
        bad: list[tuple[Path, str]] = []
        for number, (file, _, _) in enumerate(files):
            report("data.decoding", number, len(files))
            try:
                with Image.open(file) as image:
                    images[number] = picture(image, self._spec)
                kept.append(number)
            except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                bad.append((file, str(error)))
        if bad and self.bad_files == "refuse":
            raise ProblemError("data.bad_file", where=str(bad[0][0]), detail=bad[0][1], count=len(bad))
        if not kept:
            raise ProblemError("data.no_images", where=str(parts[0][0]))
        labels = torch.tensor([files[number][1] for number in kept])
        columns = {
            "image": Column("image", "image", torch.from_numpy(images[kept]), preprocessing=self._spec),
            "label": Column("label", "label", labels, classes),
        }
        test = np.array([files[number][2] for number in kept])
        problems = [*self.remarks(folder), *_named(bad)]
        return Loaded(Path(self.path).name, columns, test if test.any() else None, problems)

    def remarks(self, folder: Path) -> list[Problem]:
        """Folders without pictures are no classes."""
        empty = _Classes(self._parts(folder)).empty
        return [Problem("data.empty_classes", {"classes": empty}, severity="warning")] if empty else []

    def _parts(self, folder: Path) -> list[tuple[Path, bool]]:
        """The folders that hold classes, and whether they are for the test."""
        if not self.path:
            raise ProblemError("data.no_path")
        root = folder / self.path
        if not root.is_dir():
            raise ProblemError("data.is_file" if root.exists() else "data.no_folder", where=str(root))
        inside = {item.name.lower(): item for item in root.iterdir() if item.is_dir()}
        train = next((inside[name] for name in TRAIN if name in inside), None)
        test = next((inside[name] for name in TEST if name in inside), None)
        if train and test:
            return [(train, False), (test, True)]
        return [(train or root, False)]


class _Classes:
    """Which folders are classes, by the names of what lies in them: nothing is opened. Raises `ProblemError`."""

    def __init__(self, parts: list[tuple[Path, bool]]) -> None:
        where = str(parts[0][0])
        folders = [folder for root, _ in parts for folder in _folders(root)]
        if not folders:
            raise ProblemError("data.no_classes", where=where)
        filled = {folder.name for folder in folders if _holds_pictures(folder)}
        if not filled:
            raise ProblemError("data.no_images", where=where)
        if len(filled) < 2:
            raise ProblemError("data.few_classes", where=where, found=sorted(filled))
        self.names = tuple(sorted(filled))
        self.empty = sorted({folder.name for folder in folders} - filled)


def _folders(root: Path) -> list[Path]:
    return sorted(item for item in root.iterdir() if item.is_dir() and item.name[0] != ".")


def _holds_pictures(folder: Path) -> bool:
    """Some file in it is called like a picture: the first one ends the search."""
    names = (name for _, _, files in os.walk(folder) for name in files)
    return any(name[0] != "." and Path(name).suffix.lower() in _suffixes() for name in names)


@cache
def _suffixes() -> frozenset[str]:
    """How the names of pictures end."""
    known = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in known.items() if kind in Image.OPEN)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """All files below the folders of the classes, in an order that does not depend on the file system."""
    for folder in _folders(root):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name[0] != ".":
                yield folder.name, file


def _named(bad: list[tuple[Path, str]]) -> list[Problem]:
    if not bad:
        return []
    files = [str(file) for file, _ in bad[:5]]
    return [Problem("data.skipped_files", {"count": len(bad), "files": files, "detail": bad[0][1]}, severity="warning")]
