"""Raw samples as people look at them: texts, and small pictures of what can be seen."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import soundfile
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from workbench.engine.columns.pictures import UNREADABLE
from workbench.engine.pictures import picture_of
from workbench.engine.raw import Files, RawColumn

Pixels = NDArray[np.uint8]
"""(height, width, 3): red, green, blue."""

SIDE = 160
"""Pixels of a picture's longer side at most: twice what is shown, for sharp screens."""
SEEN = ("image", "mask", "audio", "array")
GROUND = 128
WAVE_HIGH, SPECTRUM_HIGH, SOUND_WIDE = 40, 88, 160
HEARD_SECONDS = 30.0
SHORTEST = 64
"""Samples of a sound that a spectrum needs at least."""
SHADES = np.array(
    [
        (0, 0, 0),
        (86, 180, 233),
        (230, 159, 0),
        (0, 158, 115),
        (204, 121, 167),
        (240, 228, 66),
        (213, 94, 0),
        (0, 114, 178),
    ],
    np.uint8,
)
"""Okabe and Ito's palette, for the classes of a mask; the first class, mostly the ground, is left as it is."""
NEAREST, SMOOTH = Image.Resampling.NEAREST, Image.Resampling.BILINEAR


def cell(raw: RawColumn, row: int) -> str:
    """One value as a text; empty where it is missing."""
    values = raw.values
    if isinstance(values, Files):
        return values.names[row]
    if isinstance(values, Tensor):
        value = values[row]
        if value.dim() == 0 and raw.classes:
            at = int(value)
            return raw.classes[at] if 0 <= at < len(raw.classes) else ""
        return _said(value.item()) if value.dim() == 0 else " × ".join(map(str, value.shape))
    return _said(values[row].as_py())


def texts(raw: RawColumn, rows: NDArray[np.int64], shown: Sequence[str] | None = None) -> list[str]:
    """Values of some rows as texts; `shown` is how the source writes them itself."""
    if shown is not None:
        return [shown[row] for row in rows]
    if isinstance(raw.values, pa.ChunkedArray):
        return [_said(value) for value in raw.values.take(pa.array(rows)).to_pylist()]
    return [cell(raw, int(row)) for row in rows]


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return str(value)


def is_many(raw: RawColumn) -> bool:
    """Each sample is many numbers, which say nothing as a text."""
    return isinstance(raw.values, Tensor) and raw.values.dim() > 1


def seen_column(columns: Sequence[RawColumn]) -> RawColumn | None:
    """The column that says most to the eye."""
    found = [raw for raw in columns if raw.kind in SEEN and (raw.kind != "array" or _is_flat(raw))]
    return min(found, key=lambda raw: SEEN.index(raw.kind), default=None)


def _is_flat(raw: RawColumn) -> bool:
    return isinstance(raw.values, Tensor) and raw.values.dim() >= 3


def picture(raw: RawColumn, row: int, mask: RawColumn | None = None) -> Pixels:
    """A sample as a small picture, with the classes of its mask laid over it; grey where it cannot be read."""
    try:
        if raw.kind == "audio":
            return _sound(raw, row)
        if raw.kind == "array":
            return tensor_picture(raw.values[row]) if isinstance(raw.values, Tensor) else _nothing()
        found = _image(raw, row, SMOOTH)
        return laid_over(found, _classes(mask, row)) if mask is not None else found
    except (*UNREADABLE, soundfile.SoundFileError):
        return _nothing()


