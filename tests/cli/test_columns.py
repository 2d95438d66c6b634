"""What columns are for and how they are prepared, said on the command line."""

from typing import Any

import pytest

from workbench.cli.sources import with_setting
from workbench.core import wording
from workbench.core.document import ColumnUse, Data, Document, Step
from workbench.core.problems import ProblemError


def column(*assignments: str) -> ColumnUse:
    document = Document(data=Data("csv", {"path": "t.csv"}))
    for assignment in assignments:
        document = with_setting(document, f"data.columns.size.of.head.{assignment}")
    assert document.data is not None
    return document.data.columns["size.of.head"]


def test_roles_kinds_and_steps_are_set_by_the_name_of_a_column() -> None:
    found = column(
        "role=target", "kind=category", 'steps=["impute", {"op": "scale", "settings": {"method": "robust"}}]'
    )
    assert found == ColumnUse("target", "category", (Step("impute"), Step("scale", {"method": "robust"})))
    assert column("steps=[]").steps == ()
    assert column("steps=null").steps is None


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ('steps=["polish"]', "polish"),
        ('steps=[{"op": "scale", "settings": {"method": "huge"}}]', "huge"),
        ('steps=[{"op": "scale", "settings": {"speed": 3}}]', "speed"),
        ("steps=5", "steps"),
        ("role=boss", "role"),
        ("shape=3", "shape"),
    ],
)
def test_what_cannot_be_is_named(assignment: str, said: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        column(assignment)
    assert said in wording.what(caught.value.problem)


def test_the_method_of_the_split_is_set() -> None:
    document = with_setting(Document(data=Data("csv")), "data.split.method=group")
    assert document.data is not None
    assert document.data.split.method == "group"
    with pytest.raises(ProblemError):
        with_setting(document, "data.split.method=horoscope")
