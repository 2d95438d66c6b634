"""Columns of tables are prepared by a list of steps, fitted to the training split, the same in training and later."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core import wording
from workbench.core.catalogue import shipped
from workbench.core.document import ColumnUse, Data, Step
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Loaded
from workbench.engine.loading import forget, load
from workbench.engine.preprocess import Preprocessing
from workbench.engine.preprocess.tables import Field, TableInput, table_ready
from workbench.engine.steps import STEPS
from workbench.engine.tables.csv_rows import named, rows


def table(path: Path, header: str, lines: list[str], **columns: ColumnUse) -> Loaded:
    file = path / "t.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    forget()
    return load(Data("csv", {"path": str(file)}, columns=columns), Path())


def steps(*items: str | Step) -> ColumnUse:
    return ColumnUse("input", steps=tuple(Step(item) if isinstance(item, str) else item for item in items))


def inputs(loaded: Loaded, rows: Any = slice(None)) -> np.ndarray:
    return loaded.columns["features"].tensor.numpy()[rows]


def again(loaded: Loaded, file: Path) -> np.ndarray:
    """The same rows as a model that was exported reads them, its description once through JSON."""
    spec = loaded.columns["features"].preprocessing
    stored = msgspec.json.decode(msgspec.json.encode(spec), type=Preprocessing)
    assert stored == spec
    assert isinstance(stored, TableInput)
    header, *cells = [row for _, row in rows(file)]
    columns = {name: [row[place] for row in cells] for place, name in enumerate(named(header))}
    return table_ready(columns, stored)


WORDS = ["red", "green", "blue", "mauve"]
LINES = [
    f"{number / 3},{'' if number % 7 == 0 else number},{WORDS[number % 4 if number % 11 else 3]},"
    f"2024-{number % 12 + 1:02}-{number % 28 + 1:02},{'a;b' if number % 2 else 'c'},0{number % 50},{number % 3}"
    for number in range(120)
]
HEADER = "size,count,colour,day,tags,zip,kind"
CHAINS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "mean": ("count", (Step("impute"), Step("scale"))),
    "median": (
        "count",
        (Step("impute", {"strategy": "median", "add_indicator": True}), Step("scale", {"method": "robust"})),
    ),
    "frequent": ("count", (Step("impute", {"strategy": "most_frequent"}), Step("scale", {"method": "min_max"}))),
    "constant": ("count", (Step("log"), Step("impute", {"strategy": "constant", "fill_value": -3.0}))),
    "clip": ("size", (Step("clip", {"low": 0.1, "high": 0.9}), Step("scale"))),
    "bins": ("size", (Step("bin", {"bins": 4}),)),
    "wide bins": ("count", (Step("bin", {"bins": 3, "strategy": "uniform"}),)),
    "one-hot": ("colour", (Step("one_hot", {"min_frequency": 20, "missing": True}),)),
    "ordinal": ("colour", (Step("ordinal", {"order": "red, green, blue"}), Step("impute"), Step("scale"))),
    "frequency": ("colour", (Step("frequency"),)),
    "hash": ("zip", (Step("hash", {"buckets": 8}),)),
    "date": ("day", (Step("date_parts", {"day": True, "hour": True, "elapsed": True}), Step("scale"))),
    "flat date": ("day", (Step("date_parts", {"cyclic": False}),)),
    "tags": ("tags", (Step("multi_hot"),)),
    "scaled one-hot": ("colour", (Step("scale"),)),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_any_steps_are_the_same_in_training_and_in_prediction(chain: str, tmp_path: Path) -> None:
    column, found = CHAINS[chain]
    loaded = table(tmp_path, HEADER, LINES, **{column: ColumnUse("input", steps=found)})
    ready = inputs(loaded)
    assert np.isfinite(ready).all()
    assert ready.shape == (120, loaded.columns["features"].shape[0])
    assert np.array_equal(ready, again(loaded, tmp_path / "t.csv"))


def test_every_step_for_tables_is_in_a_chain() -> None:
    used = {step.op for _, chain in CHAINS.values() for step in chain}
    assert used >= {key for key, cls in STEPS.items() if cls.info.group == "Tables"}
    assert used <= shipped().steps.keys()


def test_steps_are_fitted_to_the_training_split_alone(tmp_path: Path) -> None:
    lines = [
        f"{number},{'x' if number < 90 else 'late'},{number % 2},{'train' if number < 90 else 'test'}"
        for number in range(100)
    ]
    loaded = table(tmp_path, "n,word,kind,split", lines, n=steps("scale"), word=steps("one_hot"))
    assert loaded.columns["features"].shape == (2,)  # n, and the one word that was taught
    ready = inputs(loaded)
    train = loaded.splits["train"]
    assert ready[train, 0].mean() == pytest.approx(0, abs=1e-6)
    assert ready[:, 0].mean() > 0.1
    assert (ready[90:, 1] == 0).all()


def test_months_lie_on_a_circle(tmp_path: Path) -> None:
    lines = [f"2024-{month:02}-15,{month % 2}" for month in range(1, 13)] * 2
    loaded = table(tmp_path, "day,kind", lines, day=steps(Step("date_parts", {"year": False, "weekday": False})))
    ready = inputs(loaded)[:12]
    distances = np.linalg.norm(ready - np.roll(ready, 1, 0), axis=1)
    assert np.allclose(distances, distances[0], atol=1e-6)


def test_weekdays_are_those_of_the_calendar(tmp_path: Path) -> None:
    only = {"year": False, "month": False, "cyclic": False}
    loaded = table(
        tmp_path,
        "day,kind",
        ["2026-11-27,1", "2026-11-29,2", "1969-12-31,1", "2000-02-29,2"],
        day=steps(Step("date_parts", only)),
    )
    assert inputs(loaded)[:, 0].tolist() == [4, 6, 2, 1]


@pytest.mark.parametrize(
    ("column", "op", "code"), [("size", "one_hot", "step.kind"), ("colour", "date_parts", "step.kind")]
)
def test_a_step_for_another_kind_is_refused(column: str, op: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        table(tmp_path, HEADER, LINES, **{column: steps(op)})
    assert caught.value.problem.code == code
    assert "?" not in wording.what(caught.value.problem)


def test_steps_in_an_order_that_cannot_be_say_what_to_move(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        table(tmp_path, HEADER, LINES, colour=steps("scale", "one_hot"))
    assert caught.value.problem.code == "step.order"
    assert "encodes" in wording.remedy(caught.value.problem)


def test_a_step_that_is_off_does_nothing(tmp_path: Path) -> None:
    off = ColumnUse("input", steps=(Step("scale", off=True),))
    loaded = table(tmp_path, HEADER, LINES, size=off)
    assert np.allclose(inputs(loaded)[:, 0], np.arange(120) / 3)


def test_models_that_were_exported_before_there_were_steps_read_as_they_did() -> None:
    old = {"type": "table", "fields": [{"name": "x", "mean": 2.0, "std": 4.0}, {"name": "c", "values": ["a", "b"]}]}
    spec = msgspec.convert(old, Preprocessing)
    assert isinstance(spec, TableInput)
    assert table_ready({"x": ["10", "", "NA"], "c": ["b", " a ", "z"]}, spec).tolist() == [
        [2, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
    ]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_is_read_as_it_was_written(number: float) -> None:
    field = Field("x", kind="number")
    assert table_ready({"x": [repr(number)]}, TableInput((field,)))[0, 0] == np.float32(number)


def test_a_stray_text_is_named_with_its_column() -> None:
    for kind, text in (("number", "many"), ("date", "soon")):
        with pytest.raises(ValueError, match=f"x is “{text}”, which is no {kind}"):
            table_ready({"x": ["", text]}, TableInput((Field("x", kind=kind),)))


def test_numbers_as_categories_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    loaded = table(
        tmp_path, "n,x,kind", [f"{n % 3},{n / 7},{n % 2}" for n in range(30)], n=ColumnUse("input", kind="category")
    )
    spec = loaded.columns["features"].preprocessing
    assert isinstance(spec, TableInput)
    one = [table_ready({"n": [text], "x": ["0"]}, spec)[0, :3].tolist() for text in ("1", "1.0", " 1e0 ")]
    assert one == [[0, 1, 0]] * 3