def _nothing() -> Pixels:
    return np.full((SIDE // 2, SIDE // 2, 3), GROUND, np.uint8)


def _image(raw: RawColumn, row: int, how: Image.Resampling) -> Pixels:
    values = raw.values
    if isinstance(values, Files):
        with Image.open(values[row]) as image:
            image.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
            if raw.kind == "mask":
                return _coloured(np.asarray(_smaller(image, NEAREST)))
            return np.asarray(_smaller(ImageOps.exif_transpose(image).convert("RGB"), how))
    assert isinstance(values, Tensor)
    return byte_picture(values[row])


def byte_picture(sample: Tensor) -> Pixels:
    """(channels, height, width) or (height, width) of bytes as a picture."""
    maps = sample.numpy()
    if maps.ndim == 2:
        maps = maps[None]
    maps = maps[:3] if len(maps) >= 3 else np.repeat(maps[:1], 3, 0)
    pixels = Image.fromarray(np.ascontiguousarray(maps.transpose(1, 2, 0).astype(np.uint8)))
    return np.asarray(_smaller(pixels, SMOOTH))


def tensor_picture(sample: Tensor) -> Pixels:
    """Numbers of any shape as a picture on a grey ground."""
    rgba = picture_of(sample).astype(np.float32)
    alpha = rgba[..., 3:] / 255
    return (rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def _smaller(image: Image.Image, how: Image.Resampling) -> Image.Image:
    scale = SIDE / max(image.size)
    if scale >= 1:
        return image
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), how)


def _classes(mask: RawColumn, row: int) -> NDArray[np.int64]:
    values = mask.values
    if isinstance(values, Files):
        with Image.open(values[row]) as image:
            kept = image if image.mode in ("P", "L", "1", "I") else image.convert("L")
            return np.asarray(_smaller(kept, NEAREST)).astype(np.int64)
    assert isinstance(values, Tensor)
    return values[row].numpy().astype(np.int64)


def _coloured(classes: NDArray[np.int64]) -> Pixels:
    flat = classes if classes.ndim == 2 else classes[..., 0]
    _, places = np.unique(flat, return_inverse=True)
    return SHADES[places.reshape(flat.shape) % len(SHADES)]


def laid_over(pixels: Pixels, classes: NDArray[np.int64]) -> Pixels:
    """A picture under the colours of its classes; negative ones and the first show nothing."""
    if classes.shape != pixels.shape[:2]:
        fitting = Image.fromarray(classes.astype(np.int32)).resize((pixels.shape[1], pixels.shape[0]), NEAREST)
        classes = np.asarray(fitting).astype(np.int64)
    values = np.unique(classes[classes >= 0])
    places = np.searchsorted(values, classes)
    painted = (classes >= 0) & (places > 0)
    colours = SHADES[places % len(SHADES)]
    mixed = (pixels.astype(np.float32) + colours) / 2
    return np.where(painted[..., None], mixed, pixels).astype(np.uint8)


def _sound(raw: RawColumn, row: int) -> Pixels:
    values = raw.values
    assert isinstance(values, Files)
    samples, rate = _heard(values[row])
    return sound_picture(samples, rate)


def _heard(path: Path) -> tuple[NDArray[np.float32], int]:
    with soundfile.SoundFile(path) as file:
        samples = file.read(int(HEARD_SECONDS * file.samplerate), dtype="float32", always_2d=True)
        return samples.mean(1), int(file.samplerate)


def sound_picture(samples: NDArray[np.float32], rate: int) -> Pixels:
    """A sound as its wave, and below it what it is made of: time to the right, low tones at the bottom."""
    pixels = np.full((WAVE_HIGH + SPECTRUM_HIGH, SOUND_WIDE, 3), 255, np.uint8)
    if not len(samples):
        return pixels
    pieces = np.array_split(samples, SOUND_WIDE)
    top = max(1e-9, float(np.abs(samples).max()))
    middle = WAVE_HIGH // 2
    for x, piece in enumerate(pieces):
        low, high = (float(edge) / top for edge in (piece.min(), piece.max())) if len(piece) else (0.0, 0.0)
        pixels[middle - round(high * (middle - 2)) : middle - round(low * (middle - 2)) + 1, x] = (59, 130, 246)
    pixels[WAVE_HIGH:] = spectrum_picture(_spectrum(samples), SPECTRUM_HIGH, SOUND_WIDE)
    return pixels


def _spectrum(samples: NDArray[np.float32]) -> Tensor:
    samples = np.pad(samples, (0, max(0, SHORTEST - len(samples))))
    size = 512 if len(samples) >= 2048 else max(16, len(samples) // 4)
    window = torch.hann_window(size)
    return torch.stft(torch.from_numpy(samples), size, size // 4, window=window, return_complex=True).abs()


def spectrum_picture(power_FT: Tensor, high: int, wide: int) -> Pixels:
    """Strengths by frequency and frame as brightness, 80 dB from black to white."""
    decibels = 20 * power_FT.clamp_min(1e-9).log10()
    share = ((decibels - decibels.max() + 80) / 80).clamp(0, 1)
    grey = Image.fromarray((255 * share.flip(0)).byte().numpy()).resize((wide, high), SMOOTH)
    return np.repeat(np.asarray(grey)[..., None], 3, 2)
