"""Pictures: (channels, height, width), held as bytes."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from workbench.engine.columns.base import INPUTS, Column, Making
from workbench.engine.columns.decoding import Decoding
from workbench.engine.columns.values import Held
from workbench.engine.preprocess import ImageInput, picture
from workbench.engine.raw import Files, RawColumn, Report
from workbench.engine.steps.base import StepKind, steps_of
from workbench.engine.steps.pictures import Normalise, PicturePreparation

UNREADABLE = (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for a file that is no picture, or a damaged one."""
FITTED = 10_000
"""Pictures of the training split that a mean and a deviation are fitted to, evenly spread, where there are more."""
EDGE = 64
"""The size of pictures of whose source nothing is known."""


class Pictures:
    """Files of pictures, or pictures as bytes."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """Decoded when they are asked for. A file that is no picture is damaged, and its row left out."""
        raw = making.only
        steps = steps_of(making.steps.get(raw.name) or (), raw.name, "image")
        spec = prepared_as(raw, steps)
        column = Column(raw.name, "image", (spec.channels, spec.height, spec.width), _nothing, wide=4)
        fitted = any(isinstance(step, Normalise) and step.by == "fitted" for step in steps)

        def make(report: Report) -> Held:
            held = _held(raw, spec, column.damaged, report)
            if fitted:
                good = np.setdiff1d(making.train, list(column.damaged))
                _prepare(column, _normalised(spec, held, good))
            return held

        _prepare(column, spec)
        column.make = make
        return [column]


def prepared_as(raw: RawColumn, steps: Sequence[StepKind] = ()) -> ImageInput:
    """How the source and the steps want pictures; whatever the order of the steps, they are resized before the rest."""
    spec = raw.preprocessing
    if not isinstance(spec, ImageInput):
        channels, height, width = raw.values.shape[1:] if isinstance(raw.values, Tensor) else (3, EDGE, EDGE)
        spec = ImageInput(channels, height, width)
    for step in steps:
        if isinstance(step, PicturePreparation):
            spec = step.prepare(spec)
    return spec


def opened(path: Path, spec: ImageInput) -> NDArray[np.uint8]:
    """A picture as (channels, height, width) bytes. Raises one of `UNREADABLE`."""
    with Image.open(path) as image:
        return picture(image, spec)


def _nothing(report: Report) -> Held:
    raise AssertionError


def _prepare(column: Column, spec: ImageInput) -> None:
    column.preprocessing, column.finisher = spec, partial(_ready, spec)


def _held(raw: RawColumn, spec: ImageInput, damaged: dict[int, str], report: Report) -> Held:
    if isinstance(raw.values, Files):
        plain = replace(spec, mean=(), std=(), divide_by=1.0)  # the same bytes, however they are normalised
        shape = (spec.channels, spec.height, spec.width)
        decode = partial(opened, spec=plain)
        return Decoding(raw.values, shape, torch.uint8, decode, UNREADABLE, plain).held(damaged, report)
    assert isinstance(raw.values, Tensor)
    return _resized(raw.values, spec, report)


def _resized(pixels_NCHW: Tensor, spec: ImageInput, report: Report) -> Tensor:
    """Pictures as bytes, in another size or number of channels where that is wanted."""
    shape = (spec.channels, spec.height, spec.width)
    if tuple(pixels_NCHW.shape[1:]) == shape:
        return pixels_NCHW
    made = torch.empty(len(pixels_NCHW), *shape, dtype=torch.uint8)
    for row, pixels in enumerate(pixels_NCHW.numpy()):
        if row % 1000 == 0:
            report("data.decoding", row, len(made))
        grey = pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
        made[row] = torch.from_numpy(picture(Image.fromarray(grey), spec))
    return made


def _normalised(spec: ImageInput, held: Held, train: NDArray[np.int64]) -> ImageInput:
    """Mean 0 and deviation 1 in each channel, over the training split."""
    if not len(train):
        return spec
    rows = torch.from_numpy(train[:: -(-len(train) // FITTED)])
    counts = torch.zeros(spec.channels, 256, dtype=torch.int64)
    for some in torch.split(rows, 256):
        pixels = held[some] if isinstance(held, Tensor) else held.take(some)
        for channel in range(spec.channels):
            counts[channel] += torch.bincount(pixels[:, channel].flatten(), minlength=256)
    shares = counts.double() / counts.sum(1, keepdim=True)
    levels = torch.arange(256, dtype=torch.float64) / spec.divide_by
    mean = (shares * levels).sum(1)
    deviation = (shares * (levels - mean[:, None]) ** 2).sum(1).sqrt()
    std = torch.where(deviation > 0, deviation, 1.0)
    return replace(spec, mean=tuple(mean.tolist()), std=tuple(std.tolist()))


def _ready(spec: ImageInput, pixels_BCHW: Tensor) -> Tensor:
    ready = pixels_BCHW.float().div_(spec.divide_by)
    if spec.mean:
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (spec.mean, spec.std))
        ready = ready.sub_(mean).div_(std)
    return ready


INPUTS.add("image")(Pictures())
