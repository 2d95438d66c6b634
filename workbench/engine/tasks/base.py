"""What a task is: which losses and metrics there are, what an output must look like, and how an answer is read."""

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from torch import Tensor

from workbench.core.analysis import ColumnSummary
from workbench.core.catalogue import TaskInfo
from workbench.core.messages import Confusion
from workbench.engine.layers.base import Known
from workbench.engine.registry import Registry, first_line

Loss = Callable[[Tensor, Tensor], Tensor]
"""Output and target of a batch to the mean loss, a scalar."""


class Task:
    """Base of all tasks. A task has no state."""

    info: ClassVar[TaskInfo]
    losses: ClassVar[Mapping[str, Loss]]
    """By name; the first is the default."""

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

    def evaluate(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> dict[str, float]:
        """Metrics over a whole split."""
        raise NotImplementedError

    def confusion(self, outputs_NX: Tensor, targets_N: Tensor, column: ColumnSummary) -> Confusion | None:
        """How often each class was taken for each other; None where there are no classes."""
        return None

    better: ClassVar[tuple[str, int]] = ("loss", -1)
    """The metric of the validation split that tells the best epoch, and whether more (1) or less (-1) is better."""


TASKS: Registry[Task] = Registry("task")

T = TypeVar("T", bound=type[Task])


def task(key: str, title: str, *, metrics: tuple[str, ...]) -> Callable[[T], T]:
    """Register a task."""

    def register(cls: T) -> T:
        cls.info = TaskInfo(key, title, "Tasks", first_line(cls.__doc__), tuple(cls.losses), metrics)
        TASKS.add(key)(cls())
        return cls

    return register
