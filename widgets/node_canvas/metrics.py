"""The measures of a node. They need no font and no widget, so that layouts can ask for them too."""

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from widgets.node_canvas.scene import NodeBox

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

ACROSS, ALONG = 0, 1
"""The axes of a point: the graph flows along y. Exchange the two and it flows from left to right."""

WIDTH = 176.0
GRID = 8.0
PAD = 9.0
TITLE_HEIGHT = 18.0
LINE_HEIGHT = 16.0
TEXT_LEFT = 24.0
TEXT_RIGHT = 12.0
SIGN = 16.0
"""The room of the sign before a message."""
PORT_PITCH = 16.0
PORT_DOT = 7.0
PORT_TARGET = 12.0

TITLE_PX, CAPTION_PX, LABEL_PX = 13.0, 11.5, 11.0
LABEL_ADVANCE = 0.602 * LABEL_PX
"""A figure's width in the monospaced faces asked for: JetBrains Mono takes 0.600 em, DejaVu Sans Mono 0.602."""
LABEL_HEIGHT = 14.0
MESSAGE_LETTERS = 22
"""How many letters of a message fit on one line of a node."""


def node_size(node: NodeBox) -> tuple[float, float]:
    """The width and height that `node` takes on the canvas."""
    lines = text_lines(node) if node.problem else len(node.captions)
    return _size(lines, max(len(node.inputs), len(node.outputs)))


def text_lines(node: NodeBox) -> int:
    """The lines below the title; a message never makes a node lower, so that it does not jump with the problem."""
    if not (node.problem and node.message):
        return len(node.captions)
    return max(len(node.captions), 1 if _letters(node.message) <= MESSAGE_LETTERS else 2)


@lru_cache(maxsize=4096)
def port_offsets(size: tuple[float, float], num: int, is_output: bool) -> Floats:
    """Where the `num` ports of one side lie from the node's corner: evenly spread."""
    offsets = np.zeros((num, 2))
    offsets[:, ACROSS] = np.round(size[ACROSS] * np.arange(1, num + 1) / (num + 1))
    offsets[:, ALONG] = size[ALONG] if is_output else 0.0
    offsets.flags.writeable = False
    return offsets


def label_width(text: str) -> float:
    """The width of a wire's label."""
    return _letters(text) * LABEL_ADVANCE


@lru_cache(maxsize=1024)
def _size(lines: int, ports: int) -> tuple[float, float]:
    size = [WIDTH, 2 * PAD + TITLE_HEIGHT + lines * LINE_HEIGHT]
    needed = PORT_PITCH * (ports + 1)
    size[ACROSS] = max(size[ACROSS], needed)
    return size[0], size[1]


def _letters(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
