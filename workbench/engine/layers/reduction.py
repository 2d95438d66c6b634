"""Operations that make one number of many along axes, or accumulate along one."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Axis, Change, Known, Misfit, Native, Operation, layer
from workbench.engine.layers.checks import need_axes, need_axis, need_broadcast, need_float, need_number
from workbench.engine.registry import Setting

Axes = Annotated[
    tuple[int, ...], Setting(-8, 8, label="Axes", help="Axis 0 is the batch; -1 is the last", said="axes {n}")
]
Keep = Annotated[bool, Setting(label="Keep axes", help="Leave an axis of size 1 behind")]

GROUP = "Reduction"

REDUCTIONS: tuple[tuple[str, Callable[..., Tensor], str, str, str, tuple[str, ...]], ...] = (
    ("mean", torch.mean, "Mean", "y = Σ x / n", "Takes the mean along axes.", ("average", "global pool")),
    ("sum", torch.sum, "Sum", "y = Σ x", "Adds up along axes.", ("total", "global pool")),
    ("amax", torch.amax, "Max", "y = max x", "Takes the largest number along axes.", ("maximum", "global pool")),
    ("amin", torch.amin, "Min", "y = min x", "Takes the smallest number along axes.", ("minimum",)),
    (
        "logsumexp",
        torch.logsumexp,
        "LogSumExp",
        "y = ln Σ exp(x)",
        "The logarithm of the sum of exponentials along axes: a smooth maximum, computed without overflow.",
        ("smooth maximum",),
    ),
)
"""Key, function, title, formula, help, synonyms."""


@dataclass(frozen=True)
class _Reduction(Operation):
    dim: Axes = (-1,)
    keepdim: Keep = False

    def check(self, x: Known) -> None:
        """The axes must be there, and not be the batch."""
        need_float(x)
        need_axes(x, self.dim)


def _reduction(
    key: str, function: Callable[..., Tensor], title: str, formula: str, help: str, synonyms: tuple[str, ...]
) -> None:
    members = {"__doc__": help, "__module__": __name__, "function": function}
    cls: type[_Reduction] = dataclass(frozen=True)(type(title, (_Reduction,), members))
    layer(key, title, GROUP, family="pooling", synonyms=("reduce", *synonyms), caption=("dim",), formula=formula)(cls)


for row in REDUCTIONS:
    _reduction(*row)


@dataclass(frozen=True)
class _Spread(_Reduction):
    correction: Annotated[int, Setting(0, 1, help="1 estimates from a sample (divides by n - 1), 0 divides by n")] = 1

    def check(self, x: Known) -> None:
        """There must be more than one number along the axes."""
        super().check(x)
        if prod(x.shape[place] for place in need_axes(x, self.dim)) <= self.correction:
            raise Misfit("var.single", found=x.shape, axes=self.dim, remedy=Change("correction", 0))


_SPREAD: dict[str, Any] = {
    "family": "pooling",
    "synonyms": ("reduce", "spread", "standard deviation"),
    "caption": ("dim",),
}


@layer("var", "Variance", GROUP, formula="y = Σ (x − x̄)² / (n − 1)", **_SPREAD)
@dataclass(frozen=True)
class Variance(_Spread):
    """How far numbers lie from their mean along axes, squared."""

    function = torch.var


@layer("std", "StandardDeviation", GROUP, formula="y = √(Σ (x − x̄)² / (n − 1))", **_SPREAD)
@dataclass(frozen=True)
class StandardDeviation(_Spread):
    """How far numbers lie from their mean along axes."""

    function = torch.std


@layer(
    "norm",
    "Norm",
    GROUP,
    family="pooling",
    synonyms=("length", "magnitude", "euclidean", "l1", "l2"),
    caption=("ord", "dim"),
    formula="y = (Σ |x|ᵖ)^(1/p)",
)
@dataclass(frozen=True)
class Norm(_Reduction):
    """The length of vectors along axes: 2 is the usual one, 1 the sum of absolute values."""

    function = torch.linalg.vector_norm

    ord: Annotated[float, Setting(0.5, 64.0, label="Power", help="p of the norm", said="p = {n}")] = 2.0


@layer(
    "normalize",
    "Normalize",
    "Normalisation",
    synonyms=("unit length", "l2", "normalise", "embedding"),
    caption=("dim",),
    formula="y = x / max(‖x‖ₚ, ε)",
)
@dataclass(frozen=True)
class Normalize(Operation):
    """Brings vectors along an axis to length 1, as embeddings that are compared by angle want it."""

    function = staticmethod(nn.functional.normalize)

    p: Annotated[float, Setting(0.5, 64.0, label="Power", help="p of the norm")] = 2.0
    dim: Axis = -1
    eps: Annotated[float, Setting(0.0, 1.0, label="Epsilon", help="The smallest length that is divided by")] = 1e-12

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_float(x)
        need_axis(x, self.dim)


@dataclass(frozen=True)
class _Best(Operation):
    dim: Axis = -1
    keepdim: Keep = False

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_number(x)
        need_axis(x, self.dim)


_BEST: dict[str, Any] = {"family": "pooling", "synonyms": ("class", "position", "decision"), "caption": ("dim",)}


@layer("argmax", "ArgMax", GROUP, formula="y = the i of the largest xᵢ", **_BEST)
@dataclass(frozen=True)
class ArgMax(_Best):
    """Where the largest number along an axis is, counted from 0. No gradient gets through."""

    function = torch.argmax


@layer("argmin", "ArgMin", GROUP, formula="y = the i of the smallest xᵢ", **_BEST)
@dataclass(frozen=True)
class ArgMin(_Best):
    """Where the smallest number along an axis is, counted from 0. No gradient gets through."""

    function = torch.argmin


RANKED = (PortInfo("values"), PortInfo("indices", help="Where they were, counted from 0"))


@layer(
    "topk",
    "TopK",
    GROUP,
    family="pooling",
    outputs=RANKED,
    synonyms=("largest", "best", "beam"),
    caption=("k", "dim"),
    formula="y = the k largest of x",
)
@dataclass(frozen=True)
class TopK(Operation):
    """The largest numbers along an axis, in order, and where they were."""

    function = torch.topk

    k: Annotated[int, Setting(1, help="How many", said="top {n}")] = 1
    dim: Axis = -1
    largest: Annotated[bool, Setting(help="The largest; else the smallest")] = True

    def check(self, x: Known) -> None:
        """There must be as many along the axis."""
        need_number(x)
        size = x.shape[need_axis(x, self.dim)]
        if self.k > size:
            raise Misfit("topk.too_many", found=x.shape, k=self.k, size=size, remedy=Change("k", max(1, size)))


@layer(
    "sort",
    "Sort",
    GROUP,
    family="pooling",
    outputs=RANKED,
    synonyms=("order", "rank"),
    caption=("dim",),
    formula="y₁ ≤ y₂ ≤ …",
)
@dataclass(frozen=True)
class Sort(Operation):
    """Puts the numbers along an axis in order, and says where they were."""

    function = torch.sort

    dim: Axis = -1
    descending: Annotated[bool, Setting(help="The largest first")] = False

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_number(x)
        need_axis(x, self.dim)


@layer(
    "cumsum",
    "CumulativeSum",
    GROUP,
    family="pooling",
    synonyms=("running total", "prefix sum", "integrate"),
    caption=("dim",),
    formula="yᵢ = x₁ + … + xᵢ",
)
@dataclass(frozen=True)
class CumulativeSum(Operation):
    """The running total along an axis."""

    function = torch.cumsum

    dim: Axis = -1

    def check(self, x: Known) -> None:
        """The axis must be there, and not be the batch."""
        need_number(x)
        need_axis(x, self.dim)


# ---- distances

PAIR = (PortInfo("x1"), PortInfo("x2"))


@layer(
    "cosine_similarity",
    "CosineSimilarity",
    GROUP,
    family="pooling",
    inputs=PAIR,
    synonyms=("angle", "distance", "contrastive", "siamese"),
    caption=("dim",),
    formula="y = x₁ · x₂ / (‖x₁‖ ‖x₂‖)",
)
@dataclass(frozen=True)
class CosineSimilarity(Native):
    """How much vectors point the same way: 1 the same, 0 at right angles, -1 opposite."""

    module = nn.CosineSimilarity

    dim: Axis = -1
    eps: Annotated[float, Setting(0.0, 1.0, label="Epsilon", help="So that nothing is divided by zero")] = 1e-8

    def check(self, x1: Known, x2: Known) -> None:
        """The same shapes, up to axes of size 1."""
        need_float(x1, x2)
        need_broadcast(x1, x2)
        need_axis(x1, self.dim)


@layer(
    "pairwise_distance",
    "PairwiseDistance",
    GROUP,
    family="pooling",
    inputs=PAIR,
    synonyms=("euclidean", "siamese", "contrastive"),
    caption=("p",),
    formula="y = (Σ |x₁ − x₂ + ε|ᵖ)^(1/p)",
)
@dataclass(frozen=True)
class PairwiseDistance(Native):
    """How far vectors along the last axis lie apart."""

    module = nn.PairwiseDistance

    p: Annotated[float, Setting(0.5, 64.0, label="Power", help="2 is the usual distance", said="p = {n}")] = 2.0
    eps: Annotated[float, Setting(0.0, 1.0, label="Epsilon", help="Added to each difference")] = 1e-6
    keepdim: Keep = False

    def check(self, x1: Known, x2: Known) -> None:
        """The same shapes, up to axes of size 1."""
        need_float(x1, x2)
        need_broadcast(x1, x2)
        need_axis(x1, -1)


class Differences(nn.Module):
    """Distances of all pairs, by way of all differences."""

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """(batch, n, features) and (batch, m, features) to (batch, n, m)."""
        return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).square().sum(-1).sqrt()


@layer(
    "cdist",
    "DistanceMatrix",
    GROUP,
    family="pooling",
    inputs=PAIR,
    synonyms=("euclidean", "all pairs", "nearest neighbour", "cdist"),
    formula="y[i, j] = ‖x₁[i] − x₂[j]‖",
)
@dataclass(frozen=True)
class DistanceMatrix(Operation):
    """The distance of every vector of one set from every vector of the other."""

    function = staticmethod(torch.cdist)

    def check(self, x1: Known, x2: Known) -> None:
        """Two sets of vectors of one length."""
        need_float(x1, x2)
        if len(x1.shape) != 2 or len(x2.shape) != 2 or x1.shape[1] != x2.shape[1]:
            raise Misfit("operation.vectors", shapes=(x1.shape, x2.shape))

    def export_twin(self, module: nn.Module) -> nn.Module:
        """The exporter does not know torch's own."""
        return Differences()
