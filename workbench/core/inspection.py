"""What was found in a data set: its columns and what they are for, how it is shared out and balanced, what is wrong."""

from typing import Any

from msgspec import Struct, field

from workbench.core.analysis import ColumnSummary
from workbench.core.document import Document, Step
from workbench.core.problems import Problem


class Spread(Struct, frozen=True, omit_defaults=True):
    """How numbers are spread: those of a column, or the sizes of what is in it."""

    least: float
    middle: float
    """The median."""
    most: float
    counts: tuple[int, ...]
    """How many lie in each of as many equal parts from `least` to `most`."""
    unit: str = ""
    """Of sizes: px (width and height together: their geometric mean), characters or s; empty for plain numbers."""


class ColumnFacts(Struct, frozen=True, omit_defaults=True):
    """One column as it stands in the source."""

    name: str
    kind: str
    """number, category, date, text, tags, image, mask, audio, array or id."""
    role: str
    """input, target, weight, group, time, split or ignore: what the user chose, or else what fits."""
    missing: int
    distinct: int | None
    """How many different values; None where nobody counts them, as of pictures."""
    example: str = ""
    spread: Spread | None = None
    common: tuple[tuple[str, int], ...] = ()
    """The most frequent values and how often each is there, of what has few."""
    steps: tuple[Step, ...] = ()
    """How it is prepared: as the document says, or as its kind usually is."""


class Twin(Struct, frozen=True):
    """Two samples that are the same."""

    rows: tuple[int, int]
    """Counted from 0 through all samples of the source."""
    splits: tuple[str, str]
    text: str
    """What they are: a file's name, or the beginning of a text or row."""


class Duplicates(Struct, frozen=True, omit_defaults=True):
    """Samples whose inputs are exactly the same, byte by byte."""

    within: int = 0
    """Samples that repeat an earlier one of their own split."""
    across: int = 0
    """Samples of the validation or test split that are in the training split too."""
    examples: tuple[Twin, ...] = ()
    """Those across splits first."""


class Inspection(Struct, frozen=True, omit_defaults=True):
    """All that is known of a data set without training on it."""

    kind: str
    """The key of the source in the catalogue."""
    title: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    classes: tuple[str, ...] = ()
    """Of the target, where it has classes."""
    splits: dict[str, int] = field(default_factory=dict)
    """Samples by split: train, validation, test."""
    method: str = ""
    """How they were shared out: random, stratified, group, time or given."""
    balance: dict[str, dict[str, int]] = field(default_factory=dict)
    """Samples by split and class."""
    duplicates: Duplicates = Duplicates()
    ready: tuple[ColumnSummary, ...] = ()
    """The columns that networks read, to which inputs and outputs are bound."""
    data: dict[str, Any] = field(default_factory=dict)
    """What a document needs to say of it (its raw `data`)."""
    fingerprint: str = ""
    to_download: str = ""
    """How much has to be fetched before more can be said."""
    problems: tuple[Problem, ...] = ()


class Suggestion(Struct, frozen=True):
    """A model of the zoo that fits a data set, ready to be trained on it (`model_zoo.suggestions`)."""

    name: str
    title: str
    reason: Problem
    """Why it fits, as a code with arguments and of severity info: worded as problems are."""
    document: Document
    """With the data, and inputs and outputs bound to its columns."""
