"""The processes that train one network together, each on its share of every batch; mostly there is one alone.

Every process prepares the same run and takes the same steps; gradients are averaged by DistributedDataParallel, so
that all have the same weights. The first (rank 0) alone writes the run's folder and hears what the user wants.
Sharded weights (FSDP2) would be another way to wrap the network in `joined`; nothing else knows how it is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed
from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class Team:
    """One process's place among those of a run."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """It writes, and listens to the user."""
        return self.rank == 0

    def count(self, batch: Sequence[Tensor]) -> int:
        """How many samples of a batch are its own."""
        whole, rest = divmod(len(batch[0]), self.size)
        return whole + (self.rank < rest)

    def part(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Its samples of a batch; the first one, which then counts for nothing, where there are too few."""
        if self.size == 1:
            return batch
        whole, rest = divmod(len(batch[0]), self.size)
        start = self.rank * whole + min(self.rank, rest)
        count = self.count(batch)
        return tuple(tensor[start : start + count] if count else tensor[:1] for tensor in batch)

    def total(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, the same bits in each."""
        if self.size > 1:
            tensor = tensor.clone()
            torch.distributed.all_reduce(tensor)
        return tensor

    def told(self, value: T) -> T:
        """What the first process says; the others wait for it."""
        if self.size == 1:
            return value
        box: list[Any] = [value]
        torch.distributed.broadcast_object_list(box, 0)
        found: T = box[0]
        return found

    def wait(self) -> None:
        """Until all are here."""
        if self.size > 1:
            torch.distributed.barrier()


ALONE = Team()
