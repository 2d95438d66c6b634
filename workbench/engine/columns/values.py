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
    """Sequences of different lengths, one behind the other."""

    flat: Tensor
    """(sum of lengths, ...)"""
    offsets: Tensor
    """(count + 1,): sequence i is `flat[offsets[i] : offsets[i + 1]]`."""
    pad: int = 0
    """What fills the shorter ones of a batch."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Tensor:
        """(count,)"""
        return self.offsets.diff()

    def take(self, rows: Rows) -> Tensor:
        """These sequences, (count, length of the longest, ...); the rest is padding."""
        starts, ends = self.offsets[:-1][rows], self.offsets[1:][rows]
        lengths = ends - starts
        places = torch.arange(max(1, int(lengths.max()) if len(lengths) else 1))
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
