"""Where everything on a canvas is, as arrays that follow a scene and redo only what differs. Knows no Qt."""

from itertools import chain

import numpy as np

from widgets.node_canvas import labels as label_places
from widgets.node_canvas.metrics import Bools, Floats, Ints, node_size
from widgets.node_canvas.routes import alleys, loose_curve, route
from widgets.node_canvas.scene import NodeBox, Scene
from widgets.node_canvas.shapes import around, bounds, distances, overlapping, pairs, touching_any
from widgets.node_canvas.tables import (
    PROBLEMS,
    Frames,
    Nodes,
    family_of,
    frame_table,
    label_table,
    linked_masks,
    node_rects,
    node_table,
    wire_table,
)

EVERYTHING = np.array((-np.inf, -np.inf, np.inf, np.inf))
NOTHING = np.zeros((0, 4))
DENSE = 4
"""With more wires than this to a node, courses do not mind what they cross: they cannot help it."""
MANY = 256
"""Above this many changes at once, working out what to repaint costs more than repainting."""


class Geometry:
    """The arrays of one scene. Boxes are x0, y0, x1, y1 in the coordinates of the scene."""

    def __init__(self, scene: Scene | None = None) -> None:
        self.scene = Scene()
        self.nodes = node_table(())
        self.wires = wire_table((), self.nodes)
        self.labels = label_table(self.wires)
        self.linked = linked_masks(self.nodes, self.wires)
        self.frames = Frames()
        self.frame_rects = NOTHING
        self.covers: Bools = np.zeros(0, bool)
        """The nodes that lie over an earlier one."""
        self._settled = self.nodes.rects.copy()
        self._chords, self._sparse, self._alleys = NOTHING, True, np.zeros(0)
        self._clock = 1
        self._version = 0
        self._regions: Floats | None = None
        if scene is not None:
            self.update(scene)

    def update(self, scene: Scene) -> Floats | None:
        """Show `scene` and forget every shift; return the box to repaint, or None if all is as it was."""
        old, settled, shown = self.nodes, self._settled, self.nodes.rects
        rebuilt, restyled = self._follow_nodes(scene.nodes)
        moved = _moved(old, settled, self.nodes)
        rewired = rebuilt or scene.wires != self.scene.wires
        kept = self._follow_wires(scene) if rewired else np.arange(len(self.wires.lines))
        reframed = rebuilt or scene.frames != self.scene.frames
        if reframed:
            self.frames = frame_table(scene.frames, self.nodes)
        frames, self.frame_rects = self.frame_rects, self.frames.rects(self.nodes.rects)
        self.scene = scene
        self._regions = None
        self._version += 1
        self._settled = self.nodes.rects.copy()
        astray = NOTHING if rebuilt else _between(shown, self.nodes.rects)
        self._find_covers(None if rebuilt else np.concatenate([moved, astray]))
        stale = self._stale(moved, self._follow_chords(kept))
        before = self.wires.routes.box[stale]
        self._reroute(stale)
        self.wires.touched[:] = False
        if rewired or reframed:
            self.labels.placed[:] = False
            return EVERYTHING
        astray = np.concatenate([astray, _between(frames, self.frame_rects)])
        seen = np.concatenate([moved, astray, restyled, before, self.wires.routes.box[stale]])
        return self._refresh_labels(seen) if len(seen) else None

    def shift(self, rows: Ints, dx: float, dy: float, *, labels: bool = True) -> Floats:
        """Move nodes for the length of a gesture, their wires with them; return the box to repaint.

        A frame moves along with the last of its nodes, and else stays as it is, so that one can see what leaves it.
        Without `labels`, which nobody sees from afar, those wait for their places.
        """
        moved = np.zeros(len(self.nodes.rects), bool)
        moved[rows] = True
        wires = self.wires
        starts, stops = moved[wires.src], moved[wires.dst]
        whole, part = np.flatnonzero(starts & stops), np.flatnonzero(starts ^ stops)
        both = np.concatenate([whole, part])
        step = np.array((dx, dy, dx, dy))
        before = np.concatenate([self.nodes.rects[rows], wires.routes.box[both]])
        self._regions = None
        self._version += 1
        self.nodes.rects[rows] += step
        for points in (wires.routes.control, wires.routes.line):
            points[whole] += step[:2]
        for boxes in (wires.routes.box, wires.routes.reach):
            boxes[whole] += step
        self._restamp(whole)
        self._reroute(part)
        wires.touched[both] = True
        self._find_covers(np.concatenate([before[: len(rows)], self.nodes.rects[rows]]))
        carried = self.frames.carried(moved)
        before = np.concatenate([before, self.frame_rects[carried]])
        self.frame_rects[carried] += step
        after = np.concatenate([self.nodes.rects[rows], wires.routes.box[both], self.frame_rects[carried]])
        self.labels.placed &= ~np.isin(self.labels.wire, both)
        seen = np.concatenate([before, after])
        return self._refresh_labels(seen, only_unplaced=True) if labels else bounds(seen)

    @property
    def version(self) -> int:
        """Grows with every change of what is where."""
        return self._version

    @property
    def sideways(self) -> bool:
        """Whether the graph flows to the right."""
        return bool(self.nodes.boxes) and self.nodes.boxes[0].sideways

    def turn(self, points: Floats) -> Floats:
        """Points (..., 2) or boxes (..., 4) with their axes exchanged where the graph flows to the right."""
        if not self.sideways:
            return points
        return points[..., ::-1] if points.shape[-1] == 2 else points[..., [1, 0, 3, 2]]

    def loose_curve(self, start: tuple[float, float], end: tuple[float, float]) -> Floats:
        """The course of a wire that is being drawn."""
        ends = self.turn(np.array((*start, *end)))
        return self.turn(loose_curve(ends[:2], ends[2:]))

    def bounds(self) -> Floats | None:
        """The box around everything, or None for an empty scene."""
        if not len(self.nodes.rects):
            return None
        return bounds(np.concatenate([self.nodes.rects, self.wires.routes.box, self.frame_rects]))

    def nodes_in(self, box: Floats) -> Ints:
        """The nodes that touch `box`."""
        return np.flatnonzero(overlapping(self.nodes.rects, box))

    def wires_in(self, box: Floats) -> Ints:
        """The wires whose surroundings touch `box`."""
        return np.flatnonzero(overlapping(self.wires.routes.box, box))

    def labels_in(self, box: Floats) -> Ints:
        """The labels that have a place and touch `box`; those not placed yet are placed now."""
        near = np.flatnonzero(overlapping(self._label_regions(), box))
        self._place(near)
        boxes = self.label_boxes(near)
        return near[overlapping(boxes, box)]

    def label_boxes(self, rows: Ints) -> Floats:
        """The boxes of labels, NaN where one has no place."""
        corner = self.labels.corner[rows]
        return np.concatenate([corner, corner + self.labels.sizes[rows]], axis=1)

    def frames_in(self, box: Floats) -> Ints:
        """The frames that touch `box`: smaller ones, which come later, lie above larger ones."""
        rects = self.frame_rects
        rows = np.flatnonzero(overlapping(rects, box))
        sizes = (rects[rows, 2] - rects[rows, 0]) * (rects[rows, 3] - rects[rows, 1])
        return rows[np.argsort(-sizes, kind="stable")]

    def frame_at(self, x: float, y: float) -> int:
        """The topmost frame around a point, or -1."""
        rows = self.frames_in(np.array((x, y, x, y)))
        return int(rows[-1]) if len(rows) else -1

    def node_at(self, x: float, y: float, raised: Bools | None = None) -> int | None:
        """The topmost node at a point; `raised` nodes lie above the others."""
        rows = np.flatnonzero(overlapping(self.nodes.rects, np.array((x, y, x, y))))
        if not len(rows):
            return None
        above = rows[raised[rows]] if raised is not None else rows[:0]
        return int(above[-1] if len(above) else rows[-1])

    def port_at(self, x: float, y: float, radius: float, allowed: Bools | None = None) -> int | None:
        """The nearest port within `radius` of a point, among the `allowed` ones."""
        near = self.nodes_in(np.array((x - radius, y - radius, x + radius, y + radius)))
        spans = [range(int(self.nodes.first[row]), int(self.nodes.first[row + 1])) for row in near]
        ports = np.fromiter(chain.from_iterable(spans), np.intp)
        if allowed is not None:
            ports = ports[allowed[ports]]
        if not len(ports):
            return None
        gaps = np.hypot(*(self.nodes.port_points(ports) - (x, y)).T)
        best = int(gaps.argmin())
        return int(ports[best]) if gaps[best] <= radius else None

    def wire_at(self, x: float, y: float, radius: float) -> int | None:
        """The nearest wire within `radius` of a point."""
        near = self.wires_in(np.array((x - radius, y - radius, x + radius, y + radius)))
        if not len(near):
            return None
        gaps = distances(self.wires.routes.line[near], x, y)
        best = int(gaps.argmin())
        return int(near[best]) if gaps[best] <= radius else None

    def _follow_nodes(self, boxes: tuple[NodeBox, ...]) -> tuple[bool, Floats]:
        """Take over `boxes`; return whether the rows are other ones now, and the rects of restyled nodes."""
        shown = self.nodes.boxes
        differing = _differing(shown, boxes)
        if differing is None:
            self.nodes = node_table(boxes)
            return True, NOTHING
        rects = self._settled.copy()
        rects[differing] = node_rects([boxes[row] for row in differing])
        self.nodes.boxes = boxes
        self.nodes.rects = rects
        self.nodes.problem[differing] = [PROBLEMS[boxes[row].problem] for row in differing]
        return False, rects[differing]

    def _follow_wires(self, scene: Scene) -> Ints:
        """Take over the wires; return for each its row so far, or -1."""
        old, new = self.wires, wire_table(scene.wires, self.nodes)
        before = np.fromiter((old.index.get(key, -1) for key in new.index), np.intp, len(new.index))
        kept = np.flatnonzero(before >= 0)
        source = before[kept]
        for name in ("control", "lane", "line", "box", "reach"):
            getattr(new.routes, name)[kept] = getattr(old.routes, name)[source]
        new.stamp[kept] = old.stamp[source]
        new.touched[kept] = old.touched[source]
        self.wires = new
        self.labels = label_table(new)
        self.linked = linked_masks(self.nodes, new)
        return before

    def _follow_chords(self, kept: Ints) -> Floats:
        """Take over where wires start and end; return the boxes around those straight lines that came or went."""
        old, new = self._chords, self.wires.ends(self.nodes.rects)
        self._chords = new
        sparse, self._sparse = self._sparse, len(new) <= DENSE * len(self.nodes.boxes)
        open_before, self._alleys = self._alleys, alleys(self.turn(self.nodes.rects))
        if sparse != self._sparse or not np.array_equal(open_before, self._alleys):
            return EVERYTHING[None]
        return around(_exchanged(old, new, kept).reshape(-1, 2, 2))

    def _stale(self, moved: Floats, chords: Floats) -> Ints:
        """The wires whose course may be another one after nodes left or took the boxes `moved`, and wires `chords`."""
        wires = self.wires
        ends = wires.ends(self.nodes.rects)
        routed = np.concatenate([wires.routes.control[:, 0], wires.routes.control[:, -1]], axis=1)
        stale = (wires.stamp == 0) | wires.touched | (ends != routed).any(axis=1)
        stale |= wires.routes.lane & touching_any(wires.routes.reach, chords)
        return np.flatnonzero(stale | touching_any(wires.routes.reach, moved))

    def _reroute(self, rows: Ints) -> None:
        if not len(rows):
            return
        wires, rects = self.wires, self.nodes.rects
        ends = wires.ends(rects)
        chords, turn = ends if self._sparse else NOTHING, self.turn
        found = route(turn(ends[rows]), wires.src[rows], wires.dst[rows], turn(rects), turn(chords))
        for name in ("control", "line", "box", "reach"):
            getattr(wires.routes, name)[rows] = turn(getattr(found, name))
        wires.routes.lane[rows] = found.lane
        self._restamp(rows)

    def _find_covers(self, moved: Floats | None) -> None:
        """Look again at the nodes that touch one of the boxes `moved`, or at all of them."""
        rects = self.nodes.rects
        if moved is None:
            self.covers = np.zeros(len(rects), bool)
            rows = np.arange(len(rects))
        else:
            rows = np.flatnonzero(touching_any(rects, moved) if len(moved) else NOTHING[:, 0])
        self.covers[rows] = False
        for above, below in pairs(rects[rows], rects):
            self.covers[rows[above[below < rows[above]]]] = True

    def _restamp(self, rows: Ints) -> None:
        self.wires.stamp[rows] = np.arange(self._clock, self._clock + len(rows))
        self._clock += len(rows)

    def _refresh_labels(self, seen: Floats, *, only_unplaced: bool = False) -> Floats:
        """Place the labels around `seen` anew; return the box around all that looks different now."""
        box = bounds(seen)
        near = overlapping(self._label_regions(), box)
        rows = self._with_siblings(np.flatnonzero(near & ~self.labels.placed if only_unplaced else near))
        if len(rows) > MANY or len(seen) > 4 * MANY:
            self.labels.placed[rows] = False
            return EVERYTHING
        boxes = [seen, self.label_boxes(rows)]
        self.labels.placed[rows] = False
        self._place(rows)
        boxes.append(self.label_boxes(rows))
        every = np.concatenate(boxes)
        return bounds(every[~np.isnan(every[:, 0])])

    def _place(self, rows: Ints) -> None:
        """Place labels that have no place yet, always all of one node together."""
        labels, routes = self.labels, self.wires.routes
        rows = rows[~labels.placed[rows]]
        if not len(rows):
            return
        rows = self._with_siblings(rows)
        rects = np.concatenate([self.nodes.rects, self.frames.titles(self.frame_rects)])
        turn = self.turn
        obstacles = label_places.Obstacles(turn(rects), turn(routes.line), turn(routes.box))
        lines = turn(routes.line[labels.wire[rows]])
        labels.show_pictures(rows, True)
        corners = label_places.place(lines, turn(labels.sizes[rows]), labels.node[rows], obstacles)
        crowded = labels.pictured[rows] & np.isnan(corners[:, 0])
        if crowded.any():
            labels.show_pictures(rows[crowded], False)
            corners = label_places.place(lines, turn(labels.sizes[rows]), labels.node[rows], obstacles)
        labels.corner[rows] = turn(corners)
        labels.placed[rows] = True

    def _with_siblings(self, rows: Ints) -> Ints:
        """Labels and all others of their nodes."""
        return np.flatnonzero(np.isin(self.labels.node, self.labels.node[rows]))

    def _label_regions(self) -> Floats:
        if self._regions is None:
            starts = self.wires.routes.control[self.labels.wire, 0]
            self._regions = self.turn(label_places.regions(self.turn(starts), self.turn(self.labels.most)))
        return self._regions


