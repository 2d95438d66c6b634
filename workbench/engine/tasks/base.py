"""What a task is: which losses and metrics there are, what an output must look like, and how an answer is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import torch
from torch import Tensor

from workbench.core.analysis import Axis, ColumnSummary, Spec
from workbench.core.catalogue import TaskInfo
from workbench.core.document import Settings
from workbench.core.messages import ClassFigures, Confusion
from workbench.engine.layers.base import InsertBefore, Misfit
from workbench.engine.losses import IGNORED, Loss
from workbench.engine.registry import Registry, filled, first_line


class Meter:
    """Measures the answers to a whole split, a batch at a time."""

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """Count one batch."""
        raise NotImplementedError

    def metrics(self) -> dict[str, float]:
        """By name, over all that was counted."""
        raise NotImplementedError

    def confusion(self) -> Confusion | None:
        """How often each class was taken for each other; None where there are no classes."""
        return None

    def classes(self) -> tuple[ClassFigures, ...]:
        """How it does on each class."""
        return ()


@dataclass(frozen=True)
class Task:
    """Base of all tasks. Its fields are settings of the output, by their names there; it has no other state."""

    info: ClassVar[TaskInfo]
    losses: ClassVar[Mapping[str, Loss]]
    """By name; the first is the default."""
    better: ClassVar[tuple[str, int]] = ("loss", -1)
    """The metric of the validation split that tells the best epoch, and whether more (1) or less (-1) is better."""

    writes: ClassVar[bool] = False
    """Its answers are written token by token: the network reads what it has written so far."""
    undone: ClassVar[tuple[str, str] | None] = ("softmax", "output.softmax")
    """A layer that must not stand in front of the output, since losses apply it themselves, and what is said then."""

    def loss_named(self, name: str) -> Loss:
        """A loss by name; `default` is the first."""
        return self.losses[name] if name in self.losses else next(iter(self.losses.values()))

    def accepts(self, column: ColumnSummary) -> bool:
        """The column can be a target of this task."""
        raise NotImplementedError

    def check(self, output: Spec, column: ColumnSummary) -> None:
        """Raise `Misfit` when the network's output does not fit the target."""
        raise NotImplementedError

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """What is worth watching besides the loss: by name, one number for each of S steps' batches."""
        raise NotImplementedError

    def counted(self, targets_BX: Tensor) -> int:
        """Over how many samples or positions the loss and the metrics of a batch are means."""
        return len(targets_BX) if targets_BX.is_floating_point() else int((targets_BX != IGNORED).sum())

    def choices(self, outputs: Tensor) -> Tensor | None:
        """What is chosen among, on the last axis: the largest wins; None where nothing is chosen."""
        return outputs

    def meter(self, column: ColumnSummary) -> Meter:
        """What measures a whole split."""
        raise NotImplementedError


TASKS: Registry[type[Task]] = Registry("task")

T = TypeVar("T", bound=type[Task])


def task(key: str, title: str, *, metrics: tuple[str, ...]) -> Callable[[T], T]:
    """Register a task."""

    def register(cls: T) -> T:
        cls.info = TaskInfo(key, title, "Tasks", first_line(cls.__doc__), tuple(cls.losses), metrics)
        TASKS.add(key)(cls)
        return cls

    return register


def task_of(settings: Settings) -> Task:
    """The task of an output with these settings, which must have been checked."""
    return filled(TASKS[settings.get("task", "classification")], settings)


def hits_of_steps(task: Task, outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> dict[str, Tensor]:
    """`Task.hits` of batches that may differ in shape: those of one shape are measured together."""
    alike: dict[tuple[torch.Size, torch.Size], list[int]] = {}
    for step, (out, aim) in enumerate(zip(outputs, targets, strict=True)):
        alike.setdefault((out.shape, aim.shape), []).append(step)
    found: dict[str, list[Tensor]] = {}
    for steps in alike.values():
        hits = task.hits(torch.stack([outputs[step] for step in steps]), torch.stack([targets[step] for step in steps]))
        for name, values in hits.items():
            found.setdefault(name, []).append(values)
    order = torch.tensor([step for steps in alike.values() for step in steps]).argsort()
    return {name: torch.cat(parts)[order.to(parts[0].device)] for name, parts in found.items()}


def need_float(output: Spec) -> None:
    """Raise `Misfit` unless an output holds floating-point numbers."""
    if not output.dtype.startswith(("float", "bfloat")):
        raise Misfit("output.not_float", found=output.dtype)


def need_classes(output: Spec, column: ColumnSummary, code: str) -> None:
    """Raise `Misfit` unless an output has one number for each class, at each position of the target."""
    need_float(output)
    classes, positions = len(column.classes), column.shape
    if output.shape[:-1] != positions:
        raise Misfit("labels.positions", found=output.shape, positions=positions)
    if output.shape[-1] != classes:
        remedy = InsertBefore("linear", (("out_features", classes),))
        raise Misfit(code, found=output.shape, classes=classes, remedy=remedy)


def right_classes(outputs_SBXC: Tensor, targets_SBX: Tensor) -> Tensor:
    """The share of right classes among those that count, for each of S steps."""
    if targets_SBX.is_floating_point():  # shares of classes
        return (outputs_SBXC.argmax(-1) == targets_SBX.argmax(-1)).float().flatten(1).mean(1)
    counted = (targets_SBX != IGNORED).flatten(1)
    right = (outputs_SBXC.argmax(-1) == targets_SBX).flatten(1) & counted
    return right.sum(1) / counted.sum(1).clamp_min(1)


def sizes_known(shape: tuple[Axis, ...]) -> tuple[int, ...] | None:
    """A shape without names; None where it has some."""
    sizes = tuple(axis for axis in shape if isinstance(axis, int))
    return sizes if len(sizes) == len(shape) else None
