"""Where the labels of wires go: beside the wire, near the node that makes it, touching neither wire nor node."""

from dataclasses import dataclass

import numpy as np

from widgets.node_canvas.metrics import ACROSS, ALONG, Bools, Floats, Ints
from widgets.node_canvas.shapes import bounds, grown, lines_meet, overlapping, pairs

GAP = 9.0
DISTANCES = (16.0, 32.0, 48.0, 72.0, 104.0)
AIR = 2.0
FURTHEST = 120.0
"""How far aside of its port a label may stand."""
CHOICES = tuple((distance, first) for distance in DISTANCES for first in (True, False))
"""The right side first, but for ports left of the middle the left one."""


def place(lines: Floats, sizes: Floats, owners: Ints, obstacles: "Obstacles") -> Floats:
    """The top left corners of labels beside `lines`, or NaN where there is no room at all.

    Labels of one node (a row of the obstacles' rects) keep clear of each other if they are placed together.
    """
    middles = obstacles.rects[owners, ACROSS] + obstacles.rects[owners, 2 + ACROSS]
    outward = lines[:, 0, ACROSS] < middles / 2 - 1
    corners = np.full((len(lines), 2), np.nan)
    near = obstacles.within(bounds(regions(lines[:, 0], sizes)))
    taken, taken_by = np.zeros((0, 4)), owners[:0]
    for rows in _ranks(owners):
        waiting = rows
        for distance, first in CHOICES:
            boxes, there = _candidates(lines[waiting], sizes[waiting], distance, first != outward[waiting])
            free = there & near.leave(grown(boxes, AIR))
            for row, other in pairs(boxes, taken):
                free[row[owners[waiting[row]] == taken_by[other]]] = False
            corners[waiting[free]] = boxes[free, :2]
            taken, taken_by = np.concatenate([taken, boxes[free]]), np.concatenate([taken_by, owners[waiting[free]]])
            waiting = waiting[~free]
            if not len(waiting):
                break
    return corners


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What labels must not touch."""

    rects: Floats
    lines: Floats
    line_boxes: Floats

    def within(self, box: Floats) -> "Obstacles":
        """Those that touch `box`."""
        lines = np.flatnonzero(overlapping(self.line_boxes, box))
        return Obstacles(self.rects[overlapping(self.rects, box)], self.lines[lines], self.line_boxes[lines])

    def leave(self, boxes: Floats) -> Bools:
        """Which of `boxes` they leave free."""
        free = np.ones(len(boxes), bool)
        for row, _ in pairs(boxes, self.rects):
            free[row] = False
        for row, line in pairs(boxes, self.line_boxes):
            free[row[lines_meet(self.lines[line], boxes[row])]] = False
        return free


def _ranks(owners: Ints) -> list[Ints]:
    """The first row of each owner, then the second of each, and so on."""
    order = np.argsort(owners, kind="stable")
    kept = owners[order]
    first = np.searchsorted(kept, kept, side="left")
    rank = np.arange(len(kept)) - first
    return [np.sort(order[rank == k]) for k in range(int(rank.max(initial=-1)) + 1)]


def regions(starts: Floats, sizes: Floats) -> Floats:
    """The boxes outside of which nothing can move a label of one of `sizes` that starts at `starts`."""
    reach = np.stack([sizes[:, 0] + FURTHEST, sizes[:, 1] + DISTANCES[-1]], axis=1)
    return np.concatenate([starts - reach, starts + reach], axis=1)


def _candidates(lines: Floats, sizes: Floats, distance: float, right: Bools) -> tuple[Floats, Bools]:
    """Boxes beside the stretch around `distance` below the start of each line, and whether that is a place."""
    half = sizes[:, ALONG] / 2
    along = lines[:, 0, ALONG] + np.maximum(distance, half + AIR + 0.5)
    stretch = np.stack([_across(lines, along + step * (half + AIR)) for step in (-1, 0, 1)])
    boxes = np.empty((len(lines), 4))
    boxes[:, ACROSS] = np.where(right, stretch.max(axis=0) + GAP, stretch.min(axis=0) - GAP - sizes[:, ACROSS])
    boxes[:, ALONG] = along - half
    boxes[:, 2 + ACROSS] = boxes[:, ACROSS] + sizes[:, ACROSS]
    boxes[:, 2 + ALONG] = along + half
    region = regions(lines[:, 0], sizes)
    near = (boxes[:, :2] - AIR >= region[:, :2]).all(axis=1) & (boxes[:, 2:] + AIR <= region[:, 2:]).all(axis=1)
    return boxes, near & (lines[:, :, ALONG].max(axis=1) >= along)


def _across(lines: Floats, along: Floats) -> Floats:
    """Where each line first reaches a height; its end if it never does."""
    reached = lines[:, 1:, ALONG] >= along[:, None]
    after = np.where(reached.any(axis=1), reached.argmax(axis=1), lines.shape[1] - 2) + 1
    rows = np.arange(len(lines))
    a, b = lines[rows, after - 1], lines[rows, after]
    rise = b[:, ALONG] - a[:, ALONG]
    share = np.clip((along - a[:, ALONG]) / np.where(rise == 0, 1, rise), 0, 1)
    return np.asarray(a[:, ACROSS] + share * (b[:, ACROSS] - a[:, ACROSS]))
