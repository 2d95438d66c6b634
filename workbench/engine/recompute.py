"""Less memory for longer steps: only some activations are kept, the others are computed again for the gradient.

A network of n layers is cut into about √n stretches; what flows between them is kept (Chen and others, 2016).
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor
from torch.nn.modules.batchnorm import _NormBase
from torch.utils.checkpoint import checkpoint

from workbench.engine.compile import Network, Step
from workbench.engine.loop import Forward


def recomputing(network: Network) -> Forward:
    """What computes as the network does, to the same numbers, with less memory while it trains."""
    stretches = [_Stretch(network, steps) for steps in _cut(network.steps)]

    def forward(*inputs: Tensor) -> tuple[Tensor, ...]:
        if not network.training:
            return network(*inputs)  # type: ignore[no-any-return]
        values = network.begun(inputs)
        for stretch in stretches:
            stretch.run(values)
        return network.ended(values)

    return forward


def _cut(steps: Sequence[Step]) -> list[Sequence[Step]]:
    length = max(1, math.isqrt(len(steps)))
    return [steps[at : at + length] for at in range(0, len(steps), length)]


class _Stretch:
    """Some layers in a row, and the values that they take from outside and leave."""

    def __init__(self, network: Network, steps: Sequence[Step]) -> None:
        self._network, self._steps = network, steps
        made = {at for step in steps for at in step.writes}
        self._dropped = {at for step in steps for at in step.drops}
        read = {at for step in steps for at in step.reads if at >= 0}
        self._reads = sorted(read - made)
        self._writes = sorted(made - self._dropped)
        self._norms = [m for step in steps for m in step.module.modules() if isinstance(m, _NormBase)]

    def run(self, values: list[Tensor | None]) -> None:
        """Compute, and forget what lies inside."""
        results = checkpoint(
            self._computed, *(values[at] for at in self._reads), use_reentrant=False, context_fn=self._contexts
        )
        for at in self._dropped:
            values[at] = None
        for at, tensor in zip(self._writes, results, strict=True):
            values[at] = tensor

    def _computed(self, *tensors: Tensor) -> tuple[Tensor | None, ...]:
        values: list[Tensor | None] = [None] * self._network.size
        for at, tensor in zip(self._reads, tensors, strict=True):
            values[at] = tensor
        self._network.run(self._steps, values)
        return tuple(values[at] for at in self._writes)

    def _contexts(self) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _resting(self._norms)


@contextmanager
def _resting(norms: Sequence[_NormBase]) -> Iterator[None]:
    """Running means take nothing up inside: the batch was counted the first time."""
    kept = [(norm.momentum, norm.num_batches_tracked) for norm in norms]
    counts = [None if count is None else count.clone() for _, count in kept]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, (momentum, count), before in zip(norms, kept, counts, strict=True):
            norm.momentum = momentum
            if count is not None and before is not None:
                count.copy_(before)
