"""Activations: what makes a network more than one linear map."""

from dataclasses import dataclass
from typing import Annotated, Any

from torch import nn

from workbench.engine.layers.base import Axis, Change, Known, Misfit, Native, layer
from workbench.engine.layers.checks import need_axis, need_float
from workbench.engine.registry import Setting


@dataclass(frozen=True)
class Activation(Native):
    """Base: works on every number by itself."""

    def check(self, x: Known) -> None:
        """Slopes need floating-point numbers."""
        need_float(x)


PLAIN: tuple[tuple[type[nn.Module], str, str, tuple[str, ...]], ...] = (
    (
        nn.ReLU,
        "y = max(0, x)",
        """Lets positive numbers through and sets the others to zero.

        Cheap, and the usual choice after convolutions and linear layers.
        """,
        ("rectifier",),
    ),
    (
        nn.ReLU6,
        "y = min(max(0, x), 6)",
        """As ReLU, but nothing above 6 gets through.

        Keeps numbers small enough for 8 bits (Howard and others, 2017).
        """,
        ("mobile",),
    ),
    (
        nn.SELU,
        "y = λ · x for x > 0, else λ · α · (eˣ − 1)",
        """Keeps mean and variance of its inputs, so that deep networks need no normalisation.

        Goes with AlphaDropout (Klambauer and others, 2017).
        """,
        ("self-normalising",),
    ),
    (
        nn.SiLU,
        "y = x · σ(x)",
        """Weights each number by its own sigmoid; also called Swish.""",
        ("swish",),
    ),
    (
        nn.Mish,
        "y = x · tanh(ln(1 + eˣ))",
        """Smooth, and lets small negative numbers through (Misra, 2020).""",
        (),
    ),
    (nn.Hardswish, "y = x · min(max(0, x + 3), 6) / 6", "As SiLU, of straight lines: cheap on small devices.", ()),
    (nn.Sigmoid, "y = σ(x) = 1 / (1 + e⁻ˣ)", "Squeezes every number between 0 and 1.", ("logistic",)),
    (
        nn.Hardsigmoid,
        "y = min(max(0, x + 3), 6) / 6",
        "As Sigmoid, of straight lines: cheap on small devices.",
        (),
    ),
    (nn.LogSigmoid, "y = ln σ(x)", "The logarithm of Sigmoid, computed without overflow.", ()),
    (nn.Tanh, "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", "Squeezes every number between -1 and 1.", ("hyperbolic tangent",)),
    (nn.Tanhshrink, "y = x − tanh(x)", "What Tanh takes away: small numbers nearly vanish.", ()),
    (nn.Softsign, "y = x / (1 + |x|)", "Squeezes every number between -1 and 1, more slowly than Tanh.", ()),
)
"""Activations without settings: module, formula, help, synonyms."""


def _plain(module: type[nn.Module], formula: str, help: str, synonyms: tuple[str, ...]) -> None:
    name = module.__name__
    members = {"__doc__": help, "__module__": __name__, "module": module}
    cls = type(name, (Activation,), members)
    layer(name.lower(), name, "Activation", synonyms=synonyms, formula=formula)(dataclass(frozen=True)(cls))


for row in PLAIN:
    _plain(*row)


@layer(
    "leaky_relu",
    "LeakyReLU",
    "Activation",
    caption=("negative_slope",),
    formula="y = x for x ≥ 0, else slope · x",
)
@dataclass(frozen=True)
class LeakyReLU(Activation):
    """As ReLU, but negative numbers keep a small slope, so that no unit dies."""

    module = nn.LeakyReLU

    negative_slope: Annotated[float, Setting(0.0, help="Of the line left of zero", said="slope {n}")] = 0.01


@layer("prelu", "PReLU", "Activation", synonyms=("learned slope",), formula="y = x for x ≥ 0, else a · x, a learned")
@dataclass(frozen=True)
class PReLU(Activation):
    """As LeakyReLU, but the slope of negative numbers is learned (He and others, 2015)."""

    module = nn.PReLU

    per_channel: Annotated[bool, Setting(help="A slope for each channel instead of one for all")] = False
    init: Annotated[float, Setting(help="The slope to begin with")] = 0.25

    def options(self) -> dict[str, Any]:
        """What torch calls them."""
        return {"init": self.init}

    def inferred(self, x: Known) -> tuple[int]:
        """How many slopes there are."""
        return (x.shape[0] if self.per_channel and x.shape else 1,)


@layer(
    "rrelu",
    "RReLU",
    "Activation",
    synonyms=("randomised",),
    formula="y = x for x ≥ 0, else a · x, a random in training",
)
@dataclass(frozen=True)
class RReLU(Activation):
    """As LeakyReLU, but the slope is random while training, and the mean of its bounds afterwards."""

    module = nn.RReLU

    lower: Annotated[float, Setting(0.0, 10.0, help="Smallest slope")] = 0.125
    upper: Annotated[float, Setting(0.0, 10.0, help="Largest slope")] = 1 / 3

    def check(self, x: Known) -> None:
        """The bounds must be in order."""
        need_float(x)
        if self.lower > self.upper:
            remedy = Change("upper", self.lower)
            raise Misfit("layer.bounds", lower=self.lower, upper=self.upper, remedy=remedy)

    def export_twin(self, module: nn.Module) -> nn.Module:
        """What it is after training, which the exporter knows."""
        return nn.LeakyReLU((self.lower + self.upper) / 2)


