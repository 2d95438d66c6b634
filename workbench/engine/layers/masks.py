"""Comparisons, masks, and what masks are for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from workbench.core.catalogue import PortInfo
from workbench.engine.layers.base import Known, Layer, Misfit, Operation, layer
from workbench.engine.layers.checks import need_bool, need_broadcast, need_float, need_number, need_rank
from workbench.engine.layers.elementwise import MANY, TWO, Combined, NumInputs
from workbench.engine.made import made
from workbench.engine.registry import Setting

COMPARISONS: dict[str, Callable[..., Any]] = {
    "eq": torch.eq,
    "ne": torch.ne,
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
}


class Compared(nn.Module):
    """Compares with a second input or, without one, with a number."""

    def __init__(self, function: Callable[..., Tensor], value: float) -> None:
        super().__init__()
        self.function, self.value = function, value

    def forward(self, a: Tensor, b: Tensor | None = None) -> Tensor:
        """Any shape to the same, of yes and no."""
        return self.function(a, self.value if b is None else b)


@layer(
    "compare",
    "Compare",
    "Operation",
    inputs=(PortInfo("a"), PortInfo("b", optional=True, help="The value is used when nothing is connected")),
    synonyms=("equal", "greater", "less", "mask", "padding mask", "threshold"),
    caption=("operator",),
    formula="y = a ? b,  yes or no",
)
@dataclass(frozen=True)
class Compare(Layer):
    """Compares numbers, and gives yes or no for each: how a mask is made.

    Equal (eq), not equal (ne), less (lt), at most (le), greater (gt), at least (ge).
    """

    operator: Annotated[str, Setting(choices=tuple(COMPARISONS), help="How a is compared with b")] = "eq"
    value: Annotated[float, Setting(help="What is compared with when nothing is connected to b")] = 0.0

    def check(self, a: Known, b: Known | None = None) -> None:
        """Shapes that fit."""
        need_number(a)
        if b is not None:
            need_number(b)
            need_broadcast(a, b)

    def build(self, a: Known, b: Known | None = None) -> nn.Module:
        """Any shape to the same, of yes and no."""
        return made(Compared, COMPARISONS[self.operator], self.value)


LOGIC: dict[str, Callable[..., Any]] = {
    "and": torch.logical_and,
    "or": torch.logical_or,
    "xor": torch.logical_xor,
}


@layer(
    "logical",
    "Logical",
    "Operation",
    inputs=MANY,
    synonyms=("and", "or", "xor", "mask", "boolean"),
    caption=("operator",),
    formula="y = x₁ ∧ x₂ ∧ …  (or ∨, ⊕)",
)
@dataclass(frozen=True)
class Logical(Layer):
    """Joins masks: yes where all are (and), where one is (or), or where an odd number is (xor)."""

    num_inputs: NumInputs = 2
    operator: Annotated[str, Setting(choices=tuple(LOGIC), help="How they are joined")] = "and"

    def check(self, *inputs: Known) -> None:
        """Masks of shapes that fit."""
        for place, x in enumerate(inputs, 1):
            need_bool(x, f"in_{place}")
        need_broadcast(*inputs)

    def build(self, *inputs: Known) -> nn.Module:
        """The joined mask."""
        return made(Combined, LOGIC[self.operator])


@layer("logical_not", "Not", "Operation", synonyms=("invert", "mask", "boolean"), formula="y = ¬x")
@dataclass(frozen=True)
class Not(Operation):
    """Turns a mask around: yes becomes no."""

    function = torch.logical_not

    def check(self, x: Known) -> None:
        """A mask."""
        need_bool(x, "in")


@layer(
    "where",
    "Where",
    "Operation",
    inputs=(PortInfo("condition", help="A mask"), *TWO),
    synonyms=("select", "if", "mask"),
    formula="y = a where condition, else b",
)
@dataclass(frozen=True)
class Where(Operation):
    """Takes numbers from one tensor where a mask says yes, and from the other elsewhere."""

    function = torch.where

    def check(self, condition: Known, a: Known, b: Known) -> None:
        """A mask and two tensors, of shapes that fit."""
        need_bool(condition, "condition")
        need_broadcast(condition, a, b)


class Filled(nn.Module):
    """Writes one number where a mask says so."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Any shape, and a mask that broadcasts to it, to the same."""
        return x.masked_fill(mask, self.value)


MINUS_INFINITY = Annotated[
    float | None, Setting(label="Value", help="What is written there; minus infinity unless set, for a Softmax to come")
]


@layer(
    "masked_fill",
    "MaskedFill",
    "Operation",
    inputs=(PortInfo("in"), PortInfo("mask", help="Yes where the value is written")),
    synonyms=("mask", "padding mask"),
    formula="y = value where mask, else x",
)
@dataclass(frozen=True)
class MaskedFill(Layer):
    """Writes one number wherever a mask says yes: before a Softmax, minus infinity hides a place."""

    value: MINUS_INFINITY = None

    def check(self, x: Known, mask: Known) -> None:
        """A mask that broadcasts to the input."""
        need_float(x)
        need_bool(mask, "mask")
        if len(mask.shape) != len(x.shape) or any(m not in (1, n) for m, n in zip(mask.shape, x.shape, strict=True)):
            raise Misfit("operation.broadcast", shapes=(x.shape, mask.shape))

    def build(self, x: Known, mask: Known) -> nn.Module:
        """Any shape to the same."""
        return made(Filled, float("-inf") if self.value is None else self.value)


class Hidden(nn.Module):
    """Writes one number above a diagonal of the last two axes."""

    def __init__(self, value: float, diagonal: int) -> None:
        super().__init__()
        self.value, self.diagonal = value, diagonal

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ..., rows, columns) to the same."""
        later = torch.ones(x.shape[-2], x.shape[-1], dtype=torch.bool, device=x.device).triu(self.diagonal + 1)
        return x.masked_fill(later, self.value)


@layer(
    "causal_mask",
    "CausalMask",
    "Operation",
    synonyms=("triangle", "tril", "autoregressive", "look-ahead"),
    formula="y[i, j] = x[i, j] for j ≤ i + diagonal, else value",
)
@dataclass(frozen=True)
class CausalMask(Layer):
    """Hides what lies above the diagonal of the last two axes, so that no step sees a later one.

    Put it between the scores of an attention and their Softmax. With the value 0 it keeps the lower triangle.
    """

    value: MINUS_INFINITY = None
    diagonal: Annotated[int, Setting(help="How many later steps may be seen")] = 0

    def check(self, x: Known) -> None:
        """Two axes at least."""
        need_float(x)
        need_rank(x, *range(2, 9), what="matrix")

    def build(self, x: Known) -> nn.Module:
        """(batch, ..., rows, columns) to the same."""
        return made(Hidden, float("-inf") if self.value is None else self.value, self.diagonal)