def _differing(old: tuple[NodeBox, ...], new: tuple[NodeBox, ...]) -> list[int] | None:
    """The rows that differ, or None if rows, families, ports or sizes are other ones."""
    if len(old) != len(new):
        return None
    rows = [row for row, (a, b) in enumerate(zip(old, new, strict=True)) if a is not b and a != b]
    return rows if all(_same_frame(old[row], new[row]) for row in rows) else None


def _frame(box: NodeBox) -> tuple[object, ...]:
    return box.id, family_of(box), box.inputs, box.outputs, box.sideways


def _same_frame(a: NodeBox, b: NodeBox) -> bool:
    same = _frame(a) == _frame(b)
    return same and node_size(a) == node_size(b)


def _between(old: Floats, new: Floats) -> Floats:
    changed = (old != new).any(axis=1)
    return np.concatenate([old[changed], new[changed]])


def _moved(old: Nodes, settled: Floats, new: Nodes) -> Floats:
    """The boxes that nodes left or took."""
    if old is new:
        return _between(settled, new.rects)
    kept = np.fromiter((old.index.get(box.id, -1) for box in new.boxes), np.intp, len(new.boxes))
    return _exchanged(settled, new.rects, kept)


def _exchanged(old: Floats, new: Floats, kept: Ints) -> Floats:
    """The rows that came or went, where `kept` says which old row a new one was, or -1."""
    found = kept >= 0
    same = found.copy()
    same[found] = (old[kept[found]] == new[found]).all(axis=1)
    stays = np.zeros(len(old), bool)
    stays[kept[same]] = True
    return np.concatenate([old[~stays], new[~same]])
