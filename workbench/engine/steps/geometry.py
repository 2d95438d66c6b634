"""Random changes of where things are in a picture, all samples of a batch at once; masks follow exactly."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine.columns.values import NO_CLASS
from workbench.engine.registry import Setting
from workbench.engine.steps.base import step
from workbench.engine.steps.changing import RandomStep, Taken, chosen, put, uniform

GEOMETRY = "Place and shape"
Fill = Literal["black", "edge", "mirror"]
PADDING: dict[str, str] = {"black": "zeros", "edge": "border", "mirror": "reflection"}

SHARE = Setting(0.0, 1.0, label="Probability", help="Of a sample to be changed")
FILL = Setting(choices=("black", "edge", "mirror"), kind="choice", help="What comes in from outside")
DEGREES = Setting(0.0, 180.0, unit="°", help="At most so far, to either side")


@step("horizontal_flip", "Flip left and right", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class HorizontalFlip(RandomStep):
    """Mirror a picture: left becomes right."""

    probability: Annotated[float, SHARE] = 0.5

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures and masks."""
        rows = chosen(dice, len(taken.values), self.probability)
        taken.each(lambda values: put(values, rows, values[rows].flip(-1)))


@step("vertical_flip", "Flip upside down", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class VerticalFlip(RandomStep):
    """Mirror a picture: the top becomes the bottom. For views from above, not for what has an upright position."""

    probability: Annotated[float, SHARE] = 0.5

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures and masks."""
        rows = chosen(dice, len(taken.values), self.probability)
        taken.each(lambda values: put(values, rows, values[rows].flip(-2)))


@step("random_crop", "Shift (crop with padding)", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class RandomCrop(RandomStep):
    """Put a border around a picture and cut its size out of that at random: 4 pixels are usual for CIFAR-10.

    By whole pixels, so nothing gets blurred.
    """

    padding: Annotated[int, Setting(1, 512, unit="px")] = 4
    fill: Annotated[Fill, FILL] = "black"

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures and masks."""
        count, (height, width) = len(taken.values), taken.values.shape[-2:]
        down, across = (torch.from_numpy(dice.integers(-self.padding, self.padding + 1, count)) for _ in range(2))
        y, x = torch.arange(height) + down[:, None], torch.arange(width) + across[:, None]
        outside = ((y < 0) | (y >= height))[:, :, None] | ((x < 0) | (x >= width))[:, None, :]
        rows, columns = self._inside(y, height)[:, None, :, None], self._inside(x, width)[:, None, None, :]

        def shifted(layers: Tensor, nothing: int) -> Tensor:
            sample = torch.arange(count)[:, None, None, None]
            layer = torch.arange(layers.shape[1])[:, None, None]
            found = layers[sample, layer, rows, columns]
            return found.masked_fill_(outside[:, None], nothing) if self.fill == "black" else found

        taken.values = shifted(taken.values, 0)
        taken.masks = {name: shifted(mask[:, None], NO_CLASS)[:, 0] for name, mask in taken.masks.items()}

    def _inside(self, at: Tensor, size: int) -> Tensor:
        """Where in the picture a place is read, as torch's padding modes `replicate` and `reflect` have it."""
        if self.fill == "mirror" and size > 1:
            at = at % (2 * size - 2)
            return torch.where(at >= size, 2 * size - 2 - at, at)
        return at.clamp(0, size - 1)


class Warp(RandomStep):
    """Reads each pixel of the new picture at another place of the old one: bilinear, masks at the nearest pixel."""

    probability: float
    FILL: ClassVar[str] = ""

    @abstractmethod
    def matrices(self, count: int, size: tuple[int, int], dice: np.random.Generator) -> Tensor:
        """(count, 3, 3): from places in the new picture to places in the old one.

        Both are homogeneous (x, y, 1), in pixels from the middle of the picture; y grows downwards.
        """

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Pictures and masks."""
        rows = chosen(dice, len(taken.values), self.probability)
        size = int(taken.values.shape[-2]), int(taken.values.shape[-1])
        grid = _grid(self.matrices(len(rows), size, dice), size)
        padding = PADDING[self.FILL or getattr(self, "fill", "black")]
        if not len(rows):
            return
        pictures = functional.grid_sample(taken.values[rows].float(), grid, "bilinear", padding, align_corners=False)
        taken.values = put(taken.values, rows, pictures)
        for name, mask in taken.masks.items():
            above = (mask[rows].float() - NO_CLASS)[:, None]  # what comes in as 0 is then no class
            found = functional.grid_sample(above, grid, "nearest", padding, align_corners=False)
            taken.masks[name] = put(mask, rows, found[:, 0] + NO_CLASS)


def _grid(matrices: Tensor, size: tuple[int, int]) -> Tensor:
    """(count, height, width, 2) places as `grid_sample` wants them: from -1 to 1 across the picture."""
    height, width = size
    y, x = torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2
    places = torch.stack([*torch.meshgrid(x, y, indexing="xy"), torch.ones(height, width)], -1)
    found = places.view(1, -1, 3) @ matrices.transpose(1, 2)
    flat = found[..., :2] / found[..., 2:] / torch.tensor([width / 2, height / 2])
    return flat.view(-1, height, width, 2)


def _about_middle(linear: Tensor, shift: Tensor) -> Tensor:
    """(count, 2, 2) and (count, 2) as (count, 3, 3)."""
    matrices = torch.eye(3).repeat(len(linear), 1, 1)
    matrices[:, :2, :2], matrices[:, :2, 2] = linear, shift
    return matrices


def _turned(degrees: Tensor) -> Tensor:
    """(count, 2, 2): what is read is turned clockwise, so the picture is turned counter-clockwise."""
    cos, sin = torch.deg2rad(degrees).cos(), torch.deg2rad(degrees).sin()
    return torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)


@step("rotation", "Rotate", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class Rotation(Warp):
    """Turn a picture about its middle."""

    degrees: Annotated[float, DEGREES] = 15.0
    fill: Annotated[Fill, FILL] = "black"
    probability: Annotated[float, SHARE] = 1.0

    def matrices(self, count: int, size: tuple[int, int], dice: np.random.Generator) -> Tensor:
        """Rotations."""
        return _about_middle(_turned(uniform(dice, -self.degrees, self.degrees, count)), torch.zeros(count, 2))


@step("affine", "Rotate, shift, scale and shear", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class Affine(Warp):
    """Turn, shift, scale and shear a picture at once: it is resampled only once."""

    degrees: Annotated[float, DEGREES] = 10.0
    shift: Annotated[float, Setting(0.0, 1.0, help="At most, as a share of the size")] = 0.1
    smallest: Annotated[float, Setting(0.1, 10.0, label="Smallest scale")] = 0.9
    largest: Annotated[float, Setting(0.1, 10.0, label="Largest scale")] = 1.1
    shear: Annotated[float, Setting(0.0, 80.0, unit="°", help="At most so far, to either side")] = 0.0
    fill: Annotated[Fill, FILL] = "black"
    probability: Annotated[float, SHARE] = 1.0

    def matrices(self, count: int, size: tuple[int, int], dice: np.random.Generator) -> Tensor:
        """The inverse of what happens to the picture: it is sheared, turned and scaled about the middle, then moved."""
        height, width = size
        turned = _turned(uniform(dice, -self.degrees, self.degrees, count))
        low, high = sorted((self.smallest, self.largest))
        scale = uniform(dice, low, high, count)[:, None, None]
        sheared = torch.eye(2).repeat(count, 1, 1)
        sheared[:, 0, 1] = torch.deg2rad(uniform(dice, -self.shear, self.shear, count)).tan()
        linear = sheared @ turned / scale
        shift = torch.stack([uniform(dice, -self.shift, self.shift, count) * side for side in (width, height)], -1)
        return _about_middle(linear, -(linear @ shift[..., None])[..., 0])


@step("random_resized_crop", "Crop and resize", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class RandomResizedCrop(Warp):
    """Cut out a part of random size and proportions and enlarge it to the whole size (Szegedy and others, 2015)."""

    smallest: Annotated[float, Setting(0.01, 1.0, label="Smallest part", help="Share of the area")] = 0.3
    largest: Annotated[float, Setting(0.01, 1.0, label="Largest part", help="Share of the area")] = 1.0
    stretch: Annotated[float, Setting(1.0, 4.0, help="Width to height, at most so many times the picture's own")] = 1.33
    probability: Annotated[float, SHARE] = 1.0

    FILL: ClassVar[str] = "edge"

    def matrices(self, count: int, size: tuple[int, int], dice: np.random.Generator) -> Tensor:
        """Where the part lies in the picture; all of it is inside."""
        low, high = sorted((self.smallest, self.largest))
        side = uniform(dice, low, high, count).sqrt()
        ratio = uniform(dice, -math.log(self.stretch), math.log(self.stretch), count).exp().sqrt()
        share = torch.stack([side * ratio, side / ratio], -1).clamp_(max=1.0)
        room = (1 - share) / 2 * torch.tensor([float(size[1]), float(size[0])])
        places = torch.stack([uniform(dice, -1.0, 1.0, count) for _ in range(2)], -1)
        return _about_middle(torch.diag_embed(share), places * room)


@step("perspective", "Perspective", GEOMETRY, kinds=("image",), random=True)
@dataclass(frozen=True)
class Perspective(Warp):
    """Look at a picture from the side: each corner moves inwards at random."""

    distortion: Annotated[float, Setting(0.0, 0.9, help="How far corners move at most; 1 is the middle")] = 0.4
    fill: Annotated[Fill, FILL] = "black"
    probability: Annotated[float, SHARE] = 0.5

    def matrices(self, count: int, size: tuple[int, int], dice: np.random.Generator) -> Tensor:
        """The homography that takes the moved corners back to the corners, from eight linear equations each."""
        half = torch.tensor([size[1] / 2, size[0] / 2])
        corners = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * half
        inwards = torch.from_numpy(dice.random((count, 4, 2)).astype(np.float32)) * self.distortion
        x, y = (corners * (1 - inwards)).unbind(-1)
        nothing, one = torch.zeros_like(x), torch.ones_like(x)
        u, v = (corner.expand(count, 4) for corner in corners.unbind(-1))
        first = torch.stack([x, y, one, nothing, nothing, nothing, -u * x, -u * y], -1)
        second = torch.stack([nothing, nothing, nothing, x, y, one, -v * x, -v * y], -1)
        solved = torch.linalg.solve(torch.cat([first, second], 1).double(), torch.cat([u, v], 1).double())
        return torch.cat([solved.float(), torch.ones(count, 1)], 1).view(count, 3, 3)
