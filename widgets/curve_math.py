"""The arithmetic behind curves: smoothing, what can be drawn of the data, nice ticks, short numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 64
_STRONGEST = 0.999
_UNITS = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))


@dataclass(frozen=True, eq=False)
class Curve:
    """One line of a plot. `smooth` lets it be smoothed; few points, such as one per epoch, better are not."""

    key: str
    name: str
    x: NDArray[Any]
    y: NDArray[Any]
    colour: str
    dash: bool = False
    points: bool = False
    smooth: bool = True


@dataclass(frozen=True, eq=False)
class Prepared:
    """What can be drawn of a curve: finite points in the order of x, and where the others are."""

    curve: Curve
    x: Floats
    y: Floats
    bold: Floats
    """The smoothed values, or `y` itself."""
    lost_x: Floats
    """Where y is not a number or infinite."""

    @property
    def is_smoothed(self) -> bool:
        """Whether the bold line differs from the data."""
        return self.bold is not self.y


def smoothed(y: Floats, weight: float) -> Floats:
    """Exponential moving average, corrected for its start: the first value weighs no more than any other."""
    weight = min(weight, _STRONGEST)
    if weight <= 0 or not len(y):
        return y
    counts = np.arange(1, len(y) + 1)
    result: Floats = _running((1 - weight) * y, weight) / -np.expm1(counts * math.log(weight))
    return result


def _running(values: Floats, decay: float) -> Floats:
    """Running sums that forget: each is `decay` times the one before, plus a value.

    Exact, and without a step of Python per value: within blocks it is one product with a triangle of powers,
    and what is carried from block to block is the same problem again, only much shorter.
    """
    lag = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
    triangle = np.where(lag >= 0, decay ** np.maximum(lag, 0), 0.0)
    blocks = np.zeros((-(-len(values) // _BLOCK), _BLOCK))
    blocks.ravel()[: len(values)] = values
    sums: Floats = blocks @ triangle.T
    if len(sums) > 1:
        carried = _running(sums[:-1, -1], decay**_BLOCK)
        sums[1:] += np.outer(carried, decay ** np.arange(1, _BLOCK + 1))
    return sums.ravel()[: len(values)]


def decimated(x: Floats, y: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """The part of a curve between two values of x, thinned to the lowest and the highest value per column.

    Nothing that would be seen is lost: no peak, and no line that leaves the view. `x` must rise. Of a run of equal
    values the ends are kept: a constant curve is one line.
    """
    first = max(0, int(np.searchsorted(x, low, "left")) - 1)
    last = int(np.searchsorted(x, high, "right")) + 1
    x, y = _without_plateaus(x[first:last], y[first:last])
    if len(x) <= 2 * columns:
        return x, y
    starts = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], columns + 1)[:-1]))
    lowest, highest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    falling = y[starts] > (lowest + highest) / 2
    pairs = np.stack([np.where(falling, highest, lowest), np.where(falling, lowest, highest)], axis=1)
    return np.append(np.repeat(x[starts], 2), x[-1]), np.append(pairs.ravel(), y[-1])


def _without_plateaus(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if len(x) < 3:
        return x, y
    turns = np.ones(len(y), bool)
    turns[1:-1] = (y[1:-1] != y[:-2]) | (y[1:-1] != y[2:])
    return (x, y) if turns.all() else (x[turns], y[turns])


def prepare(curve: Curve, weight: float, *, log_y: bool) -> Prepared:
    """Sort out what can be drawn. On a logarithmic axis values of 0 and below have no place."""
    x, y = np.asarray(curve.x, float), np.asarray(curve.y, float)
    known = np.isfinite(x)
    if not known.all():
        x, y = x[known], y[known]
    if len(x) > 1 and not (x[1:] >= x[:-1]).all():
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    drawable = np.isfinite(y)
    lost = x[~drawable]
    if log_y:
        drawable &= y > 0
    if not drawable.all():
        x, y = x[drawable], y[drawable]
    return Prepared(curve, x, y, smoothed(y, weight) if curve.smooth else y, lost)


def nearest(x: Floats, at: float) -> int:
    """The index of the value of a rising `x` that is nearest to `at`."""
    right = int(np.searchsorted(x, at))
    if right == 0:
        return 0
    if right == len(x) or at - x[right - 1] <= x[right] - at:
        return right - 1
    return right


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers between two bounds, in steps of 1, 2 or 5 times a power of ten."""
    if not high > low or most < 1:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * power for digit in (1, 2, 5, 10, 20) if digit * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """The same for bounds and ticks that are logarithms to base 10; decades, with 2 and 5 where there is room."""
    decades = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    fine = [d + math.log10(m) for d in range(math.floor(low), math.floor(high) + 1) for m in (1, 2, 5)]
    fine = [tick for tick in fine if low - 1e-9 <= tick <= high + 1e-9]
    if 2 <= len(fine) <= most:
        return fine
    if len(decades) >= 2:
        stride = -(-len(decades) // max(1, most))
        return [float(d) for d in decades if d % stride == 0]
    return [math.log10(tick) for tick in ticks(10**low, 10**high, most) if tick > 0]


def tick_texts(values: Sequence[float], step: float) -> list[str]:
    """Labels of ticks: one unit for all (5k, 10k), as many decimals as the step needs, 1e-5 for what is tiny."""
    top = max((abs(value) for value in values), default=0.0)
    if not 1e-3 <= top < 1e12:
        return [_exponential(f"{value:.3g}") for value in values]
    scale, unit = next(((scale, unit) for limit, scale, unit in _UNITS if top >= limit), (1.0, ""))
    decimals = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    return [f"{value / scale:.{decimals}f}{unit}" if value else "0" for value in values]


def value_text(value: float) -> str:
    """A number in four figures: 0.06123, 18402, 1.2e-5."""
    if not math.isfinite(value):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e7:
        return _exponential(f"{value:.4g}")
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}"


def _exponential(text: str) -> str:
    """1e-5 instead of 1e-05."""
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else text
