"""Images with masks: which pixel belongs to which class."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from PIL import Image

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine import storage
from workbench.engine.columns.pictures import UNREADABLE
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.image_folder import BAD_FILES, COLOUR, EDGE, suffixes
from workbench.engine.files.class_folders import folder_at, parts_of
from workbench.engine.preprocess import ImageInput, MaskInput, classes_in
from workbench.engine.raw import Files, Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

IMAGES = ("images", "image", "imgs", "img", "jpegimages")
MASKS = ("masks", "mask", "labels", "annotations", "segmentationclass", "trimaps")
MOST = 1024
"""Classes; what has more different values is no mask."""


@dataset("image_masks", "Images with masks", "Your files")
@dataclass(frozen=True)
class ImageMasks(Dataset):
    """Pictures, and for each a mask of the same name whose pixels are numbers of classes, in grey or in a palette."""

    path: Annotated[str, Setting(kind="path", label="Folder", help="Holds the folders of pictures and of masks")] = ""
    images: Annotated[str, Setting(help="The folder of the pictures; found by its name when empty")] = ""
    masks: Annotated[str, Setting(help="The folder of the masks; found by its name when empty")] = ""
    classes: Annotated[
        str, Setting(help="Names, separated by commas, or a text file with one a line; numbers when empty")
    ] = ""
    ignore: Annotated[int | None, Setting(0, 65535, help="The value of pixels that do not count")] = 255
    height: Annotated[int, EDGE] = 96
    width: Annotated[int, EDGE] = 96
    colour: Annotated[bool, COLOUR] = True
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The names of all pairs, and of what there are masks without names for, the values in them.

        Raises:
            ProblemError: there are no pairs.
        """
        root = folder_at(folder / only_path(self.path))
        parts = parts_of(root)
        rows = [(part, *pair) for part, top in parts for pair in self._pairs(root, top)]
        alone = [name for _, name, mask in rows if not mask]
        rows = [row for row in rows if row[2]]
        if not rows:
            raise ProblemError("data.no_pairs", where=str(root))
        problems = []
        if alone:
            problems.append(Problem("data.no_mask", {"count": len(alone), "files": alone[:5]}, severity="warning"))
        images, masks = Files(root, tuple(row[1] for row in rows)), Files(root, tuple(row[2] for row in rows))
        values, names, ignore = self._classes(root, masks, report)
        size = self.height, self.width
        columns = {
            "image": RawColumn("image", "image", images, "input", (), ImageInput(3 if self.colour else 1, *size)),
            "mask": RawColumn("mask", "mask", masks, "target", names, MaskInput(values, *size, ignore=ignore)),
        }
        given = np.array([part for part, _, _ in rows], np.int8) if len(parts) > 1 else None
        return Raw(root.name, columns, given, problems)

    def _pairs(self, root: Path, top: Path) -> Iterator[tuple[str, str]]:
        """Each picture and its mask, relative to the root; empty where it has none."""
        images, masks = _inside(top, self.images, IMAGES), _inside(top, self.masks, MASKS)
        by_name = {mask.relative_to(masks).with_suffix("").as_posix(): mask for mask in _pictures(masks)}
        for image in _pictures(images):
            name = image.relative_to(images).with_suffix("").as_posix()
            mask = next((by_name[found] for found in (name, f"{name}_mask") if found in by_name), None)
            yield image.relative_to(root).as_posix(), mask.relative_to(root).as_posix() if mask else ""

    def _classes(self, root: Path, masks: Files, report: Report) -> tuple[tuple[int, ...], tuple[str, ...], int | None]:
        """The value of each class, its name, and the value that does not count."""
        names = self._names(root)
        if names:
            return tuple(range(len(names))), names, self.ignore
        values = values_in(masks, report)
        ignore = None if set(values) <= {0, 255} else self.ignore  # black and white: white is what it is about
        found = tuple(value for value in values if value != ignore)
        if not 2 <= len(found) <= MOST:
            raise ProblemError("data.mask_classes", where=str(root), found=len(found), most=MOST)
        return found, tuple(map(str, found)), ignore

    def _names(self, root: Path) -> tuple[str, ...]:
        listed = root / (self.classes or "classes.txt")
        if listed.suffix == ".txt" and (self.classes or listed.is_file()):
            try:
                return tuple(line.strip() for line in listed.read_text("utf-8-sig").splitlines() if line.strip())
            except OSError as error:
                raise unreadable(listed, error) from None
            except UnicodeDecodeError:
                raise ProblemError("data.encoding", where=str(listed)) from None
        return tuple(name.strip() for name in self.classes.split(",") if name.strip())


def _inside(top: Path, chosen: str, usual: tuple[str, ...]) -> Path:
    """A folder that was named, or is called as such folders usually are. Raises `ProblemError`."""
    if chosen:
        return folder_at(top / chosen)
    inside = {item.name.lower(): item for item in top.iterdir() if item.is_dir()}
    place = next((inside[name] for name in usual if name in inside), None)
    if place is None:
        raise ProblemError("data.no_pairs", where=str(top))
    return place


def _pictures(folder: Path) -> list[Path]:
    known = suffixes()
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in known and path.name[0] != ".")


def values_in(masks: Files, report: Report = quiet) -> tuple[int, ...]:
    """Every value that stands in some mask, sorted; looked for once, and kept as long as no file changes."""

    def make(folder: Path) -> None:
        found: set[int] = set()
        with ThreadPoolExecutor() as pool:
            for row, values in enumerate(pool.map(_values, map(masks.__getitem__, range(len(masks))))):
                report("data.checking", row, len(masks))
                found |= values
        (folder / "values.json").write_bytes(msgspec.json.encode(sorted(found)))

    place = storage.kept(("mask values", str(masks.root), masks.names, masks.stamps()), make)
    return tuple(msgspec.json.decode((place / "values.json").read_bytes(), type=list[int]))


def _values(path: Path) -> set[int]:
    """Nothing of a damaged one: it is named when it is decoded."""
    try:
        with Image.open(path) as image:
            return set(np.unique(classes_in(image)).tolist())
    except UNREADABLE:
        return set()
