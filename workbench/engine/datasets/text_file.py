"""A long text: from what is written so far, what comes next?"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.encodings import AUTO, ENCODINGS
from workbench.engine.raw import Corpus, Raw, Report, quiet
from workbench.engine.registry import Setting

SUFFIXES = (".txt", ".text", ".md")
"""How the names of text files end."""

Encoding = Annotated[str, Setting(choices=ENCODINGS, help="How characters are stored; auto is UTF-8")]
Length = Annotated[int, Setting(2, 4096, label="Length", help="Tokens that the network reads at once")]


@dataset("text_file", "Text file", "Your files", was=("text",))
@dataclass(frozen=True)
class TextFile(Dataset):
    """A text, or all texts of a folder one behind the other: from what stands there so far, what comes next?"""

    path: Annotated[str, Setting(kind="path", label="File", help="Plain text, or a folder of text files")] = ""
    length: Length = 64
    encoding: Encoding = AUTO

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All of it, line ends as they are in Python."""
        place = folder / only_path(self.path)
        texts: list[bytes | memoryview] = []
        problems: list[Problem] = []
        for file in _files(place):
            found = encodings.stored(file, self.encoding)
            texts.append(found.text)
            problems += halved(file, found.cut)
        text = texts[0] if len(texts) == 1 else b"\n".join(texts)
        return Raw(place.stem, {}, problems=problems, corpus=Corpus(memoryview(text), self.length))


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    found = sorted(file for file in place.rglob("*") if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    if not found:
        raise ProblemError("data.no_texts", where=str(place))
    yield from found


def halved(file: Path, cut: int) -> list[Problem]:
    """What is said of a file that ends in the middle of a character."""
    return [Problem("data.half_character", {"count": cut}, node=str(file), severity="warning")] if cut else []
