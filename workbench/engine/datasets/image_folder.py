"""A folder with a folder of images for every class."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from PIL import Image

from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.files.class_folders import found
from workbench.engine.preprocess import ImageInput
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

EDGE = Setting(1, 4096, unit="px", help="Pictures are resized to this")
COLOUR = Setting(help="Three channels instead of one")
BAD_FILES = Setting(choices=("skip", "refuse"), label="Damaged files", help="Files that cannot be read")


@dataset("image_folder", "Folder of images", "Your files")
@dataclass(frozen=True)
class ImageFolder(Dataset):
    """A folder that holds one folder of pictures for each class; `train` and `test` above them are respected."""

    path: Annotated[str, Setting(kind="path", label="Folder", help="Holds one folder for each class")] = ""
    height: Annotated[int, EDGE] = 64
    width: Annotated[int, EDGE] = 64
    colour: Annotated[bool, COLOUR] = True
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The names of all pictures."""
        there = found(folder / only_path(self.path), suffixes())
        spec = ImageInput(3 if self.colour else 1, self.height, self.width)
        image = RawColumn("image", "image", there.files, "input", preprocessing=spec)
        return Raw(Path(self.path).name, {"image": image, "label": there.label}, there.given, there.problems)


@cache
def suffixes() -> frozenset[str]:
    """How the names of pictures end."""
    known = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in known.items() if kind in Image.OPEN)
