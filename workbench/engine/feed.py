"""Batches by slicing tensors that are held ready: no loader, no workers, no per-sample Python.

What is too large to be held ready, or changes at random, is prepared one stretch of batches ahead, in a thread.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy

import torch
from torch import Tensor

from workbench.engine.columns.base import Augmentation, Column
from workbench.engine.columns.values import Ragged, nbytes

READY_LIMIT = 1 << 30
"""Columns up to this many bytes are held as the network reads them; larger ones are prepared batch by batch."""
GATHER = 64
"""Batches that are gathered with one indexing operation and then sliced."""
GATHER_BYTES = 64 << 20
"""At most this much is gathered at once."""
ALIKE = 50
"""Sequences are sorted by length among those of so many batches, so that little of a batch is padding."""

Batch = tuple[Tensor, ...]


class Feed:
    """The samples of one split, in batches of tensors: one a column, in the order of `columns`."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Tensor,
        batch_size: int,
        device: torch.device,
        augmentation: Augmentation | None = None,
        *,
        single: bool = False,
    ) -> None:
        self.count = len(rows)
        self.batch_size = batch_size
        self._device = device
        self._rows = rows
        self._columns = columns
        self._augmentation = augmentation
        self._single = single
        ragged = [held for column in columns if isinstance(held := column.held(), Ragged)]
        self._lengths = torch.stack([held.lengths[rows] for held in ragged]).sum(0) if ragged else None
        self._ready = [self._held_ready(column, rows) for column in columns]

    def _held_ready(self, column: Column, rows: Tensor) -> Tensor | None:
        held = column.held()
        if self._augmentation is not None or not isinstance(held, Tensor):
            return None
        share = len(rows) / max(1, len(held))
        return column.ready(rows).to(self._device) if nbytes(held) * column.wide * share <= READY_LIMIT else None

    def augmented(self, augmentation: Augmentation | None) -> "Feed":
        """The same samples, changed at random in another way."""
        other = copy(self)
        other._augmentation = augmentation
        other._ready = [other._held_ready(column, self._rows) for column in self._columns]
        return other

    @property
    def batches(self) -> int:
        """Batches an epoch. A last batch of a single sample is left out unless wanted: batch norm cannot use it."""
        whole, rest = divmod(self.count, self.batch_size)
        return whole + (rest > 1 or (rest == 1 and (self._single or whole == 0)))

    def order(self, seed: int, epoch: int) -> Tensor:
        """The order of samples of one epoch, a pure function of seed and epoch: a resume needs nothing else.

        Sequences of like length stand together, in batches that are then shuffled.
        """
        order = shuffled(self.count, seed, epoch)
        if self._lengths is None:
            return order
        stretches = torch.split(order, ALIKE * self.batch_size)
        alike = torch.cat([rows[self._lengths[rows].argsort(stable=True)] for rows in stretches])
        batches = torch.split(alike, self.batch_size)
        last = len(batches) - (len(batches[-1]) < self.batch_size)  # a smaller one stays at the end
        places = [*shuffled(last, seed, ~epoch).tolist(), *range(last, len(batches))]
        return torch.cat([batches[place] for place in places])

    def by_length(self) -> Tensor | None:
        """An order in which sequences of like length stand together; None where all samples are of one length.

        For passes whose answers do not depend on the order: little of a batch is padding.
        """
        return None if self._lengths is None else self._lengths.argsort(stable=True)

    def epoch(self, order: Tensor | None = None, start: int = 0, seed: int = 0) -> Iterator[Batch]:
        """The batches of one pass from batch `start` on, in an order of samples (as they stand, when None).

        `seed` is of the augmentation: batch number i always gets the same changes.
        """
        end = min(self.count, self.batches * self.batch_size)
        if all(ready is not None for ready in self._ready):
            yield from self._sliced(order, start * self.batch_size, end)
            return
        if order is not None:
            order = order.cpu()

        def prepared(number: int) -> Batch:
            at = number * self.batch_size
            return self._prepared(order, slice(at, min(end, at + self.batch_size)), seed * 1_000_003 + number)

        yield from _ahead(prepared, range(start, self.batches))

    def _sliced(self, order: Tensor | None, at: int, end: int) -> Iterator[Batch]:
        stretch = self._stretch() * self.batch_size
        ready = [tensor for tensor in self._ready if tensor is not None]
        while at < end:
            upto = min(end, at + stretch)
            which = slice(at, upto) if order is None else order[at:upto]
            yield from zip(*(torch.split(tensor[which], self.batch_size) for tensor in ready), strict=True)
            at = upto

    def _stretch(self) -> int:
        sample = sum(tensor[0].nbytes for tensor in self._ready if tensor is not None and len(tensor))
        return max(1, min(GATHER, GATHER_BYTES // max(1, sample * self.batch_size)))

    def _prepared(self, order: Tensor | None, places: slice, seed: int) -> Batch:
        """One batch of what is not held ready."""
        which = places if order is None else order[places]
        rows = self._rows[which]
        if self._augmentation is not None:
            taken = self._augmentation({column.name: column.take(rows) for column in self._columns}, seed)
            found = [column.finish(taken[column.name]) for column in self._columns]
        else:
            found = [
                column.ready(rows) if ready is None else ready[which]
                for column, ready in zip(self._columns, self._ready, strict=True)
            ]
        return tuple(tensor.to(self._device, non_blocking=True) for tensor in found)


AHEAD = 4
"""Batches that are prepared before they are asked for."""


def _ahead(make: Callable[[int], Batch], numbers: Sequence[int]) -> Iterator[Batch]:
    """What `make` gives for each number, made in a thread while the batches before are used."""
    with ThreadPoolExecutor(1, "feed") as pool:
        waiting: deque[Future[Batch]] = deque()
        try:
            for number in numbers:
                waiting.append(pool.submit(make, number))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def shuffled(count: int, seed: int, epoch: int) -> Tensor:
    """The order of samples of one epoch; a pure function of seed and epoch, so a resume needs nothing else."""
    generator = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
    return torch.randperm(count, generator=generator)
