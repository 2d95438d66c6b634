"""Overlaps of boxes and lines, for many of them at once; a box is x0, y0, x1, y1."""

from collections.abc import Iterator

import numpy as np

from widgets.node_canvas.metrics import Bools, Floats, Ints

CHUNK = 1_000_000
COLUMNS = 256
FEW = 8
"""So few boxes are compared with all others sooner than these are sorted."""


def overlapping(boxes: Floats, box: Floats) -> Bools:
    """Which of `boxes` touch `box`."""
    across = (boxes[:, 0] <= box[2]) & (boxes[:, 2] >= box[0])
    return np.asarray(across & (boxes[:, 1] <= box[3]) & (boxes[:, 3] >= box[1]))


def touching_any(boxes: Floats, others: Floats) -> Bools:
    """Which of `boxes` touch at least one of `others`."""
    touched = np.zeros(len(boxes), bool)
    if len(others) <= FEW:
        for other in others:
            touched |= overlapping(boxes, other)
        return touched
    for rows, _ in pairs(boxes, others):
        touched[rows] = True
    return touched


def pairs(boxes: Floats, others: Floats) -> Iterator[tuple[Ints, Ints]]:
    """The touching pairs (row of `boxes`, row of `others`), in chunks, ordered by the first."""
    if not len(boxes) or not len(others):
        return
    if len(boxes) <= FEW:
        for at, box in enumerate(boxes):
            touched = np.flatnonzero(overlapping(others, box))
            yield np.full(len(touched), at), touched
        return
    order, owner, first, count = _runs(boxes, others)
    ends = np.cumsum(count)
    start = 0
    while start < len(owner):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        num = count[start:stop]
        row = np.repeat(owner[start:stop], num)
        within = np.arange(len(row)) - np.repeat(np.cumsum(num) - num, num)
        other = order[np.repeat(first[start:stop], num) + within]
        a, b = boxes[row], others[other]
        kept = (a[:, 0] <= b[:, 2]) & (a[:, 2] >= b[:, 0]) & (a[:, 1] <= b[:, 3]) & (a[:, 3] >= b[:, 1])
        yield row[kept], other[kept]
        start = stop


def lines_meet(lines: Floats, boxes: Floats) -> Bools:
    """Whether each polyline (k, points, 2) meets its own box (k, 4); separating axes need no division."""
    (start_x, start_y), half_x, half_y = _halves(lines)
    extent_x, extent_y = (boxes[:, 2] - boxes[:, 0])[:, None] / 2, (boxes[:, 3] - boxes[:, 1])[:, None] / 2
    from_x = start_x + half_x - boxes[:, 0, None] - extent_x
    from_y = start_y + half_y - boxes[:, 1, None] - extent_y
    size_x, size_y = np.abs(half_x), np.abs(half_y)
    near = (np.abs(from_x) <= extent_x + size_x) & (np.abs(from_y) <= extent_y + size_y)
    near &= np.abs(from_x * half_y - from_y * half_x) <= extent_x * size_y + extent_y * size_x
    return np.asarray(near.any(axis=1))


def distances(lines: Floats, x: float, y: float) -> Floats:
    """How far each polyline (k, points, 2) is from a point."""
    (start_x, start_y), half_x, half_y = _halves(lines)
    to_x, to_y = x - start_x, y - start_y
    length = np.maximum(half_x**2 + half_y**2, 1e-12)
    share = np.clip((to_x * half_x + to_y * half_y) / length, 0, 2)
    return np.asarray(np.hypot(to_x - share * half_x, to_y - share * half_y).min(axis=1))


def around(lines: Floats) -> Floats:
    """The box around each polyline (k, points, 2)."""
    x, y = lines[..., 0], lines[..., 1]  # numpy reduces a short last axis slowly
    return np.stack([x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)], axis=1)


def bounds(boxes: Floats) -> Floats:
    """The box around all of `boxes`, of which there is at least one."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def grown(boxes: Floats, by: float) -> Floats:
    """`boxes`, each larger by `by` on every side."""
    return np.asarray(boxes + np.array((-by, -by, by, by)))


def _halves(lines: Floats) -> tuple[tuple[Floats, Floats], Floats, Floats]:
    """The starts and half the lengths of the pieces of polylines, x and y apart."""
    x, y = lines[..., 0], lines[..., 1]
    return (x[:, :-1], y[:, :-1]), (x[:, 1:] - x[:, :-1]) / 2, (y[:, 1:] - y[:, :-1]) / 2


def _runs(boxes: Floats, others: Floats) -> tuple[Ints, Ints, Ints, Ints]:
    """Sort `others` by column and height; for each box and column that it meets, the run that may touch it."""
    wide, high = (others[:, 2:] - others[:, :2]).max(axis=0) + 1.0
    left, low = others[:, 0].min(), others[:, 1].min()
    column_width = max(wide, (others[:, 0].max() - left) / COLUMNS)
    num_columns = int((others[:, 0].max() - left) // column_width) + 1
    # One number holds column and height: each column gets a stretch longer than the whole scene is high.
    stretch = others[:, 1].max() - low + high + 2.0
    keys = ((others[:, 0] - left) // column_width) * stretch + (others[:, 1] - low)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    begin = np.clip((boxes[:, 0] - wide - left) // column_width, 0, num_columns).astype(np.intp)
    end = np.clip((boxes[:, 2] - left) // column_width, -1, num_columns - 1).astype(np.intp) + 1
    num = np.maximum(end - begin, 0)
    owner = np.repeat(np.arange(len(boxes)), num)
    column = np.arange(len(owner)) - np.repeat(np.cumsum(num) - num, num) + begin[owner]
    base = column * stretch
    lowest = base + np.clip(boxes[owner, 1] - high - low, -1.0, stretch - 1.0)
    highest = base + np.clip(boxes[owner, 3] - low, -1.0, stretch - 1.0)
    first = np.searchsorted(keys, lowest, side="left")
    last = np.searchsorted(keys, highest, side="right")
    return order, owner, first, np.maximum(last - first, 0)
