"""Standing in line: how far to move a box so that an edge or its middle lies on a line with those of others."""

import numpy as np

from widgets.node_canvas.metrics import Floats

EXACT = 0.01


def aligned(box: Floats, others: Floats, reach: float) -> tuple[tuple[float | None, float | None], Floats]:
    """How far to move `box` (x0, y0, x1, y1) across and down, each None where no line is within `reach`.

    Also the lines (k, 4) that it then stands on, as far as the boxes in line with it reach.
    """
    if not len(others):
        return (None, None), np.zeros((0, 4))
    steps = [_step(box, others, axis, reach) for axis in (0, 1)]
    dx, dy = (0.0 if step is None else step for step in steps)
    moved = box + np.array((dx, dy, dx, dy))
    guides = [_guide(moved, others, axis) for axis in (0, 1) if steps[axis] is not None]
    return (steps[0], steps[1]), np.array(guides, np.float64).reshape(-1, 4)


def _lines(boxes: Floats, axis: int) -> Floats:
    """Middle, low and high edge of boxes along an axis."""
    low, high = boxes[..., axis], boxes[..., 2 + axis]
    return np.stack([(low + high) / 2, low, high], axis=-1)


def _step(box: Floats, others: Floats, axis: int, reach: float) -> float | None:
    gaps = _lines(others, axis) - _lines(box, axis)
    size = np.abs(gaps)
    best = int(size.argmin())
    return float(gaps.flat[best]) if size.flat[best] <= reach else None


def _guide(box: Floats, others: Floats, axis: int) -> tuple[float, float, float, float]:
    own = _lines(box, axis)
    same = np.abs(_lines(others, axis) - own) < EXACT
    kind = int(same.any(axis=0).argmax())
    line, across = float(own[kind]), 1 - axis
    boxes = np.concatenate([others[same[:, kind]], box[None]])
    low, high = float(boxes[:, across].min()), float(boxes[:, 2 + across].max())
    return (line, low, line, high) if axis == 0 else (low, line, high, line)
