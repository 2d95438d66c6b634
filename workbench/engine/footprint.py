"""What one layer needs of memory in a training step, found out on device `meta`: by running it, forwards and backwards,
and watching every piece of memory that torch would take and give back.

Everything is measured at two batch sizes: what does not grow with the batch is told apart from what does. Cached.
"""

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from workbench.engine import kernels, quick, recurrent
from workbench.engine.amounts import Amount, Footprint, peaks
from workbench.engine.layers.base import Known, Layer
from workbench.engine.measure import Measured, measure, size_of

BATCHES = (2, 3)
"""Batch norm refuses one sample."""


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Knows all memory that has been taken since it began and not been given back. Each piece has a number."""

    def __init__(self, not_ours: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes: dict[int, int] = {}
        """Of the pieces that are there."""
        self.totals: list[int] = []
        """Bytes after each piece that was taken."""
        self._not_ours = {tensor.untyped_storage()._cdata for tensor in not_ours}
        self._numbers: dict[int, int] = {}
        self._total = 0
        self._count = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled in here: without this torch imports its compiler to say so."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = quick.run(func, args, kwargs)
        for item in result if isinstance(result, tuple | list) else (result,):
            if isinstance(item, Tensor):
                self._see(item.untyped_storage())
        passing = kernels.PASSING.get(func)
        if passing is not None:
            self.totals.append(self._total + passing(result, *args))
        return result

    def _see(self, storage: Any) -> None:
        address = storage._cdata
        if address not in self._numbers and address not in self._not_ours:
            self._count += 1
            self._numbers[address] = self._count
            self.sizes[self._count] = storage.nbytes()
            self._total += storage.nbytes()
            self.totals.append(self._total)
            weakref.finalize(storage, self._gone, address)

    def _gone(self, address: int) -> None:
        self._total -= self.sizes.pop(self._numbers.pop(address))

    def number(self, tensor: Tensor | None) -> int:
        """Of the piece that a tensor lies in; -1 where it is none that was taken here."""
        return -1 if tensor is None else self._numbers.get(tensor.untyped_storage()._cdata, -1)

    def restart(self) -> int:
        """Forget the totals so far; returns the bytes that are there now."""
        self.totals = [self._total]
        return self._total


class _AsOnCpu(TorchFunctionMode):
    """On `meta` torch takes other ways than on a processor: here it takes those.

    Torch's own multi-head attention hides what it calls from a mode; it looks the name up, so that stands for ours.
    """

    def __enter__(self) -> Self:
        functional.scaled_dot_product_attention = _attention
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        functional.scaled_dot_product_attention = PLAIN_ATTENTION
        super().__exit__(*error)  # type: ignore[no-untyped-call]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        way: Any = WAYS.get(func)
        if way is not None:
            return way(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def _attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
) -> Tensor:  # fmt: skip
    """Without dropout the fused kernel is taken (torch, `use_flash_attention_cpp`), else the plain formula."""
    if dropout_p > 0 or query.dim() != 4:
        plain: Tensor = PLAIN_ATTENTION(
            query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
        )
        return plain
    out: Tensor = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, dropout_p, is_causal, attn_mask=attn_mask, scale=scale
    )[0]
    return out


PLAIN_ATTENTION: Any = functional.scaled_dot_product_attention
WAYS = {
    PLAIN_ATTENTION: _attention,
    torch.lstm: recurrent.lstm,
    torch.gru: recurrent.gru,
}


class _Tap(torch.autograd.Function):
    """Passes a tensor on, and keeps the gradient that comes back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, caught: list[Any], place: int) -> Tensor:
        ctx.caught, ctx.place = caught, place
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        ctx.caught[ctx.place] = grads[0]
        return None, None, None


class _End(torch.autograd.Function):
    """Stands for all that follows: it keeps nothing, and gives each output a gradient."""

    @staticmethod
    def forward(ctx: Any, watch: _Watch, born: set[int], *outputs: Tensor) -> Tensor:
        ctx.watch, ctx.born = watch, born
        ctx.like = [(out.shape, out.dtype) for out in outputs]
        return torch.empty((), device="meta")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        made = [torch.empty(shape, dtype=dtype, device="meta") for shape, dtype in ctx.like]
        ctx.born.update(map(ctx.watch.number, made))
        return None, None, *made


@dataclass(frozen=True)
class _Run:
    """Bytes at one batch size, in the order of `Footprint`."""

    made: list[int]
    views: tuple[int, ...]
    kept: int
    keeps_inputs: tuple[bool, ...]
    keeps_outputs: tuple[bool, ...]
    forward: list[int]
    backward: list[int]
    gradients: list[int]


