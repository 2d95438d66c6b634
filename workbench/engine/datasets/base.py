"""What a data set is: a frozen dataclass whose fields are its options, and what it loads: columns of tensors."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.analysis import ColumnSummary
from workbench.core.catalogue import SPLIT_FIELDS, DatasetInfo, misfit
from workbench.core.checks import settings_problems
from workbench.core.document import Data, Split
from workbench.core.problems import Problem, ProblemError
from workbench.engine.preprocess import ImageInput, Preprocessing
from workbench.engine.registry import Registry, fields_of, first_line

Report = Callable[[str, int, int], None]
"""Told the code of what is being done, how far it is, and of how much (0 when unknown)."""

READY_LIMIT = 1 << 30
"""Columns up to this many bytes are held as the network reads them; larger ones are prepared batch by batch."""


WHOLE = frozenset({"label", "labels", "tokens"})
"""Kinds of columns that hold whole numbers."""


def quiet(code: str, done: int, total: int) -> None:
    """A report that nobody listens to."""


@dataclass
class Column:
    """One column, all samples. Images are kept as bytes; the network reads them through `ready`."""

    name: str
    kind: str
    """image, table, tokens, label (a class), labels (a class for each step) or number."""
    data: Tensor
    classes: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None

    @property
    def dtype(self) -> str:
        """What the network reads."""
        return "int64" if self.kind in WHOLE else "float32"

    def summary(self) -> ColumnSummary:
        """The column without its numbers."""
        return ColumnSummary(self.name, self.kind, tuple(self.data.shape[1:]), self.dtype, self.classes)

    def ready(self, at: Tensor | slice) -> Tensor:
        """Samples as the network reads them."""
        rows = self.data[at]
        if isinstance(self.preprocessing, ImageInput):
            rows = rows.float().div_(self.preprocessing.divide_by)
            if self.preprocessing.mean:
                shape = (-1, 1, 1)
                mean = torch.tensor(self.preprocessing.mean).view(shape)
                rows = rows.sub_(mean).div_(torch.tensor(self.preprocessing.std).view(shape))
        return rows

    def fits_ready(self) -> bool:
        """It may be held in memory as the network reads it."""
        return self.data.numel() * 4 <= READY_LIMIT


@dataclass
class Loaded:
    """A data set in memory."""

    title: str
    columns: dict[str, Column]
    test: NDArray[np.bool_] | None = None
    """Which samples the source itself keeps for the test."""
    problems: list[Problem] = field(default_factory=list)
    fit: Callable[[NDArray[np.int64]], None] | None = None
    """Fits the preprocessing to the training split (means, deviations), where it has to be fitted."""
    source_rows: dict[str, list[str]] | None = None
    """A table's texts by column, as they stand in its file, for looking at."""

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(next(iter(self.columns.values())).data)

    @property
    def label(self) -> Column | None:
        """The first column of classes."""
        return next((column for column in self.columns.values() if column.kind == "label"), None)

    def fingerprint(self) -> str:
        """SHA-256 over all columns: the same data gives the same fingerprint on every machine."""
        digest = hashlib.sha256()
        for name, column in sorted(self.columns.items()):
            digest.update(f"{name} {column.kind} {tuple(column.data.shape)} {column.classes}".encode())
            digest.update(column.data.contiguous().numpy().tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Dataset:
    """Base of all sources of data."""

    info: ClassVar[DatasetInfo]

    def peek(self, folder: Path) -> tuple[ColumnSummary, ...]:
        """The columns, without reading the data where that can be avoided. Raises `ProblemError`."""
        raise NotImplementedError

    def remarks(self, folder: Path) -> list[Problem]:
        """What a user should know of data that can be used. Raises `ProblemError` where they cannot."""
        return []

    def is_here(self) -> bool:
        """Nothing has to be downloaded."""
        return True

    def load(self, folder: Path, report: Report = quiet) -> Loaded:
        """All of it. `folder` is where relative paths start. Raises `ProblemError`."""
        raise NotImplementedError


DATASETS: Registry[type[Dataset]] = Registry("dataset")

D = TypeVar("D", bound=Dataset)


def dataset(key: str, title: str, group: str, *, download: str = "") -> Callable[[type[D]], type[D]]:
    """Register a source of data."""

    def register(cls: type[D]) -> type[D]:
        cls.info = DatasetInfo(key, title, group, first_line(cls.__doc__), fields_of(cls), download)
        DATASETS.add(key)(cls)
        return cls

    return register


def dataset_of(data: Data) -> Dataset:
    """The source that a document names. Raises `ProblemError` for an unknown one or options that do not fit."""
    if data.source not in DATASETS:
        raise ProblemError("data.unknown_source", found=data.source, known=list(DATASETS))
    cls = DATASETS[data.source]
    known = {info.name: info for info in cls.info.fields}
    for name, value in data.options.items():
        code = misfit(known[name], value) if name in known else "setting.unknown"
        if code:
            raise ProblemError(code, where=f"data.{name}", name=name, found=value, field=raw_field(known.get(name)))
    return cls(**data.options)


def raw_field(info: object) -> object:
    """A field's description as JSON-ready values, for a problem's arguments."""
    return msgspec.to_builtins(info)


def shared_out(loaded: Loaded, how: Split) -> dict[str, NDArray[np.int64]]:
    """Indices of the samples of each split, sorted; each class is shared out in the same proportion.

    The same seed gives the same split on every machine (NumPy's PCG64). Raises `ProblemError` for impossible shares.
    """
    for problem in settings_problems(how, SPLIT_FIELDS):
        raise ProblemError.of(problem)
    label = loaded.label
    groups = label.data.numpy() if label is not None else np.zeros(loaded.count, np.int64)
    random = np.random.default_rng(how.seed)
    parts: dict[str, list[NDArray[np.int64]]] = {"train": [], "validation": [], "test": []}
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if loaded.test is not None:
            parts["test"].append(members[loaded.test[members]])
            members = random.permutation(members[~loaded.test[members]])
        else:
            members = random.permutation(members)
            cut = round(len(members) * how.test)
            parts["test"].append(members[:cut])
            members = members[cut:]
        cut = round(len(members) * how.validation)
        parts["validation"].append(members[:cut])
        parts["train"].append(members[cut:])
    return {name: np.sort(np.concatenate(pieces)) for name, pieces in parts.items()}


def balance(loaded: Loaded, splits: Mapping[str, NDArray[np.int64]]) -> dict[str, dict[str, int]]:
    """Samples by split and class; empty where there are no classes."""
    label = loaded.label
    if label is None:
        return {}
    counts = {
        name: np.bincount(label.data.numpy()[rows], minlength=len(label.classes)) for name, rows in splits.items()
    }
    return {
        name: {klass: int(number) for klass, number in zip(label.classes, row, strict=True)}
        for name, row in counts.items()
    }
