"""Steps that prepare a column of a table. Each is fitted to the training split and becomes plain numbers.

What encodes a category, a date or tags comes first; what changes numbers may follow it.
"""

import warnings
from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.document import Step
from workbench.engine.preprocess.fitted import (
    Affine,
    Bins,
    Clip,
    DateParts,
    Fill,
    Fitted,
    Hashed,
    Log,
    MultiHot,
    Numbers,
    OneHot,
    Ordinal,
    Shares,
)
from workbench.engine.registry import Setting
from workbench.engine.steps.base import StepKind, step

GROUP = "Tables"
NUMBERS = ("number", "category", "date", "tags")
"""Numbers, and what encoding makes numbers of."""
LONG = 200
"""Categories of more values than this are not given an input for each."""


@dataclass(frozen=True)
class NumberStep(StepKind):
    """A step that makes other numbers of numbers."""

    reads: ClassVar[str] = "number"

    @abstractmethod
    def fit(self, numbers: Numbers) -> Fitted:
        """(training rows, inputs), NaN where one is missing."""


@dataclass(frozen=True)
class EncodingStep(StepKind):
    """A step that makes numbers of something else."""

    reads: ClassVar[str] = "category"

    @abstractmethod
    def fit(self, values: pa.Array) -> Fitted:
        """(training rows,), null where one is missing."""


@step("impute", "Fill in what is missing", GROUP, kinds=NUMBERS)
@dataclass(frozen=True)
class Impute(NumberStep):
    """A missing number becomes the mean, the median, the most frequent one of the training split, or a constant."""

    strategy: Annotated[
        str, Setting(choices=("mean", "median", "most_frequent", "constant"), help="What stands for a missing number")
    ] = "mean"
    fill_value: Annotated[float, Setting(label="Constant", help="Where the strategy is a constant")] = 0.0
    add_indicator: Annotated[bool, Setting(help="A further input is 1 where a number was missing")] = False

    def fit(self, numbers: Numbers) -> Fill:
        """A column without any number is filled with 0."""
        return Fill(tuple(self._value(column[~np.isnan(column)]) for column in numbers.T), self.add_indicator)

    def _value(self, known: NDArray[np.float64]) -> float:
        if self.strategy == "constant" or not known.size:
            return self.fill_value if self.strategy == "constant" else 0.0
        if self.strategy == "most_frequent":
            values, counts = np.unique(known, return_counts=True)
            return float(values[counts.argmax()])
        return float(known.mean() if self.strategy == "mean" else np.median(known))


@step("scale", "Scale", GROUP, kinds=NUMBERS)
@dataclass(frozen=True)
class Scale(NumberStep):
    """Numbers of any size become numbers around 0 or between 0 and 1, by what the training split holds."""

    method: Annotated[
        str,
        Setting(
            choices=("standard", "min_max", "robust"),
            help="Mean and standard deviation; least and greatest; or median and the middle half",
        ),
    ] = "standard"

    def fit(self, numbers: Numbers) -> Affine:
        """A column of one value is only shifted."""
        pairs = [self._measured(column[~np.isnan(column)]) for column in numbers.T]
        return Affine(tuple(centre for centre, _ in pairs), tuple(spread or 1.0 for _, spread in pairs))

    def _measured(self, known: NDArray[np.float64]) -> tuple[float, float]:
        if not known.size:
            return 0.0, 1.0
        if self.method == "standard":
            return float(known.mean()), float(known.std())
        low, middle, high = np.quantile(known, (0, 0.5, 1) if self.method == "min_max" else (0.25, 0.5, 0.75))
        return float(low if self.method == "min_max" else middle), float(high - low)


@step("log", "Logarithm", GROUP, kinds=NUMBERS)
@dataclass(frozen=True)
class Logarithm(NumberStep):
    """Amounts of very different sizes come closer together: sign(x) · log(1 + |x|)."""

    def fit(self, numbers: Numbers) -> Log:
        """Nothing is fitted."""
        return Log()


