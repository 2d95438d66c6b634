"""Pictures as what a network reads."""

from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageOps

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Fit = Literal["stretch", "pad", "crop"]
"""How a picture of other proportions gets its size: stretched, whole with a border around it, or its middle."""

DRAFT = 2
"""A JPEG is decoded at a fraction of its size, at least so many times as large as it is wanted."""


class ImageInput(Struct, frozen=True, tag="image"):
    """Pictures as channels × height × width, (value / divide_by - mean) / std for each channel."""

    channels: int
    height: int
    width: int
    divide_by: float = 255.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    ink: bool = False
    """Bright ink on a dark ground, framed as MNIST frames its digits: scaled into 20 of 28 pixels, centred by mass."""
    fit: Fit = "stretch"


class MaskInput(Struct, frozen=True, tag="mask"):
    """Masks as height × width numbers of classes; they are resized as their pictures are, to the nearest pixel."""

    values: tuple[int, ...]
    """What stands in the file for each class."""
    height: int
    width: int
    fit: Fit = "stretch"
    ignore: int | None = None
    """What stands for pixels that do not count."""


def picture(image: Image.Image, spec: ImageInput) -> Bytes:
    """A picture as (channels, height, width) bytes, resized (antialiased, bilinear) where it has another size.

    A network that reads bright ink on a dark ground gets a dark drawing on bright paper inverted; a drawing of
    another size is framed as the training data were.
    """
    if not spec.ink:
        image.draft(None, (max(spec.width, spec.height) * DRAFT,) * 2)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(ground, layer)
    image = image.convert("L" if spec.channels == 1 or spec.ink else "RGB")
    if spec.ink:
        pixels = np.asarray(image)
        return np.repeat(framed(255 - pixels if _on_paper(pixels) else pixels, spec)[None], spec.channels, 0)
    pixels = np.asarray(_sized(image, spec, Image.Resampling.BILINEAR, 0))
    return pixels[None] if spec.channels == 1 else pixels.transpose(2, 0, 1).copy()


def mask(image: Image.Image, spec: MaskInput, outside: int) -> NDArray[np.int16]:
    """A mask as (height, width) numbers of classes; `outside` is the number of pixels that do not count.

    A palette's numbers are read, not its colours.

    Raises:
        ValueError: it has colours, or a value that no class has.
    """
    found = classes_in(image)
    known = np.full(int(max(found.max(), *spec.values, spec.ignore or 0)) + 1, len(spec.values), np.int16)
    known[list(spec.values)] = np.arange(len(spec.values))
    if spec.ignore is not None and spec.ignore not in spec.values:
        known[spec.ignore] = outside
    numbers = known[found]
    if (stray := numbers == len(spec.values)).any():
        raise ValueError(f"{int(found[stray][0])} stands for no class")
    sized = _sized(Image.fromarray(numbers.astype(np.int32)), spec, Image.Resampling.NEAREST, outside)
    return np.asarray(sized).astype(np.int16)


def classes_in(image: Image.Image) -> NDArray[np.int32]:
    """What stands in a mask's file: (height, width). Raises `ValueError` for colours."""
    image = ImageOps.exif_transpose(image)
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    if pixels.ndim == 3:
        if (pixels[..., :3] != pixels[..., :1]).any():
            raise ValueError("it has colours; a palette or grey was expected")
        pixels = pixels[..., 0]
    return pixels.astype(np.int32)


def _sized(image: Image.Image, spec: ImageInput | MaskInput, how: Image.Resampling, outside: int) -> Image.Image:
    size = spec.width, spec.height
    if image.size == size:
        return image
    if spec.fit == "crop":
        return ImageOps.fit(image, size, how)
    if spec.fit == "pad":
        return ImageOps.pad(image, size, how, color=outside)
    return image.resize(size, how)


def _on_paper(pixels: Bytes) -> bool:
    """The ground is brighter than what is drawn on it: judged by the border."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return float(np.median(border)) > 127


def framed(ink: Bytes, spec: ImageInput) -> Bytes:
    """A drawing (bright ink) as MNIST frames it; one that has the network's size already is left as it is.

    The ink's box is scaled into 20/28 of the frame and its centre of mass put into the middle (LeCun and others,
    *The MNIST database of handwritten digits*).
    """
    if ink.shape == (spec.height, spec.width):
        return ink
    rows, columns = np.flatnonzero(ink.max(1) > 32), np.flatnonzero(ink.max(0) > 32)
    frame = np.zeros((spec.height, spec.width), np.uint8)
    if not len(rows):
        return frame
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(spec.height, spec.width) * 20 / 28 / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BILINEAR), np.float64)
    mass = small.sum() or 1.0
    centre = [(small.sum(1 - axis) * (np.arange(small.shape[axis]) + 0.5)).sum() / mass for axis in (0, 1)]
    top, left = (
        int(np.clip(round(whole / 2 - middle), 0, whole - part))
        for whole, middle, part in zip(frame.shape, centre, small.shape, strict=True)
    )
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small.round()
    return frame


def pictures_ready(pictures_NCHW: Bytes, spec: ImageInput) -> Floats:
    """Bytes (count, channels, height, width) as what the network reads."""
    ready = pictures_NCHW.astype(np.float32) / np.float32(spec.divide_by)
    if spec.mean:
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (spec.mean, spec.std))
        ready = (ready - mean) / std
    return ready
