"""Padding: what is added around the edge."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from workbench.engine.layers.base import Change, Known, Misfit, Native, for_each_dims
from workbench.engine.layers.checks import VOLUMES, need_rank
from workbench.engine.registry import Setting

Amounts = Annotated[
    tuple[int, ...],
    Setting(
        label="Amounts",
        help="One number for all sides, or one for each side: last axis first, before and behind; less than 0 cuts off",
        said="{n}",
    ),
]


@dataclass(frozen=True)
class _Pad(Native):
    padding: Amounts = (1,)

    spare: ClassVar[int | None] = None
    """By how much an axis must be longer than what is added to one side; None where that does not matter."""

    def check(self, x: Known) -> None:
        """Channels and the axes that are padded; one amount, or one for each side."""
        need_rank(x, self.dims + 1, what=VOLUMES[self.dims])
        if len(self.padding) not in (1, 2 * self.dims):
            remedy = Change("padding", (*self.padding, *[0] * 2 * self.dims)[: 2 * self.dims])
            raise Misfit("pad.amounts", found=len(self.padding), wanted=2 * self.dims, remedy=remedy)
        amounts = self._amounts()
        for size, before, behind in zip(reversed(x.shape[1:]), amounts[::2], amounts[1::2], strict=True):
            if size + before + behind < 1 or min(before, behind) < -size:
                raise Misfit("conv.nothing_left", found=x.shape, remedy=Change("padding", (0,)))
            if self.spare is not None and max(before, behind) > size - self.spare:
                added = max(before, behind)
                remedy = Change("padding", (max(0, min(x.shape[1:]) - self.spare),))
                raise Misfit("pad.too_much", found=x.shape, added=added, mode=self.module.__name__, remedy=remedy)

    def options(self) -> dict[str, Any]:
        """One amount for each side, in torch's order."""
        return {**super().options(), "padding": self._amounts()}

    def _amounts(self) -> tuple[int, ...]:
        return self.padding * (2 * self.dims) if len(self.padding) == 1 else self.padding


@dataclass(frozen=True)
class _ConstantPad(_Pad):
    value: Annotated[float, Setting(help="What is added", said="{n}")] = 0.0


@dataclass(frozen=True)
class _Reflect(_Pad):
    spare = 1


@dataclass(frozen=True)
class _Circular(_Pad):
    spare = 0


for base, key, title, help_text, formula, synonyms in (
    (_Pad, "zero_pad", "ZeroPad", "Puts zeros around {of}.", "y = [0, x, 0]", ("border",)),
    (_ConstantPad, "constant_pad", "ConstantPad", "Puts one number around {of}.", "y = [c, x, c]", ("border",)),
    (
        _Reflect,
        "reflection_pad",
        "ReflectionPad",
        "Mirrors {of} at its edges, without the edge itself.",
        "y = […, x₂, x₁, x₀, x₁, x₂, …]",
        ("mirror", "border"),
    ),
    (
        _Pad,
        "replication_pad",
        "ReplicationPad",
        "Repeats the edge of {of} outwards.",
        "y = [x₀, x₀, x₀, x₁, …]",
        ("replicate", "edge", "border"),
    ),
    (
        _Circular,
        "circular_pad",
        "CircularPad",
        "Goes on at one edge of {of} with what stands at the other.",
        "y = […, xₙ, x₀, x₁, …, xₙ, x₀, …]",
        ("wrap", "periodic", "border"),
    ),
):
    for_each_dims(
        base,
        key,
        title,
        help_text,
        group="Size and padding",
        family="pooling",
        synonyms=("pad", *synonyms),
        caption=("padding",),
        formula=formula,
    )
