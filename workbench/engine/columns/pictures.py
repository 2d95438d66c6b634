"""Pictures: (channels, height, width), held as bytes."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from workbench.engine.columns.base import INPUTS, Column, Making
from workbench.engine.preprocess import ImageInput, picture
from workbench.engine.raw import Files, Report, Values

UNREADABLE = (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for a file that is no picture, or a damaged one."""


class Pictures:
    """Files of pictures, or pictures as bytes."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """Decoded when they are asked for. A file that is no picture is damaged, and its row left out."""
        raw = making.only
        spec = raw.preprocessing
        assert isinstance(spec, ImageInput)
        shape = (spec.channels, spec.height, spec.width)
        damaged: dict[int, str] = {}
        made = partial(_decoded, raw.values, spec, damaged)
        finish = partial(_ready, spec)
        return [Column(raw.name, "image", shape, made, preprocessing=spec, finisher=finish, wide=4, damaged=damaged)]


def _decoded(values: Values, spec: ImageInput, damaged: dict[int, str], report: Report) -> Tensor:
    if isinstance(values, Tensor):
        return values
    files: Files = values
    pixels = np.zeros((len(files), spec.channels, spec.height, spec.width), np.uint8)
    for row in range(len(files)):
        report("data.decoding", row, len(files))
        try:
            pixels[row] = opened(files[row], spec)
        except UNREADABLE as error:
            damaged[row] = str(error)
    return torch.from_numpy(pixels)


def opened(path: Path, spec: ImageInput) -> np.ndarray:
    """A picture as (channels, height, width) bytes. Raises one of `UNREADABLE`."""
    with Image.open(path) as image:
        return picture(image, spec)


def _ready(spec: ImageInput, pixels_BCHW: Tensor) -> Tensor:
    ready = pixels_BCHW.float().div_(spec.divide_by)
    if spec.mean:
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (spec.mean, spec.std))
        ready = ready.sub_(mean).div_(std)
    return ready


INPUTS.add("image")(Pictures())
