"""What a source holds, before anybody knows what it is for: raw columns."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.document import Role
from workbench.core.problems import Problem
from workbench.engine.preprocess import Preprocessing

Report = Callable[[str, int, int], None]
"""Told the code of what is being done, how far it is, and of how much (0 when unknown)."""


def quiet(code: str, done: int, total: int) -> None:
    """A report that nobody listens to."""


@dataclass(frozen=True)
class Files:
    """Values that lie in files of their own: pictures, sounds."""

    root: Path
    names: tuple[str, ...]
    """Relative to the root, with `/`."""

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, row: int) -> Path:
        return self.root / self.names[row]

    def stamps(self) -> tuple[tuple[int, int] | None, ...]:
        """When each was changed last, and its size: what was made of them is kept as long as these are the same."""
        return tuple(_stamp(f"{self.root}/{name}") for name in self.names)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - many thousands of them
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


Values: TypeAlias = pa.ChunkedArray | Files | Tensor
"""One entry for each sample: numbers and texts (missing ones are null), files, or numbers of one shape (axis 0)."""


@dataclass(frozen=True)
class RawColumn:
    """One column as it stands in its source."""

    name: str
    kind: str
    """As what it looks like: number, category, date, text, tags, image, mask, audio, array, tokens, labels, id."""
    values: Values
    role: Role = "auto"
    """What it looks like it is for; `auto` where that follows from the others."""
    classes: tuple[str, ...] = ()
    """Where the source knows them and their order; the values are then numbers of classes, in a tensor."""
    preprocessing: Preprocessing | None = None
    """Where the source knows it."""
    axis: str = ""
    """Columns whose sequences run side by side (words and their tags) name the same one."""
    written: str = ""
    """How its values are written in its source: the format of dates, what stands between tags."""

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Corpus:
    """One long text, from which language models learn what comes next."""

    text: memoryview
    """In UTF-8."""
    length: int
    """Tokens of each sample."""


@dataclass(frozen=True)
class Raw:
    """What a source holds."""

    title: str
    columns: dict[str, RawColumn]
    given: NDArray[np.int8] | None = None
    """How the source itself shares its samples out: 0 train, 1 validation, 2 test."""
    problems: Sequence[Problem] = ()
    """What a user should know of data that can be used."""
    shown: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Samples whose columns are numbers as texts, for looking at."""
    lines: NDArray[np.int64] | None = None
    """The line in its file of each sample, so that a damaged one can be named."""
    corpus: "Corpus | None" = None
    """One long text, instead of columns: it is cut into samples once it is known how they are shared out."""

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(next(iter(self.columns.values())))


TRAIN, VALIDATION, TEST = range(3)
"""What `Raw.given` says."""
