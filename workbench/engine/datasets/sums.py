"""Sums written out, for small language models: windows of one length, and for each position what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from workbench.engine.columns.windows import unreserved
from workbench.engine.datasets.base import Dataset, dataset
from workbench.engine.datasets.text_file import Length
from workbench.engine.raw import Raw, Report, quiet


@dataset("sums", "Sums in words", "Samples")
@dataclass(frozen=True)
class Sums(Dataset):
    """All sums of two numbers below fifty, written out (seven plus five is twelve.), for small language models."""

    length: Length = 64

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """2,500 sentences in an order that is always the same."""
        return unreserved(_sums(), self.length, "Sums in words")


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
