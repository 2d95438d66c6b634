import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from widgets.curve_export import curve_table
from widgets.curve_math import (
    Curve,
    decimated,
    log_ticks,
    nearest,
    prepare,
    smoothed,
    tick_texts,
    ticks,
    value_text,
)

numbers = st.floats(-1e6, 1e6)
series = arrays(float, st.integers(1, 700), elements=numbers)


def curve(x, y, **more) -> Curve:
    return Curve("key", "name", np.asarray(x, float), np.asarray(y, float), "#ffffff", **more)


def plain_average(y: np.ndarray, weight: float) -> list[float]:
    last, result = 0.0, []
    for count, value in enumerate(y, start=1):
        last = last * weight + (1 - weight) * value
        result.append(last / (1 - weight**count))
    return result


@given(series, st.floats(0.01, 0.999))
@settings(deadline=None)
def test_smoothing_is_the_average_of_the_plain_loop(y, weight):
    np.testing.assert_allclose(smoothed(y, weight), plain_average(y, weight), rtol=1e-7, atol=1e-6)


def test_smoothing_carries_over_many_blocks():
    y = np.random.default_rng(0).normal(size=20_000)
    np.testing.assert_allclose(smoothed(y, 0.995), plain_average(y, 0.995), atol=1e-10)


def test_no_smoothing_changes_nothing_and_full_smoothing_is_finite():
    y = np.array([1.0, 5.0, 2.0])
    assert smoothed(y, 0.0) is y
    assert np.isfinite(smoothed(y, 1.0)).all()
    assert len(smoothed(np.array([]), 0.5)) == 0


@given(st.floats(0.1, 1e5), st.floats(0.01, 0.99))
def test_a_constant_stays_what_it_is_from_the_first_value_on(value, weight):
    np.testing.assert_allclose(smoothed(np.full(300, value), weight), value)


def test_what_cannot_be_drawn_is_sorted_out():
    prepared = prepare(curve([0, 1, 2, 3, 4], [1, np.nan, 3, np.inf, 5]), 0.0, log_y=False)
    assert prepared.x.tolist() == [0, 2, 4]
    assert prepared.y.tolist() == [1, 3, 5]
    assert prepared.lost_x.tolist() == [1, 3]
    assert not prepared.is_smoothed


def test_one_lost_number_does_not_spoil_the_average():
    prepared = prepare(curve(range(5), [1, 1, np.nan, 1, 1]), 0.9, log_y=False)
    np.testing.assert_allclose(prepared.bold, 1.0)
    assert prepared.is_smoothed


def test_few_points_need_not_be_smoothed():
    assert not prepare(curve(range(5), range(5), smooth=False), 0.9, log_y=False).is_smoothed


def test_a_logarithm_has_no_place_for_zero():
    prepared = prepare(curve(range(4), [0, -1, 10, 100]), 0.0, log_y=True)
    assert prepared.y.tolist() == [10, 100]
    assert prepared.lost_x.tolist() == []


def test_points_that_went_back_are_put_in_order():
    prepared = prepare(curve([0, 1, 2, 1, 2, 3], [0, 1, 2, 11, 12, 13]), 0.0, log_y=False)
    assert prepared.x.tolist() == [0, 1, 1, 2, 2, 3]
    assert prepared.y.tolist() == [0, 1, 11, 2, 12, 13]


@given(arrays(float, st.integers(1, 3000), elements=numbers), st.integers(1, 200))
def test_thinning_keeps_the_extremes_and_the_ends(y, columns):
    x = np.arange(len(y), dtype=float)
    thin_x, thin_y = decimated(x, y, 0.0, float(len(y)), columns)
    assert (thin_y.min(), thin_y.max()) == (y.min(), y.max())
    assert thin_x[0] == 0
    assert (thin_x[-1], thin_y[-1]) == (x[-1], y[-1])
    assert len(thin_x) <= 4 * columns + 2
    assert (np.diff(thin_x) >= 0).all()


