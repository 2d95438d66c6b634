"""Paints wires: hairlines, which Qt draws four times faster than anything wider."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from widgets.node_canvas.frame import Frame
from widgets.node_canvas.metrics import ACROSS, ALONG, Floats, Ints
from widgets.node_canvas.routes import bernstein
from widgets.node_canvas.shapes import around, overlapping
from widgets.node_canvas.sprites import Tier, mixed

MOST_PATHS = 20_000
STRAIGHT = 0.01
MANY = 3000
"""Beyond so many straight lines, those that lie on one another are drawn as one."""
MOST_WIDE = 100
"""Chosen wires beyond this many stay hairlines."""
LEAST_GAP = 4.0
"""Chords between nodes nearer to each other than this, in pixels, are left out."""


def paint_wires(frame: Frame) -> None:
    """Paint the wires in view, those that stand out last."""
    geometry, marks, tokens = frame.geometry, frame.marks, frame.box.tokens
    rows = geometry.wires_in(frame.view)
    rows = rows[rows != marks.pulled]
    chosen = marks.selected_wires[rows]
    cut = np.zeros(len(geometry.wires.lines), bool)
    if marks.cut is not None:
        cut[marks.cut] = True
    out = (
        (rows == marks.wire)
        | (rows == marks.target)
        | cut[rows]
        | (chosen if np.count_nonzero(chosen) <= MOST_WIDE else False)
    )
    plain, problem = rows[~out], geometry.wires.problem[rows[~out]]
    far = frame.detail.tier == Tier.FAR
    colour = mixed(tokens.background, tokens.wire, 0.75 if far else 1.0)
    _paint_hairlines(frame, plain[~problem], colour)
    _paint_hairlines(frame, plain[problem], QColor(tokens.bad))
    _paint_hairlines(frame, plain[marks.selected_wires[plain]], QColor(tokens.accent))
    for row in rows[out].tolist():
        bad = bool(geometry.wires.problem[row])
        colour = QColor(tokens.bad) if bad else mixed(tokens.wire, tokens.text, 0.6)
        colour = QColor(tokens.accent) if marks.selected_wires[row] or row == marks.target else colour
        _paint_whole(frame, row, QColor(tokens.bad) if cut[row] else colour, 3 if row == marks.target else 2)


def paint_loose_wire(frame: Frame) -> None:
    """Paint the wire that is being drawn."""
    assert frame.marks.loose is not None
    _use_curves(frame, QColor(frame.box.tokens.accent), round(2 * frame.camera.dpr))
    frame.painter.drawPath(_path(frame.marks.loose))


def _paint_whole(frame: Frame, row: int, colour: QColor, width: int) -> None:
    routes = frame.geometry.wires.routes
    path = _path(routes.control[row, :4])
    if routes.lane[row]:
        path.connectPath(_path(routes.control[row, 4:]))
    _use_curves(frame, colour, round(width * frame.camera.dpr))
    frame.painter.drawPath(path)


def _paint_hairlines(frame: Frame, rows: Ints, colour: QColor) -> None:
    """Paint what runs along the flow as sharp lines, and what turns as curves or chords."""
    if not len(rows):
        return
    routes = frame.geometry.wires.routes
    lane = routes.lane[rows]
    lanes, simple = rows[lane], rows[~lane]
    across, _ = _axes(frame)
    shift = routes.control[simple, 0, across] - routes.control[simple, 3, across]
    plumb = np.abs(shift) < STRAIGHT
    _paint_plumb_lines(frame, simple[plumb], lanes, colour)
    # Wire w has the turns 2w and, with a lane, 2w + 1.
    turns = np.concatenate([simple[~plumb] * 2, lanes * 2, lanes * 2 + 1])
    if frame.detail.pieces == 0:
        _paint_curves(frame, turns, colour)
    elif frame.detail.pieces == 1:
        _paint_chords(frame, turns, colour)
    else:
        _paint_bends(frame, turns, colour)


def _paint_curves(frame: Frame, turns: Ints, colour: QColor) -> None:
    wires, paths = frame.geometry.wires, frame.box.paths
    seen = overlapping(around(wires.routes.control.reshape(-1, 4, 2)[turns]), frame.view)
    if len(paths) > MOST_PATHS:
        paths.clear()
    turns = turns[seen]
    keys = wires.stamp[turns // 2] * 2 + turns % 2
    _use_curves(frame, colour, 1)
    draw = frame.painter.drawPath
    for turn, key in zip(turns.tolist(), keys.tolist(), strict=True):
        path = paths.get(key)
        if path is None:
            path = paths[key] = _path(wires.routes.control.reshape(-1, 4, 2)[turn])
        draw(path)


def _paint_chords(frame: Frame, turns: Ints, colour: QColor) -> None:
    points = frame.geometry.wires.routes.control.reshape(-1, 2)
    start, stop = points.take(turns * 4, axis=0), points.take(turns * 4 + 3, axis=0)
    size = np.abs(stop - start)
    least = LEAST_GAP / frame.camera.scale
    across, along = _axes(frame)
    long = ((size[:, along] >= least) | (size[:, across] >= 2 * least)).nonzero()[0]
    _paint_lines(frame, np.concatenate([start.take(long, axis=0), stop.take(long, axis=0)], axis=1), colour)


def _paint_bends(frame: Frame, turns: Ints, colour: QColor) -> None:
    """Curves as straight pieces: for many small ones, one call is sooner done than one for each."""
    control = frame.geometry.wires.routes.control.reshape(-1, 4, 2).take(turns, axis=0)
    points = bernstein(frame.detail.pieces + 1) @ control[overlapping(around(control), frame.view)]
    _paint_lines(frame, np.concatenate([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 4), colour)


def _paint_lines(frame: Frame, lines: Floats, colour: QColor) -> None:
    lines = lines * frame.camera.factor + (np.array(frame.origin * 2) + 0.5)
    frame.use_device_pixels()
    frame.painter.setRenderHint(QPainter.RenderHint.Antialiasing, frame.detail.smooth)
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    frame.painter.setPen(pen)
    frame.box.lines.draw(frame.painter, lines)


def _axes(frame: Frame) -> tuple[int, int]:
    """Across the flow and along it."""
    return (ALONG, ACROSS) if frame.geometry.sideways else (ACROSS, ALONG)


def _paint_plumb_lines(frame: Frame, straight: Ints, lanes: Ints, colour: QColor) -> None:
    """Lines along the flow lie in the middles of device pixels, as their ports do: sharp at every scale."""
    side, flow = _axes(frame)
    wires, rects, k = frame.geometry.wires, frame.geometry.nodes.rects, frame.camera.factor
    corner = np.round(rects[wires.src[straight], side] * k + frame.origin[side])
    across = corner + np.round(wires.src_offset[straight, side] * k)
    points = wires.routes.control.reshape(-1, 2)
    across = np.concatenate([across, np.round(points[lanes * 8 + 3, side] * k) + frame.origin[side]])
    first = np.concatenate([straight * 8, lanes * 8 + 3])
    last = np.concatenate([straight * 8 + 3, lanes * 8 + 4])
    ends = np.stack([points[first, flow], points[last, flow]], axis=1)
    along = np.round(ends * k + frame.origin[flow])
    if not frame.detail.smooth:
        across -= across % 2  # so many lines: neighbours may become one
    view = frame.view[[flow, 2 + flow]] * k + frame.origin[flow]
    low, high = np.round(np.clip(np.sort(along, axis=1), *view)).T
    if len(across) > MANY:
        across, low, high = _merged(across, low, high)
    lines = np.empty((len(across), 4))
    lines[:, side], lines[:, 2 + side] = across, 1.0
    lines[:, flow], lines[:, 2 + flow] = low, high - low
    frame.use_device_pixels()
    frame.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    frame.painter.setPen(Qt.PenStyle.NoPen)
    frame.painter.setBrush(colour)
    frame.box.rects.draw(frame.painter, lines)


def _merged(across: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Lines on the same lane as one, where they overlap: many wires share the way back to the next column."""
    order = np.lexsort((low, across))
    across, low, high = across[order], low[order], high[order]
    # Lanes are put behind each other, so that one running maximum serves them all.
    lane = np.cumsum(np.diff(across, prepend=across[0]) != 0) * (high.max() - low.min() + 2)
    reach = np.maximum.accumulate(high + lane)
    first = np.flatnonzero(np.concatenate([[True], low[1:] + lane[1:] > reach[:-1]]))
    last = np.concatenate([first[1:], [len(low)]]) - 1
    return across[first], low[first], reach[last] - lane[last]


def _use_curves(frame: Frame, colour: QColor, width: int) -> None:
    """Get ready for curves so many device pixels wide."""
    frame.use_scene(width)
    frame.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame.painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    frame.painter.setPen(pen)


def _path(control: Floats) -> QPainterPath:
    points = [QPointF(x, y) for x, y in control.tolist()]
    path = QPainterPath(points[0])
    path.cubicTo(*points[1:])
    return path
