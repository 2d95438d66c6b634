"""What kind of data a file or folder holds, by its name and by what lies in it."""

import os
from pathlib import Path

from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine.datasets.tagged_words import TAGGED
from workbench.engine.datasets.text_file import SUFFIXES
from workbench.engine.datasets.text_table import beginning
from workbench.engine.text_rows import JSON_SUFFIXES

TABLES = (".csv", ".tsv", *JSON_SUFFIXES)


def guess(path: Path) -> Data:
    """The source that reads it. Raises `ProblemError` where nothing does."""
    if path.is_dir():
        return Data("text_folder" if _holds_texts(path) else "image_folder", {"path": str(path)})
    if not path.exists():
        raise ProblemError("file.unreadable", where=str(path), detail="no such file")
    if path.suffix.lower() in TABLES:
        return Data(_table(path), {"path": str(path)})
    return Data("tagged_words" if path.suffix.lower() in TAGGED else "text_file", {"path": str(path)})


def _holds_texts(folder: Path) -> bool:
    """The first file that is found says it."""
    for _, folders, files in os.walk(folder):
        folders.sort()
        if named := sorted(name for name in files if name[0] != "."):
            return Path(named[0]).suffix.lower() in SUFFIXES
    return False


def _table(path: Path) -> str:
    """A table of texts, of pairs of texts, or of numbers and names."""
    columns = beginning(path)
    texts = sum(column.role == "input" for column in columns)
    if not texts:
        return "csv"
    return "text_pairs" if texts > 1 and not any(column.role == "target" for column in columns) else "text_table"
