"""Tables in Parquet files, one or a folder of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine import storage
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.raw import Raw, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.arrow_files import LARGE, mapped, write
from workbench.engine.tables.cells import PARTS
from workbench.engine.tables.typed import typed_columns

FORMAT = 1
"""Of converted files."""


@dataset("parquet", "Parquet", "Your files")
@dataclass(frozen=True)
class ParquetFiles(Dataset):
    """Columns with their types: a file, or a folder whose files may be called after their split."""

    path: Annotated[str, Setting(kind="path", label="File or folder")] = ""

    def stamp(self, folder: Path) -> object:
        """Of every file."""
        return tuple(_stamp(file) for file in _files(folder / self.path)) if self.path else None

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All files one behind the other; large ones are converted first. Raises `ProblemError`."""
        place = folder / only_path(self.path)
        files = _files(place)
        if not files:
            raise ProblemError("file.unreadable", where=str(place), detail="no *.parquet")
        schema = _schema(files)
        stamps = [_stamp(file) for file in files]
        if sum(size for _, _, size in stamps) > LARGE:
            key = ("parquet", FORMAT, stamps)
            table = mapped(storage.kept(key, lambda where: write(where, schema, _batches(files, schema, report))))
        else:
            table = pa.Table.from_batches(_batches(files, schema, report), schema)
        if not table.num_rows:
            raise ProblemError("data.empty", where=str(place))
        columns, problems = typed_columns(table)
        if not columns:
            raise ProblemError("data.no_inputs", where=str(place), target="")
        return Raw(place.stem, columns, _given(files), problems)


def _files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.parquet")) if place.is_dir() else [place]


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        status = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file.resolve()), status.st_mtime_ns, status.st_size


def _schema(files: list[Path]) -> pa.Schema:
    """The columns that all files have, with the types of the first."""
    found = None
    for file in files:
        with _opened(file) as opened:
            schema = opened.schema_arrow.remove_metadata()
        if found is not None and schema.names != found.names:
            raise ProblemError("data.other_columns", where=str(file), found=schema.names, expected=found.names)
        found = found or schema
    assert found is not None
    return found


def _opened(file: Path) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(file, memory_map=True)
    except pa.ArrowInvalid as error:
        raise ProblemError("data.damaged", where=str(file), detail=str(error).split("\n")[0]) from None
    except OSError as error:
        raise unreadable(file, error) from None


def _batches(files: list[Path], schema: pa.Schema, report: Report) -> Iterator[pa.RecordBatch]:
    for number, file in enumerate(files):
        with _opened(file) as opened:
            groups = opened.num_row_groups
            try:
                for group in range(groups):
                    report("data.reading", number * groups + group, len(files) * groups)
                    for batch in opened.iter_batches(row_groups=[group]):
                        yield pa.RecordBatch.from_arrays(
                            [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)],
                            schema=schema,
                        )
            except (pa.ArrowException, OSError) as error:
                raise ProblemError("data.damaged", where=str(file), detail=str(error).split("\n")[0]) from None


def _given(files: list[Path]) -> NDArray[np.int8] | None:
    """The split that the name of each file, or of its folder, begins with (train-00000-of-00002.parquet)."""
    parts = [PARTS.get(file.stem.lower().split("-")[0].split("_")[0]) for file in files]
    if None in parts:
        parts = [PARTS.get(file.parent.name.lower()) for file in files]
    if None in parts or len(set(parts)) < 2:
        return None
    counts = [parquet.read_metadata(file).num_rows for file in files]
    return np.repeat(np.array(parts, np.int8), counts)
