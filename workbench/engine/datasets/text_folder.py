"""Texts by class: a folder of text files for each class, or a file for each class with a text a line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import torch

from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.text_file import SUFFIXES, Encoding
from workbench.engine.encodings import AUTO
from workbench.engine.raw import TRAIN, Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables import cells

PARTS = {name: part for name, part in cells.PARTS.items() if name.isalpha()}
"""Folders that are called so are respected where one is for training and another one is not."""
NAMED = 5
"""Files that a problem names at most."""


@dataclass(frozen=True)
class _Found:
    """One text: where it is from, its class, and the split it is for."""

    text: str
    label: str
    part: int
    line: int


@dataset("text_folder", "Folder of texts", "Your files")
@dataclass(frozen=True)
class TextFolder(Dataset):
    """Texts by class: a folder of text files for each, or a file for each with a text a line.

    Folders `train`, `validation` and `test` above them are respected.
    """

    path: Annotated[str, Setting(kind="path", label="Folder", help="Holds a folder, or a file, for each class")] = ""
    encoding: Encoding = AUTO
    bad_files: Annotated[
        str, Setting(choices=("skip", "refuse"), label="Damaged files", help="Files in another encoding")
    ] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All texts. Files that cannot be read are counted and named. Raises `ProblemError`."""
        root = folder / only_path(self.path)
        if not root.is_dir():
            raise ProblemError("data.is_file" if root.exists() else "data.no_folder", where=str(root))
        parts = _parts(root)
        classes = sorted({name for top, _ in parts for name in _classes(top)})
        if not classes:
            raise ProblemError("data.no_texts", where=str(root))
        if len(classes) < 2:
            raise ProblemError("data.few_text_classes", where=str(root), found=classes)
        files = [(file, name, part) for top, part in parts for name in classes for file in _files(top, name)]
        bad: list[ProblemError] = []
        problems: list[Problem] = []
        found = list(self._texts(files, bad, problems, report))
        empty = sorted(set(classes) - {entry.label for entry in found})
        classes = [name for name in classes if name not in empty]
        if bad:
            problems.append(_skipped(bad))
        if empty:
            problems.append(Problem("data.empty_text_classes", {"classes": empty}, severity="warning"))
        if len(classes) < 2:
            raise ProblemError.of(bad[0].problem) if bad else ProblemError("data.no_texts", where=str(root))
        number = {name: at for at, name in enumerate(classes)}
        labels = torch.tensor([number[entry.label] for entry in found])
        given = np.array([entry.part for entry in found], np.int8)
        columns = {
            "text": RawColumn(
                "text", "text", pa.chunked_array([pa.array([entry.text for entry in found], pa.string())]), "input"
            ),
            "label": RawColumn("label", "category", labels, "target", tuple(classes)),
        }
        return Raw(root.name, columns, given if given.any() else None, problems)

    def _texts(
        self, files: Sequence[tuple[Path, str, int]], bad: list[ProblemError], problems: list[Problem], report: Report
    ) -> Iterator[_Found]:
        for place, (file, label, part) in enumerate(files):
            report("data.reading_texts", place, len(files))
            try:
                read = encodings.read(file, self.encoding)
            except ProblemError as error:
                if self.bad_files == "refuse":
                    raise
                bad.append(error)
                continue
            if read.cut:
                problems.append(Problem("data.half_character", {"count": read.cut}, node=str(file), severity="warning"))
            if file.parent.name == label:
                yield _Found(read.text.strip(), label, part, 1)
            else:
                lines = enumerate(read.text.split("\n"), 1)
                yield from (_Found(line.strip(), label, part, at) for at, line in lines if line.strip())


def _skipped(bad: Sequence[ProblemError]) -> Problem:
    files = [error.problem.node for error in bad[:NAMED]]
    found = sorted({str(error.problem.args.get("found") or "?") for error in bad})
    return Problem("data.skipped_texts", {"count": len(bad), "files": files, "found": found}, severity="warning")


def _parts(root: Path) -> list[tuple[Path, int]]:
    """The folders that hold classes, and what they are for."""
    inside = {
        item: PARTS[item.name.lower()]
        for item in sorted(root.iterdir())
        if item.is_dir() and item.name.lower() in PARTS
    }
    if TRAIN in inside.values() and len(set(inside.values())) > 1:
        return list(inside.items())
    alone = next((item for item, part in inside.items() if part == TRAIN), root)
    return [(alone, TRAIN)]


def _classes(top: Path) -> Iterator[str]:
    for item in top.iterdir():
        if item.name[0] != ".":
            if item.is_dir():
                yield item.name
            elif item.suffix.lower() in SUFFIXES and not any(other.is_dir() for other in top.iterdir()):
                yield item.stem


def _files(top: Path, label: str) -> Iterator[Path]:
    """In an order that does not depend on the file system."""
    folder = top / label
    if folder.is_dir():
        yield from sorted(file for file in folder.rglob("*") if file.is_file() and file.name[0] != ".")
    else:
        yield from sorted(file for file in top.glob("*") if file.stem == label and file.suffix.lower() in SUFFIXES)
