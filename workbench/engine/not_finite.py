"""Where numbers stopped being numbers: steps are made again under a watch, from the last weights that were finite."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from workbench.core.document import Training
from workbench.core.edits import Fix, SetTraining
from workbench.core.problems import Problem
from workbench.core.runs import Edit
from workbench.engine.compile import Goal, Network, Step
from workbench.engine.feed import Feed
from workbench.engine.live import fit_edited, nothing_wished
from workbench.engine.train import Loop, NotFinite, Plan

SECONDS = 60.0
"""Longer is not searched."""
PARTIAL = frozenset({"log", "log1p", "sqrt", "rsqrt", "reciprocal", "pow", "divide"})
"""Layers that have no finite value, or no finite slope, for some finite numbers."""
WILD = 1e15
"""Numbers beyond this come from weights that ran away, not from data."""

What = Literal["input", "target", "output", "gradient", "loss"]


@dataclass(frozen=True)
class Culprit:
    """What was not finite first."""

    step: int
    path: str
    what: What
    type: str = ""
    """Of the layer."""
    is_tame: bool = False
    """What the layer read was finite, and no larger than data are."""


class _Found(Exception):
    def __init__(self, culprit: Culprit) -> None:
        super().__init__(culprit.path)
        self.culprit = culprit


def first_culprit(
    loop: Loop, plan: Plan, until: int, edits: Iterable[Edit] = (), *, gradients: bool = True
) -> Culprit | None:
    """Train on from where the loop stands, up to step `until`, and name what is not finite first.

    None where it does not happen again: on a device whose sums come out otherwise each time, or within `SECONDS`.
    The loop is used up. `gradients` that are scaled may well be infinite, and are then left out.
    """
    end = time.monotonic() + SECONDS
    watched = replace(
        plan,
        train=_CheckedFeed(plan, loop),
        goals=[_CheckedGoal(goal, loop) for goal in plan.goals],
        forward=None,  # layers are called one by one
        stops=frozenset([until]),
    )
    try:
        with _watched(loop, gradients=gradients):
            for event in fit_edited(loop, watched, edits, nothing_wished):
                if isinstance(event, NotFinite) or loop.step >= until or time.monotonic() > end:
                    break
    except _Found as found:
        return found.culprit
    return None


def explained(event: NotFinite, culprit: Culprit | None, training: Training, rate: float) -> Problem:
    """Why the loss is no number: the step, the layer, the likely cause and its remedy."""
    said: dict[str, Any] = {"step": event.step, "value": str(event.value), "rate": rate}
    slower: Fix = SetTraining("learning_rate", float(f"{min(training.learning_rate / 10, 0.01):.3g}"))
    if culprit is None:
        return Problem("train.not_finite", said, fix=slower)
    node = culprit.path
    told = {**said, "layer": node, "what": culprit.what}
    if culprit.what == "input":
        return Problem("train.bad_input", told, node)
    if culprit.what == "target":
        return Problem("train.bad_target", told, node)
    if culprit.type in PARTIAL and culprit.is_tame:
        return Problem("train.undefined", told, node)
    if training.precision == "fp16" and culprit.what == "output":
        return Problem("train.overflow", told, node, fix=SetTraining("precision", "bf16"))
    return Problem("train.diverged", told, node, fix=slower)


class _CheckedFeed(Feed):
    """The batches of another feed; the first that is not finite raises."""

    def __init__(self, plan: Plan, loop: Loop) -> None:
        self.__dict__.update(plan.train.__dict__)
        self._loop = loop
        self._columns_of_batch: list[tuple[str, What]] = [(path, "input") for path in loop.network.inputs]
        self._columns_of_batch += [(goal.path, "target") for goal in plan.goals]

    def epoch(self, order: Tensor | None = None, start: int = 0, seed: int = 0) -> Iterator[tuple[Tensor, ...]]:
        for batch in super().epoch(order, start, seed):
            for (path, what), tensor in zip(self._columns_of_batch, batch, strict=False):  # weights may follow
                if not _is_finite(tensor):
                    raise _Found(Culprit(self._loop.step + 1, path, what))
            yield batch


class _CheckedGoal(Goal):
    """A goal of which the first loss that is not finite raises: what it is made of may all be finite."""

    def __init__(self, goal: Goal, loop: Loop) -> None:
        self.__dict__.update(goal.__dict__, _loop=loop)

    def criterion(self, outputs: Tensor, targets: Tensor, weights_B: Tensor | None = None) -> Tensor:
        loss = super().criterion(outputs, targets, weights_B)
        if not _is_finite(loss):
            raise _Found(Culprit(self.__dict__["_loop"].step + 1, self.path, "loss"))
        return loss


@contextmanager
def _watched(loop: Loop, *, gradients: bool) -> Iterator[None]:
    """Every output, and every gradient, that is not finite raises inside."""
    network = loop.network
    handles = [handle for step in network.steps for handle in _Watch(loop, network, step, gradients).handles]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Watch:
    """Looks at one layer. Each of its inputs is taken through a view, whose gradient is of this layer alone."""

    def __init__(self, loop: Loop, network: Network, step: Step, gradients: bool) -> None:
        self._loop, self._step, self._gradients = loop, step, gradients
        self._type = network.type_of(step.path)
        self._is_tame = False
        self.handles: list[RemovableHandle] = [
            step.module.register_forward_pre_hook(self._before),
            step.module.register_forward_hook(self._after),
        ]
        if gradients:
            self.handles += [
                weight.register_hook(self._see_gradient)  # type: ignore[no-untyped-call]
                for weight in step.module.parameters()
                if weight.requires_grad
            ]

    def _found(self, what: What) -> _Found:
        return _Found(Culprit(self._loop.step + 1, self._step.path, what, self._type, self._is_tame))

    def _before(self, module: torch.nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        tensors = [one for one in inputs if isinstance(one, Tensor) and one.is_floating_point()]
        self._is_tame = all(bool((one.detach().abs() < WILD).all()) for one in tensors)
        return tuple(self._aliased(one) for one in inputs)

    def _aliased(self, value: Any) -> Any:
        if not (self._gradients and isinstance(value, Tensor) and value.requires_grad):
            return value
        alias = value.view_as(value)
        alias.register_hook(self._see_gradient)  # type: ignore[no-untyped-call]
        return alias

    def _after(self, module: torch.nn.Module, inputs: Any, result: Any) -> None:
        results: Sequence[Any] = result if isinstance(result, tuple) else (result,)
        if not all(_is_finite(one) for one in results if isinstance(one, Tensor)):
            raise self._found("output")

    def _see_gradient(self, gradient: Tensor) -> None:
        if not _is_finite(gradient):
            raise self._found("gradient")


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.detach().isfinite().all())
