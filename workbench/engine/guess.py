"""What kind of data a file or folder holds, by its name and by what lies in it."""

from pathlib import Path

from workbench.core.document import Data
from workbench.core.problems import ProblemError


def guess(path: Path) -> Data:
    """The source that reads it. Raises `ProblemError` where nothing does."""
    if path.is_dir():
        return Data("image_folder", {"path": str(path)})
    if not path.exists():
        raise ProblemError("file.unreadable", where=str(path), detail="no such file")
    if path.suffix.lower() in (".csv", ".tsv"):
        return Data("csv", {"path": str(path)})
    return Data("text_file", {"path": str(path)})
