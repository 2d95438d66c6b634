"""What a source of data is: a frozen dataclass whose fields are its options, and what it reads: raw columns.

A source only reads. What its columns are for, how they are shared out and what a network gets of them is the same for
all sources, and found out in `workbench.engine.loading`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import msgspec

from workbench.core.catalogue import DatasetInfo, misfit
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine.raw import Raw, Report, quiet
from workbench.engine.registry import Registry, fields_of, first_line


@dataclass(frozen=True)
class Dataset:
    """Base of all sources of data."""

    info: ClassVar[DatasetInfo]

    def stamp(self, folder: Path) -> object:
        """Differs when the files have changed: what was read before is then read again."""
        path = getattr(self, "path", "")
        return _stamp(folder / path) if path else None

    def is_here(self) -> bool:
        """Nothing has to be downloaded."""
        return True

    @property
    def refuses(self) -> bool:
        """The user wants no data with damaged files, instead of leaving those out."""
        return bool(getattr(self, "bad_files", "skip") == "refuse")

    def outline(self) -> Raw | None:
        """What is known before anything has been downloaded: columns without samples."""
        return None

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All of it; pictures and sounds only by name. `folder` is where relative paths start.

        Raises:
            ProblemError: it cannot be read, or not as the user chose.
        """
        raise NotImplementedError


def _stamp(path: Path) -> object:
    """Time and size of a file; of a folder, the times of it and of the folders in it."""
    try:
        status = path.stat()
        if not path.is_dir():
            return status.st_mtime_ns, status.st_size
        inside = sorted(item for item in path.iterdir() if item.is_dir())
        deeper = (further for item in inside for further in sorted(item.iterdir()) if further.is_dir())
        return tuple(item.stat().st_mtime_ns for item in (path, *inside, *deeper))
    except OSError:
        return None


DATASETS: Registry[type[Dataset]] = Registry("dataset")

D = TypeVar("D", bound=Dataset)


def dataset(
    key: str, title: str, group: str, *, download: str = "", was: tuple[str, ...] = ()
) -> Callable[[type[D]], type[D]]:
    """Register a source of data; `was` are keys that it had in older files."""

    def register(cls: type[D]) -> type[D]:
        cls.info = DatasetInfo(key, title, group, first_line(cls.__doc__), fields_of(cls), download)
        DATASETS.add(key, was=was)(cls)
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


def only_path(path: str) -> str:
    """The path, once one has been chosen. Raises `ProblemError`."""
    if not path:
        raise ProblemError("data.no_path")
    return path
