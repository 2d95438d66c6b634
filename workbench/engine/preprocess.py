"""How what a user has (a picture, a row of a table) becomes what a network reads. Needs no torch.

The same description is used for training, stored with the run, and exported with the model, so that an answer does
not depend on who prepared the input.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageOps

from workbench.engine import vocabulary
from workbench.engine.csv_rows import is_blank, is_number

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


class Field(Struct, frozen=True):
    """One column of a table: standardised numbers, or one 0/1 input for each of its `values`."""

    name: str
    mean: float = 0.0
    std: float = 1.0
    values: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        return len(self.values) or 1


class TableInput(Struct, frozen=True, tag="table"):
    """Rows of a table as one vector; a missing number becomes the mean, an unknown value no input at all."""

    fields: tuple[Field, ...]


class TextInput(Struct, frozen=True, tag="text"):
    """A text as numbers of tokens."""

    characters: tuple[str, ...] = ()
    """Of models without a tokenizer: the end of a text, each character as its place among these."""
    length: int = 0
    """Exactly so many tokens are read; 0 where a network takes any number."""
    tokenizer: str = ""
    """What cuts it (`vocabulary.py`), as the library `tokenizers` writes it."""
    filled: bool = False
    """What is shorter than `length` is filled up with padding; else it is too short."""
    begin: bool = False
    """It is what a network has written so far, and begins with the token that says so."""
    words: bool = False
    """It is words with spaces between them, each of which is one token."""


Preprocessing = ImageInput | TableInput | TextInput


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


def row_ready(row: Mapping[str, str], spec: TableInput) -> Floats:
    """One row of a table, as text by column, as what the network reads.

    Raises:
        KeyError: a column is not there.
        ValueError: a number is not one; says the column.
    """
    ready: Floats = table_ready({field.name: [row[field.name]] for field in spec.fields}, spec)[0]
    return ready


def text_ready(text: str, spec: TextInput) -> NDArray[np.int64]:
    """A text as what the network reads: (length,) numbers.

    Raises:
        KeyError: a character is not known; says which.
    """
    if not spec.tokenizer:
        place = {character: number for number, character in enumerate(spec.characters)}
        return np.array([place[character] for character in text[-spec.length :]], np.int64)
    if spec.words:
        (numbers,) = vocabulary.encoded_words([text.split()], spec.tokenizer)
    else:
        (numbers,) = vocabulary.encoded([text], spec.tokenizer)
    if spec.begin:
        numbers = [vocabulary.BEGIN, *numbers]
    if spec.filled:
        numbers += [vocabulary.PADDING] * (spec.length - len(numbers))
    elif spec.length:
        numbers = numbers[-spec.length :]
    return np.array(numbers, np.int64)


def text_of(numbers: Sequence[int], spec: TextInput) -> str:
    """The text that a network has written as numbers, up to its end."""
    if not spec.tokenizer:
        return "".join(spec.characters[number] for number in numbers)
    return vocabulary.decoded(numbers, spec.tokenizer)


def table_ready(columns: Mapping[str, list[str]], spec: TableInput) -> Floats:
    """Columns of text as (rows, inputs) numbers."""
    parts = []
    for field in spec.fields:
        texts = columns[field.name]
        if field.values:
            place = {value: index for index, value in enumerate(field.values)}
            at = np.array([place.get(text.strip(), -1) for text in texts])
            parts.append((at[:, None] == np.arange(len(field.values))).astype(np.float32))
        else:
            parts.append(standardised(numbers(field.name, texts), field)[:, None])
    return np.concatenate(parts, 1, dtype=np.float32)


def numbers(name: str, texts: list[str]) -> NDArray[np.float64]:
    """Texts as numbers, NaN where nothing stands."""
    try:
        return np.array([np.nan if is_blank(text) else float(text) for text in texts])
    except ValueError:
        stray = next(text for text in texts if not is_blank(text) and not is_number(text))
        raise ValueError(f"{name} is “{stray}”, which is no number") from None


def standardised(values: NDArray[np.float64], field: Field) -> Floats:
    """(value - mean) / std; the mean where there is no value."""
    filled = np.where(np.isfinite(values), values, field.mean)
    return ((filled - field.mean) / field.std).astype(np.float32)
