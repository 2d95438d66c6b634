"""Activations: what makes a network more than one linear map."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from workbench.engine.layers.base import Axis, Known, Layer, Misfit, layer, need_float
from workbench.engine.made import made
from workbench.engine.registry import Setting


@dataclass(frozen=True)
class Activation(Layer):
    """Base: works on every number by itself."""

    def check(self, x: Known) -> None:
        """Slopes need floating-point numbers."""
        need_float(x)


@layer(
    "relu",
    "ReLU",
    "Activation",
    synonyms=("rectifier",),
    formula="y = max(0, x)",
)
@dataclass(frozen=True)
class ReLU(Activation):
    """Lets positive numbers through and sets the others to zero.

    max(0, x): cheap, and the usual choice after convolutions and linear layers.
    """

    def build(self, x: Known) -> nn.Module:
        """max(0, x)."""
        return made(nn.ReLU)


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

    negative_slope: Annotated[float, Setting(0.0, help="Of the line left of zero")] = 0.01

    def build(self, x: Known) -> nn.Module:
        """max(x, slope · x)."""
        return made(nn.LeakyReLU, self.negative_slope)


@layer(
    "gelu",
    "GELU",
    "Activation",
    caption=("approximate",),
    formula="y = x · Φ(x)",
)
@dataclass(frozen=True)
class GELU(Activation):
    """Weights each number by how large it is among normal ones.

    x · Φ(x); the usual choice in Transformers (Hendrycks and Gimpel, 2016).
    """

    approximate: Annotated[str, Setting(choices=("none", "tanh"), help="tanh is the approximation of GPT-2")] = "none"

    def build(self, x: Known) -> nn.Module:
        """X · Φ(x)."""
        return made(nn.GELU, self.approximate)


@layer(
    "silu",
    "SiLU",
    "Activation",
    synonyms=("swish",),
    formula="y = x · σ(x)",
)
@dataclass(frozen=True)
class SiLU(Activation):
    """Weights each number by its own sigmoid: x · σ(x), also called Swish."""

    def build(self, x: Known) -> nn.Module:
        """X · σ(x)."""
        return made(nn.SiLU)


@layer(
    "sigmoid",
    "Sigmoid",
    "Activation",
    synonyms=("logistic",),
    formula="y = 1 / (1 + e⁻ˣ)",
)
@dataclass(frozen=True)
class Sigmoid(Activation):
    """Squeezes every number between 0 and 1."""

    def build(self, x: Known) -> nn.Module:
        """1 / (1 + exp(-x))."""
        return made(nn.Sigmoid)


@layer(
    "tanh",
    "Tanh",
    "Activation",
    synonyms=("hyperbolic tangent",),
    formula="y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
)
@dataclass(frozen=True)
class Tanh(Activation):
    """Squeezes every number between -1 and 1."""

    def build(self, x: Known) -> nn.Module:
        """tanh(x)."""
        return made(nn.Tanh)


@layer(
    "softmax",
    "Softmax",
    "Activation",
    synonyms=("probabilities",),
    caption=("dim",),
    formula="yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)",
)
@dataclass(frozen=True)
class Softmax(Activation):
    """Turns the numbers along one axis into probabilities that sum to 1.

    Not needed before a classification output: cross-entropy works on the raw numbers, and Softmax in front of it
    makes learning slow.
    """

    dim: Axis = -1

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_float(x)
        axes = len(x.shape)
        if not (1 <= self.dim <= axes or -axes <= self.dim <= -1):
            raise Misfit("layer.no_axis", found=x.shape, axis=self.dim)

    def build(self, x: Known) -> nn.Module:
        """exp(x) / sum(exp(x))."""
        return made(nn.Softmax, self.dim)
