"""Tables that bring types along: Parquet, JSON lines, NumPy arrays, what the library of the hub saves."""

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.engine.loaded import anew, saved_iris
from workbench.core import wording
from workbench.core.document import ColumnUse, Data
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Loaded
from workbench.engine.datasets import json_lines, parquet_files


def refused(source: str, path: Path, **options: Any) -> Any:
    with pytest.raises(ProblemError) as caught:
        anew(Data(source, {"path": str(path), **options}))
    problem = caught.value.problem
    assert "?" not in wording.what(problem)
    return problem


def kinds(loaded: Loaded) -> dict[str, str]:
    return {name: column.kind for name, column in loaded.raw.items()}


ROWS = 40
TYPED = {
    "id": list(range(ROWS)),
    "count": [None if n == 3 else n for n in range(ROWS)],
    "open": [n % 3 == 0 for n in range(ROWS)],
    "colour": [("red", "blue")[n % 2] for n in range(ROWS)],
    "day": [datetime.date(2026, 1, n % 28 + 1) for n in range(ROWS)],
    "tags": [["a", "b"][: n % 3] for n in range(ROWS)],
    "vector": [[n / 2, n / 3, 0.5] for n in range(ROWS)],
    "nested": [{"a": n} for n in range(ROWS)],
    "price": [float("inf") if n == 5 else n / 7 for n in range(ROWS)],
}


def test_types_of_parquet_are_kinds_of_columns(tmp_path: Path) -> None:
    parquet.write_table(pa.table(TYPED), tmp_path / "t.parquet")
    loaded = anew(Data("parquet", {"path": str(tmp_path / "t.parquet")}, columns={"colour": ColumnUse("target")}))
    assert kinds(loaded) == {
        "id": "id", "count": "number", "open": "category", "colour": "category", "day": "date", "tags": "tags",
        "vector": "array", "price": "number",
    }  # fmt: skip
    assert [problem.code for problem in loaded.problems] == ["data.unread_columns", "data.infinite"]
    assert loaded.problems[1].args == {"column": "price", "count": 1, "row": 6}
    assert loaded.columns["features"].ready(slice(None)).isfinite().all()
    assert loaded.columns["vector"].shape == (3,)


def test_parquet_files_of_a_folder_are_called_after_their_split(tmp_path: Path) -> None:
    for name, count in (("train-00000-of-00002", 30), ("train-00001-of-00002", 20), ("test-00000-of-00001", 10)):
        parquet.write_table(
            pa.table({"x": list(range(count)), "y": [n % 2 for n in range(count)]}), tmp_path / f"{name}.parquet"
        )
    loaded = anew(Data("parquet", {"path": str(tmp_path)}))
    assert loaded.splits["test"].tolist() == list(range(10))  # files stand in the order of their names
    parquet.write_table(pa.table({"z": [1]}), tmp_path / "train-x.parquet")
    assert refused("parquet", tmp_path).code == "data.other_columns"


def test_large_files_are_the_same_as_small_ones(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"x": np.arange(5000) / 3, "y": np.arange(5000) % 3, "tags": [["a"], []] * 2500})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=700)
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    for source, module, file in (("parquet", parquet_files, "t.parquet"), ("json_lines", json_lines, "t.jsonl")):
        data = Data(source, {"path": str(tmp_path / file)})
        small = anew(data)
        monkeypatch.setattr(module, "LARGE", 100)
        assert anew(data).fingerprint == small.fingerprint
        assert list(home.rglob("table.arrow"))


