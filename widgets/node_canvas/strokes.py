"""Gestures drawn by hand: a lasso around nodes, and a stroke through wires."""

import numpy as np

from widgets.node_canvas.geometry import EVERYTHING
from widgets.node_canvas.gestures import Gesture, Pointer, Stage
from widgets.node_canvas.intents import CutWires, Intent, Select
from widgets.node_canvas.metrics import Bools, Floats
from widgets.node_canvas.shapes import bounds, grown

LEAST_STEP = 3.0
"""How far the mouse moves, in pixels, before a stroke gets another point."""


class Lasso(Gesture):
    """Choose the nodes whose middles a line drawn by hand goes around."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._kept = stage.selection if start.adds else frozenset()
        self._kept_wires = stage.wire_selection if start.adds else frozenset()
        self._points = [(start.x, start.y)]

    def move(self, to: Pointer) -> Floats | None:
        stage = self.stage
        if not _goes_on(self._points, to):
            return None
        stage.marks.lasso = np.array(self._points)
        rects = stage.graph.nodes.rects
        inside = _inside(stage.marks.lasso, (rects[:, :2] + rects[:, 2:]) / 2)
        stage.marks.selected[:] = [box.id in self._kept for box in stage.graph.nodes.boxes]
        stage.marks.selected |= inside
        return EVERYTHING

    def click(self, at: Pointer) -> Intent | None:
        return Select(self._kept, self._kept_wires)

    def finish(self, at: Pointer) -> Intent | None:
        boxes = self.stage.graph.nodes.boxes
        chosen = np.flatnonzero(self.stage.marks.selected).tolist()
        return Select(frozenset(boxes[row].id for row in chosen), self._kept_wires)


class CutStroke(Gesture):
    """Remove the wires that a line drawn by hand crosses."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._points = [(start.x, start.y)]

    def move(self, to: Pointer) -> Floats | None:
        marks, graph = self.stage.marks, self.stage.graph
        if not _goes_on(self._points, to):
            return None
        marks.stroke = np.array(self._points)
        last = marks.stroke[-2:]
        near = graph.wires_in(np.concatenate([last.min(axis=0), last.max(axis=0)]))
        hit = near[_crossed(graph.wires.routes.line[near], last)]
        before = np.zeros(0, np.intp) if marks.cut is None else marks.cut
        marks.cut = np.union1d(before, hit)
        boxes = np.concatenate([_box(last)[None], graph.wires.routes.box[np.setdiff1d(hit, before)]])
        return np.asarray(grown(bounds(boxes), 2.0))

    def finish(self, at: Pointer) -> Intent | None:
        cut = self.stage.marks.cut
        if cut is None or not len(cut):
            return None
        lines = self.stage.graph.wires.lines
        return CutWires(frozenset(lines[row].key for row in cut.tolist()))

    def resume(self) -> bool:
        return False


def _goes_on(points: list[tuple[float, float]], to: Pointer) -> bool:
    x, y = points[-1]
    if (abs(to.x - x) + abs(to.y - y)) * to.scale < LEAST_STEP:
        return False
    points.append((to.x, to.y))
    return True


def _box(points: Floats) -> Floats:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _inside(corners: Floats, points: Floats) -> Bools:
    """Which points (n, 2) lie inside a polygon (k, 2): an odd number of its edges lie to their right."""
    start, stop = corners, np.roll(corners, -1, axis=0)
    x, y = points[:, 0], points[:, 1]
    inside = np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(start.tolist(), stop.tolist(), strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def _crossed(lines: Floats, piece: Floats) -> Bools:
    """Which polylines (k, points, 2) a straight piece (2, 2) crosses."""
    p, d = piece[0], piece[1] - piece[0]
    start, step = lines[:, :-1], lines[:, 1:] - lines[:, :-1]
    scale = d[0] * step[..., 1] - d[1] * step[..., 0]
    away = start - p
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (away[..., 0] * step[..., 1] - away[..., 1] * step[..., 0]) / scale
        across = (away[..., 0] * d[1] - away[..., 1] * d[0]) / scale
        hit = (along >= 0) & (along <= 1) & (across >= 0) & (across <= 1)
    return np.asarray(hit.any(axis=1))
