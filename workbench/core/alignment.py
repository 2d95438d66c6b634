"""Nodes in line with each other, evenly apart or on the grid: pure functions from boxes to places."""

from collections.abc import Mapping
from typing import Literal

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in scene pixels."""
Places = dict[str, tuple[float, float]]
"""Upper left corners."""

Line = Literal["left", "centre", "right", "top", "middle", "bottom"]
"""What is brought in line: an edge, or the middle across (`centre`) or along (`middle`)."""
Axis = Literal["across", "along"]

GRID = 8.0
"""The points that the canvas draws, in scene pixels."""


def aligned(boxes: Mapping[str, Box], line: Line) -> Places:
    """All boxes with an edge in one line, the outermost one; with their middles on the middle of the whole."""
    if not boxes:
        return {}
    axis = 0 if line in ("left", "centre", "right") else 1
    low = min(box[axis] for box in boxes.values())
    high = max(box[axis + 2] for box in boxes.values())

    def start(box: Box) -> float:
        size = box[axis + 2] - box[axis]
        if line in ("left", "top"):
            return low
        return high - size if line in ("right", "bottom") else (low + high - size) / 2

    return {node: (start(box), box[1]) if axis == 0 else (box[0], start(box)) for node, box in boxes.items()}


def distributed(boxes: Mapping[str, Box], axis: Axis) -> Places:
    """The same gap between each box and the next along an axis; the first and the last stay where they are."""
    low = 0 if axis == "across" else 1
    order = sorted(boxes, key=lambda node: (boxes[node][low] + boxes[node][low + 2], node))
    if len(order) < 3:
        return {}
    sizes = [boxes[node][low + 2] - boxes[node][low] for node in order]
    room = boxes[order[-1]][low + 2] - boxes[order[0]][low]
    gap = (room - sum(sizes)) / (len(order) - 1)
    places, at = {}, boxes[order[0]][low]
    for node, size in zip(order, sizes, strict=True):
        left, top = boxes[node][:2]
        places[node] = (at, top) if low == 0 else (left, at)
        at += size + gap
    return places


def snapped(boxes: Mapping[str, Box]) -> Places:
    """Upper left corners on the nearest points of the grid."""
    return {node: (round(box[0] / GRID) * GRID, round(box[1] / GRID) * GRID) for node, box in boxes.items()}
