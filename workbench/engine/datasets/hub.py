"""Data sets of the Hugging Face hub, by their names there, or as its library has saved them to a folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from workbench.core import places
from workbench.core.files import unreadable
from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.cells import PARTS
from workbench.engine.tables.typed import typed_columns

DICT, INFO, STATE = "dataset_dict.json", "dataset_info.json", "state.json"
"""What the library `datasets` writes beside its Arrow files."""
FEATURES = b"huggingface"
"""Where an Arrow schema says what its columns are."""


@dataset("hub", "Hugging Face hub", "Collections", download="depends on the data set")
@dataclass(frozen=True)
class Hub(Dataset):
    """A data set of the hub, fetched by the library `datasets` (extra `hub`), or a folder that it has saved.

    Code that comes with a data set is never run.
    """

    path: Annotated[str, Setting(label="Name or folder", help="As on the hub: stanfordnlp/imdb")] = ""
    configuration: Annotated[str, Setting(help="Where the data set has several")] = ""
    revision: Annotated[str, Setting(help="A commit of the data set; empty: the newest")] = ""

    def is_here(self) -> bool:
        """It is a folder, or has been fetched once."""
        return not self.path or Path(self.path).is_dir() or self._cache().is_dir()

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All splits. Raises `ProblemError` where it is neither here nor can be fetched."""
        name = only_path(self.path)
        place = folder / name
        if not place.is_dir():
            place = self._cache()
            if not place.is_dir():
                report("data.downloading", 0, 0)
                _fetched(name, self.configuration, self.revision, place)
        return saved(place, name)

    def _cache(self) -> Path:
        name = "--".join(filter(None, (self.path.replace("/", "--"), self.configuration, self.revision)))
        return places.data() / "hub" / name


def _fetched(name: str, configuration: str, revision: str, place: Path) -> None:
    """Save a data set of the hub to a folder; half of one is never left behind."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before its import: nothing calls home
    try:
        import datasets
    except ImportError:
        raise ProblemError("data.no_library", library="datasets", extra="hub") from None
    temporary = place.with_name(f".{place.name}.part")
    try:
        found = datasets.load_dataset(name, configuration or None, revision=revision or None)
        found.save_to_disk(str(temporary))
        temporary.rename(place)
    except Exception as error:  # noqa: BLE001 - the library's errors share no base
        raise ProblemError("data.hub", where=name, detail=str(error).split("\n")[0]) from None


def saved(place: Path, title: str) -> Raw:
    """A folder as `Dataset.save_to_disk` and `DatasetDict.save_to_disk` write it, over its mapped Arrow files."""
    splits = _splits(place)
    tables = {name: _table(folder) for name, folder in splits.items()}
    first = next(iter(tables.values()))
    other = next((name for name, table in tables.items() if table.column_names != first.column_names), None)
    if other is not None:
        found = tables[other].column_names
        raise ProblemError("data.other_columns", where=other, found=found, expected=first.column_names)
    table = pa.concat_tables([item.cast(first.schema).replace_schema_metadata() for item in tables.values()])
    if not table.num_rows:
        raise ProblemError("data.empty", where=str(place))
    features = _features(first.schema.metadata)
    columns, problems = typed_columns(table)
    columns |= {
        name: _classes(name, table[name], feature["names"])
        for name, feature in features.items()
        if feature.get("_type") == "ClassLabel" and name in columns
    }
    numbers = [PARTS.get(name.lower()) for name in tables]
    given = None
    if None not in numbers and len(set(numbers)) > 1:
        given = np.repeat(np.array(numbers, np.int8), [item.num_rows for item in tables.values()])
    return Raw(title, columns, given, problems)


def _splits(place: Path) -> dict[str, Path]:
    try:
        if (place / DICT).is_file():
            names = json.loads((place / DICT).read_bytes())["splits"]
            return {name: place / name for name in names if Path(name).name == name}
    except (OSError, ValueError, LookupError) as error:
        raise ProblemError("data.damaged", where=str(place / DICT), detail=str(error)) from None
    if not (place / STATE).is_file():
        raise ProblemError("data.no_hub_folder", where=str(place))
    return {"all": place}


def _table(folder: Path) -> pa.Table:
    """One split: its files in the order of its state."""
    try:
        state = json.loads((folder / STATE).read_bytes())
        files = [
            folder / item["filename"]
            for item in state["_data_files"]
            if Path(item["filename"]).name == item["filename"]
        ]
        return pa.concat_tables([pa.ipc.open_stream(pa.memory_map(str(file))).read_all() for file in files])
    except OSError as error:
        raise unreadable(folder, error) from None
    except (ValueError, LookupError, TypeError, pa.ArrowException) as error:
        raise ProblemError("data.damaged", where=str(folder), detail=str(error).split("\n")[0]) from None


def _features(metadata: Mapping[bytes, bytes] | None) -> dict[str, dict[str, Any]]:
    try:
        raw = json.loads((metadata or {})[FEATURES])["info"]["features"]
        return {name: feature for name, feature in raw.items() if isinstance(feature, dict)}
    except (LookupError, ValueError, TypeError):
        return {}


def _classes(name: str, values: pa.ChunkedArray, names: list[str]) -> RawColumn:
    """Numbers of classes with their names; -1, which the hub writes for a class that is not told, is missing."""
    known = pc.if_else(pc.greater_equal(values, 0), values, None)
    if known.null_count:
        return RawColumn(name, "category", pa.chunked_array([pa.array(names).take(known.combine_chunks())]), "target")
    return RawColumn(name, "category", torch.from_numpy(np.array(values, np.int64)), "target", tuple(names))
