"""Products of matrices and vectors, with and without weights."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Known, Layer, Misfit, Native, layer
from workbench.engine.layers.checks import need_float
from workbench.engine.layers.elementwise import MANY, TWO, NumInputs
from workbench.engine.made import made
from workbench.engine.registry import Setting


@layer(
    "bilinear",
    "Bilinear",
    "Linear",
    inputs=(PortInfo("x1"), PortInfo("x2")),
    synonyms=("interaction", "pair"),
    caption=("out_features",),
    formula="y = x₁ᵀ W x₂ + b",
)
@dataclass(frozen=True)
class Bilinear(Native):
    """Connects every pair of numbers, one of each input, to every output with a learned weight."""

    module = nn.Bilinear

    out_features: Annotated[int, Setting(1, label="Units", help="How many outputs", said=("{n} unit", "{n} units"))] = (
        128
    )
    bias: Annotated[bool, Setting(help="Add a learned offset to each output")] = True

    def inferred(self, x1: Known, x2: Known) -> tuple[int, int]:
        """The features of both."""
        return x1.shape[-1], x2.shape[-1]

    def check(self, x1: Known, x2: Known) -> None:
        """Features along the last axis, and the same axes before it."""
        need_float(x1, x2)
        if not x1.shape or not x2.shape or x1.shape[:-1] != x2.shape[:-1]:
            raise Misfit("layer.lengths", shapes=(x1.shape, x2.shape))


class Product(nn.Module):
    """Matrix product of two inputs."""

    def __init__(self, transpose: bool) -> None:
        super().__init__()
        self.transpose = transpose

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """(batch, ..., n, k) and (batch, ..., k, m) to (batch, ..., n, m)."""
        return a @ (b.transpose(-1, -2) if self.transpose else b)


@layer("matmul", "MatMul", "Linear", inputs=TWO, synonyms=("matrix product", "dot", "scores"), formula="y = a b")
@dataclass(frozen=True)
class MatMul(Layer):
    """Multiplies two matrices: rows of the first with columns of the second."""

    transpose_b: Annotated[bool, Setting(label="Transpose b", help="Use rows of b instead of columns")] = False

    def check(self, a: Known, b: Known) -> None:
        """The inner axes must be equal."""
        need_float(a, b)
        if len(a.shape) < 2 or len(b.shape) < 2:
            raise Misfit("matmul.rank", shapes=(a.shape, b.shape))
        inner = b.shape[-1] if self.transpose_b else b.shape[-2]
        if a.shape[-1] != inner or a.shape[:-2] != b.shape[:-2]:
            raise Misfit("matmul.inner", shapes=(a.shape, b.shape), left=a.shape[-1], right=inner)

    def build(self, a: Known, b: Known) -> nn.Module:
        """A @ b."""
        return made(Product, self.transpose_b)


class Summed(nn.Module):
    """A sum of products along axes that letters name."""

    def __init__(self, equation: str) -> None:
        super().__init__()
        self.equation = equation

    def forward(self, *inputs: Tensor) -> Tensor:
        """One tensor for each part of the equation before the arrow."""
        return torch.einsum(self.equation, *inputs)


@layer(
    "einsum",
    "Einsum",
    "Linear",
    inputs=MANY,
    synonyms=("einstein", "contraction", "outer product", "attention scores"),
    caption=("equation",),
    formula="y = Σ x₁ · x₂ · …, over letters that the result lacks",
)
@dataclass(frozen=True)
class Einsum(Layer):
    """Multiplies tensors along axes that letters name, and adds up over those that the result lacks.

    The first letter of each part is the batch: "bij,bjk->bik" is a matrix product, "bi,bj->bij" an outer product.
    """

    num_inputs: NumInputs = 2
    equation: Annotated[str, Setting(help="A letter for each axis, the batch first: bij,bjk->bik")] = "bij,bjk->bik"

    def check(self, *inputs: Known) -> None:
        """A letter for each axis, the batch first in every part; one letter stands for one size."""
        before, arrow, result = self.equation.replace(" ", "").partition("->")
        parts = before.split(",")
        letters = [*parts, result]
        if not arrow or len(parts) != len(inputs) or not all(part.isascii() and part.isalpha() for part in letters):
            raise Misfit("einsum.equation", found=self.equation, inputs=len(inputs))
        if len({part[0] for part in letters}) > 1 or len(set(result)) < len(result) or set(result) - set(before):
            raise Misfit("einsum.equation", found=self.equation, inputs=len(inputs))
        sizes: dict[str, int] = {}
        for part, x in zip(parts, inputs, strict=True):
            need_float(x)
            if len(part) != len(x.shape) + 1 or part[0] in part[1:] or part[0] in result[1:]:
                raise Misfit("einsum.axes", part=part, found=x.shape)
            for letter, size in zip(part[1:], x.shape, strict=True):
                if sizes.setdefault(letter, size) != size:
                    raise Misfit("einsum.sizes", letter=letter, sizes=(sizes[letter], size))

    def build(self, *inputs: Known) -> nn.Module:
        """The sum."""
        return made(Summed, self.equation.replace(" ", ""))
