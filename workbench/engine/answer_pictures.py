"""Answers that are pictures: masks, and inputs that were rebuilt. Needs no torch."""

import colorsys
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.core.files import unwritable
from workbench.engine.answers import ModelOutput, sigmoid
from workbench.engine.preprocess import ImageInput

GOLDEN = 0.618034
"""Of a circle: steps of it never come near one another."""


def palette(classes: int) -> NDArray[np.uint8]:
    """A colour for each class, (classes, 3); the first one, mostly what is behind everything, is black."""
    hues = [colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.65, 0.95) for number in range(classes - 1)]
    return np.array([(0, 0, 0), *(tuple(round(255 * part) for part in hue) for hue in hues)], np.uint8)


def mask_picture(mask_HW: NDArray[Any], classes: int) -> Image.Image:
    """A mask as a picture whose pixels are the numbers of classes, each with a colour of its own."""
    picture = Image.fromarray(mask_HW.astype(np.uint8), "P")
    picture.putpalette(palette(classes).ravel().tolist())
    return picture


def pixels_of(ready_CHW: NDArray[Any], spec: ImageInput) -> NDArray[np.uint8]:
    """What a network reads or rebuilds as pixels, (height, width, 3)."""
    pixels = ready_CHW.astype(np.float32)
    if spec.mean:
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (spec.mean, spec.std))
        pixels = pixels * std + mean
    bytes_HWC = np.clip(np.rint(pixels * spec.divide_by), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return np.repeat(bytes_HWC, 3, 2) if bytes_HWC.shape[2] == 1 else bytes_HWC[..., :3]


def picture_of(numbers: NDArray[Any], output: ModelOutput, spec: ImageInput, given: Mapping[str, str]) -> Image.Image:
    """The answer to a picture as a picture: a mask is as large as the picture that it belongs to."""
    if output.task == "autoencoding":
        return Image.fromarray(pixels_of(sigmoid(numbers) if output.loss == "bce" else numbers, spec))
    mask = mask_picture(numbers.argmax(0), len(output.classes))
    size = next((size for file in given.values() if (size := _size(file))), mask.size)
    return mask.resize(size, Image.Resampling.NEAREST)


def _size(file: str) -> tuple[int, int] | None:
    try:
        with Image.open(file) as image:
            turned = image.getexif().get(0x0112, 1) > 4  # lies on its side
            return image.size[::-1] if turned else image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def written_beside(folder: Path, name: str, column: str, picture: Image.Image) -> Path:
    """Write a picture under the name of the sample that it answers. Raises `ProblemError`."""
    stem = re.sub(r"\W+", "_", Path(name).stem) or "answer"
    path = folder / f"{stem}.{column}.png"
    number = 2
    while path.exists():
        path, number = folder / f"{stem}_{number}.{column}.png", number + 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except OSError as error:
        raise unwritable(path, error) from None
    return path
