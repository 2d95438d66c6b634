"""Augmentation that chooses its own changes: RandAugment and TrivialAugment, by torchvision.

Which change a sample gets is drawn from the dice; the changes are torchvision's, each made once for all samples of a
batch that get the same one.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from workbench.engine.columns.values import NO_CLASS
from workbench.engine.registry import Setting
from workbench.engine.steps.base import step
from workbench.engine.steps.changing import RandomStep, Taken, put

POLICIES = "Automatic"
BINS = 31
MOVING = frozenset({"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"})
"""Masks follow these."""


class Policy(RandomStep):
    """Draws one of torchvision's changes for each sample."""

    def _once(self, taken: Taken, dice: np.random.Generator, policy: Any, strength: int | None) -> None:
        """One change for each sample; its strength is drawn too where none is given."""
        space = list(policy._AUGMENTATION_SPACE.items())
        count, (height, width) = len(taken.values), taken.values.shape[-2:]
        kinds = dice.integers(0, len(space), count)
        signs = dice.random(count) <= 0.5
        strengths = dice.integers(0, BINS, count) if strength is None else np.full(count, strength)
        levels = [of(BINS, height, width) for _, (of, _) in space]
        changes: dict[tuple[str, float], list[int]] = {}
        for row, kind in enumerate(kinds):
            name, (_, signed) = space[kind]
            level = 0.0 if levels[kind] is None else float(levels[kind][strengths[row]])
            changes.setdefault((name, -level if signed and signs[row] else level), []).append(row)
        for (name, level), places in changes.items():
            rows = torch.tensor(places)
            taken.values = put(taken.values, rows, _changed(policy, taken.values[rows], name, level))
            if name in MOVING:
                for key, mask in taken.masks.items():
                    above = (mask[rows].float() - NO_CLASS)[:, None]  # what comes in as 0 is then no class
                    moved = _changed(policy, above, name, level)[:, 0] + NO_CLASS
                    taken.masks[key] = put(mask, rows, moved)


def _changed(policy: Any, pictures: Tensor, name: str, level: float) -> Tensor:
    how, fill = policy.interpolation, policy._fill
    changed: Tensor = policy._apply_image_or_video_transform(pictures, name, level, how, fill)
    return changed


@step("rand_augment", "RandAugment", POLICIES, kinds=("image",), random=True)
@dataclass(frozen=True)
class RandAugment(Policy):
    """Some changes in a row, drawn from fourteen, all of one strength (Cubuk and others, 2019)."""

    changes: Annotated[int, Setting(1, 10, help="So many in a row")] = 2
    strength: Annotated[int, Setting(0, BINS - 1, help="From 0 to 30")] = 9

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures, and masks where something moves."""
        from torchvision.transforms import v2

        policy = v2.RandAugment(num_magnitude_bins=BINS)
        for _ in range(self.changes):
            self._once(taken, dice, policy, self.strength)


@step("trivial_augment", "TrivialAugment", POLICIES, kinds=("image",), random=True)
@dataclass(frozen=True)
class TrivialAugment(Policy):
    """One change for each sample, its kind and strength drawn at random: nothing to tune (Müller and Hutter, 2021)."""

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures, and masks where something moves."""
        from torchvision.transforms import v2

        self._once(taken, dice, v2.TrivialAugmentWide(num_magnitude_bins=BINS), None)
