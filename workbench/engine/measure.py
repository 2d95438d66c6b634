"""What one layer does to tensors of given shapes, found out on device `meta`: no memory, no arithmetic. Cached."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from workbench.engine import quick
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
def measure(
    layer: Layer, inputs: tuple[Known | None, ...], built_for: tuple[Known | None, ...] | None = None
) -> Measured | Misfit:
    """Figures of a layer, or why its inputs do not fit. Both are remembered.

    Args:
        layer: with settings that fit.
        inputs: what it gets.
        built_for: what its module is built for, where that has other sizes than `inputs`.
    """
    found = _on(layer.probes[0], layer, inputs, built_for)
    for device in layer.probes[1:]:
        if not isinstance(found, Misfit) or found.code == "custom.stuck":
            break
        found = _on(device, layer, inputs, built_for)
    return found


def _on(
    device: str, layer: Layer, inputs: tuple[Known | None, ...], built_for: tuple[Known | None, ...] | None
) -> Measured | Misfit:
    """Figures of a layer that is tried on a device."""
    try:
        layer.check(*inputs)
        with layer.measuring():
            with torch.device(device), quick.NoInit():  # type: ignore[no-untyped-call]
                module = layer.build(*(built_for or inputs))
            closed = layer.infer(*inputs)
            return _closed(layer, module, inputs, closed) if closed else _run(module, inputs, device)
    except Misfit as misfit:
        return misfit
    except (RuntimeError, MemoryError, ValueError, TypeError, AssertionError, LookupError, ArithmeticError) as error:
        return Misfit("layer.torch", detail=str(error).split("\n")[0])


aten = torch.ops.aten
FORMULAS: dict[Any, Callable[..., int]] = {
    **flop_registry,
    aten._trilinear: lambda x1, weight, x2, *_, out_val: 2 * x1.shape[0] * weight.numel(),
    aten._cdist_forward: lambda x1, x2, *_, out_val: 2 * out_val.numel() * x1.shape[-1],
}
"""Operations by what they cost; a multiply-add counts as two. Torch's own leave out those of some layers."""


class _FlopCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sums torch's own formulas for each operation.

    Torch's `FlopCounterMode` does the same, but follows modules too, for which it imports the compiler: 2.8 s.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled in here: without this torch imports its compiler to say so."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = quick.run(func, args, kwargs)
        formula = FORMULAS.get(func._overloadpacket)
        if formula is not None:
            self.flops += formula(*args, **(kwargs or {}), out_val=result)
        return result


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


def _run(module: nn.Module, inputs: tuple[Known | None, ...], device: str) -> Measured:
    tensors = [None if spec is None else _probe(spec, device) for spec in inputs]
    saved: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        saved[storage._cdata] = storage.nbytes()
        return tensor

    counter = _FlopCounter()
    with counter, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = module(*tensors)
    outputs = result if isinstance(result, tuple) else (result,)
    for tensor in outputs:
        if not isinstance(tensor, Tensor):
            raise Misfit("layer.result", found=type(tensor).__name__)
        if tensor.dim() == 0 or tensor.shape[0] != PROBE:
            raise Misfit("layer.batch_axis", found=tuple(tensor.shape))
    given = {tensor.untyped_storage()._cdata for tensor in (*tensors, *module.parameters()) if tensor is not None}
    made = {tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in outputs}
    fresh = {key: size for key, size in made.items() if key not in given}
    kept = {key: size for key, size in saved.items() if key not in given} | fresh
    return Measured(
        outputs=tuple(Known(tuple(tensor.shape[1:]), str(tensor.dtype).removeprefix("torch.")) for tensor in outputs),
        parameters=parameters(module),
        flops=counter.flops // PROBE,
        output_bytes=sum(fresh.values()) // PROBE,
        saved_bytes=sum(kept.values()) // PROBE,
    )


def _probe(spec: Known, device: str) -> Tensor:
    dtype = getattr(torch, spec.dtype)
    return torch.zeros(PROBE, *spec.shape, device=device, dtype=dtype, requires_grad=dtype.is_floating_point)
