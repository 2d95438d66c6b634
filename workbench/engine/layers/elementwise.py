"""Operations that treat every number by itself: functions, arithmetic, comparisons, masks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Change, Known, Layer, Misfit, Operation, layer
from workbench.engine.layers.checks import need_broadcast, need_float, need_number
from workbench.engine.made import made
from workbench.engine.registry import Setting

FUNCTIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("exp", "y = eˣ", "Raises e to the power of every number.", ("exponential",)),
    ("expm1", "y = eˣ − 1", "Exp minus 1, exact for small numbers too.", ("exponential",)),
    ("log", "y = ln x", "The natural logarithm of every number.", ("ln", "logarithm")),
    ("log1p", "y = ln(1 + x)", "The logarithm of 1 plus every number, exact for small numbers too.", ("logarithm",)),
    ("sqrt", "y = √x", "The square root of every number.", ("root",)),
    ("rsqrt", "y = 1 / √x", "One over the square root of every number.", ("inverse root",)),
    ("square", "y = x²", "Every number times itself.", ("power",)),
    ("reciprocal", "y = 1 / x", "One over every number.", ("inverse",)),
    ("abs", "y = |x|", "Takes the sign away.", ("absolute", "magnitude")),
    ("neg", "y = −x", "Turns the sign around.", ("negative", "minus")),
    ("sign", "y = −1, 0 or 1", "Only the sign of every number. No gradient gets through.", ()),
    ("sin", "y = sin x", "The sine of every number.", ("sine", "trigonometric")),
    ("cos", "y = cos x", "The cosine of every number.", ("cosine", "trigonometric")),
    ("erf", "y = 2/√π · ∫₀ˣ e^(−t²) dt", "The error function of every number.", ("error function",)),
    ("floor", "y = ⌊x⌋", "Rounds down. No gradient gets through.", ("round",)),
    ("ceil", "y = ⌈x⌉", "Rounds up. No gradient gets through.", ("round",)),
    ("round", "y = x to the nearest whole number", "Rounds to the nearest. No gradient gets through.", ()),
)
"""Functions of torch without settings: name, formula, help, synonyms."""


@dataclass(frozen=True)
class _Function(Operation):
    def check(self, x: Known) -> None:
        """Floating-point numbers, as all networks compute with."""
        need_float(x)


def _function(name: str, formula: str, help: str, synonyms: tuple[str, ...]) -> None:
    members = {"__doc__": help, "__module__": __name__, "function": getattr(torch, name)}
    cls: type[_Function] = dataclass(frozen=True)(type(name.capitalize(), (_Function,), members))
    layer(name, name.capitalize(), "Operation", synonyms=synonyms, formula=formula)(cls)


for row in FUNCTIONS:
    _function(*row)


@layer("pow", "Power", "Operation", synonyms=("exponent", "square"), caption=("exponent",), formula="y = xᵖ")
@dataclass(frozen=True)
class Power(Operation):
    """Raises every number to a power; one that is no whole number needs positive numbers."""

    function = torch.pow

    exponent: Annotated[float, Setting(help="The power", said="power {n}")] = 2.0

    def check(self, x: Known) -> None:
        """Floating-point numbers."""
        need_float(x)


@layer("clamp", "Clamp", "Operation", synonyms=("clip", "limit"), formula="y = min(max(x, a), b)")
@dataclass(frozen=True)
class Clamp(Operation):
    """Cuts numbers off at a lower bound, an upper bound, or both."""

    function = torch.clamp

    min: Annotated[float | None, Setting(label="Lower bound", help="Smaller numbers become this; none unless set")] = (
        0.0
    )
    max: Annotated[float | None, Setting(label="Upper bound", help="Larger numbers become this; none unless set")] = 1.0

    def check(self, x: Known) -> None:
        """There must be a bound, and two must be in order."""
        need_float(x)
        if self.min is None and self.max is None:
            raise Misfit("clamp.no_bound", remedy=Change("min", 0.0))
        if self.min is not None and self.max is not None and self.min > self.max:
            raise Misfit("layer.bounds", lower=self.min, upper=self.max, remedy=Change("max", self.min))

    def options(self) -> dict[str, Any]:
        """The bounds that there are."""
        return {name: value for name, value in super().options().items() if value is not None}


class Scaled(nn.Module):
    """A straight line with two fixed numbers."""

    def __init__(self, factor: float, offset: float) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return self.factor * x + self.offset


@layer(
    "scale",
    "Scale",
    "Operation",
    synonyms=("multiply by a number", "add a number", "shift", "constant"),
    caption=("factor", "offset"),
    formula="y = a · x + b",
)
@dataclass(frozen=True)
class Scale(Layer):
    """Multiplies by a fixed number and adds another."""

    factor: Annotated[float, Setting(help="Times this", said="× {n}")] = 1.0
    offset: Annotated[float, Setting(help="Plus this", said="+ {n}")] = 0.0

    def check(self, x: Known) -> None:
        """Floating-point numbers."""
        need_float(x)

    def build(self, x: Known) -> nn.Module:
        """Any shape to the same."""
        return made(Scaled, self.factor, self.offset)


class Converted(nn.Module):
    """Turns numbers into another type."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return x.to(self.dtype)


