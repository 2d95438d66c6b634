"""Training whose settings change on the way: as the run's record has it, and as the user wishes meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from workbench.core.edits import set_field
from workbench.core.live_edits import AUGMENTATION
from workbench.core.runs import Edit
from workbench.engine.events import Edited, EpochEnded, Event, Stepped
from workbench.engine.loop import Loop, Plan
from workbench.engine.train import fit

Wished = Callable[[Plan, int], list[Edit]]
"""The edits that are wished now, from the plan as it is and the last step that was made."""


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
            now += wished(_with(plan, now), loop.step)
            if now:
                plan, goes_on = replace(_with(plan, now), warnings=()), True
                yield from (Edited(edit, plan.epochs, plan.steps) for edit in now)
                break


def _may_change(event: Event, loop: Loop, plan: Plan) -> bool:
    """After steps; and at the very end, where only more epochs make a difference."""
    if isinstance(event, Stepped):
        return event.finite
    return isinstance(event, EpochEnded) and loop.epoch >= plan.epochs


def setting(plan: Plan, name: str, value: Any) -> Any:
    """What `name` is now, of which `value` is what it is to become."""
    return plan.augmenting.steps_of(value) if name == AUGMENTATION else getattr(plan.training, name)


def with_setting(plan: Plan, name: str, value: Any) -> Plan:
    """A plan in which something is changed. Raises `ProblemError` or ValueError when it does not fit."""
    if name != AUGMENTATION:
        return replace(plan, training=set_field(plan.training, name, value))
    augmenting = plan.augmenting.changed(value)
    return replace(plan, augmenting=augmenting, train=plan.train.augmented(augmenting.made()))


def _with(plan: Plan, edits: Iterable[Edit]) -> Plan:
    for edit in edits:
        plan = with_setting(plan, edit.name, edit.new)
    return plan


def nothing_wished(plan: Plan, step: int) -> list[Edit]:
    """For steps that are made again."""
    return []
