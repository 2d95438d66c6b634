"""Roles, kinds and steps: what an edit changes, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core import data_edits
from workbench.core.data_edits import (
    ALONE,
    added,
    moved,
    removed,
    switched,
    with_kind,
    with_role,
    with_setting,
    with_steps,
)
from workbench.core.document import ROLES, ColumnUse, Data, Step

names = st.sampled_from(["a", "b", "c", "d"])
steps = st.builds(
    Step,
    st.sampled_from(["resize", "flip", "impute"]),
    st.dictionaries(names, st.integers(), max_size=2),
    st.booleans(),
)
lists = st.lists(steps, max_size=6).map(tuple)
uses = st.builds(ColumnUse, st.sampled_from(ROLES), st.sampled_from(["", "text"]), st.none() | lists)
data = st.builds(Data, st.just("csv"), columns=st.dictionaries(names, uses))


@given(lists, steps, st.integers(0, 6))
def test_what_was_added_can_be_taken_out_again(before, step, at):
    at = min(at, len(before))
    after = added(before, step, at)
    assert after[at] is step
    assert removed(after, at) == before


@given(lists.filter(len), st.data())
def test_moving_changes_the_order_and_nothing_else(before, draw):
    places = st.integers(0, len(before) - 1)
    start, end = draw.draw(places), draw.draw(places)
    after = moved(before, start, end)
    assert after[end] is before[start]
    assert sorted(map(repr, after)) == sorted(map(repr, before))
    assert moved(after, end, start) == before
    rest = [step for at, step in enumerate(before) if at != start]
    assert [step for at, step in enumerate(after) if at != end] == rest


@given(lists.filter(len), st.data(), st.booleans())
def test_switching_touches_one_step(before, draw, on):
    at = draw.draw(st.integers(0, len(before) - 1))
    after = switched(before, at, on)
    assert after[at].off is not on
    assert (after[at].op, after[at].settings) == (before[at].op, before[at].settings)
    assert after[:at] + after[at + 1 :] == before[:at] + before[at + 1 :]


@given(lists.filter(len), st.data(), names, st.integers())
def test_a_setting_touches_one_step_and_keeps_the_others_of_it(before, draw, name, value):
    at = draw.draw(st.integers(0, len(before) - 1))
    old = before[at].settings
    kept = dict(old)
    after = with_setting(before, at, name, value)
    assert after[at].settings == {**kept, name: value}
    assert old == kept, "what undo keeps is never changed"
    assert after[:at] + after[at + 1 :] == before[:at] + before[at + 1 :]


@given(lists, st.integers(-3, 9))
def test_places_that_are_not_there_are_refused(before, at):
    if 0 <= at < len(before):
        return
    for change in (lambda: removed(before, at), lambda: moved(before, at, 0)):
        with pytest.raises(IndexError):
            change()


@given(data, names, st.sampled_from(ROLES))
def test_a_role_is_given_to_one_column(before, name, role):
    after = with_role(before, name, role)
    assert after.columns.get(name, ColumnUse()).role == role
    if role in ALONE:
        assert [use.role for use in after.columns.values()].count(role) == 1
    for other, use in before.columns.items():
        if other != name and use.role != role:
            assert after.columns.get(other, ColumnUse()) == use


@given(data, names)
def test_what_is_left_as_it_looks_is_not_written_down(before, name):
    cleared = with_steps(with_kind(with_role(before, name, "auto"), name, ""), name, None)
    assert name not in cleared.columns
    assert ColumnUse() not in with_role(before, name, "input").columns.values()


@given(data, names, lists)
def test_another_kind_forgets_steps_of_the_kind_before(before, name, chosen):
    assert with_steps(before, name, chosen).columns[name].steps == chosen
    after = with_kind(with_steps(before, name, chosen), name, "category")
    assert after.columns[name] == ColumnUse(before.columns.get(name, ColumnUse()).role, "category")


def test_the_module_knows_all_roles_that_one_column_can_have():
    assert set(data_edits.ALONE) < set(ROLES)
