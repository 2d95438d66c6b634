import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from widgets.form_values import Field, float_text, normal, options, parse, same, show, stepped, steps_by_ratio

INT = Field("n", "N", "int", 1)
FLOAT = Field("x", "X", "float", 0.5)
PAIR = Field("k", "Kernel", "pair", 3, minimum=1)
TRIPLE = Field("k", "Kernel", "triple", 3, minimum=1)
INTS = Field("axes", "Axes", "ints", (0,), minimum=-1)

whole = st.integers(-(10**12), 10**12)


@given(whole)
def test_whole_numbers_come_back(value):
    assert parse(INT, show(INT, value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back_exactly(value):
    assert parse(FLOAT, show(FLOAT, value)) == value


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_pairs_come_back(a, b):
    assert parse(PAIR, show(PAIR, (a, b))) == (a, b)


@given(st.lists(st.integers(-1, 10**6)).map(tuple))
def test_lists_come_back(value):
    assert parse(INTS, show(INTS, value)) == value


@given(st.text())
@example(".")
@example("1..2")
def test_any_typing_is_a_value_or_a_value_error(text):
    for field in (INT, FLOAT, PAIR, INTS):
        try:
            value = parse(field, text)
        except ValueError:
            continue
        assert same(field, parse(field, show(field, value)), value)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (INT, " 1 000 ", 1000),
        (INT, "18\u202f402", 18402),
        (INT, "1e6", 1_000_000),
        (INT, "32.0", 32),
        (INT, "−3", -3),
        (FLOAT, "1e-3", 0.001),
        (FLOAT, "0,001", 0.001),
        (FLOAT, ".5", 0.5),
        (PAIR, "3", (3, 3)),
        (PAIR, "3x5", (3, 5)),
        (PAIR, "3 × 5", (3, 5)),
        (PAIR, "(3, 5)", (3, 5)),
        (TRIPLE, "3", (3, 3, 3)),
        (TRIPLE, "3×5×7", (3, 5, 7)),
        (INTS, "", ()),
        (INTS, "-1, 28 28", (-1, 28, 28)),
        (INTS, "[2,3,]", (2, 3)),
        (INTS, "1，2", (1, 2)),
        (Field("s", "S", "int", 1, optional=True), "", None),
        (Field("t", "T", "text", ""), "  a b ", "a b"),
    ],
)
def test_people_write_values_in_many_ways(field, text, value):
    assert parse(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (INT, ""),
        (INT, "three"),
        (INT, "2.5"),
        (FLOAT, "nan"),
        (FLOAT, "inf"),
        (FLOAT, "1,000.5"),
        (PAIR, "1, 2, 3"),
        (PAIR, "0"),
        (PAIR, "3, 0"),
        (INTS, "-2"),
        (INTS, "1, a"),
        (Field("n", "N", "int", 1, 1, 10), "11"),
        (Field("p", "P", "float", 0.5, 0, 1), "1.01"),
    ],
)
def test_what_is_no_value_is_refused(field, text):
    with pytest.raises(ValueError):
        parse(field, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.001, "0.001"),
        (1e-5, "1e-5"),
        (1e9, "1e9"),
        (-25e6, "-25e6"),
        (1e16, "1e16"),
        (2.5e-7, "2.5e-7"),
        (-0.5, "-0.5"),
    ],
)
def test_floats_have_no_trailing_zeros(value, text):
    assert float_text(value) == text


def test_other_things_are_shown_as_they_are():
    assert show(INT, {"param": "width"}) == "{'param': 'width'}"
    assert show(PAIR, 3) == "3 × 3"
    assert show(INTS, None) == ""


def test_what_means_the_same_is_the_same():
    assert same(PAIR, 3, [3, 3])
    assert not same(PAIR, 3, (3, 5))
    assert same(FLOAT, 1, 1.0)
    assert not same(INT, 1, True)
    assert normal(INTS, [1, 2]) == (1, 2)


def test_choices_may_have_texts_and_may_be_left_open():
    field = Field("p", "P", "choice", "same", choices=("same", ("valid", "Gültig")), optional=True, placeholder="auto")
    assert options(field) == [(None, "auto"), ("same", "same"), ("valid", "Gültig")]


RATE = Field("lr", "Learning rate", "float", 1e-3, minimum=0)


def test_small_positive_numbers_step_by_ratio():
    walk = [1e-3]
    for _ in range(4):
        walk.append(stepped(RATE, walk[-1], 1))
    assert walk == [0.001, 0.002, 0.005, 0.01, 0.02]
    assert stepped(RATE, 3e-4, 1) == 5e-4
    assert stepped(RATE, 3e-4, -1) == 2e-4
    assert stepped(RATE, 0.0, 1) > 0
    assert stepped(RATE, 0.0, -1) == 0.0


def test_shares_step_evenly():
    dropout = Field("p", "Dropout", "float", 0.5, 0, 1)
    assert not steps_by_ratio(dropout)
    assert stepped(dropout, 0.1, 2) == 0.2
    assert stepped(dropout, 0.98, 1) == 1.0
    assert stepped(dropout, 0.0, -1) == 0.0


def test_an_owner_may_decide_the_steps():
    assert steps_by_ratio(Field("x", "X", "float", 10.0, logarithmic=True))
    assert not steps_by_ratio(Field("x", "X", "float", 1e-4, minimum=0, logarithmic=False))


def test_pairs_step_together_and_none_starts_at_the_default():
    assert stepped(PAIR, (3, 5), 1) == (4, 6)
    assert stepped(PAIR, (1, 2), -1) == (1, 1)
    assert stepped(Field("s", "Seed", "int", None, 0, optional=True), None, 1) == 0
    assert stepped(PAIR, None, 1) == (3, 3)


@given(st.floats(1e-9, 1e9), st.integers(1, 12))
def test_a_step_up_and_down_moves_and_stays_in_bounds(value, steps):
    field = Field("x", "X", "float", 1e-3, minimum=0, maximum=1e9)
    up, down = stepped(field, value, steps), stepped(field, value, -steps)
    assume(value < 1e9)
    assert value < up <= 1e9
    assert 0 <= down < value
    assert parse(field, show(field, up)) == up


@given(st.integers(-50, 50), st.integers(-20, 20))
def test_whole_numbers_step_within_their_bounds(value, steps):
    field = Field("n", "N", "int", 0, -10, 10)
    assert stepped(field, value, steps) == max(-10, min(10, value + steps))
