"""Batches by slicing tensors that are held ready: no loader, no workers, no per-sample Python."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from workbench.engine.datasets.base import Column

GATHER = 64
"""Batches that are gathered with one indexing operation and then sliced."""
GATHER_BYTES = 64 << 20
"""At most this much is gathered at once."""


class Feed:
    """The samples of one split, in batches of tensors: one a column, in the order of `columns`."""

    def __init__(self, columns: Sequence[Column], rows: Tensor, batch_size: int, device: torch.device) -> None:
        self.count = len(rows)
        self.batch_size = batch_size
        self._device = device
        self._rows = rows
        self._columns = columns
        self._ready = [column.ready(rows).to(device) if column.fits_ready() else None for column in columns]

    @property
    def batches(self) -> int:
        """Batches an epoch. A last batch of a single sample is left out: batch norm cannot use it."""
        whole, rest = divmod(self.count, self.batch_size)
        return whole + (rest > 1 or (rest == 1 and whole == 0))

    def epoch(self, order: Tensor | None = None, start: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The batches of one pass from batch `start` on, in an order of samples (as they stand, when None)."""
        at, end = start * self.batch_size, min(self.count, self.batches * self.batch_size)
        stretch = self._stretch() * self.batch_size
        while at < end:
            upto = min(end, at + stretch)
            gathered = [self._gather(place, order, at, upto) for place in range(len(self._columns))]
            yield from zip(*(torch.split(tensor, self.batch_size) for tensor in gathered), strict=True)
            at = upto

    def _gather(self, place: int, order: Tensor | None, at: int, upto: int) -> Tensor:
        ready = self._ready[place]
        which = slice(at, upto) if order is None else order[at:upto]
        if ready is not None:
            return ready[which]
        return self._columns[place].ready(self._rows[which]).to(self._device, non_blocking=True)

    def _stretch(self) -> int:
        sample = sum(4 * column.data[0].numel() for column in self._columns)
        return max(1, min(GATHER, GATHER_BYTES // max(1, sample * self.batch_size)))


def shuffled(count: int, seed: int, epoch: int) -> Tensor:
    """The order of samples of one epoch; a pure function of seed and epoch, so a resume needs nothing else."""
    generator = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
    return torch.randperm(count, generator=generator)
