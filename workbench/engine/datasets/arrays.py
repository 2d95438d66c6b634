"""Arrays that NumPy has stored: one file of several, or one array a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from workbench.core.document import Role
from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.preprocess import ImageInput
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.cells import PARTS
from workbench.engine.tables.typed import typed_column

TARGETS = re.compile(r"^(y|labels?|targets?)$", re.IGNORECASE)
CHANNELS = (1, 3)
DAMAGED = (ValueError, EOFError, AttributeError, BadZipFile)
"""What NumPy raises for files of other kinds, among them one array where several were expected."""

Array = NDArray[Any]


@dataset("numpy", "NumPy arrays", "Your files")
@dataclass(frozen=True)
class NumpyArrays(Dataset):
    """An .npz file, an .npy file or a folder of those: each array is a column, its first axis counts the samples.

    Arrays called x_train, x_test and the like are one column, shared out as their names say.
    """

    path: Annotated[str, Setting(kind="path", label="File or folder", help="Arrays of objects are not read")] = ""

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """Every array. Raises `ProblemError` where their lengths differ, or one cannot be read."""
        place = folder / only_path(self.path)
        arrays, given = _joined(_arrays(place), place)
        lengths = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
        if not lengths or not max(lengths.values()):
            raise ProblemError("data.empty", where=str(place))
        if len(set(lengths.values())) > 1:
            raise ProblemError(
                "data.other_lengths", where=str(place), lengths=[f"{n}: {k}" for n, k in lengths.items()]
            )
        columns: dict[str, RawColumn] = {}
        unread = []
        for name, array in arrays.items():
            made = _columns(name, array)
            columns |= {column.name: column for column in made}
            if not made:
                unread.append(f"{name} ({array.dtype})")
        problems = [Problem("data.unread_columns", {"columns": unread}, severity="info")] if unread else []
        return Raw(place.stem, columns, given, problems)


def _arrays(place: Path) -> dict[str, Array]:
    if place.is_dir():
        return {file.stem: _one(file) for file in sorted(place.glob("*.npy"))}
    if place.suffix.lower() != ".npz":
        return {place.stem: _one(place)}
    try:
        with place.open("rb") as stream, np.load(stream, allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except OSError as error:
        raise unreadable(place, error) from None
    except DAMAGED as error:
        raise ProblemError("data.damaged", where=str(place), detail=str(error).split("\n")[0]) from None


def _one(file: Path) -> Array:
    """Mapped into memory; arrays of objects are refused, since loading them could run code."""
    try:
        return np.lib.format.open_memmap(file, mode="r")
    except OSError as error:
        raise unreadable(file, error) from None
    except DAMAGED as error:
        raise ProblemError("data.damaged", where=str(file), detail=str(error).split("\n")[0]) from None


def _joined(arrays: Mapping[str, Array], place: Path) -> tuple[dict[str, Array], NDArray[np.int8] | None]:
    """Arrays that are called after their split, one behind the other."""
    parts: dict[str, dict[int, Array]] = {}
    for key, array in arrays.items():
        if (found := _part(key)) is None:
            return dict(arrays), None
        parts.setdefault(found[0], {})[found[1]] = array
    numbers = sorted({number for column in parts.values() for number in column})
    for name, column in parts.items():
        shapes = {array.shape[1:] for array in column.values()}
        if len(shapes) > 1 or sorted(column) != numbers:
            found_shapes = [f"{name} {tuple(array.shape)}" for array in column.values()]
            raise ProblemError("data.other_lengths", where=str(place), lengths=found_shapes)
    counts = [len(next(iter(parts.values()))[number]) for number in numbers]
    joined = {name: np.concatenate([column[number] for number in numbers]) for name, column in parts.items()}
    return joined, np.repeat(np.array(numbers, np.int8), counts)


def _part(key: str) -> tuple[str, int] | None:
    """The name of an array (x_train, train_x) and the number of its split."""
    before, _, last = key.rpartition("_")
    first, _, after = key.partition("_")
    for name, part in ((before, last), (after, first)):
        if name and part.lower() in PARTS:
            return name, PARTS[part.lower()]
    return None


def _columns(name: str, array: Array) -> list[RawColumn]:
    role: Role = "target" if TARGETS.match(name) else "auto"
    if array.dtype.names:  # a table, a column for each field
        return [column for field in array.dtype.names for column in _columns(field, array[field])]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind not in "biufU":
        return []
    if array.ndim == 1:
        column = typed_column(name, pa.chunked_array([pa.array(array)]))
        return (
            []
            if column is None
            else [RawColumn(name, column.kind, column.values, role if role != "auto" else column.role)]
        )
    if array.dtype.kind == "U":
        return []
    if array.dtype == np.uint8 and (pixels := _pictures(array)) is not None:
        spec = ImageInput(*pixels.shape[1:])
        return [RawColumn(name, "image", torch.from_numpy(pixels), role, preprocessing=spec)]
    return [RawColumn(name, "array", torch.from_numpy(np.array(array, np.float32)), role)]


def _pictures(array: Array) -> NDArray[np.uint8] | None:
    """(count, channels, height, width), whichever axis the channels were on; None where it is no picture."""
    if array.ndim == 3:
        return np.ascontiguousarray(array[:, None])
    if array.ndim == 4 and array.shape[-1] in CHANNELS:
        return np.ascontiguousarray(array.transpose(0, 3, 1, 2))
    return np.ascontiguousarray(array) if array.ndim == 4 and array.shape[1] in CHANNELS else None
