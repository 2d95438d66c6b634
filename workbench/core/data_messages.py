"""What an engine is asked about data: what there is, what it looks like."""

from typing import Any, ClassVar

from msgspec import Struct

from workbench.core.analysis import ColumnSummary
from workbench.core.problems import Problem
from workbench.core.question import Question


class DataSummary(Struct, frozen=True):
    """What there is in a data set."""

    title: str
    columns: tuple[ColumnSummary, ...]
    splits: dict[str, int]
    """Samples by split: train, validation, test."""
    balance: dict[str, dict[str, int]]
    """Samples by split and class."""
    fingerprint: str
    to_download: str = ""
    """How much has to be fetched before more can be said."""
    problems: tuple[Problem, ...] = ()


class DescribeData(Question, frozen=True, tag=True):
    """Summarise the data set that a document's raw `data` names. Nothing is downloaded unless the user said so."""

    data: dict[str, Any]
    folder: str = ""
    download: bool = False

    reply: ClassVar[Any] = DataSummary


class SamplePage(Struct, frozen=True):
    """Samples to look at. The images are the message's binary part: uint8, `shape` with the count first."""

    shape: tuple[int, ...]
    captions: tuple[str, ...]
    total: int
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The samples as texts, where they are not images."""


class GetSamples(Question, frozen=True, tag=True):
    """Some samples of one split, of one class or of all."""

    data: dict[str, Any]
    split: str
    start: int
    count: int
    label: str = ""
    folder: str = ""

    reply: ClassVar[Any] = SamplePage