@step("clip", "Clip", GROUP, kinds=NUMBERS)
@dataclass(frozen=True)
class ClipTails(NumberStep):
    """Numbers beyond a quantile of the training split become that quantile: outliers lose their weight."""

    low: Annotated[float, Setting(0.0, 0.5, label="Lower quantile")] = 0.01
    high: Annotated[float, Setting(0.5, 1.0, label="Upper quantile")] = 0.99

    def fit(self, numbers: Numbers) -> Clip:
        """A column without any number is left as it is."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a column without numbers, which NaN says too
            low, high = np.nan_to_num(np.nanquantile(numbers, (self.low, self.high), axis=0))
        return Clip(tuple(low.tolist()), tuple(high.tolist()))


@step("bin", "Bins", GROUP, kinds=NUMBERS)
@dataclass(frozen=True)
class Bin(NumberStep):
    """Numbers become ranges, one input for each: of as many training rows each, or as wide each."""

    bins: Annotated[int, Setting(2, 1000)] = 5
    strategy: Annotated[str, Setting(choices=("quantile", "uniform"))] = "quantile"

    def fit(self, numbers: Numbers) -> Bins:
        """Edges that fall together are one."""
        return Bins(tuple(self._edges(column[~np.isnan(column)]) for column in numbers.T))

    def _edges(self, known: NDArray[np.float64]) -> tuple[float, ...]:
        if not known.size:
            return ()
        shares = np.linspace(0, 1, self.bins + 1)[1:-1]
        spread = known.max() - known.min()
        edges = np.quantile(known, shares) if self.strategy == "quantile" else known.min() + shares * spread
        return tuple(np.unique(edges).tolist())


@step("one_hot", "One-hot", GROUP, kinds=("category",))
@dataclass(frozen=True)
class EncodeOneHot(EncodingStep):
    """One input of 0 or 1 for each value of the training split; an unknown value is none of them."""

    min_frequency: Annotated[int, Setting(1, help="Rarer values share one input")] = 1
    missing: Annotated[bool, Setting(help="A missing value has an input of its own")] = False

    def fit(self, values: pa.Array) -> OneHot:
        """Values in their order."""
        counted = counts(values)
        frequent = tuple(sorted(value for value, count in counted.items() if count >= self.min_frequency))
        return OneHot(frequent, self.min_frequency > 1, self.missing)


@step("ordinal", "Place in the order", GROUP, kinds=("category",))
@dataclass(frozen=True)
class EncodeOrdinal(EncodingStep):
    """A value becomes its place in the order: for sizes and grades, not for names."""

    order: Annotated[
        str, Setting(help="The values from the least on, with commas; empty: the order of the alphabet")
    ] = ""

    def fit(self, values: pa.Array) -> Ordinal:
        """Values that are not in the order that was given are unknown."""
        given = tuple(part for item in self.order.split(",") if (part := item.strip()))
        return Ordinal(given or tuple(sorted(counts(values))))


@step("frequency", "Frequency", GROUP, kinds=("category",))
@dataclass(frozen=True)
class EncodeFrequency(EncodingStep):
    """A value becomes the share of training rows that have it: one input, however many values there are."""

    def fit(self, values: pa.Array) -> Shares:
        """Of all training rows, those with a missing value included."""
        counted = counts(values)
        return Shares(tuple(counted), tuple(count / len(values) for count in counted.values()))


@step("hash", "Hash", GROUP, kinds=("category",))
@dataclass(frozen=True)
class EncodeHash(EncodingStep):
    """Values fall into buckets, each an input: for very many values, and for those that are not known yet."""

    buckets: Annotated[int, Setting(2, 65_536)] = 64

    def fit(self, values: pa.Array) -> Hashed:
        """Nothing is fitted."""
        return Hashed(self.buckets)


@step("date_parts", "Parts of a date", GROUP, kinds=("date",))
@dataclass(frozen=True)
class SplitDate(EncodingStep):
    """A date becomes its year, month, weekday ...: what repeats can be told from what passes."""

    year: bool = True
    month: bool = True
    day: Annotated[bool, Setting(label="Day of the month")] = False
    weekday: bool = True
    hour: bool = False
    elapsed: Annotated[bool, Setting(label="Days passed", help="Days since 1970-01-01")] = False
    cyclic: Annotated[bool, Setting(help="Sine and cosine of what repeats: December is beside January")] = True
    reads: ClassVar[str] = "date"

    def fit(self, values: pa.Array) -> DateParts:
        """Nothing is fitted."""
        parts = tuple(name for name in ("year", "month", "day", "weekday", "hour", "elapsed") if getattr(self, name))
        return DateParts(parts or ("elapsed",), self.cyclic)


@step("multi_hot", "Multi-hot", GROUP, kinds=("tags",))
@dataclass(frozen=True)
class EncodeMultiHot(EncodingStep):
    """One input of 0 or 1 for each tag of the training split."""

    min_frequency: Annotated[int, Setting(1, help="Rarer tags are left out")] = 1
    reads: ClassVar[str] = "tags"

    def fit(self, values: pa.Array) -> MultiHot:
        """Tags in their order."""
        counted = counts(pc.list_flatten(values))
        return MultiHot(tuple(sorted(value for value, count in counted.items() if count >= self.min_frequency)))


def counts(values: pa.Array) -> dict[str, int]:
    """How often each value is there."""
    counted = pc.value_counts(values.drop_null())
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def table_steps(kind: str, distinct: int = 0) -> tuple[Step, ...]:
    """How a column of this kind, and of so many different values, is usually prepared."""
    match kind:
        case "number":
            return Step("impute"), Step("scale")
        case "category":
            return (Step("hash"),) if distinct > LONG else (Step("one_hot"),)
        case "date":
            return Step("date_parts"), Step("impute"), Step("scale")
        case "tags":
            return (Step("multi_hot"),)
    return ()
