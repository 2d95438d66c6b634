"""Masks: (height, width) numbers of classes, in the shape of the pictures that they belong to."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from workbench.engine.columns.base import NO_CLASS, TARGETS, Column, Making
from workbench.engine.columns.decoding import Decoding
from workbench.engine.columns.pictures import UNREADABLE
from workbench.engine.columns.values import Held
from workbench.engine.preprocess import MaskInput, mask
from workbench.engine.raw import Files, RawColumn, Report
from workbench.engine.steps.base import steps_of
from workbench.engine.steps.pictures import Resize


class Masks:
    """Files of masks, or masks as numbers of classes, -100 where a pixel does not count."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """Decoded when they are asked for. A file with a value that no class has is damaged, and its row left out."""
        raw = making.only
        spec = raw.preprocessing
        if not isinstance(spec, MaskInput):
            height, width = raw.values.shape[1:] if isinstance(raw.values, Tensor) else (64, 64)
            spec = MaskInput(tuple(range(len(raw.classes))), height, width)
        for step in steps_of(making.steps.get(raw.name) or (), raw.name, "image"):
            if isinstance(step, Resize):
                spec = replace(spec, height=step.height, width=step.width, fit=step.fit)
        damaged: dict[int, str] = {}
        return [
            Column(
                raw.name,
                "mask",
                (spec.height, spec.width),
                partial(_held, raw, spec, damaged),
                raw.classes,
                preprocessing=spec,
                finisher=Tensor.long,
                wide=4,
                damaged=damaged,
            )
        ]


def opened(path: Path, spec: MaskInput) -> NDArray[np.int16]:
    """A mask as (height, width) numbers of classes. Raises one of `UNREADABLE`."""
    with Image.open(path) as image:
        return mask(image, spec, NO_CLASS)


def _held(raw: RawColumn, spec: MaskInput, damaged: dict[int, str], report: Report) -> Held:
    shape = (spec.height, spec.width)
    if isinstance(raw.values, Files):
        one = partial(opened, spec=spec)
        return Decoding(raw.values, shape, torch.int16, one, UNREADABLE, spec).held(damaged, report)
    assert isinstance(raw.values, Tensor)
    if tuple(raw.values.shape[1:]) == shape:
        return raw.values.to(torch.int16)
    plain = replace(spec, values=tuple(range(len(raw.classes))), ignore=len(raw.classes))
    made = np.empty((len(raw.values), *shape), np.int16)
    for row, numbers in enumerate(raw.values.numpy()):
        inside = np.where(numbers < 0, len(raw.classes), numbers).astype(np.uint8)
        made[row] = mask(Image.fromarray(inside), plain, NO_CLASS)
    return torch.from_numpy(made)


TARGETS.add("mask")(Masks())
