"""Random changes of what a picture looks like where it is: colours, sharpness, holes. Masks stay as they are."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine.registry import Setting
from workbench.engine.steps.base import step
from workbench.engine.steps.changing import RandomStep, Taken, chosen, put, uniform
from workbench.engine.steps.geometry import SHARE

COLOUR = "Colour and sharpness"
GREY = (0.2989, 0.587, 0.114)
"""How much red, green and blue add to brightness, as torchvision has it."""


@step("colour_jitter", "Colour jitter", COLOUR, kinds=("image",), random=True)
@dataclass(frozen=True)
class ColourJitter(RandomStep):
    """Change brightness, contrast, saturation and hue, in this order, as torchvision's ColorJitter does.

    A factor is drawn between 1 - x and 1 + x; hue is shifted by at most x of the circle of colours.
    """

    brightness: Annotated[float, Setting(0.0, 1.0)] = 0.2
    contrast: Annotated[float, Setting(0.0, 1.0)] = 0.2
    saturation: Annotated[float, Setting(0.0, 1.0)] = 0.2
    hue: Annotated[float, Setting(0.0, 0.5)] = 0.0
    probability: Annotated[float, SHARE] = 1.0

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures alone."""
        rows = chosen(dice, len(taken.values), self.probability)
        factors = [1 + uniform(dice, -x, x, len(rows)) for x in (self.brightness, self.contrast, self.saturation)]
        shifts = uniform(dice, -self.hue, self.hue, len(rows))
        pictures = blended(taken.values[rows].float(), torch.zeros(()), factors[0])
        if self.contrast:
            pictures = blended(pictures, _grey(pictures).mean((1, 2, 3), keepdim=True), factors[1])
        if pictures.shape[1] == 3 and self.saturation:
            pictures = blended(pictures, _grey(pictures), factors[2])
        if pictures.shape[1] == 3 and self.hue:
            pictures = _turned(pictures, shifts)
        taken.values = put(taken.values, rows, pictures)


def blended(pictures: Tensor, other: Tensor, factors: Tensor) -> Tensor:
    """Between another picture (0) and this one (1), or beyond this one."""
    share = factors.view(-1, 1, 1, 1)
    return (pictures * share + other * (1 - share)).clamp_(0, 255)


def _grey(pictures: Tensor) -> Tensor:
    if pictures.shape[1] != 3:
        return pictures
    return (pictures * torch.tensor(GREY).view(3, 1, 1)).sum(1, keepdim=True)


def _turned(pictures: Tensor, shifts: Tensor) -> Tensor:
    """Each picture's hue shifted by a share of the circle."""
    from torchvision.transforms.v2 import functional as v2

    turned = [v2.adjust_hue(picture / 255, shift) for picture, shift in zip(pictures, shifts.tolist(), strict=True)]
    return torch.stack(turned) * 255 if turned else pictures


@step("blur", "Blur", COLOUR, kinds=("image",), random=True)
@dataclass(frozen=True)
class Blur(RandomStep):
    """Blur a picture by a Gaussian of random width."""

    least: Annotated[float, Setting(0.1, 20.0, label="Least width", unit="px")] = 0.1
    most: Annotated[float, Setting(0.1, 20.0, label="Largest width", unit="px")] = 1.5
    probability: Annotated[float, SHARE] = 0.5

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures alone."""
        rows = chosen(dice, len(taken.values), self.probability)
        low, high = sorted((self.least, self.most))
        sigma = uniform(dice, low, high, len(rows))
        pictures = taken.values[rows]
        reach = min(math.ceil(3 * high), min(pictures.shape[-2:]) - 1)
        if not len(rows) or not reach:
            return
        places = torch.arange(-reach, reach + 1)
        kernel = torch.exp(-0.5 * (places / sigma[:, None]) ** 2)
        kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(pictures.shape[1], 0)
        layers = pictures.float().flatten(0, 1)[None]
        padded = functional.pad(layers, (reach, reach, reach, reach), "reflect")
        across = functional.conv2d(padded, kernel[:, None, None], groups=len(kernel))
        blurred = functional.conv2d(across, kernel[:, None, :, None], groups=len(kernel))
        taken.values = put(taken.values, rows, blurred.view(pictures.shape))


@step("erasing", "Erase a part", COLOUR, kinds=("image",), random=True)
@dataclass(frozen=True)
class Erasing(RandomStep):
    """Fill a rectangle with noise, so that a network does not rely on one part alone (Zhong and others, 2017)."""

    smallest: Annotated[float, Setting(0.0, 1.0, label="Smallest part", help="Share of the area")] = 0.02
    largest: Annotated[float, Setting(0.0, 1.0, label="Largest part", help="Share of the area")] = 0.33
    noise: Annotated[bool, Setting(help="Random bytes instead of black")] = True
    probability: Annotated[float, SHARE] = 0.5

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures alone: a mask still says what was there."""
        rows = chosen(dice, len(taken.values), self.probability)
        pictures = taken.values[rows]
        low, high = sorted((self.smallest, self.largest))
        hole = holes(dice, uniform(dice, low, high, len(rows)), pictures.shape[-2:])[:, None]
        size = tuple(pictures.shape) if self.noise else (1,)
        filling = torch.from_numpy(dice.integers(0, 256 if self.noise else 1, size, np.uint8))
        taken.values = put(taken.values, rows, torch.where(hole, filling, pictures))


def holes(dice: np.random.Generator, areas: Tensor, size: tuple[int, ...], stretch: float = 3.3) -> Tensor:
    """(count, height, width): a rectangle of each share of the area, its proportions and place at random."""
    height, width = size
    ratio = uniform(dice, -math.log(stretch), math.log(stretch), len(areas)).exp().sqrt()
    high = (areas.sqrt() * height / ratio).round().clamp_(0, height)
    wide = (areas.sqrt() * width * ratio).round().clamp_(0, width)
    top = (uniform(dice, 0, 1, len(areas)) * (height - high + 1)).floor()
    left = (uniform(dice, 0, 1, len(areas)) * (width - wide + 1)).floor()
    y, x = torch.arange(height), torch.arange(width)
    down = (y >= top[:, None]) & (y < (top + high)[:, None])
    across = (x >= left[:, None]) & (x < (left + wide)[:, None])
    return down[:, :, None] & across[:, None, :]
