"""The measures of a node. They need no font and no widget, so that layouts can ask for them too."""

import textwrap
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from widgets.node_canvas.scene import NodeBox, Picture

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

ACROSS, ALONG = 0, 1
"""The axes of a point where the graph flows down; where it flows to the right, they are exchanged."""

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
NOTE_WIDTH, NOTE_LETTERS, NOTE_LINES = 200.0, 26, 16
"""Of a note: its width, how many letters fit on a line, and how many lines are shown."""
PICTURE = 30.0
"""How high a picture beside a wire is: it fits between two layers that stand close."""
PICTURE_GAP = 6.0
FRAME_SIDE, FRAME_TITLE, FRAME_FOOT = 12.0, 22.0, 8.0
"""The room of a frame around its nodes: title and foot together fit between two layers that stand close."""
FRAME_TITLE_PX = 12.0
FRAME_LETTER = 0.68 * FRAME_TITLE_PX
"""About the width of a wide letter in a title."""


def node_size(node: NodeBox) -> tuple[float, float]:
    """The width and height that `node` takes on the canvas."""
    if node.note is not None:
        return NOTE_WIDTH, 2 * PAD + max(len(note_lines(node.note)), 1) * LINE_HEIGHT
    lines = text_lines(node) if node.problem else len(node.captions)
    return _size(lines, max(len(node.inputs), len(node.outputs)), node.sideways)


def text_lines(node: NodeBox) -> int:
    """The lines below the title; a message never makes a node lower, so that it does not jump with the problem."""
    if not (node.problem and node.message):
        return len(node.captions)
    return max(len(node.captions), 1 if _letters(node.message) <= MESSAGE_LETTERS else 2)


@lru_cache(maxsize=1024)
def note_lines(text: str) -> tuple[str, ...]:
    """The lines of a note; what is beyond the last one is left out."""
    # Letters of double width count as two; textwrap counts letters, so such a text is cut at half the number.
    wide = _letters(text) > len(text)
    room = NOTE_LETTERS // 2 if wide else NOTE_LETTERS
    lines = [line for part in text.strip().splitlines() for line in textwrap.wrap(part, room) or [""]]
    if len(lines) > NOTE_LINES:
        lines[NOTE_LINES - 1] += " …"
    return tuple(lines[:NOTE_LINES])


def picture_size(picture: Picture) -> tuple[float, float]:
    """The width and height that a picture takes beside its wire."""
    width = PICTURE * picture.width / picture.height
    fit = min(1.0, 3 * PICTURE / width)
    return max(width * fit, 1.0), max(PICTURE * fit, 1.0)


@lru_cache(maxsize=4096)
def port_offsets(size: tuple[float, float], num: int, is_output: bool, sideways: bool = False) -> Floats:
    """Where the `num` ports of one side lie from the node's corner: evenly spread; sideways, from the title downwards.

    So nodes of any height that stand side by side are joined by straight wires.
    """
    offsets = np.zeros((num, 2))
    across, along = (ALONG, ACROSS) if sideways else (ACROSS, ALONG)
    if sideways:
        offsets[:, across] = PAD + TITLE_HEIGHT / 2 + PORT_PITCH * np.arange(num)
    else:
        offsets[:, across] = np.round(size[across] * np.arange(1, num + 1) / (num + 1))
    offsets[:, along] = size[along] if is_output else 0.0
    offsets.flags.writeable = False
    return offsets


def label_width(text: str) -> float:
    """The width of a wire's label."""
    return _letters(text) * LABEL_ADVANCE


@lru_cache(maxsize=1024)
def _size(lines: int, ports: int, sideways: bool) -> tuple[float, float]:
    size = [WIDTH, 2 * PAD + TITLE_HEIGHT + lines * LINE_HEIGHT]
    needed = PORT_PITCH * (ports + 1) + (4.0 if sideways else 0.0)
    across = ALONG if sideways else ACROSS
    size[across] = max(size[across], needed)
    return size[0], size[1]


def _letters(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
