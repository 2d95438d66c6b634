"""What columns are for: several targets, tags, numbers read as something else, and what cannot be."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.loaded import anew
from workbench.core import wording
from workbench.core.document import ColumnUse, Data
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Loaded

HEADER = "a,b,c,warm,wet,day,note,kind"
LINES = [
    f"{n},{n / 3},{n * 2},{n % 2},{n % 3 == 0:d},2024-0{n % 9 + 1}-11,{'sun;wind' if n % 2 else 'rain'},{'xy'[n % 2]}"
    for n in range(60)
]


def table(path: Path, **columns: ColumnUse) -> Loaded:
    file = path / "t.csv"
    file.write_text("\n".join([HEADER, *LINES]))
    return anew(Data("csv", {"path": str(file)}, columns=columns))


def refused(path: Path, **columns: ColumnUse) -> Any:
    with pytest.raises(ProblemError) as caught:
        table(path, **columns)
    assert "?" not in wording.what(caught.value.problem)
    assert wording.remedy(caught.value.problem)
    return caught.value.problem


def test_several_numbers_are_predicted_together_or_each_by_itself(tmp_path: Path) -> None:
    loaded = table(tmp_path, a=ColumnUse("target", "number"), b=ColumnUse("target"))
    assert [name for name, column in loaded.columns.items() if column.kind == "number"] == ["targets", "a", "b"]
    assert loaded.columns["targets"].shape == (2,)
    assert loaded.columns["targets"].tensor[:, :1].equal(loaded.columns["a"].tensor)


def test_tags_are_several_classes_at_once(tmp_path: Path) -> None:
    loaded = table(tmp_path, note=ColumnUse("target"))
    tags = loaded.columns["note"]
    assert (tags.kind, tags.classes, tags.shape) == ("tags", ("rain", "sun", "wind"), (3,))
    assert tags.tensor[:2].tolist() == [[1, 0, 0], [0, 1, 1]]


def test_columns_of_0_and_1_are_tags_where_one_says_so(tmp_path: Path) -> None:
    loaded = table(tmp_path, warm=ColumnUse("target", "tags"), wet=ColumnUse("target", "tags"))
    tags = loaded.columns["tags"]
    assert (tags.kind, tags.classes) == ("tags", ("warm", "wet"))
    assert tags.tensor[:3].tolist() == [[0, 1], [1, 0], [0, 0]]
    problem = refused(tmp_path, a=ColumnUse("target", "tags"))
    assert (problem.code, problem.args["row"]) == ("data.kind_value", 3)


def test_a_column_is_read_as_the_kind_that_is_wanted(tmp_path: Path) -> None:
    loaded = table(
        tmp_path, a=ColumnUse("input", "category"), day=ColumnUse("input", "number"), warm=ColumnUse("input", "text")
    )
    assert loaded.raw["day"].values[0].as_py() == 19733  # days since 1970
    assert loaded.columns["features"].shape[0] > 40
    assert refused(tmp_path, kind=ColumnUse("input", "number")).code == "data.kind_value"
    assert refused(tmp_path, kind=ColumnUse("input", "date")).code == "data.kind_value"


@pytest.mark.parametrize(
    ("column", "use", "code"),
    [
        ("day", ColumnUse("target"), "data.kind"),
        ("kind", ColumnUse("weight"), "data.kind"),
        ("nobody", ColumnUse("target"), "data.no_column"),
        ("a", ColumnUse("boss"), "data.role"),  # type: ignore[arg-type]
        ("a", ColumnUse("input", "colour"), "data.kind"),
    ],
)
def test_what_cannot_be_says_what_to_do(column: str, use: ColumnUse, code: str, tmp_path: Path) -> None:
    assert refused(tmp_path, **{column: use}).code == code


def test_weights_groups_and_what_is_ignored_are_not_read_by_the_network(tmp_path: Path) -> None:
    whole = table(tmp_path).columns["features"].shape[0]
    loaded = table(tmp_path, a=ColumnUse("weight"), b=ColumnUse("ignore"), c=ColumnUse("group"))
    assert loaded.columns["features"].shape[0] == whole - 3
    assert loaded.columns["a"].kind == "weight"
