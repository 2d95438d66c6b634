"""Images whose labels stand in a table."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.image_folder import BAD_FILES, COLOUR, EDGE, suffixes
from workbench.engine.files.labels import labelled
from workbench.engine.preprocess import ImageInput
from workbench.engine.raw import Raw, Report, quiet
from workbench.engine.registry import Setting

TABLE = Setting(kind="path", label="Table", help="CSV, TSV, JSON or JSON Lines: the name of a file, and its labels")


@dataset("image_table", "Images with a table of labels", "Your files")
@dataclass(frozen=True)
class ImageTable(Dataset):
    """Pictures, and a table with a row for each: classes, several tags (between them `|` or `;`), or numbers."""

    path: Annotated[str, TABLE] = ""
    folder: Annotated[str, Setting(kind="path", help="Where the pictures are; beside the table when empty")] = ""
    files: Annotated[str, Setting(label="Column of files", help="Found by its values when empty")] = ""
    height: Annotated[int, EDGE] = 64
    width: Annotated[int, EDGE] = 64
    colour: Annotated[bool, COLOUR] = True
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The table, and the names of the pictures. Raises `ProblemError`."""
        table = folder / only_path(self.path)
        root = folder / self.folder if self.folder else table.parent
        raw = labelled(table, root, self.files, suffixes(), "image", report)
        spec = ImageInput(3 if self.colour else 1, self.height, self.width)
        return replace(raw, columns={**raw.columns, "image": replace(raw.columns["image"], preprocessing=spec)})