@layer(
    "cast",
    "Cast",
    "Operation",
    synonyms=("type", "convert", "float", "integer", "to"),
    caption=("dtype",),
    formula="y = x as another type",
)
@dataclass(frozen=True)
class Cast(Layer):
    """Turns numbers into another type: whole numbers into floating-point ones, a mask into zeros and ones."""

    dtype: Annotated[str, Setting(choices=("float32", "int64", "bool"), label="Type", help="What comes out")] = (
        "float32"
    )

    def build(self, x: Known) -> nn.Module:
        """Any shape to the same."""
        return made(Converted, getattr(torch, self.dtype))


# ---- of several inputs

MANY = (PortInfo("in", repeat="num_inputs"),)
NumInputs = Annotated[int, Setting(2, 16, label="Inputs", help="How many tensors come together")]
TWO = (PortInfo("a"), PortInfo("b"))


class Combined(nn.Module):
    """Folds a function of two tensors over all inputs."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        """Shapes must broadcast."""
        return reduce(self.function, inputs)


@dataclass(frozen=True)
class _Many(Layer):
    num_inputs: NumInputs = 2

    def check(self, *inputs: Known) -> None:
        """Numbers, of shapes that fit."""
        need_number(*inputs)
        need_broadcast(*inputs)


@layer("add", "Add", "Operation", inputs=MANY, synonyms=("sum", "residual", "skip", "plus"), formula="y = x₁ + x₂ + …")
@dataclass(frozen=True)
class Add(_Many):
    """Adds tensors of the same shape, as a skip connection does.

    An axis of size 1 is repeated to fit.
    """

    def build(self, *inputs: Known) -> nn.Module:
        """The sum."""
        return made(Combined, torch.add)


@layer(
    "multiply",
    "Multiply",
    "Operation",
    inputs=MANY,
    synonyms=("product", "gate", "times", "hadamard", "mul"),
    formula="y = x₁ · x₂ · …",
)
@dataclass(frozen=True)
class Multiply(_Many):
    """Multiplies tensors of the same shape, number by number, as a gate does.

    An axis of size 1 is repeated to fit.
    """

    def build(self, *inputs: Known) -> nn.Module:
        """The product."""
        return made(Combined, torch.mul)


@layer("minimum", "Minimum", "Operation", inputs=MANY, synonyms=("smallest",), formula="y = min(x₁, x₂, …)")
@dataclass(frozen=True)
class Minimum(_Many):
    """Takes the smallest of the numbers at the same place."""

    def build(self, *inputs: Known) -> nn.Module:
        """The smallest."""
        return made(Combined, torch.minimum)


@layer("maximum", "Maximum", "Operation", inputs=MANY, synonyms=("largest",), formula="y = max(x₁, x₂, …)")
@dataclass(frozen=True)
class Maximum(_Many):
    """Takes the largest of the numbers at the same place."""

    def build(self, *inputs: Known) -> nn.Module:
        """The largest."""
        return made(Combined, torch.maximum)


@dataclass(frozen=True)
class _Two(Operation):
    def check(self, a: Known, b: Known) -> None:
        """Numbers, of shapes that fit."""
        need_number(a, b)
        need_broadcast(a, b)


@layer("subtract", "Subtract", "Operation", inputs=TWO, synonyms=("minus", "difference", "sub"), formula="y = a − b")
@dataclass(frozen=True)
class Subtract(_Two):
    """Takes one tensor from the other; an axis of size 1 is repeated to fit."""

    function = torch.sub


@layer("divide", "Divide", "Operation", inputs=TWO, synonyms=("quotient", "ratio", "div"), formula="y = a / b")
@dataclass(frozen=True)
class Divide(_Two):
    """Divides one tensor by the other, number by number; an axis of size 1 is repeated to fit."""

    function = torch.div