@given(arrays(float, 1000, elements=numbers), st.integers(0, 999))
def test_no_single_peak_is_lost(y, where):
    y[where] = 1e9
    thin_x, thin_y = decimated(np.arange(1000.0), y, 0.0, 1000.0, 20)
    assert abs(thin_x[thin_y.argmax()] - where) <= 1000 / 20
    assert thin_y.max() == 1e9


def test_lines_lead_out_of_the_view():
    x = np.arange(100.0)
    thin_x, _ = decimated(x, x, 10.5, 20.5, 50)
    assert (thin_x[0], thin_x[-1]) == (10, 21)
    assert len(decimated(x, x, 500.0, 600.0, 50)[0]) <= 1


def test_points_far_apart_leave_columns_empty():
    x = np.concatenate([np.arange(500.0), np.arange(1e6, 1e6 + 500)])
    thin_x, thin_y = decimated(x, x * 2, 0.0, 2e6, 10)
    np.testing.assert_array_less(np.abs(thin_y - 2 * thin_x), 1000.1)


@given(arrays(float, st.integers(1, 50), elements=numbers), numbers)
def test_the_nearest_point_is_the_nearest(x, at):
    x = np.sort(x)
    assert abs(x[nearest(x, at)] - at) == np.abs(x - at).min()


@given(numbers, st.floats(1e-6, 1e9), st.integers(1, 12))
def test_ticks_are_round_few_and_inside(low, width, most):
    assume(width >= 1e-6 * abs(low))
    high = low + width
    found = ticks(low, high, most)
    assert len(found) <= most + 1
    slack = 1e-6 * width
    assert all(low - slack <= tick <= high + slack for tick in found)
    steps = np.diff(found)
    if len(steps):
        mantissa = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
        assert min(abs(mantissa - good) for good in (1, 2, 5, 10)) < 1e-3


def test_ticks_of_a_logarithm_are_decades_or_1_2_5():
    assert log_ticks(-3.0, 3.0, 4) == [-2.0, 0.0, 2.0]
    assert np.round(10 ** np.array(log_ticks(0.0, 1.0, 6)), 6).tolist() == [1, 2, 5, 10]
    inside_a_decade = log_ticks(math.log10(2.1), math.log10(4.9), 5)
    assert len(inside_a_decade) >= 2


@pytest.mark.parametrize(
    ("values", "step", "texts"),
    [
        ([0.0, 0.1, 0.30000000000000004], 0.1, ["0", "0.1", "0.3"]),
        ([0.2, 0.25], 0.05, ["0.20", "0.25"]),
        ([1000.0, 2000.0], 1000.0, ["1000", "2000"]),
        ([0.0, 5000.0, 10000.0], 5000.0, ["0", "5k", "10k"]),
        ([10200.0, 10400.0], 200.0, ["10.2k", "10.4k"]),
        ([2e6, 3e6], 1e6, ["2M", "3M"]),
        ([1e-5, 2e-5], 1e-5, ["1e-5", "2e-5"]),
        ([-0.5, 0.0], 0.5, ["-0.5", "0"]),
    ],
)
def test_tick_labels(values, step, texts):
    assert tick_texts(values, step) == texts


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e7))
def test_no_two_ticks_look_alike(low, width):
    found = ticks(low, low + width, 7)
    if len(found) > 1:
        step = found[1] - found[0]
        labels = tick_texts(found, step)
        if abs(low) < width * 100:
            assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0612345, "0.06123"),
        (18402.4, "18402"),
        (1.23456e-6, "1.235e-6"),
        (0.0, "0"),
        (-3.0, "-3"),
        (float("nan"), "nan"),
        (1e12, "1e12"),
    ],
)
def test_numbers_are_short(value, text):
    assert value_text(value) == text


def test_a_table_joins_curves_on_x_and_loses_nothing():
    a = Curve("a", "train", np.array([1, 2, 2, 3]), np.array([0.1, 0.2, 0.25, np.nan]), "#ffffff")
    b = Curve("b", "validation", np.array([2]), np.array([0.5]), "#ffffff")
    assert curve_table([a, b], "step") == [
        ["step", "train", "validation"],
        ["1", "0.1", ""],
        ["2", "0.2", "0.5"],
        ["2", "0.25", ""],
        ["3", "nan", ""],
    ]
