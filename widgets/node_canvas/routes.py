"""The course of wires: one curve where nothing is in the way, else two turns with a straight lane between."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from widgets.node_canvas.metrics import ACROSS, ALONG, Bools, Floats, Ints
from widgets.node_canvas.shapes import around, bounds, grown, lines_meet, overlapping, pairs

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
EARLY = 0.02
"""Of lanes that are as short, the one nearer to the start is better: fewer wires leave from there than arrive below."""
CROSSING, MOST_CROSSED = 30.0, 40
"""How much longer a lane may be for each wire that it does not cross."""
ALLEYS = 6
"""How many alleys are tried on the way back."""
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


def route(ends: Floats, src: Ints, dst: Ints, rects: Floats, crowd: Floats) -> Routes:
    """Find courses from (x0, y0) to (x1, y1) between the nodes `rects`.

    They avoid to cross the `crowd`: where all wires start and end, (n, 4).
    """
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
            control[rows], tried = plan(ends[rows], src[rows], dst[rows], rects, tall[rows], crowd)
            lane[rows] = True
            line[rows] = _flatten(control[rows], lane[rows])
            box[rows] = around(line[rows])
            reach[rows] = _union(reach[rows], _union(box[rows], grown(tried, CLEARANCE)))
    return Routes(control, lane, line, box, reach)


def loose_curve(start: Floats, end: Floats) -> Floats:
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


def _bow(ends: Floats, src: Ints, dst: Ints, rects: Floats, tall: Floats, crowd: Floats) -> tuple[Floats, Floats]:
    """Pass beside the nodes in `tall` on the nearer free side, further out the more of them there are.

    Or right below the start, or right above the end, where nothing is in the way there.
    """
    low, high = tall[:, ACROSS], tall[:, 2 + ACROSS]
    nested = LANE + NEST * np.minimum(tall[:, 4] - 1, MOST_NESTED)
    straight = ends[:, ACROSS], ends[:, 2 + ACROSS]
    sides = np.stack([low - nested, high + nested, low - LANE, high + LANE, *straight], axis=1)
    lane, tried = _free_lane(sides, np.array((0, 0, DETOUR, DETOUR, 0, 0)), ends, src, dst, rects, crowd)
    room = ends[:, 2 + ALONG] - ends[:, ALONG]
    first = np.clip(tall[:, ALONG] - ends[:, ALONG], TURN_MIN, TURN_MAX)
    last = np.clip(ends[:, 2 + ALONG] - tall[:, 2 + ALONG], TURN_MIN, TURN_MAX)
    fit = np.minimum(1.0, room / (first + last))
    return _turns(ends, lane, (first * fit, -last * fit)), tried


def _turn_back(ends: Floats, src: Ints, dst: Ints, rects: Floats, _: Floats, crowd: Floats) -> tuple[Floats, Floats]:
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
    usual = [np.where(between, *two) for two in zip((middle, near_src, near_dst), beside, strict=True)]
    options = np.column_stack([*usual, _alleys_between(inner[0], inner[1], rects, usual[0])])
    lane, tried = _free_lane(options, np.zeros(options.shape[1]), ends, src, dst, rects, crowd)
    return _turns(ends, lane, None), tried


def alleys(rects: Floats) -> Floats:
    """The middles of all strips along the flow, at least a lane wide, that no node reaches into."""
    if not len(rects):
        return np.zeros(0)
    order = np.argsort(rects[:, ACROSS])
    low, high = rects[order, ACROSS], np.maximum.accumulate(rects[order, 2 + ACROSS])
    wide = np.flatnonzero(low[1:] - high[:-1] >= LANE)
    return np.asarray((low[wide + 1] + high[wide]) / 2)


def _alleys_between(low: Floats, high: Floats, rects: Floats, otherwise: Floats) -> Floats:
    """Some alleys (k, ALLEYS) between two places across, from the first to the last, else another lane."""
    found = alleys(rects)
    if not len(found):
        return np.repeat(otherwise[:, None], ALLEYS, axis=1)
    first, last = np.searchsorted(found, low), np.searchsorted(found, high) - 1
    rows = np.round(np.linspace(first, last, ALLEYS, axis=1)).astype(np.intp)
    return np.where((first <= last)[:, None], found[np.clip(rows, 0, len(found) - 1)], otherwise[:, None])


def _free_lane(
    options: Floats, penalty: Floats, ends: Floats, src: Ints, dst: Ints, rects: Floats, crowd: Floats
) -> tuple[Floats, Floats]:
    """The free lane with the least detour, searched further out if need be, and the box of all that was tried."""
    lane, free, span, tried = _try_lanes(options, penalty, ends, src, dst, rects, crowd)
    outer = lane.copy()
    for _ in range(ROUNDS):
        rows = np.flatnonzero(~free)
        if not len(rows):
            break
        further = np.stack([span[rows, 0] - LANE, span[rows, 1] + LANE], axis=1)
        found = _try_lanes(further, np.zeros(2), ends[rows], src[rows], dst[rows], rects, crowd)
        outer[rows], free[rows] = found[:2]
        span[rows] = _union(span[rows], found[2])
        tried[rows] = _union(tried[rows], found[3])
    return np.where(free, outer, lane), tried


def _try_lanes(
    options: Floats, penalty: Floats, ends: Floats, src: Ints, dst: Ints, rects: Floats, crowd: Floats
) -> tuple[Floats, Bools, Floats, Floats]:
    """The best of `options` (k, n), whether it is free, how far what blocks them extends, and the box tried."""
    num = options.shape[1]
    boxes = np.empty((len(ends), num, 4))
    boxes[..., ACROSS] = options - CLEARANCE
    boxes[..., 2 + ACROSS] = options + CLEARANCE
    sides = ends[:, [ALONG, 2 + ALONG]]
    boxes[..., ALONG] = sides.min(axis=1)[:, None] + CLEARANCE
    boxes[..., 2 + ALONG] = np.maximum(sides.max(axis=1)[:, None] - CLEARANCE, boxes[..., ALONG])
    near, far = (np.abs(options - ends[:, at, None]) for at in (ACROSS, 2 + ACROSS))
    cost = (1 + EARLY) * near + far + penalty + CROSSING * np.minimum(_crossed(options, ends, crowd), MOST_CROSSED)
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


def _crossed(options: Floats, ends: Floats, crowd: Floats) -> Ints:
    """How many wires each course would cross that leaves for a lane, follows it and leaves it for its end.

    Wires from the same start or to the same end meet it anyway.
    """
    num = options.shape[1]
    count = np.zeros(options.size, np.intp)
    crowd = crowd[crowd[:, 2 + ALONG] >= crowd[:, ALONG]]  # those on the way back are nowhere near a straight line
    if not len(crowd):
        return count.reshape(options.shape)
    pieces = _pieces(options, ends).reshape(-1, 4)
    boxes, others = _boxes(pieces), _boxes(crowd)
    near = overlapping(others, bounds(boxes))
    crowd = crowd[near]
    for row, other in pairs(boxes, others[near]):
        wire = row // (3 * num)
        piece, chord, own = pieces[row], crowd[other], ends[wire]
        foreign = (chord[:, :2] != own[:, :2]).any(axis=1) & (chord[:, 2:] != own[:, 2:]).any(axis=1)
        hit = foreign & _apart(piece, chord) & _apart(chord, piece)
        np.add.at(count, row[hit] // 3, 1)
    return count.reshape(options.shape)


def _pieces(options: Floats, ends: Floats) -> Floats:
    """Each course (k, n) as three straight lines: across, along the lane, and across."""
    corners = np.empty((*options.shape, 4, 2))
    corners[..., 0, ACROSS], corners[..., 3, ACROSS] = ends[:, ACROSS, None], ends[:, 2 + ACROSS, None]
    corners[..., 1:3, ACROSS] = options[..., None]
    drop = np.clip((ends[:, 2 + ALONG] - ends[:, ALONG]) / 4, -TURN_MIN, TURN_MIN)
    corners[..., :2, ALONG] = (ends[:, ALONG] + drop)[:, None, None]
    corners[..., 2:, ALONG] = (ends[:, 2 + ALONG] - drop)[:, None, None]
    return np.concatenate([corners[..., :-1, :], corners[..., 1:, :]], axis=-1)


def _boxes(lines: Floats) -> Floats:
    """Around straight lines: for two points, this is much faster than `around`."""
    return np.concatenate([np.minimum(lines[:, :2], lines[:, 2:]), np.maximum(lines[:, :2], lines[:, 2:])], axis=1)


def _apart(lines: Floats, others: Floats) -> Bools:
    """Whether the ends of each of `others` lie on different sides of its line."""
    dx, dy = (lines[:, 2:] - lines[:, :2]).T
    first, last = (dx * (others[:, at + 1] - lines[:, 1]) - dy * (others[:, at] - lines[:, 0]) for at in (0, 2))
    return np.asarray(first * last < 0)


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
