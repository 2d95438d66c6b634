"""The course of wires: one curve where nothing is in the way, else two turns with a straight lane between."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from widgets.node_canvas.metrics import ACROSS, ALONG, Bools, Floats, Ints
from widgets.node_canvas.shapes import around, grown, lines_meet, pairs

POINTS = 17
"""Points of the polyline that stands for a wire in hit tests."""
FIRST_TURN = 8
MIN_DROP = 8.0
"""A wire whose end lies less than this below its start turns back."""
CLEARANCE = 4.0
LANE = 20.0
NEST, MOST_NESTED = 8.0, 10
"""How much further out each skipped node moves a lane, so that nested skips do not share one."""
DETOUR = 100.0
"""How much longer a nested lane may be than the shortest one."""
ROUNDS = 3
TURN_MIN, TURN_MAX = 16.0, 64.0


@dataclass(slots=True)
class Routes:
    """The courses of some wires, row by row."""

    control: Floats
    """(k, 8, 2): one cubic in the first four points, or two with a straight line between."""
    lane: Bools
    """Whether the second cubic counts."""
    line: Floats
    """(k, POINTS, 2)"""
    box: Floats
    """Around the line."""
    reach: Floats
    """A node outside of this box has no say in the course."""


def route(ends: Floats, src: Ints, dst: Ints, rects: Floats) -> Routes:
    """Find courses from (x0, y0) to (x1, y1) between the nodes `rects`."""
    control = np.empty((len(ends), 8, 2))
    control[:, :4] = _curve(ends)
    control[:, 4:] = control[:, 3:4]
    lane = np.zeros(len(ends), bool)
    line = _flatten(control, lane)
    box = around(line)
    reach = grown(box, CLEARANCE)
    back = ends[:, 2 + ALONG] - ends[:, ALONG] < MIN_DROP
    blocked, tall = _obstacles(line, box, src, dst, rects, ~back)
    for rows, plan in ((blocked, _bow), (np.flatnonzero(back), _turn_back)):
        if len(rows):
            control[rows], tried = plan(ends[rows], src[rows], dst[rows], rects, tall[rows])
            lane[rows] = True
            line[rows] = _flatten(control[rows], lane[rows])
            box[rows] = around(line[rows])
            reach[rows] = _union(reach[rows], _union(box[rows], grown(tried, CLEARANCE)))
    return Routes(control, lane, line, box, reach)


def loose_curve(start: tuple[float, float], end: tuple[float, float]) -> Floats:
    """The four control points of a wire that is being drawn."""
    return np.asarray(_curve(np.array([[*start, *end]]))[0])


def _curve(ends: Floats) -> Floats:
    drop = ends[:, 2 + ALONG] - ends[:, ALONG]
    shift = np.abs(ends[:, 2 + ACROSS] - ends[:, ACROSS])
    forward = np.minimum(0.5 * drop + 0.1 * shift, 0.9 * drop)
    pull = np.where(drop >= MIN_DROP, forward, np.clip(0.25 * np.hypot(drop, shift), 24, 120))
    control = np.empty((len(ends), 4, 2))
    control[:, 0] = control[:, 1] = ends[:, :2]
    control[:, 3] = control[:, 2] = ends[:, 2:]
    control[:, 1, ALONG] += pull
    control[:, 2, ALONG] -= pull
    return control


def _obstacles(line: Floats, box: Floats, src: Ints, dst: Ints, rects: Floats, forward: Bools) -> tuple[Ints, Floats]:
    """The forward wires that would cross foreign nodes, and for every wire the box around those, then their count."""
    tall = np.zeros((len(line), 5))
    tall[:, :4] = (np.inf, np.inf, -np.inf, -np.inf)
    rows = np.flatnonzero(forward)
    for found, node in pairs(grown(box[rows], CLEARANCE), rects):
        wire = rows[found]
        foreign = (node != src[wire]) & (node != dst[wire])
        wire, node = wire[foreign], node[foreign]
        hit = lines_meet(line[wire], grown(rects[node], CLEARANCE))
        wire, rect = wire[hit], rects[node[hit]]
        np.minimum.at(tall[:, :2], wire, rect[:, :2])
        np.maximum.at(tall[:, 2:4], wire, rect[:, 2:])
        np.add.at(tall[:, 4], wire, 1)
    return np.flatnonzero(tall[:, 4]), tall


def _bow(ends: Floats, src: Ints, dst: Ints, rects: Floats, tall: Floats) -> tuple[Floats, Floats]:
    """Pass beside the nodes in `tall` on the nearer free side, further out the more of them there are."""
    low, high = tall[:, ACROSS], tall[:, 2 + ACROSS]
    nested = LANE + NEST * np.minimum(tall[:, 4] - 1, MOST_NESTED)
    sides = np.stack([low - nested, high + nested, low - LANE, high + LANE], axis=1)
    lane, tried = _free_lane(sides, np.array((0, 0, DETOUR, DETOUR)), ends, src, dst, rects)
    room = ends[:, 2 + ALONG] - ends[:, ALONG]
    first = np.clip(tall[:, ALONG] - ends[:, ALONG], TURN_MIN, TURN_MAX)
    last = np.clip(ends[:, 2 + ALONG] - tall[:, 2 + ALONG], TURN_MIN, TURN_MAX)
    fit = np.minimum(1.0, room / (first + last))
    return _turns(ends, lane, (first * fit, -last * fit)), tried


def _turn_back(ends: Floats, src: Ints, dst: Ints, rects: Floats, _: Floats) -> tuple[Floats, Floats]:
    """Go around to an input that lies above: between the two nodes where there is room, else beside both."""
    a, b = rects[src], rects[dst]
    low, high = ACROSS, 2 + ACROSS
    left = a[:, low] < b[:, low]
    inner = np.where(left, a[:, high], b[:, high]), np.where(left, b[:, low], a[:, low])
    between = inner[1] - inner[0] >= LANE
    near_src = np.where(left, a[:, high] + LANE, a[:, low] - LANE)
    near_dst = np.where(left, b[:, low] - LANE, b[:, high] + LANE)
    lowest = np.minimum(a[:, low], b[:, low]) - LANE
    highest = np.maximum(a[:, high], b[:, high]) + LANE
    middle = (inner[0] + inner[1]) / 2
    beside = (highest, lowest, highest)
    options = np.stack(
        [np.where(between, *two) for two in zip((middle, near_src, near_dst), beside, strict=True)], axis=1
    )
    lane, tried = _free_lane(options, np.zeros(3), ends, src, dst, rects)
    return _turns(ends, lane, None), tried


def _free_lane(
    options: Floats, penalty: Floats, ends: Floats, src: Ints, dst: Ints, rects: Floats
) -> tuple[Floats, Floats]:
    """The free lane with the least detour, searched further out if need be, and the box of all that was tried."""
    lane, free, span, tried = _try_lanes(options, penalty, ends, src, dst, rects)
    outer = lane.copy()
    for _ in range(ROUNDS):
        rows = np.flatnonzero(~free)
        if not len(rows):
            break
        further = np.stack([span[rows, 0] - LANE, span[rows, 1] + LANE], axis=1)
        found = _try_lanes(further, np.zeros(2), ends[rows], src[rows], dst[rows], rects)
        outer[rows], free[rows] = found[:2]
        span[rows] = _union(span[rows], found[2])
        tried[rows] = _union(tried[rows], found[3])
    return np.where(free, outer, lane), tried


def _try_lanes(
    options: Floats, penalty: Floats, ends: Floats, src: Ints, dst: Ints, rects: Floats
) -> tuple[Floats, Bools, Floats, Floats]:
    """The best of `options` (k, n), whether it is free, how far what blocks them extends, and the box tried."""
    num = options.shape[1]
    boxes = np.empty((len(ends), num, 4))
    boxes[..., ACROSS] = options - CLEARANCE
    boxes[..., 2 + ACROSS] = options + CLEARANCE
    sides = ends[:, [ALONG, 2 + ALONG]]
    boxes[..., ALONG] = sides.min(axis=1)[:, None] + CLEARANCE
    boxes[..., 2 + ALONG] = np.maximum(sides.max(axis=1)[:, None] - CLEARANCE, boxes[..., ALONG])
    cost = np.abs(options - ends[:, ACROSS, None]) + np.abs(options - ends[:, 2 + ACROSS, None]) + penalty
    blocked = np.zeros(options.shape, bool)
    span = np.stack([options.min(axis=1), options.max(axis=1)], axis=1)
    for row, node in pairs(boxes.reshape(-1, 4), rects):
        wire, option = np.divmod(row, num)
        foreign = (node != src[wire]) & (node != dst[wire])
        wire, option, node = wire[foreign], option[foreign], node[foreign]
        blocked[wire, option] = True
        np.minimum.at(span[:, 0], wire, rects[node, ACROSS])
        np.maximum.at(span[:, 1], wire, rects[node, 2 + ACROSS])
    best = (cost + blocked * 1e9).argmin(axis=1)
    rows = np.arange(len(options))
    tried = np.concatenate([boxes[..., :2].min(axis=1), boxes[..., 2:].max(axis=1)], axis=1)
    return options[rows, best], ~blocked[rows, best], span, tried


def _union(one: Floats, other: Floats) -> Floats:
    half = one.shape[1] // 2
    low, high = np.minimum(one[:, :half], other[:, :half]), np.maximum(one[:, half:], other[:, half:])
    return np.concatenate([low, high], axis=1)


def _turns(ends: Floats, lane: Floats, depths: tuple[Floats, Floats] | None) -> Floats:
    """Two cubics, into the lane and out of it within signed `depths`; without those they are U-turns."""
    control = np.empty((len(ends), 8, 2))
    for side, (at, step) in enumerate(((0, 1), (7, -1))):
        start = ends[:, 2 * side : 2 * side + 2]
        if depths is None:
            pull = into = np.clip(0.3 * np.abs(lane - start[:, ACROSS]), 28, 52) * step
            depth = np.zeros(len(ends))
        else:
            depth = depths[side]
            pull, into = 0.55 * depth, 0.45 * depth
        control[:, at] = control[:, at + step] = start
        control[:, at + step, ALONG] += pull
        control[:, at + 2 * step, ACROSS] = control[:, at + 3 * step, ACROSS] = lane
        control[:, at + 2 * step, ALONG] = start[:, ALONG] + into
        control[:, at + 3 * step, ALONG] = start[:, ALONG] + depth
    return control


@cache
def bernstein(num: int) -> Floats:
    """Weights of a cubic's control points for `num` points of it."""
    t = np.linspace(0, 1, num)[:, None]
    return np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)


_WHOLE, _FIRST, _LAST = bernstein(POINTS), bernstein(FIRST_TURN), bernstein(POINTS - FIRST_TURN)


def _flatten(control: Floats, lane: Bools) -> Floats:
    line = np.asarray(_WHOLE @ control[:, :4])
    if lane.any():
        turned = control[lane]
        line[lane] = np.concatenate([_FIRST @ turned[:, :4], _LAST @ turned[:, 4:]], axis=1)
    return line
