"""Files that lie in one folder for each class; `train` and `test` above them are respected."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.problems import Problem, ProblemError
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Files, RawColumn

PARTS = (
    (TRAIN, ("train", "training")),
    (VALIDATION, ("val", "valid", "validation")),
    (TEST, ("test", "testing")),
)
"""What folders above the classes may be called."""


@dataclass(frozen=True)
class ClassFolders:
    """All files below the folders of the classes, in an order that does not depend on the file system."""

    files: Files
    label: RawColumn
    given: NDArray[np.int8] | None
    problems: tuple[Problem, ...]


def found(root: Path, suffixes: frozenset[str]) -> ClassFolders:
    """By names alone: nothing is opened. A folder without a file that is called like one of these is no class.

    Raises:
        ProblemError: there are not at least two such folders.
    """
    parts = parts_of(root)
    classes, empty = _classes(parts, suffixes)
    number = {name: at for at, name in enumerate(classes)}
    rows = [
        (file.relative_to(root).as_posix(), number[label], part)
        for part, top in parts
        for label, file in _files(top)
        if label in number
    ]
    files = Files(root, tuple(name for name, _, _ in rows))
    label = RawColumn("label", "category", torch.tensor([at for _, at, _ in rows]), "target", classes)
    given = np.array([part for _, _, part in rows], np.int8) if len(parts) > 1 else None
    problems = (Problem("data.empty_classes", {"classes": empty}, severity="warning"),) if empty else ()
    return ClassFolders(files, label, given, problems)


def folder_at(root: Path) -> Path:
    """The folder itself. Raises `ProblemError` where there is none."""
    if not root.is_dir():
        raise ProblemError("data.is_file" if root.exists() else "data.no_folder", where=str(root))
    return root


def parts_of(root: Path) -> list[tuple[int, Path]]:
    """Training, validation and test where they lie in folders of their own, else all of it as training."""
    inside = {item.name.lower(): item for item in folder_at(root).iterdir() if item.is_dir()}
    known = [(part, inside[name]) for part, names in PARTS for name in names if name in inside]
    if not any(part == TRAIN for part, _ in known):
        return [(TRAIN, root)]
    if len(known) == 2 and known[1][0] == VALIDATION:
        return [known[0], (TEST, known[1][1])]  # what is called validation is all there is to test with
    return known


def _classes(parts: list[tuple[int, Path]], suffixes: frozenset[str]) -> tuple[tuple[str, ...], list[str]]:
    where = str(parts[0][1])
    folders = [folder for _, root in parts for folder in _folders(root)]
    if not folders:
        raise ProblemError("data.no_classes", where=where)
    filled = {folder.name for folder in folders if _holds(folder, suffixes)}
    if not filled:
        raise ProblemError("data.no_images", where=where)
    if len(filled) < 2:
        raise ProblemError("data.few_classes", where=where, found=sorted(filled))
    return tuple(sorted(filled)), sorted({folder.name for folder in folders} - filled)


def _folders(root: Path) -> list[Path]:
    return sorted(item for item in root.iterdir() if item.is_dir() and item.name[0] != ".")


def _holds(folder: Path, suffixes: frozenset[str]) -> bool:
    """Some file in it is called so: the first one ends the search."""
    names = (name for _, _, files in os.walk(folder) for name in files)
    return any(name[0] != "." and Path(name).suffix.lower() in suffixes for name in names)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in _folders(root):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name[0] != ".":
                yield folder.name, file
