"""Data as tests load them, and files of data in formats that other programs write."""

import json
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from tests.samples import IRIS
from workbench.core.document import Data
from workbench.engine.columns.base import Loaded
from workbench.engine.loading import forget, load


def anew(source: Data, folder: Path = Path()) -> Loaded:
    """Not what is remembered of it."""
    forget()
    return load(source, folder)


def samples(loaded: Loaded) -> int:
    """How many can be used."""
    return sum(map(len, loaded.splits.values()))


def saved_iris(folder: Path) -> Path:
    """A folder as the library `datasets` saves a dictionary of data sets: Arrow streams, and JSON that names them."""
    table = csv.read_csv(IRIS)
    classes = sorted(table["species"].unique().to_pylist())
    numbers = pa.array([classes.index(name) for name in table["species"].to_pylist()])
    table = table.set_column(4, "species", numbers)
    label = {"names": classes, "_type": "ClassLabel"}
    features = {name: {"dtype": "double", "_type": "Value"} for name in table.column_names[:4]} | {"species": label}
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    for name, start, end in (("train", 0, 75), ("test", 75, 150)):
        part = table.take(pa.array([row * 37 % 150 for row in range(start, end)]))
        (folder / name).mkdir(parents=True)
        file = folder / name / "data-00000-of-00001.arrow"
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, part.schema) as writer:
            writer.write_table(part)
        state = {"_data_files": [{"filename": file.name}], "_split": name}
        (folder / name / "state.json").write_text(json.dumps(state))
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    return folder