@layer("elu", "ELU", "Activation", caption=("alpha",), formula="y = x for x > 0, else α · (eˣ − 1)")
@dataclass(frozen=True)
class ELU(Activation):
    """As ReLU, but negative numbers bend smoothly to -alpha: means stay near zero (Clevert and others, 2016)."""

    module = nn.ELU

    alpha: Annotated[float, Setting(0.0, help="Minus this is reached far left of zero", said="α = {n}")] = 1.0


@layer("celu", "CELU", "Activation", caption=("alpha",), formula="y = max(0, x) + min(0, α · (e^(x/α) − 1))")
@dataclass(frozen=True)
class CELU(Activation):
    """As ELU, but with one slope at zero whatever alpha is (Barron, 2017)."""

    module = nn.CELU

    alpha: Annotated[float, Setting(1e-6, help="Minus this is reached far left of zero", said="α = {n}")] = 1.0


@layer("gelu", "GELU", "Activation", caption=("approximate",), formula="y = x · Φ(x)")
@dataclass(frozen=True)
class GELU(Activation):
    """Weights each number by how large it is among normal ones.

    The usual choice in Transformers (Hendrycks and Gimpel, 2016).
    """

    module = nn.GELU

    approximate: Annotated[str, Setting(choices=("none", "tanh"), help="tanh is the approximation of GPT-2")] = "none"


@layer(
    "softplus",
    "Softplus",
    "Activation",
    caption=("beta",),
    synonyms=("smooth relu",),
    formula="y = ln(1 + e^(β·x)) / β",
)
@dataclass(frozen=True)
class Softplus(Activation):
    """A smooth ReLU: always positive, as a scale or a variance must be."""

    module = nn.Softplus

    beta: Annotated[float, Setting(1e-6, help="How sharply it bends", said="β = {n}")] = 1.0
    threshold: Annotated[float, Setting(0.0, help="Above it the line is straight")] = 20.0


@layer("hardtanh", "Hardtanh", "Activation", synonyms=("clip",), formula="y = min(max(a, x), b)")
@dataclass(frozen=True)
class Hardtanh(Activation):
    """Cuts numbers off at two bounds."""

    module = nn.Hardtanh

    min_val: Annotated[float, Setting(label="Lower bound", help="Smaller numbers become this")] = -1.0
    max_val: Annotated[float, Setting(label="Upper bound", help="Larger numbers become this")] = 1.0

    def check(self, x: Known) -> None:
        """The bounds must be in order."""
        need_float(x)
        if self.min_val >= self.max_val:
            remedy = Change("max_val", self.min_val + 1)
            raise Misfit("layer.bounds", lower=self.min_val, upper=self.max_val, remedy=remedy)


@layer("hardshrink", "Hardshrink", "Activation", caption=("lambd",), formula="y = x for |x| > λ, else 0")
@dataclass(frozen=True)
class Hardshrink(Activation):
    """Sets small numbers to zero and leaves the others."""

    module = nn.Hardshrink

    lambd: Annotated[float, Setting(0.0, label="Lambda", help="What counts as small", said="λ = {n}")] = 0.5


@layer("softshrink", "Softshrink", "Activation", caption=("lambd",), formula="y = sign(x) · max(0, |x| − λ)")
@dataclass(frozen=True)
class Softshrink(Activation):
    """Pulls all numbers to zero by the same amount; small ones get there."""

    module = nn.Softshrink

    lambd: Annotated[float, Setting(0.0, label="Lambda", help="The amount", said="λ = {n}")] = 0.5


@layer("threshold", "Threshold", "Activation", caption=("threshold",), formula="y = x for x > threshold, else value")
@dataclass(frozen=True)
class Threshold(Activation):
    """Replaces numbers up to a threshold by a given value."""

    module = nn.Threshold

    threshold: Annotated[float, Setting(help="Numbers above it stay")] = 0.1
    value: Annotated[float, Setting(help="What stands for the others")] = 0.0


@dataclass(frozen=True)
class _AlongAxis(Native):
    dim: Axis = -1

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_float(x)
        need_axis(x, self.dim)


@layer("glu", "GLU", "Activation", synonyms=("gated", "gate"), caption=("dim",), formula="y = a · σ(b),  x = [a, b]")
@dataclass(frozen=True)
class GLU(_AlongAxis):
    """Halves an axis and lets one half decide how much of the other gets through (Dauphin and others, 2017)."""

    module = nn.GLU

    def check(self, x: Known) -> None:
        """The axis must have two halves."""
        super().check(x)
        size = x.shape[need_axis(x, self.dim)]
        if size % 2:
            raise Misfit("glu.odd", found=x.shape, size=size, axis=self.dim)


@layer(
    "softmax",
    "Softmax",
    "Activation",
    synonyms=("probabilities",),
    caption=("dim",),
    formula="yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)",
)
@dataclass(frozen=True)
class Softmax(_AlongAxis):
    """Turns the numbers along one axis into probabilities that sum to 1.

    Not needed before a classification output: cross-entropy works on the raw numbers, and Softmax in front of it
    makes learning slow.
    """

    module = nn.Softmax


@layer("log_softmax", "LogSoftmax", "Activation", caption=("dim",), formula="yᵢ = xᵢ − ln Σⱼ exp(xⱼ)")
@dataclass(frozen=True)
class LogSoftmax(_AlongAxis):
    """The logarithm of Softmax, computed without overflow."""

    module = nn.LogSoftmax


@layer("softmin", "Softmin", "Activation", caption=("dim",), formula="yᵢ = exp(−xᵢ) / Σⱼ exp(−xⱼ)")
@dataclass(frozen=True)
class Softmin(_AlongAxis):
    """As Softmax, but the smallest number gets the largest probability."""

    module = nn.Softmin
