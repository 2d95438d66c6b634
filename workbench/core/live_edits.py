"""Settings of the training that may change while a run is at work, and what a run's settings have become."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.core import project
from workbench.core.catalogue import misfit
from workbench.core.document import Document, Training
from workbench.core.edits import set_field
from workbench.core.problems import ProblemError
from workbench.core.runs import Edit, RunInfo
from workbench.core.training_fields import TRAINING_FIELDS

EDITABLE = ("learning_rate", "epochs", "patience", "min_delta", "clip_norm", "clip_value")
"""What the loop asks for at each step or epoch; everything else is built in at the start."""


def checked(name: str, value: Any) -> None:
    """Raises `ProblemError` for a setting that cannot change while a run is at work, or cannot have this value."""
    field = next((item for item in TRAINING_FIELDS if item.name == name), None)
    if field is None or name not in EDITABLE:
        raise ProblemError("run.not_editable", name=name, known=list(EDITABLE))
    if code := misfit(field, value):
        raise ProblemError(code, name=name, found=value, field=msgspec.to_builtins(field))


def edited(training: Training, edits: Iterable[Edit], until: int | None = None) -> Training:
    """The settings after the edits that were made up to a step; after all of them, when None."""
    for edit in edits:
        if until is None or edit.step <= until:
            training = set_field(training, edit.name, edit.new)
    return training


def in_order(*edits: Edit) -> tuple[Edit, ...]:
    """The edits by the step that they are made after."""
    return tuple(sorted(edits, key=lambda edit: edit.step))


def document_at(info: RunInfo, step: int | None = None) -> Document:
    """What a run has become after a step; after all that was changed, when None."""
    document = project.from_raw(info.document)
    return replace(document, training=edited(document.training, info.edits, step))
