"""Pictures as what a network reads."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageOps

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


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


def picture(image: Image.Image, spec: ImageInput) -> Bytes:
    """A picture as (channels, height, width) bytes, resized (antialiased, bilinear) where it has another size.

    A network that reads bright ink on a dark ground gets a dark drawing on bright paper inverted; a drawing of
    another size is framed as the training data were.
    """
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(ground, layer)
    image = image.convert("L" if spec.channels == 1 else "RGB")
    if spec.ink:
        pixels = np.asarray(image)
        return framed(255 - pixels if _on_paper(pixels) else pixels, spec)[None]
    if image.size != (spec.width, spec.height):
        image = image.resize((spec.width, spec.height), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return pixels[None] if spec.channels == 1 else pixels.transpose(2, 0, 1).copy()


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
