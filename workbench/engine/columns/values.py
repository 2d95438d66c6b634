"""How the samples of a column are held: tensors, sequences of different lengths, or made when they are asked for."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Rows = Tensor | slice
NO_CLASS = -100
"""The class of a position that does not count (padding, the border of a mask): torch's own `ignore_index`."""


class Lazy(Protocol):
    """Samples that are too large to be held: they are read when a batch asks for them."""

    def __len__(self) -> int: ...

    def take(self, rows: Rows) -> Tensor:
        """These samples, axis 0 in the order of the rows."""
        ...


@dataclass(frozen=True)
class Ragged:
    """Sequences of different lengths in one tensor, which may lie over a memory-mapped file."""

    flat: Tensor
    """(total, ...)"""
    starts: Tensor
    """(count,): sequence i is `flat[starts[i] : starts[i] + lengths[i]]`; sequences may share what they are of."""
    lengths: Tensor
    """(count,)"""
    pad: int = 0
    """What fills the shorter ones of a batch."""

    @classmethod
    def of(cls, flat: Tensor, offsets: Tensor, pad: int = 0) -> "Ragged":
        """Sequences that lie one behind the other: i ends where i + 1 begins; `offsets` has one more than there are."""
        return cls(flat, offsets[:-1], offsets.diff(), pad)

    def __len__(self) -> int:
        return len(self.starts)

    def without(self, first: int = 0, last: int = 0, pad: int = 0) -> "Ragged":
        """The same sequences without so many at the begin and at the end of each."""
        return Ragged(self.flat, self.starts + first, self.lengths - first - last, pad)

    def take(self, rows: Rows, length: int = 0) -> Tensor:
        """These sequences, (count, `length`, ...) or as long as the longest of them; the rest is padding."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        places = torch.arange(length or max(1, int(lengths.max()) if len(lengths) else 1))
        inside = places < lengths[:, None]
        found = self.flat[(starts[:, None] + places).clamp_(max=max(0, len(self.flat) - 1))]
        return found.masked_fill_(~inside.view(*inside.shape, *[1] * (found.ndim - 2)), self.pad)


Held = Tensor | Ragged | Lazy
"""The samples of a column."""


def take(held: Held, rows: Rows) -> Tensor:
    """Some samples, as they are held."""
    return held[rows] if isinstance(held, Tensor) else held.take(rows)


def nbytes(held: Held) -> int:
    """What they take, where that is known; what is lazy is taken for endless."""
    if isinstance(held, Tensor):
        return held.nbytes
    return held.flat.nbytes if isinstance(held, Ragged) else 1 << 62
