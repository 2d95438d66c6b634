"""What networks read: columns of tensors, made from raw columns by one maker for each kind."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.analysis import Axis, ColumnSummary
from workbench.core.document import Role, Step
from workbench.core.problems import Problem
from workbench.engine.columns.values import NO_CLASS as NO_CLASS
from workbench.engine.columns.values import Held, Rows, take
from workbench.engine.preprocess import Preprocessing
from workbench.engine.raw import RawColumn, Report, quiet
from workbench.engine.registry import Registry

INPUT_KINDS = ("image", "table", "array", "tokens", "audio")
"""What an input can read."""
WHOLE = frozenset({"label", "labels", "tokens", "mask"})
"""Kinds of columns that hold whole numbers."""


@dataclass
class Column:
    """One column, all samples. They are made when somebody asks for them: to know its shape, nothing is decoded."""

    name: str
    kind: str
    """Inputs: image, table, array, tokens, audio. Targets: label, labels, tags, number, mask. Or weight."""
    shape: tuple[Axis, ...]
    """Of one sample, as the network reads it; an axis of variable length is a name."""
    make: Callable[[Report], Held]
    classes: tuple[str, ...] = ()
    size: int = 0
    """How many different tokens there are, padding included."""
    preprocessing: Preprocessing | None = None
    """How an input is prepared, as exported models must know it."""
    finisher: Callable[[Tensor], Tensor] | None = None
    """Samples as they are held to what the network reads; None where that is the same."""
    wide: int = 1
    """How many times as many bytes it is as the network reads it: 4 for pictures held as bytes."""
    longest: int = 0
    """How long a sample can be along its axis of variable length; 0 where nobody knows."""
    problems: list[Problem] = field(default_factory=list)
    """What a user should know of it."""
    damaged: dict[int, str] = field(default_factory=dict)
    """Rows that turned out to be unusable while they were made, and why; they are left out of every split."""
    _held: Held | None = None

    def held(self, report: Report = quiet) -> Held:
        """All samples. Raises `ProblemError`."""
        if self._held is None:
            self._held = self.make(report)
        return self._held

    @property
    def data(self) -> Held:
        """All samples, made now if they are not there yet."""
        return self.held()

    @property
    def tensor(self) -> Tensor:
        """All samples of a column whose samples have one shape."""
        held = self.held()
        assert isinstance(held, Tensor)
        return held

    @property
    def dtype(self) -> str:
        """What the network reads."""
        return "int64" if self.kind in WHOLE else "float32"

    def summary(self) -> ColumnSummary:
        """The column without its numbers."""
        return ColumnSummary(self.name, self.kind, self.shape, self.dtype, self.classes, self.size, self.longest)

    def take(self, rows: Rows) -> Tensor:
        """Samples as they are held: augmentation works on these."""
        return take(self.held(), rows)

    def finish(self, taken: Tensor) -> Tensor:
        """What `take` gave, as the network reads it."""
        return self.finisher(taken) if self.finisher else taken

    def ready(self, rows: Rows) -> Tensor:
        """Samples as the network reads them."""
        return self.finish(self.take(rows))


Augmentation = Callable[[dict[str, Tensor], int], dict[str, Tensor]]
"""A training batch by column, as held, and a seed, to the same with random changes; it may not change the order."""


@dataclass
class Loaded:
    """A data set as networks read it, shared out."""

    title: str
    columns: dict[str, Column]
    splits: dict[str, NDArray[np.int64]]
    """Rows of train, validation and test, each sorted."""
    fingerprint: str
    problems: list[Problem] = field(default_factory=list)
    raw: Mapping[str, RawColumn] = field(default_factory=dict)
    """What it was made from, for looking at."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """What each raw column is for."""
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    """How each raw column is prepared: as the document says, or as its kind usually is."""
    method: str = ""
    """How the samples were shared out: random, stratified, group, time or given."""
    shown: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Samples that are no texts in their source as texts, for looking at."""
    augmentation: Augmentation | None = None
    """What happens to batches of the training split."""

    @property
    def count(self) -> int:
        """How many samples there are, damaged ones included."""
        return max((len(column) for column in self.raw.values()), default=0)

    @property
    def label(self) -> Column | None:
        """The first column of classes."""
        return next((column for column in self.columns.values() if column.kind == "label"), None)


@dataclass(frozen=True)
class Making:
    """What a maker is given: raw columns that belong together, and what is wanted of them."""

    columns: Sequence[RawColumn]
    steps: Mapping[str, tuple[Step, ...] | None]
    """By column; None for the default steps of its kind."""
    train: NDArray[np.int64]
    """The rows that anything may be fitted to."""
    report: Report = quiet

    @property
    def only(self) -> RawColumn:
        """The raw column, for a maker that makes each by itself."""
        (column,) = self.columns
        return column


class Maker(Protocol):
    """Turns raw columns of one kind into what networks read."""

    @property
    def together(self) -> bool:
        """All columns of this kind become one."""

    @abstractmethod
    def make(self, making: Making) -> list[Column]:
        """The columns, fitted to the training rows, nothing decoded yet. Raises `ProblemError`."""


INPUTS: Registry[Maker] = Registry("input")
"""By the kind of raw column, where it is an input."""
TARGETS: Registry[Maker] = Registry("target")
"""By the kind of raw column, where it is a target."""
