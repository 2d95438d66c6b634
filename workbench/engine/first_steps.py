"""How pictures and sounds are prepared in a project that begins: sizes, rates and steps that suit what is there."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

import numpy as np
import soundfile
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from workbench.core.document import ColumnUse, Data, Settings, Step
from workbench.engine.columns.pictures import UNREADABLE
from workbench.engine.datasets.base import dataset_of
from workbench.engine.raw import Files, Raw, RawColumn
from workbench.engine.roles import used

LOOKED_AT = 64
"""Pictures or sounds that are looked at, evenly spread."""
LARGEST, SIZES = 128, 32
"""Pixels: where sizes differ, pictures get a multiple of `SIZES` that is no larger than this."""
THUMB = 32
"""Pixels of the small picture by which photos are told from drawings."""
TONES, GREY = 200, 6
"""A photo has at least so many colours in its small picture, and its channels differ by more than this."""
FASTEST, LONGEST = 16000, 10.0
"""Samples a second and seconds: what tells sounds apart is mostly below 8 kHz."""
MIRRORED = ("category", "label", "tags", "mask")
"""Kinds of targets that stay true when a picture is mirrored; a number may be a place or an angle."""


@dataclass(frozen=True)
class Look:
    """What pictures are like."""

    height: int
    width: int
    alike: bool
    """All have one size."""
    grey: bool
    photos: bool


def begun(data: Data, raw: Raw) -> Data:
    """The data with options and steps where the document says nothing of them yet."""
    uses = used(raw, data.columns)
    known = {field.name for field in dataset_of(data).info.fields}
    options: Settings = {}
    columns = dict(data.columns)
    targets = [use.raw.kind for use in uses.values() if use.role == "target"]
    mirrored = bool(targets) and all(kind in MIRRORED for kind in targets)
    for name, use in uses.items():
        if use.role != "input" or use.steps is not None or not len(use.raw):
            continue
        if use.raw.kind == "image" and (look := seen(use.raw)) is not None:
            more, steps = _of_pictures(look, mirrored)
        elif use.raw.kind == "audio" and (rate_seconds := _heard(use.raw)) is not None:
            more, steps = _of_sounds(*rate_seconds)
        else:
            continue
        options |= {key: value for key, value in more.items() if key in known and key not in data.options}
        columns[name] = replace(columns.get(name, ColumnUse()), steps=steps)
    return replace(data, options={**data.options, **options}, columns=columns)


def _of_pictures(look: Look, mirrored: bool) -> tuple[Settings, tuple[Step, ...]]:
    height, width = (look.height, look.width) if look.alike else (_common(look.height), _common(look.width))
    steps = [Step("normalise")]
    if look.photos and mirrored:
        steps += [Step("horizontal_flip"), Step("random_crop", {"padding": max(2, min(height, width) // 8)})]
    return {"height": height, "width": width, "colour": not look.grey}, tuple(steps)


def _common(edge: int) -> int:
    return max(SIZES, min(LARGEST, edge // SIZES * SIZES))


def _of_sounds(rate: int, seconds: float) -> tuple[Settings, tuple[Step, ...]]:
    """Windows of 25 ms, one each 10 ms; fewer tones where there is less to tell apart."""
    tones = Step("log_mel", {"mels": 64 if rate >= FASTEST else 40, "n_fft": rate // 40, "hop": rate // 100})
    return {"rate": rate, "seconds": seconds}, (tones, Step("normalise"))


def seen(raw: RawColumn) -> Look | None:
    """What pictures are like; None where none can be read."""
    pictures = [picture for row in _spread(len(raw)) if (picture := _picture(raw, row)) is not None]
    if not pictures:
        return None
    sizes = Counter(size for size, _ in pictures)
    alike = len(sizes) == 1 and max(next(iter(sizes))) <= 2 * LARGEST
    height, width = (int(median(size[axis] for size, _ in pictures)) for axis in (0, 1))
    if not alike:
        height = width = min(height, width)
    thumbs = [thumb for _, thumb in pictures]
    grey = all(_spread_of_channels(thumb) <= GREY for thumb in thumbs)
    colours = median(len(np.unique(thumb.reshape(-1, 3) // 8, axis=0)) for thumb in thumbs)
    return Look(height, width, alike, grey, not grey and colours >= TONES)


def _spread_of_channels(thumb: NDArray[np.uint8]) -> float:
    return float((thumb.max(-1).astype(int) - thumb.min(-1)).mean())


def _spread(count: int) -> list[int]:
    return sorted({int(row) for row in np.linspace(0, count - 1, min(count, LOOKED_AT))})


def _picture(raw: RawColumn, row: int) -> tuple[tuple[int, int], NDArray[np.uint8]] | None:
    """Its height and width, and the small picture."""
    if isinstance(raw.values, Tensor):
        pixels = raw.values[row].numpy()
        if pixels.dtype != np.uint8:
            return None
        image = Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
        return _small(image)
    if not isinstance(raw.values, Files):
        return None
    try:
        with Image.open(raw.values[row]) as image:
            return _small(image)
    except UNREADABLE:
        return None


def _small(image: Image.Image) -> tuple[tuple[int, int], NDArray[np.uint8]]:
    size = image.height, image.width
    image.draft("RGB", (THUMB * 2, THUMB * 2))
    thumb = image.convert("RGB").resize((THUMB, THUMB), Image.Resampling.BILINEAR)
    return size, np.asarray(thumb)


def _heard(raw: RawColumn) -> tuple[int, float] | None:
    """The most common rate, and a length that is enough for nearly all; None where none can be read."""
    found = []
    if isinstance(raw.values, Files):
        for row in _spread(len(raw)):
            try:
                info = soundfile.info(raw.values[row])
            except (OSError, soundfile.SoundFileError):
                continue
            found.append((info.samplerate, info.duration))
    if not found:
        return None
    rate = Counter(rate for rate, _ in found).most_common(1)[0][0]
    length = float(np.quantile([seconds for _, seconds in found], 0.95))
    return min(rate, FASTEST), min(LONGEST, max(0.1, round(length + 0.05, 1)))
