"""What a step of preparation or augmentation is: a frozen dataclass whose fields are its settings.

What a step does is up to the maker of the kinds of columns that it is for; here is what all steps share.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from workbench.core.catalogue import StepInfo, misfit
from workbench.core.document import Step
from workbench.core.problems import ProblemError
from workbench.engine.registry import Registry, fields_of, first_line, further_lines


@dataclass(frozen=True)
class StepKind:
    """Base of all steps."""

    info: ClassVar[StepInfo]


STEPS: Registry[type[StepKind]] = Registry("step")

S = TypeVar("S", bound=type[StepKind])


def step(key: str, title: str, group: str, *, kinds: tuple[str, ...], random: bool = False) -> Callable[[S], S]:
    """Register a step for columns of these kinds; a random one is made in training only, anew each time."""

    def register(cls: S) -> S:
        summary, help = first_line(cls.__doc__), further_lines(cls.__doc__)
        cls.info = StepInfo(key, title, group, summary, help, kinds, random, fields_of(cls))
        STEPS.add(key)(cls)
        return cls

    return register


def steps_of(steps: Iterable[Step], column: str, kind: str) -> list[StepKind]:
    """The steps that are on, ready to be used.

    Raises:
        ProblemError: a step is not known, not for this kind of column, or a setting does not fit.
    """
    return [_step(item, column, kind) for item in steps if not item.off]


def _step(item: Step, column: str, kind: str) -> StepKind:
    if item.op not in STEPS:
        raise ProblemError("step.unknown", where=column, found=item.op, known=_known(kind))
    cls = STEPS[item.op]
    if kind not in cls.info.kinds:
        raise ProblemError("step.kind", where=column, found=item.op, kind=kind, known=_known(kind))
    fields = {info.name: info for info in cls.info.fields}
    for name, value in item.settings.items():
        code = misfit(fields[name], value) if name in fields else "setting.unknown"
        if code:
            from workbench.engine.datasets.base import raw_field

            raise ProblemError(
                code, where=f"{column}: {item.op}", name=name, found=value, field=raw_field(fields.get(name))
            )
    return cls(**item.settings)


def _known(kind: str) -> list[str]:
    return [key for key, cls in STEPS.items() if kind in cls.info.kinds]
