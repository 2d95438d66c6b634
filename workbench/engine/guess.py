"""What kind of data a file or folder holds, by its name and by what lies in it."""

from pathlib import Path

from workbench.core.document import Data
from workbench.core.problems import ProblemError


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
    """The first file that is either says it: a text, or something else."""
    for _, folders, files in os.walk(folder):
        folders.sort()
        named = sorted(name for name in files if name[0] != ".")
        if named:
            return Path(named[0]).suffix.lower() in SUFFIXES
    return False


def _table(path: Path) -> str:
    """A table of texts, of pairs of texts, or of numbers and names; what cannot be read says why when it is read."""
    if path.suffix.lower() not in JSON_SUFFIXES:
        with contextlib.suppress(OSError), path.open("rb") as file:
            if not looks_like_prose(file.read(SAMPLE)):
                return "csv"
    columns = [column.role for column in TextTable(str(path)).read(Path()).columns.values()]
    return "text_pairs" if columns.count("input") > 1 and "target" not in columns else "text_table"
