"""What one layer does to tensors of given shapes, found out on device `meta`: no memory, no arithmetic. Cached."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from workbench.engine.layers.base import Known, Layer, Misfit

PROBE = 3
"""Batch size of the probe: batch norm refuses one sample, and an axis of 3 rarely is something else."""


@dataclass(frozen=True)
class Measured:
    """The figures of one layer for one sample."""

    outputs: tuple[Known, ...]
    parameters: int
    flops: int
    output_bytes: int
    saved_bytes: int
    """What the backward pass keeps, the layer's inputs excluded, its own outputs included."""


@lru_cache(maxsize=16384)
def measure(layer: Layer, inputs: tuple[Known | None, ...]) -> Measured | Misfit:
    """Figures of a layer, or why its inputs do not fit. Both are remembered."""
    try:
        layer.check(*inputs)
        with torch.device("meta"):
            module = layer.build(*inputs)
        closed = layer.infer(*inputs)
        return _closed(layer, module, inputs, closed) if closed else _run(module, inputs)
    except Misfit as misfit:
        return misfit
    except (RuntimeError, ValueError, TypeError, AssertionError, IndexError, NotImplementedError) as error:
        return Misfit("layer.torch", detail=str(error).split("\n")[0])


def parameters(module: nn.Module) -> int:
    """How many learned numbers a module has."""
    return sum(parameter.numel() for parameter in module.parameters())


def size_of(spec: Known) -> int:
    """Bytes of one sample."""
    return prod(spec.shape) * int(getattr(torch, spec.dtype).itemsize)


def _closed(layer: Layer, module: nn.Module, inputs: tuple[Known | None, ...], outputs: tuple[Known, ...]) -> Measured:
    cost = layer.cost(*inputs)
    size = sum(map(size_of, outputs))
    flops, saved = (cost.flops, cost.saved_bytes) if cost else (0, 0)
    return Measured(outputs, parameters(module), flops, size, size + saved)


def _run(module: nn.Module, inputs: tuple[Known | None, ...]) -> Measured:
    tensors = [None if spec is None else _probe(spec) for spec in inputs]
    saved: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        saved[storage._cdata] = storage.nbytes()
        return tensor

    counter = FlopCounterMode(display=False)
    with counter, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = module(*tensors)
    outputs = result if isinstance(result, tuple) else (result,)
    for tensor in outputs:
        if tensor.dim() == 0 or tensor.shape[0] != PROBE:
            raise Misfit("layer.batch_axis", found=tuple(tensor.shape))
    given = {tensor.untyped_storage()._cdata for tensor in (*tensors, *module.parameters()) if tensor is not None}
    made = {tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in outputs}
    fresh = {key: size for key, size in made.items() if key not in given}
    kept = {key: size for key, size in saved.items() if key not in given} | fresh
    return Measured(
        outputs=tuple(Known(tuple(tensor.shape[1:]), str(tensor.dtype).removeprefix("torch.")) for tensor in outputs),
        parameters=parameters(module),
        flops=counter.get_total_flops() // PROBE,
        output_bytes=sum(fresh.values()) // PROBE,
        saved_bytes=sum(kept.values()) // PROBE,
    )


def _probe(spec: Known) -> Tensor:
    dtype = getattr(torch, spec.dtype)
    return torch.empty(PROBE, *spec.shape, device="meta", dtype=dtype, requires_grad=dtype.is_floating_point)
