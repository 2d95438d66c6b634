"""Samples are shared out: nobody twice, nobody forgotten, groups whole, the future never among what teaches."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.core import wording
from workbench.core.document import ColumnUse, Split, Step
from workbench.core.problems import ProblemError
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Raw, RawColumn
from workbench.engine.roles import used
from workbench.engine.split_findings import split_findings
from workbench.engine.splitting import NAMES, method_of, shared_out

shares = st.floats(0, 0.6)
seeds = st.integers(0, 99)


def column(name: str, values: list[Any], kind: str, role: Any = "auto") -> RawColumn:
    return RawColumn(name, kind, pa.chunked_array([pa.array(values)]), role)


def split(raw: Raw, how: Split, **uses: ColumnUse) -> dict[str, Any]:
    return shared_out(raw, used(raw, uses), how)


def raw_of(*columns: RawColumn, given: Any = None) -> Raw:
    return Raw("", {column.name: column for column in columns}, given)


def is_complete(found: dict[str, Any], count: int) -> bool:
    return sorted(np.concatenate([found[name] for name in NAMES]).tolist()) == list(range(count))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.floats(0, 1), st.floats(0, 1), seeds, st.booleans())
def test_any_split_is_disjoint_and_complete(
    labels: list[int], validation: float, test: float, seed: int, own_test: bool
) -> None:
    kept = np.where(np.arange(len(labels)) % 3 == 0, TEST, TRAIN).astype(np.int8) if own_test else None
    raw = Raw("", {"y": RawColumn("y", "category", torch.tensor(labels), "target", ("a", "b", "c", "d"))}, kept)
    how = Split(seed, validation, test)
    found = split(raw, how)
    assert is_complete(found, len(labels))
    again = split(raw, how)
    assert all(np.array_equal(found[name], again[name]) for name in NAMES)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=120), shares, shares, seeds)
def test_no_group_is_in_two_splits_and_shares_are_as_near_as_a_group_allows(
    groups: list[int], validation: float, test: float, seed: int
) -> None:
    raw = raw_of(column("who", groups, "category", "group"), column("x", groups, "number"))
    found = split(raw, Split(seed, validation, test, "group"))
    assert is_complete(found, len(groups))
    numbers = np.array(groups)
    parts = [set(numbers[found[name]].tolist()) for name in NAMES]
    assert sum(map(len, parts)) == len(set(groups))
    largest = np.bincount(numbers).max()
    assert abs(len(found["test"]) - len(groups) * test) <= largest
    rest = len(groups) - len(found["test"])
    assert abs(len(found["validation"]) - rest * validation) <= largest


@given(st.lists(st.integers(0, 50) | st.none(), min_size=2, max_size=80), shares, shares)
def test_what_teaches_is_older_than_what_tests(times: list[int | None], validation: float, test: float) -> None:
    raw = raw_of(column("when", [*times, 3], "number", "time"), column("x", [1] * (len(times) + 1), "number"))
    found = split(raw, Split(0, validation, test))
    assert is_complete(found, len(times) + 1)
    when = np.array([-1 if time is None else time for time in [*times, 3]])
    for earlier, later in (("train", "validation"), ("validation", "test"), ("train", "test")):
        if len(found[earlier]) and len(found[later]):
            assert when[found[earlier]].max() < when[found[later]].min()


@given(st.lists(st.integers(1, 40), min_size=2, max_size=12), st.floats(0.05, 0.5), seeds)
def test_each_class_has_its_share_and_the_rare_ones_theirs_together(sizes: list[int], test: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    raw = Raw(
        "",
        {
            "y": column("y", [f"c{n:02}" for n in labels], "category", "target"),
            "x": column("x", labels.tolist(), "number"),
        },
    )
    found = split(raw, Split(seed, 0.0, test, "stratified"))
    counts = np.bincount(labels[found["test"]], minlength=len(sizes))
    assert (np.abs(counts - np.array(sizes) * test) <= 1.5).all()
    assert (counts < np.array(sizes)).all()  # each class is taught


@given(st.lists(st.integers(0, 15), min_size=4, max_size=80), seeds)
def test_copies_stay_together_where_that_is_wanted(contents: list[int], seed: int) -> None:
    labels = ["ab"[number % 2] for number in contents]
    raw = raw_of(column("x", [n / 3 for n in contents], "number"), column("y", labels, "category", "target"))
    found = split(raw, Split(seed, 0.2, 0.2, together=True))
    assert is_complete(found, len(contents))
    parts = [set(np.array(contents)[found[name]].tolist()) for name in NAMES]
    assert sum(map(len, parts)) == len(set(contents))


def test_a_class_of_one_is_taught_and_named() -> None:
    raw = Raw(
        "",
        {
            "x": column("x", list(range(21)), "number"),
            "y": column("y", ["a"] * 10 + ["b"] * 10 + ["lonely"], "category", "target"),
        },
    )
    found = split(raw, Split())
    assert 20 in found["train"]
    (problem,) = split_findings(used(raw, {}), found)
    assert (problem.code, problem.args["classes"]) == ("data.single_classes", ["lonely"])
    assert "lonely" in wording.what(problem)


def test_a_class_that_only_the_given_test_has_is_named() -> None:
    given = np.array([TRAIN] * 8 + [TEST] * 4, np.int8)
    raw = raw_of(
        column("x", list(range(12)), "number"), column("y", list("abababababcc"), "category", "target"), given=given
    )
    found = split(raw, Split())
    (problem,) = split_findings(used(raw, {}), found)
    assert problem.code == "data.unseen_classes"
    assert problem.args == {"column": "y", "classes": ["c"], "count": 2, "row": 11}


def test_values_that_only_the_given_test_has_are_counted_and_named() -> None:
    given = np.array([TRAIN] * 8 + [VALIDATION, TEST] * 3, np.int8)
    colours = column("colour", [*"rgrgrgrg", "r", "blue", None, "g", "pink", "blue"], "category", "input")
    raw = raw_of(colours, column("y", [n / 3 for n in range(14)], "number", "target"), given=given)
    (problem,) = split_findings(used(raw, {}), split(raw, Split()))
    assert problem.code == "data.unseen_values"
    assert problem.args == {"column": "colour", "values": ["blue", "pink"], "count": 3, "row": 10}
    assert "blue" in wording.what(problem)
    hashed = {"colour": ColumnUse("input", steps=(Step("hash"),))}
    assert list(split_findings(used(raw, hashed), split(raw, Split()))) == []


def test_a_class_without_samples_is_named() -> None:
    labels = RawColumn("y", "category", torch.tensor([0, 2] * 10), "target", ("a", "empty", "c"))
    raw = raw_of(column("x", list(range(20)), "number"), labels)
    (problem,) = split_findings(used(raw, {}), split(raw, Split()))
    assert (problem.code, problem.args["classes"]) == ("data.unused_classes", ["empty"])


def test_groups_that_the_given_test_tears_are_named() -> None:
    given = np.array([TRAIN, TEST] * 6, np.int8)
    raw = raw_of(
        column("who", list("aabbccddeeff"), "category", "group"), column("x", list(range(12)), "number"), given=given
    )
    problems = list(split_findings(used(raw, {}), split(raw, Split(validation=0))))
    assert problems[0].code == "data.torn_groups"
    assert problems[0].args["count"] == 6


def test_a_column_names_the_split_of_each_row() -> None:
    said = ["train", "Val", " test ", "training", "dev", "testing"]
    raw = raw_of(column("x", [1, 2, 3, 4, 5, 6], "number"), column("part", said, "category"))
    found = split(raw, Split(method="given", column="part"))
    assert [found[name].tolist() for name in NAMES] == [[0, 3], [1, 4], [2, 5]]
    bad = raw_of(column("x", [1, 2], "number"), column("part", ["train", "holdout"], "category", "split"))
    with pytest.raises(ProblemError) as caught:
        split(bad, Split())
    assert (caught.value.problem.code, caught.value.problem.args["row"]) == ("data.split_value", 2)


@pytest.mark.parametrize("method", ["group", "time"])
def test_a_method_without_its_column_says_what_to_do(method: Any) -> None:
    raw = raw_of(column("x", [1, 2], "number"), column("y", [1, 2], "number"))
    with pytest.raises(ProblemError) as caught:
        split(raw, Split(method=method))
    assert caught.value.problem.code == "data.no_split_column"
    assert wording.remedy(caught.value.problem)
    with pytest.raises(ProblemError) as caught:
        split(raw, Split(method=method, column="nobody"))
    assert caught.value.problem.code == "data.no_column"


def test_auto_is_what_the_roles_say() -> None:
    x, who = column("x", [1.5, 2.5, 3.5], "number"), column("who", ["a", "a", "b"], "category", "group")
    when, kind = column("when", [1, 2, 3], "number", "time"), column("kind", ["a", "b", "a"], "category", "target")
    for columns, method in (
        ([x, kind], "stratified"),
        ([x, who, kind], "group"),
        ([x, when, who], "time"),
        ([x, column("z", [0.1, 0.2, 0.3], "number")], "random"),
    ):
        raw = Raw("", {item.name: item for item in columns})
        assert method_of(raw, used(raw, {}), Split()) == method


def test_a_million_rows_are_shared_out_at_once() -> None:
    numbers = np.arange(1_000_000) % 1000
    raw = raw_of(column("x", numbers, "number"), column("y", numbers % 7, "category", "target"))
    found = split(raw, Split())
    assert [len(found[name]) for name in NAMES] == [700_000, 100_000, 200_000]
