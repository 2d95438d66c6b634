"""Training whose settings change on the way: as the run's record has it, and as the user wishes meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from workbench.core.document import Training
from workbench.core.edits import set_field
from workbench.core.runs import Edit
from workbench.engine.events import Edited, EpochEnded, Event, Stepped
from workbench.engine.loop import Loop, Plan
from workbench.engine.train import fit

Wished = Callable[[Training, int], list[Edit]]
"""The edits that are wished now, from the settings and the last step that was made."""


def fit_edited(loop: Loop, plan: Plan, edits: Iterable[Edit], wished: Wished) -> Iterator[Event]:
    """As `fit`; after the steps that `edits` name, settings change as they say, and as is `wished` meanwhile.

    They change between two steps, never between an epoch's last step and its end: so a run that is made again from
    its record comes to the same weights.
    """
    due = sorted((edit for edit in edits if edit.step > loop.step), key=lambda edit: edit.step)
    goes_on = True
    while goes_on:
        goes_on = False
        for event in fit(loop, replace(plan, stops=plan.stops | {edit.step for edit in due})):
            yield event
            if not _may_change(event, loop, plan):
                continue
            now = [edit for edit in due if edit.step <= loop.step]
            due = [edit for edit in due if edit.step > loop.step]
            now += wished(_with(plan.training, now), loop.step)
            if now:
                plan, goes_on = replace(plan, training=_with(plan.training, now), warnings=()), True
                yield from (Edited(edit, plan.epochs, plan.steps) for edit in now)
                break


def _may_change(event: Event, loop: Loop, plan: Plan) -> bool:
    """After steps; and at the very end, where only more epochs make a difference."""
    if isinstance(event, Stepped):
        return event.finite
    return isinstance(event, EpochEnded) and loop.epoch >= plan.epochs


def _with(training: Training, edits: Iterable[Edit]) -> Training:
    for edit in edits:
        training = set_field(training, edit.name, edit.new)
    return training


def nothing_wished(training: Training, step: int) -> list[Edit]:
    """For steps that are made again."""
    return []
