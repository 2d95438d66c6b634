"""A folder with a folder of images for every class."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from PIL import Image

from workbench.core.problems import Problem, ProblemError
from workbench.engine.columns.pictures import UNREADABLE, opened
from workbench.engine.datasets.base import Dataset, dataset
from workbench.engine.preprocess import ImageInput
from workbench.engine.raw import TEST, TRAIN, Files, Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

TRAINING, TESTING = ("train", "training"), ("test", "val", "valid", "validation")


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

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The names of all pictures. Raises `ProblemError` for a damaged one, where damaged ones are refused."""
        parts = self._parts(folder)
        classes = _Classes(parts)
        number = {name: at for at, name in enumerate(classes.names)}
        root = folder / self.path
        found = [
            (file.relative_to(root).as_posix(), number[label], test)
            for top, test in parts
            for label, file in _files(top)
            if label in number
        ]
        files = Files(root, tuple(name for name, _, _ in found))
        if self.bad_files == "refuse":
            _refuse_damaged(files, self._spec, report)
        columns = {
            "image": RawColumn("image", "image", files, "input", preprocessing=self._spec),
            "label": RawColumn("label", "category", torch.tensor([at for _, at, _ in found]), "target", classes.names),
        }
        test = np.array([part for _, _, part in found])
        empty = [Problem("data.empty_classes", {"classes": classes.empty}, severity="warning")] if classes.empty else []
        given = np.where(test, TEST, TRAIN).astype(np.int8) if test.any() else None
        return Raw(Path(self.path).name, columns, given, empty)

    def _parts(self, folder: Path) -> list[tuple[Path, bool]]:
        """The folders that hold classes, and whether they are for the test."""
        if not self.path:
            raise ProblemError("data.no_path")
        root = folder / self.path
        if not root.is_dir():
            raise ProblemError("data.is_file" if root.exists() else "data.no_folder", where=str(root))
        inside = {item.name.lower(): item for item in root.iterdir() if item.is_dir()}
        train = next((inside[name] for name in TRAINING if name in inside), None)
        test = next((inside[name] for name in TESTING if name in inside), None)
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


def _refuse_damaged(files: Files, spec: ImageInput, report: Report) -> None:
    bad: list[tuple[Path, str]] = []
    for row in range(len(files)):
        report("data.decoding", row, len(files))
        try:
            opened(files[row], spec)
        except UNREADABLE as error:
            bad.append((files[row], str(error)))
    if bad:
        raise ProblemError("data.bad_file", where=str(bad[0][0]), detail=bad[0][1], count=len(bad))
