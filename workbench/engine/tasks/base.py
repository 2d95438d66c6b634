"""What a task is: which losses and metrics there are, what an output must look like, and how an answer is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import torch
from torch import Tensor

from workbench.core.analysis import ColumnSummary
from workbench.core.catalogue import TaskInfo
from workbench.core.document import Settings
from workbench.core.messages import Confusion
from workbench.engine.layers.base import Known
from workbench.engine.losses import Loss
from workbench.engine.registry import Registry, filled, first_line


@dataclass(frozen=True)
class Task:
    """Base of all tasks. Its fields are settings of the output, by their names there; it has no other state."""

    info: ClassVar[TaskInfo]
    losses: ClassVar[Mapping[str, Loss]]
    """By name; the first is the default."""
    better: ClassVar[tuple[str, int]] = ("loss", -1)
    """The metric of the validation split that tells the best epoch, and whether more (1) or less (-1) is better."""

    def loss(self, name: str) -> Loss:
        """A loss by name; `default` is the first."""
        return self.losses[name] if name in self.losses else next(iter(self.losses.values()))

    def accepts(self, column: ColumnSummary) -> bool:
        """The column can be a target of this task."""
        raise NotImplementedError

    def check(self, output: Known, column: ColumnSummary) -> None:
        """Raise `Misfit` when the network's output does not fit the target."""
        raise NotImplementedError

    def hits(self, outputs_SBX: Tensor, targets_SB: Tensor) -> dict[str, Tensor]:
        """What is worth watching besides the loss: by name, one number for each of S steps' batches."""
        raise NotImplementedError

    def counted(self, targets_BX: Tensor) -> int:
        """Over how many samples or positions the loss and the metrics of a batch are means."""
        return len(targets_BX)

    def evaluate(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> dict[str, float]:
        """Metrics over a whole split."""
        raise NotImplementedError

    def confusion(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> Confusion | None:
        """How often each class was taken for each other; None where there are no classes."""
        return None


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
