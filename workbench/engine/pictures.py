"""Small pictures of tensors: pictures as they are, feature maps side by side, sequences and vectors as heat, few
numbers as bars. What is large shows strongly, blue above zero and orange below; zero lets the ground through, so that
one picture suits a light and a dark one. Numbers that are none are magenta.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Pixels = NDArray[np.uint8]
"""(height, width, 4): red, green, blue, alpha."""

LARGEST = 48
TILE, TILES_DOWN, TILES_ACROSS = 22, 2, 6
STRIP_WIDE, STRIP_HIGH = 96, 16
FEW = 16
BAR, BAR_GAP, BARS_HIGH = 5, 1, 32
ABOVE, BELOW, WRONG = (59, 130, 246), (249, 115, 22), (255, 0, 255)
FAINTEST = 0.04
GAMMA = 0.75
"""Small numbers show a little more than they should: on a dark ground they would be lost."""


def picture_of(sample: Tensor, *, as_seen: bool = False) -> Pixels:
    """The picture of one sample's tensor, without the batch axis.

    Args:
        sample: of any shape and kind of numbers.
        as_seen: channels × height × width of a picture, which is shown in grey or in its colours.
    """
    values = sample.detach().float()
    if values.dim() == 0:
        values = values[None]
    if values.dim() == 1:
        return _bars(values) if len(values) <= FEW else _heat(_strip(values))
    if values.dim() == 2:
        return _heat(_smaller(values.T, LARGEST, STRIP_WIDE))
    maps = values.reshape(-1, *values.shape[-2:])
    if as_seen and len(maps) in (1, 3):
        return _seen(maps)
    return _heat(_smaller(maps[0], LARGEST, LARGEST)) if len(maps) == 1 else _tiles(maps)


def _smaller(values: Tensor, high: int, wide: int) -> Tensor:
    """A matrix of at most this size: larger ones are averaged over areas."""
    size = min(values.shape[0], high), min(values.shape[1], wide)
    if size == tuple(values.shape):
        return values
    return functional.adaptive_avg_pool2d(values[None, None], size)[0, 0]


def _strip(values: Tensor) -> Tensor:
    """A long vector as one row of colours."""
    row = values if len(values) <= STRIP_WIDE else functional.adaptive_avg_pool1d(values[None, None], STRIP_WIDE)[0, 0]
    return row[None].expand(max(2, STRIP_HIGH * len(row) // STRIP_WIDE), -1)


def _strengths(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Numbers from -1 to 1, relative to the largest; and which of them are none."""
    wrong = ~np.isfinite(values)
    sound = np.where(wrong, 0, values)
    top = float(np.abs(sound).max(initial=0))
    return (sound / top if top > 0 else sound).astype(np.float32), wrong


def _heat(values: Tensor) -> Pixels:
    strengths, wrong = _strengths(values.numpy())
    return _coloured(strengths, wrong)


def _coloured(strengths: NDArray[np.float32], wrong: NDArray[np.bool_]) -> Pixels:
    pixels = np.empty((*strengths.shape, 4), np.uint8)
    pixels[..., :3] = np.where((strengths < 0)[..., None], BELOW, ABOVE)
    pixels[..., 3] = np.round(255 * np.maximum(np.abs(strengths) ** GAMMA, FAINTEST))
    pixels[wrong] = (*WRONG, 255)
    return pixels


def _seen(maps: Tensor) -> Pixels:
    """From black to white, or in colours, between the least and the largest number."""
    size = min(maps.shape[1], LARGEST), min(maps.shape[2], LARGEST)
    small = functional.adaptive_avg_pool2d(maps[None], size)[0].numpy()
    wrong = ~np.isfinite(small).all(axis=0)
    small = np.nan_to_num(small, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(small.min()), float(small.max())
    grey = np.round(255 * (small - low) / (high - low if high > low else 1.0)).astype(np.uint8)
    pixels = np.full((*size, 4), 255, np.uint8)
    pixels[..., :3] = grey.transpose(1, 2, 0)
    pixels[wrong] = (*WRONG, 255)
    return pixels


def _tiles(maps: Tensor) -> Pixels:
    """The first feature maps, side by side, all on one scale."""
    shown = maps[: TILES_DOWN * TILES_ACROSS]
    down = TILES_DOWN if len(shown) > 3 else 1
    across = -(-len(shown) // down)
    size = min(maps.shape[1], TILE), min(maps.shape[2], TILE)
    small = functional.adaptive_avg_pool2d(shown[None], size)[0].numpy()
    tiles = _coloured(*_strengths(small))
    high, wide = size[0] + 1, size[1] + 1
    pixels = np.zeros((down * high - 1, across * wide - 1, 4), np.uint8)
    for place, tile in enumerate(tiles):
        y, x = place // across * high, place % across * wide
        pixels[y : y + size[0], x : x + size[1]] = tile
    return pixels


def _bars(values: Tensor) -> Pixels:
    """Up above zero, down below."""
    strengths, wrong = _strengths(values.numpy())
    pixels = np.zeros((BARS_HIGH, len(values) * (BAR + BAR_GAP) - BAR_GAP, 4), np.uint8)
    has_below = bool((strengths < 0).any())
    zero = BARS_HIGH // 2 if has_below else BARS_HIGH - 1
    for place, (strength, is_wrong) in enumerate(zip(strengths.tolist(), wrong.tolist(), strict=True)):
        across = slice(place * (BAR + BAR_GAP), place * (BAR + BAR_GAP) + BAR)
        if is_wrong:
            pixels[:, across] = (*WRONG, 255)
            continue
        end = zero - round(strength * (zero if strength > 0 else BARS_HIGH - 1 - zero))
        pixels[min(zero, end) : max(zero, end) + 1, across] = (*(BELOW if strength < 0 else ABOVE), 255)
    return pixels


def histogram(values: Tensor, parts: int) -> tuple[int, ...]:
    """How many finite numbers lie in each of as many equal parts between the least and the largest."""
    sound = values[torch.isfinite(values)]
    if not len(sound):
        return ()
    low, high = float(sound.min()), float(sound.max())
    if low == high:
        return (len(sound),)
    counts: list[float] = torch.histc(sound, parts, low, high).tolist()
    return tuple(int(count) for count in counts)
