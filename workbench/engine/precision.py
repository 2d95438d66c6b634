"""How a network computes: in which precision, in which layout of memory, and compiled."""

import torch
from torch import Tensor

from workbench.core.document import Training
from workbench.core.problems import Problem
from workbench.engine.compile import Network
from workbench.engine.loop import Forward, Plan
from workbench.engine.recompute import recomputing

HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


def forward_of(network: Network, plan: Plan) -> Forward:
    """What computes in each step: the network itself, unless the settings ask for more."""
    forward: Forward = plan.forward or network
    if plan.training.channels_last:
        forward = _channels_last(forward)
    if plan.training.precision in HALF:
        device = next(network.parameters()).device
        forward = _in_half(forward, device.type, HALF[plan.training.precision])
    return forward


def scaler_of(training: Training, device: torch.device) -> torch.amp.GradScaler | None:
    """What keeps small gradients of fp16 from being lost; bf16 does not need it."""
    return torch.amp.GradScaler(device.type) if training.precision == "fp16" else None


def prepared_forward(network: Network, training: Training) -> tuple[Forward | None, list[Problem]]:
    """What computes instead of the network, if anything does, and what could not be had."""
    forward: Forward = recomputing(network) if training.checkpointing else network
    warnings = []
    if training.compile:
        reason = _no_compiler(next(network.parameters()).device)
        if reason is None:
            forward = compiled_forward(forward)
        else:
            warnings.append(Problem("train.no_compiler", {"detail": reason}, severity="warning"))
    return None if forward is network else forward, warnings


def compiled_forward(forward: Forward) -> Forward:
    """The same, compiled for each shape by itself: which kernel computes a batch must not depend on those before it."""
    return torch.compile(forward, dynamic=False)


def _no_compiler(device: torch.device) -> str | None:
    """Why nothing can be compiled here, found out by compiling next to nothing; None where it works."""
    try:
        tried = torch.compile(_probe)
        x = torch.ones(4, device=device, requires_grad=True)
        tried(x).backward()  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - each backend has its own, and any means the same
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[0] if lines else type(error).__name__
    return None


def _probe(x: Tensor) -> Tensor:
    return (x * 2 + 1).relu().sum()


def _channels_last(forward: Forward) -> Forward:
    def with_channels_last(*inputs: Tensor) -> tuple[Tensor, ...]:
        return forward(*(x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x for x in inputs))

    return with_channels_last


def _in_half(forward: Forward, device: str, dtype: torch.dtype) -> Forward:
    """Losses are computed of what comes out in full precision."""

    def in_half(*inputs: Tensor) -> tuple[Tensor, ...]:
        with torch.autocast(device, dtype):
            outputs = forward(*inputs)
        return tuple(out.float() if out.is_floating_point() else out for out in outputs)

    return in_half
