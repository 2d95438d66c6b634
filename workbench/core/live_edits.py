"""What may change while a run is at work, and what a run's document has become."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.core import project
from workbench.core.catalogue import StepInfo, misfit
from workbench.core.data_edits import Steps, with_steps
from workbench.core.document import ColumnUse, Data, Document, Step
from workbench.core.edits import set_field
from workbench.core.problems import ProblemError
from workbench.core.runs import Edit, RunInfo
from workbench.core.training_fields import TRAINING_FIELDS

EDITABLE = ("learning_rate", "epochs", "patience", "min_delta", "clip_norm", "clip_value")
"""Settings of the training that the loop asks for at each step or epoch; all others are built in at the start."""
AUGMENTATION = "augmentation"
"""All steps of some columns, by name; of which only those that are made at random may differ from before."""
Written = dict[str, list[dict[str, Any]]]
"""Steps by column, in JSON."""


def checked(name: str, value: Any) -> None:
    """Raises `ProblemError` for what cannot change while a run is at work, or cannot have this value."""
    if name == AUGMENTATION:
        steps_by_column(value)
        return
    field = next((item for item in TRAINING_FIELDS if item.name == name), None)
    if field is None or name not in EDITABLE:
        raise ProblemError("run.not_editable", name=name, known=[*EDITABLE, AUGMENTATION])
    if code := misfit(field, value):
        raise ProblemError(code, name=name, found=value, field=msgspec.to_builtins(field))


def steps_by_column(value: Any) -> dict[str, Steps]:
    """An augmentation as it stands in a run's record. Raises `ProblemError`."""
    try:
        return msgspec.convert(value, dict[str, tuple[Step, ...]])
    except msgspec.ValidationError as error:
        raise ProblemError("run.bad_steps", detail=str(error)) from None


def as_written(steps: Mapping[str, Steps]) -> Written:
    """The steps of columns as they stand in a run's record."""
    return {column: [msgspec.to_builtins(step) for step in them] for column, them in steps.items()}


def edited(document: Document, edits: Iterable[Edit], until: int | None = None) -> Document:
    """A document after the edits that were made up to a step; after all of them, when None."""
    for edit in edits:
        if until is None or edit.step <= until:
            document = _with(document, edit)
    return document


def _with(document: Document, edit: Edit) -> Document:
    if edit.name != AUGMENTATION:
        return replace(document, training=set_field(document.training, edit.name, edit.new))
    data = document.data
    for column, steps in steps_by_column(edit.new).items():
        data = with_steps(data, column, steps) if data else None
    return replace(document, data=data)


def in_order(*edits: Edit) -> tuple[Edit, ...]:
    """The edits by the step that they are made after."""
    return tuple(sorted(edits, key=lambda edit: edit.step))


def document_at(info: RunInfo, step: int | None = None) -> Document:
    """What a run has become after a step; after all that was changed, when None."""
    return edited(project.from_raw(info.document), info.edits, step)


def augmentation_changes(
    old: Data | None, new: Data | None, known: Mapping[str, StepInfo]
) -> tuple[Written, Written] | None:
    """The steps of the columns whose random steps differ, before and after; None where more than these differ."""
    if old is None or new is None or apart_from_steps(old) != apart_from_steps(new):
        return None
    before, after = ({name: use.steps or () for name, use in data.columns.items()} for data in (old, new))
    names = [name for name in {**before, **after} if before.get(name, ()) != after.get(name, ())]
    if not names or any(fixed(before.get(name, ()), known) != fixed(after.get(name, ()), known) for name in names):
        return None
    old_steps, new_steps = ({name: steps.get(name, ()) for name in names} for steps in (before, after))
    return as_written(old_steps), as_written(new_steps)


def fixed(steps: Steps, known: Mapping[str, StepInfo]) -> Steps:
    """The steps that are made with every sample, in the same way each time."""
    return tuple(step for step in steps if not step.off and not (step.op in known and known[step.op].random))


def apart_from_steps(data: Data) -> Data:
    """Which samples there are, what their columns are for, and how they are shared out."""
    columns = {name: replace(use, steps=None) for name, use in data.columns.items()}
    return replace(data, columns={name: use for name, use in columns.items() if use != ColumnUse()})
