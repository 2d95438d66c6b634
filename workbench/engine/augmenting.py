"""What happens to batches of the training split at random."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor

from workbench.core.data_edits import Steps
from workbench.core.document import Step
from workbench.core.live_edits import Written, as_written, fixed, steps_by_column
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import INPUT_KINDS, Augmentation, Column, Loaded
from workbench.engine.roles import Used
from workbench.engine.steps.base import STEPS, steps_of
from workbench.engine.steps.changing import RandomStep, Taken

LARGEST_SEED = 2**63


@dataclass(frozen=True)
class Augmenting:
    """The random steps of inputs: they may change while a network is trained."""

    uses: Mapping[str, Used]
    columns: Mapping[str, Column]
    steps: Mapping[str, Steps]
    """Of each column of the source, those that are not random included."""

    def made(self) -> Augmentation | None:
        """As one function. Raises `ProblemError`."""
        uses = {name: replace(use, steps=tuple(self.steps[name])) for name, use in self.uses.items()}
        return augmentation(uses, self.columns)

    def steps_of(self, columns: Iterable[str]) -> Written:
        """The steps of some columns, as they stand in a run's record."""
        return as_written({name: self.steps[name] for name in columns})

    def changed(self, value: Any) -> "Augmenting":
        """With other steps for some columns, of which only the random ones differ. Raises `ProblemError`."""
        wanted = steps_by_column(value)
        infos = {key: cls.info for key, cls in STEPS.items()}
        for name, steps in wanted.items():
            if name not in self.uses or self.uses[name].role != "input":
                raise ProblemError("step.no_input", where=name, known=self._inputs())
            if fixed(steps, infos) != fixed(self.steps[name], infos):
                raise ProblemError("run.steps_built_in", where=name)
        changed = replace(self, steps={**self.steps, **wanted})
        changed.made()
        return changed

    def _inputs(self) -> list[str]:
        return [name for name, use in self.uses.items() if use.role == "input"]


NOT_AUGMENTED = Augmenting({}, {}, {})


def augmenting(loaded: Loaded) -> Augmenting:
    """What happens to the training split of these data."""
    uses = {name: Used(raw, loaded.roles[name], loaded.steps[name]) for name, raw in loaded.raw.items()}
    return Augmenting(uses, loaded.columns, loaded.steps)


def augmentation(uses: Mapping[str, Used], columns: Mapping[str, Column]) -> Augmentation | None:
    """The random steps of all inputs, as one function; None where there are none.

    Raises:
        ProblemError: a step is not known, not for its column, in the wrong place, or has a setting that does not fit.
    """
    plans = {
        name: steps
        for name, use in uses.items()
        if use.role == "input" and name in columns and (steps := _random(use.steps or (), name, use.raw.kind))
    }
    if not plans:
        return None
    targets = [name for name, column in columns.items() if column.kind not in (*INPUT_KINDS, "weight")]

    def changed(batch: dict[str, Tensor], seed: int) -> dict[str, Tensor]:
        for place, (name, steps) in enumerate(plans.items()):
            if name in batch:
                dice = np.random.default_rng([seed % LARGEST_SEED, place])
                batch = batch | _changed(batch, columns, name, targets, steps, dice)
        return batch

    return changed


def _random(steps: Sequence[Step], name: str, kind: str) -> list[RandomStep]:
    found = [step for step in steps_of(steps, name, kind) if isinstance(step, RandomStep)]
    for before, after in pairwise(found):
        if before.finished and not after.finished:
            raise ProblemError("step.late", where=name, step=after.info.title)
    return found


def _changed(
    batch: Mapping[str, Tensor],
    columns: Mapping[str, Column],
    name: str,
    targets: Sequence[str],
    steps: Sequence[RandomStep],
    dice: np.random.Generator,
) -> dict[str, Tensor]:
    there = {target: batch[target] for target in targets if target in batch}
    over = {target for target in there if columns[name].kind == "image" and columns[target].kind == "mask"}
    taken = Taken(
        batch[name],
        {target: mask for target, mask in there.items() if target in over},
        {target: values for target, values in there.items() if target not in over},
        {target: len(columns[target].classes) for target in there if columns[target].classes},
    )
    is_finished = False
    for step in steps:
        if step.finished and not is_finished:
            taken.values, is_finished = columns[name].finish(taken.values), True
        step.change(taken, dice)
    return {name: taken.values, **taken.masks, **taken.targets}
