"""What a processor's kernels take for a moment beside their results; on device `meta` there is no such thing.

oneDNN convolves in a layout of its own: what goes in is copied into it, and what comes out is copied back. The sums
were compared with what the allocator reports for convolutions of many kinds.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def _convolution(out: Tensor, x: Tensor, weight: Tensor, *rest: Any) -> int:
    """First input and weights lie there twice, then the output does; of a transposed one there is one more."""
    transposed = rest[4]
    return 2 * out.nbytes if transposed else max(x.nbytes + weight.nbytes, out.nbytes)


def _convolution_backward(found: Any, gradient: Tensor, x: Tensor, *rest: Any) -> int:
    """The gradient of the weights is made from copies of the input and of the output's gradient."""
    return gradient.nbytes + x.nbytes


def _norm_backward(found: Any, gradient: Tensor, *rest: Any) -> int:
    """A copy of the gradient."""
    return gradient.nbytes


PASSING: dict[Any, Callable[..., int]] = {
    aten.convolution.default: _convolution,
    aten.convolution_backward.default: _convolution_backward,
    aten.native_batch_norm_backward.default: _norm_backward,
}
"""Bytes, from the result and the arguments of an operation."""
