"""Bytes that grow with the batch, and what a layer needs of them in a training step."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Amount(NamedTuple):
    """Bytes: so many, and so many more for each sample of the batch."""

    fixed: float = 0
    each: float = 0

    def __add__(self, other: "Amount") -> "Amount":  # type: ignore[override]
        return Amount(self.fixed + other.fixed, self.each + other.each)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.fixed - other.fixed, self.each - other.each)

    def at(self, batch: int) -> float:
        """Bytes for a batch."""
        return self.fixed + self.each * batch


NOTHING = Amount()


def peaks(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """Those of the amounts that are the largest for some batch."""
    found: list[Amount] = []
    for amount in sorted(set(amounts), key=lambda amount: (-amount.each, -amount.fixed)):
        if not found or amount.fixed > found[-1].fixed:
            found.append(amount)
    return tuple(found)


@dataclass(frozen=True)
class Footprint:
    """The memory of one layer in a training step."""

    made: tuple[Amount, ...]
    """Of each output, where it is memory of its own."""
    views: tuple[int, ...]
    """For each output, the input whose memory it shares; -1 where it has its own."""
    kept: Amount
    """What the backward pass needs besides inputs and outputs."""
    keeps_inputs: tuple[bool, ...]
    """The backward pass needs this input."""
    keeps_outputs: tuple[bool, ...]
    forward: tuple[Amount, ...]
    """The most that the forward pass takes at a time, outputs and what is kept included: it is the largest of these."""
    backward: tuple[Amount, ...]
    """The most that the backward pass takes at a time, besides what is kept and the gradients of the outputs."""
    gradients: tuple[Amount, ...]
    """What the gradient of each input takes; nothing where it is that of an output."""
    weights: int
    """Bytes of what is learned, and of its gradient."""
    buffers: int = 0