@pytest.mark.parametrize(("source", "name"), [("parquet", "t.parquet"), ("numpy", "t.npz"), ("numpy", "t.npy")])
def test_a_damaged_file_is_named(source: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 nothing of the kind" * 20)
    problem = refused(source, tmp_path / name)
    assert (problem.code, problem.node) == ("data.damaged", str(tmp_path / name))
    assert refused(source, tmp_path / "nothing").code == "file.unreadable"


def test_lines_of_json_that_do_not_fit_are_counted_and_named(tmp_path: Path) -> None:
    lines = [json.dumps({"x": n, "kind": "ab"[n % 2], "words": ["u", "v"][: n % 3]}) for n in range(30)]
    lines[4:4] = ["{broken", '{"x": "many", "kind": "a"}', "[1, 2]", ""]
    file = tmp_path / "t.jsonl"
    file.write_text("\n".join(lines))
    loaded = anew(Data("json_lines", {"path": str(file)}))
    (problem,) = loaded.problems
    assert (loaded.count, problem.code, problem.args["count"], problem.args["line"]) == (30, "data.skipped_rows", 3, 5)
    assert kinds(loaded) == {"x": "number", "kind": "category", "words": "tags"}
    refusal = refused("json_lines", file, bad_rows="refuse")
    assert (refusal.code, refusal.args["line"]) == ("data.bad_row", 5)


def test_a_list_of_objects_is_a_table_too(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps([{"x": n, "late": n} if n > 5 else {"x": n} for n in range(20)]))
    loaded = anew(Data("json_lines", {"path": str(file)}, columns={"x": ColumnUse("target", "number")}))
    assert loaded.raw["late"].values.null_count == 6


def test_arrays_called_after_their_split_are_one_column(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    file = tmp_path / "pictures.npz"
    np.savez(
        file,
        x_train=random.integers(0, 256, (30, 8, 9, 3), np.uint8),
        y_train=np.arange(30) % 3,
        x_test=random.integers(0, 256, (12, 8, 9, 3), np.uint8),
        y_test=np.arange(12) % 3,
    )
    loaded = anew(Data("numpy", {"path": str(file)}))
    assert kinds(loaded) == {"x": "image", "y": "category"}
    assert loaded.columns["x"].shape == (3, 8, 9)
    assert loaded.splits["test"].tolist() == list(range(30, 42))


def test_arrays_of_a_folder_and_fields_of_one(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(60, dtype=np.float32).reshape(20, 3))
    np.save(tmp_path / "y.npy", np.arange(20) / 3)
    loaded = anew(Data("numpy", {"path": str(tmp_path)}))
    assert (loaded.columns["x"].shape, loaded.columns["y"].kind) == ((3,), "number")
    fields = np.zeros(20, [("a", "f4"), ("b", "i4"), ("c", "U3")])
    fields["c"] = ["yes", "no"] * 10
    np.save(tmp_path / "fields.npy", fields)
    assert kinds(anew(Data("numpy", {"path": str(tmp_path / "fields.npy")}))) == {
        "a": "number",
        "b": "number",
        "c": "category",
    }


def test_arrays_that_could_run_code_are_not_read(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}, None]), allow_pickle=True)
    assert refused("numpy", tmp_path / "o.npy").code == "data.damaged"


def test_arrays_of_different_lengths_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", x=np.zeros((5, 2)), y=np.zeros(4))
    problem = refused("numpy", tmp_path / "t.npz")
    assert (problem.code, problem.args["lengths"]) == ("data.other_lengths", ["x: 5", "y: 4"])


def test_a_saved_data_set_of_the_hub_keeps_its_classes_and_its_test(tmp_path: Path) -> None:
    loaded = anew(Data("hub", {"path": str(saved_iris(tmp_path / "iris"))}))
    assert loaded.columns["species"].classes == ("setosa", "versicolor", "virginica")
    assert loaded.splits["test"].tolist() == list(range(75, 150))
    state = tmp_path / "iris" / "train" / "state.json"
    state.write_text(json.dumps({"_data_files": [{"filename": "../../secret.arrow"}]}))
    assert refused("hub", tmp_path / "iris").code == "data.damaged"  # nothing outside the folder is read
    assert refused("hub", tmp_path).code == "data.no_hub_folder"


def test_without_its_library_the_hub_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    problem = refused("hub", Path("nobody/nothing"))
    assert problem.code == "data.no_library"
    assert "model-workbench[hub]" in wording.remedy(problem)
