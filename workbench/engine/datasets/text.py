"""Text as characters: windows of one length, and for each position the character that comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
import torch

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.preprocess import TextInput
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

MOST_CHARACTERS = 512
"""A text with more different characters than this is no text in letters."""

Length = Annotated[int, Setting(2, 4096, label="Length", help="Characters that the network reads at once")]


def windows(text: str, length: int, title: str) -> Raw:
    """A text as windows that stand behind one another; what is left at its end is not used.

    Column `text` has shape (length,), and so has `next`: the character behind each, in the same numbers.
    """
    characters = tuple(sorted(set(text)))
    place = {character: number for number, character in enumerate(characters)}
    numbers = torch.tensor([place[character] for character in text])
    count = (len(text) - 1) // length
    tokens, following = (
        numbers[: count * length].view(count, length),
        numbers[1 : count * length + 1].view(count, length),
    )
    shown = [text[at : at + length].replace("\n", " ⏎ ") for at in range(0, count * length, length)]
    spec = TextInput(characters, length)
    columns = {
        "text": RawColumn("text", "tokens", tokens, "input", preprocessing=spec),
        "next": RawColumn("next", "labels", following, "target", characters),
    }
    return Raw(title, columns, shown={"text": shown})


@dataset("text", "Text file", "Your files")
@dataclass(frozen=True)
class TextFile(Dataset):
    """A text, read as characters: from those so far, what comes next?"""

    path: Annotated[str, Setting(kind="path", label="File", help="Plain text in UTF-8")] = ""
    length: Length = 64

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All of it, line ends as they are in Python."""
        file = folder / only_path(self.path)
        try:
            status = file.stat()
            text = _read(file, status.st_mtime_ns, status.st_size)
        except OSError as error:
            raise unreadable(file, error) from None
        except UnicodeDecodeError:
            raise ProblemError("data.encoding", where=str(file)) from None
        if len(text) <= self.length:
            raise ProblemError("data.short_text", where=str(file), found=len(text), expected=self.length + 1)
        if len(set(text)) > MOST_CHARACTERS:
            raise ProblemError("data.many_characters", where=str(file), found=len(set(text)), most=MOST_CHARACTERS)
        return windows(text, self.length, file.stem)


@lru_cache(maxsize=2)
def _read(file: Path, changed: int, size: int) -> str:
    return file.read_text(encoding="utf-8-sig")


@dataset("sums", "Sums in words", "Samples")
@dataclass(frozen=True)
class Sums(Dataset):
    """All sums of two numbers below fifty, written out (seven plus five is twelve.), for small language models."""

    length: Length = 64

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """2,500 sentences in an order that is always the same."""
        return windows(_sums(), self.length, "Sums in words")


SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    """A number below a hundred in English: forty-two."""
    if number < len(SMALL):
        return SMALL[number]
    tens, ones = divmod(number, 10)
    return TENS[tens - 2] + (f"-{SMALL[ones]}" if ones else "")


@cache
def _sums() -> str:
    def sentences() -> Iterator[str]:
        for pair in np.random.default_rng(0).permutation(50 * 50).tolist():
            one, other = divmod(pair, 50)
            yield f"{in_words(one)} plus {in_words(other)} is {in_words(one + other)}.\n"

    return "".join(sentences())
