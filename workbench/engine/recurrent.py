"""LSTM and GRU on device `meta` as a processor runs them: what is taken, kept and given back, without the arithmetic.

On `meta` torch unrolls recurrent layers into operations that no processor makes (and takes up to a second for it).
On a processor an LSTM is one oneDNN primitive a layer and direction, which keeps a workspace for the backward pass;
a GRU is unrolled, but in other steps. The sizes follow torch 2's `RNN.cpp` and `mkldnn/RNN.cpp` and oneDNN's
`rnn_utils::set_workspace_sizes`, and were compared with what the allocator reports.
"""

from typing import Any

import torch
from torch import Tensor

PAGE = 1024
"""Parts of oneDNN's workspace begin at a page: so many numbers of single precision."""
SCRATCH = 4096


def lstm(
    x: Tensor, hidden: tuple[Tensor, Tensor], weights: list[Tensor], biases: bool, layers: int, dropout: float,
    training: bool, bidirectional: bool, batch_first: bool,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """As `torch.lstm`."""
    out, last = _stacked(_Lstm, x, weights, biases, layers, dropout, bidirectional)
    return out, last, torch.empty_like(last)


def gru(
    x: Tensor, hidden: Tensor, weights: list[Tensor], biases: bool, layers: int, dropout: float,
    training: bool, bidirectional: bool, batch_first: bool,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """As `torch.gru`."""
    return _stacked(_Gru, x, weights, biases, layers, dropout, bidirectional)


def _stacked(
    kind: Any, x_BTF: Tensor, weights: list[Tensor], biases: bool, layers: int, dropout: float, bidirectional: bool
) -> tuple[Tensor, Tensor]:
    x_TBF = x_BTF.transpose(0, 1).contiguous()
    directions, count = 1 + bidirectional, 4 if biases else 2
    finals: list[Tensor] = []
    for layer in range(layers):
        outs = []
        for direction in range(directions):
            at = (layer * directions + direction) * count
            read = x_TBF.clone() if direction and kind is _Gru else x_TBF  # the other way round
            out, final = kind.apply(read, *weights[at : at + count])
            outs.append(out)
            finals.append(final)
        x_TBF = torch.cat(outs, -1) if bidirectional else outs[0]
        if dropout and layer < layers - 1:
            x_TBF = torch.dropout(x_TBF, dropout, True)
    return x_TBF.transpose(0, 1), torch.stack(finals)


class _Lstm(torch.autograd.Function):
    """One layer in one direction: inputs (length, batch, features) to (length, batch, hidden) and the final state."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        length, batch, features = x.shape
        hidden = weights[1].shape[1]
        states = [x.new_empty(batch, hidden) for _ in range(4)]
        out = x.new_empty(length, batch, hidden)
        work = x.new_empty(lstm_keeps(length, batch, features, hidden))
        _reordered(x, weights, length * batch * hidden)
        ctx.save_for_backward(x, *weights, *states, out, work)
        ctx.count = len(weights)
        return out, x.new_empty(batch, hidden)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        x, *rest = ctx.saved_tensors
        weights = rest[: ctx.count]
        length, batch, _ = x.shape
        hidden = weights[1].shape[1]
        states = [x.new_empty(batch, hidden) for _ in range(4)]
        found = [torch.empty_like(x), *map(torch.empty_like, weights)]
        _reordered(x, weights, length * batch * hidden)
        del states
        return tuple(found)


def _reordered(x: Tensor, weights: Any, steps: int) -> None:
    """The weights in oneDNN's order, and its scratchpad, are there only while the primitive runs."""
    passing = [torch.empty_like(weight) for weight in weights[:3]]
    passing.append(x.new_empty(4 * steps + SCRATCH))


def lstm_keeps(length: int, batch: int, features: int, hidden: int) -> int:
    """Numbers that oneDNN keeps of a layer: gates and outputs of every step; states, and room for their gradients."""
    width, both = _leading(max(features, hidden)), 2 * (length + 1) * batch
    return (
        _pages(length * batch * _leading(4 * hidden))
        + _pages(length * batch * _leading(hidden))
        + 3 * _pages(both * width)
        + 2 * _pages(both * hidden)
    )


def _pages(numbers: int) -> int:
    """Half a page more on average: what grows with the batch must do so evenly, to be told from what does not."""
    return numbers + PAGE // 2


def _leading(width: int) -> int:
    """A row is a whole number of cache lines, and not one of 256 numbers, which would hit the same lines."""
    rounded = -(-width // 16) * 16
    return rounded + 16 if rounded % 256 == 0 else rounded


def gru_keeps(length: int, batch: int, hidden: int) -> int:
    """Numbers that torch keeps of a layer: of every step the three gates of the state, and four results."""
    return 7 * length * batch * hidden


class _Gru(torch.autograd.Function):
    """One layer in one direction, unrolled."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        length, batch, _ = x.shape
        hidden = weights[1].shape[1]
        gates = x.new_empty(length, batch, 3 * hidden)  # of the inputs, all steps at once
        kept = [x.new_empty(gru_keeps(1, batch, hidden)) for _ in range(length)]
        out = x.new_empty(length, batch, hidden)
        ctx.save_for_backward(x, *weights)
        ctx.kept = kept
        del gates
        return out, x.new_empty(batch, hidden)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        x, *weights = ctx.saved_tensors
        batch = x.shape[1]
        hidden = weights[1].shape[1]
        kept, gates = ctx.kept, []
        recurrent: list[Tensor] = []
        while kept:
            passing = [x.new_empty(batch, hidden) for _ in range(4)]
            gates.append(x.new_empty(batch, 3 * hidden))
            del passing
            kept.pop()
            more = [torch.empty_like(weight) for weight in weights[1::2]]
            recurrent = [one + other for one, other in zip(recurrent, more, strict=True)] if recurrent else more
            del more
        stacked = torch.stack(gates)
        del gates
        first = [torch.empty_like(weight) for weight in weights[::2]]
        del stacked
        found = [first[place // 2] if place % 2 == 0 else recurrent[place // 2] for place in range(len(weights))]
        return torch.empty_like(x), *found