@lru_cache(maxsize=16384)
def footprint(layer: Layer, inputs: tuple[Known | None, ...], wanted: tuple[bool, ...]) -> Footprint:
    """The memory of a layer.

    Args:
        layer: with settings that fit.
        inputs: that fit the layer.
        wanted: whether a gradient of each input is asked for; of those that enter the network it is not.
    """
    with layer.measuring():
        with torch.device("meta"), quick.NoInit():  # type: ignore[no-untyped-call]
            module = layer.build(*inputs)
        try:
            one, other = (_run(module, inputs, wanted, batch) for batch in BATCHES)
        except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError):  # it cannot be run backwards here
            one, other = (_guess(layer, module, inputs, batch) for batch in BATCHES)

    def line(a: int, b: int) -> Amount:
        each = (b - a) / (BATCHES[1] - BATCHES[0])
        return Amount(a - each * BATCHES[0], each)

    return Footprint(
        tuple(map(line, one.made, other.made)),
        one.views,
        line(one.kept, other.kept),
        one.keeps_inputs,
        one.keeps_outputs,
        peaks(map(line, one.forward, other.forward)),
        peaks(map(line, one.backward, other.backward)),
        tuple(map(line, one.gradients, other.gradients)),
        sum(item.nbytes for item in module.parameters()),
        sum(item.nbytes for item in module.buffers()),
    )


def _run(module: nn.Module, inputs: Sequence[Known | None], wanted: Sequence[bool], batch: int) -> _Run:
    module.zero_grad()
    watch = _Watch((*module.parameters(), *module.buffers()))
    caught: list[Tensor | None] = [None] * len(inputs)
    leaves = [_leaf(spec, want, batch) for spec, want in zip(inputs, wanted, strict=True)]
    with watch, _AsOnCpu():
        given = [leaf if leaf is None else _Tap.apply(leaf, caught, place) for place, leaf in enumerate(leaves)]
        ins = list(map(watch.number, given))
        before = watch.restart()
        result = module(*given)
        outputs = result if isinstance(result, tuple) else (result,)
        forward = [total - before for total in watch.totals]
        outs = list(map(watch.number, outputs))
        made = [
            0 if number in ins or number in outs[:place] else watch.sizes.get(number, 0)
            for place, number in enumerate(outs)
        ]
        ends = [out for out in outputs if out.requires_grad]
        arriving = sum(out.nbytes for out in ends)
        born: set[int] = set()
        end = _End.apply(watch, born, *ends) if ends else None
        del result, outputs, given, ends
        held = sum(watch.sizes.get(number, 0) for number in {*ins, *outs})
        keeps = [number in watch.sizes for number in (*ins, *outs)]
        start = watch.restart()
        if end is not None:
            end.backward(torch.empty_like(end))
        gradients = _gradients(watch, caught, born)
    return _Run(
        made,
        tuple(ins.index(number) if number in ins and number > 0 else -1 for number in outs),
        start - held - (0 if end is None else end.nbytes),
        tuple(keeps[: len(ins)]),
        tuple(keeps[len(ins) :]),
        forward,
        [total - start - arriving for total in watch.totals],
        gradients,
    )


def _guess(layer: Layer, module: nn.Module, inputs: tuple[Known | None, ...], batch: int) -> _Run:
    """What the forward pass alone tells: the backward pass takes a gradient for all that there is."""
    found = measure(layer, inputs)
    outputs = found.outputs if isinstance(found, Measured) else ()
    made = [batch * size_of(out) for out in outputs]
    kept = batch * found.saved_bytes - sum(made) if isinstance(found, Measured) else 0
    gradients = [batch * size_of(spec) if spec and spec.floating else 0 for spec in inputs]
    weights = sum(item.nbytes for item in module.parameters())
    yes = (True,)
    return _Run(
        made,
        (-1,) * len(made),
        max(0, kept),
        yes * len(inputs),
        yes * len(made),
        [sum(made) + max(0, kept)],
        [sum(gradients) + weights],
        gradients,
    )


def _leaf(spec: Known | None, wanted: bool, batch: int) -> Tensor | None:
    if spec is None:
        return None
    dtype = getattr(torch, spec.dtype)
    return torch.empty(batch, *spec.shape, device="meta", dtype=dtype, requires_grad=wanted and dtype.is_floating_point)


def _gradients(watch: _Watch, caught: Sequence[Tensor | None], born: set[int]) -> list[int]:
    """Bytes of the gradients that came back, each piece of memory once, and not where it is one that was handed in."""
    seen, found = {*born, -1}, []
    for grad in caught:
        number = watch.number(grad)
        found.append(0 if number in seen else watch.sizes.get(number, 0))
        seen.add(number)
    return found
