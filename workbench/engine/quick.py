"""Shapes of the commonest operations on device `meta` without the detour through torch's Python: a tenth of the time.

Torch finds the shapes of these by running decompositions that are written in Python (1 to 5 ms each).
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


INITIAL = frozenset({"aten::uniform_", "aten::normal_", "aten::fill_", "aten::zero_"})


class NoInit(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Weights on `meta` need no first values: drawing them takes longer than all else."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled in here."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func._schema.name in INITIAL and isinstance(args[0], Tensor) and args[0].is_meta:
            return args[0]
        return func(*args, **(kwargs or {}))


def run(func: Any, args: Any, kwargs: Any) -> Any:
    """The result of an operation on tensors without data. What does not fit is left to torch, to say so."""
    short = SHORT.get(func)
    if short is not None and args[0].is_meta and args[0].is_floating_point():
        found = short(*args, **(kwargs or {}))
        if found is not None:
            return found
    return func(*args, **(kwargs or {}))


def _like(x: Tensor, *rest: Any) -> Tensor:
    return torch.empty_like(x)


def _addmm(bias: Tensor, x: Tensor, weight: Tensor, **scales: Any) -> Tensor | None:
    return torch.mm(x, weight) if bias.shape == weight.shape[1:] else None


def _batch_norm(
    x: Tensor, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, *rest: Any
) -> tuple[Tensor, Tensor, Tensor] | None:
    if any(item is not None and item.shape != x.shape[1:2] for item in (weight, bias, mean, variance)):
        return None
    channels = x.shape[1] if training else 0
    return torch.empty_like(x), x.new_empty(channels), x.new_empty(channels)


def _batch_norm_backward(gradient: Tensor, x: Tensor, *rest: Any) -> tuple[Tensor | None, ...]:
    of_x, *of_weights = rest[-1]
    found = (x.new_empty(x.shape[1]) if wanted else None for wanted in of_weights)
    return torch.empty_like(x) if of_x else None, *found


def _layer_norm(
    x: Tensor, shape: Sequence[int], weight: Any, bias: Any, *rest: Any
) -> tuple[Tensor, Tensor, Tensor] | None:
    shapes = [x.shape[-len(shape) :], *(item.shape for item in (weight, bias) if item is not None)]
    if any(tuple(found) != tuple(shape) for found in shapes):
        return None
    kept = (*x.shape[: x.dim() - len(shape)], *(1 for _ in shape))
    return torch.empty_like(x, memory_format=torch.contiguous_format), x.new_empty(kept), x.new_empty(kept)


def _layer_norm_backward(gradient: Tensor, x: Tensor, shape: Sequence[int], *rest: Any) -> tuple[Tensor | None, ...]:
    of_x, *of_weights = rest[-1]
    found = (x.new_empty(shape) if wanted else None for wanted in of_weights)
    return torch.empty_like(x) if of_x else None, *found


SHORT: dict[Any, Callable[..., Any]] = {
    aten.addmm.default: _addmm,
    aten.relu.default: _like,
    aten.threshold_backward.default: _like,
    aten.native_batch_norm.default: _batch_norm,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
}
