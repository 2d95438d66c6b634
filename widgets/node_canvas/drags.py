"""Moving nodes: they stand in line with others, go into a wire, join a frame or leave it."""

import numpy as np

from widgets.node_canvas.alignment import aligned
from widgets.node_canvas.gestures import Gesture, Pointer, Stage, snapped
from widgets.node_canvas.intents import Insert, Intent, Move, Reframe, Select
from widgets.node_canvas.metrics import Bools, Floats, Ints
from widgets.node_canvas.scene import WireKey
from widgets.node_canvas.shapes import bounds, distances, grown

REACH, FURTHEST = 6.0, 12.0
"""How near to a line a node snaps to it: in pixels, and in units of the scene at most."""
NEIGHBOURHOOD = 1000.0
"""How far away others may be to line up with."""
GUIDE_ROOM = 2.0


class DragNodes(Gesture):
    """Move nodes; the grabbed one goes to lines that others stand on, or else to the points of the grid."""

    def __init__(
        self, stage: Stage, start: Pointer, nodes: frozenset[str], grabbed: str, *, chosen_before: bool
    ) -> None:
        super().__init__(stage, start)
        self._grabbed = grabbed
        self._chosen_before = chosen_before
        self._ids = tuple(nodes | {grabbed})
        self._offset = (0.0, 0.0)
        self._wire: WireKey | None = None
        self._frame = -1

    def move(self, to: Pointer) -> Floats | None:
        before = self._shown()
        raw = to.x - self.start.x, to.y - self.start.y
        self.stage.marks.guides = None
        offset = raw if to.free else self._snapped(raw, to.scale)
        step = offset[0] - self._offset[0], offset[1] - self._offset[1]
        self._offset = offset
        moved = self.stage.shift_nodes(self._rows(), *step) if step != (0.0, 0.0) else None
        self._aim(to)
        boxes = [*before, *self._shown(), *([] if moved is None else [moved])]
        return bounds(np.array(boxes)) if boxes else None

    def click(self, at: Pointer) -> Intent | None:
        stage = self.stage
        if at.adds and self._chosen_before:
            return Select(stage.selection - {self._grabbed}, stage.wire_selection)
        return None if at.adds else Select(frozenset({self._grabbed}))

    def finish(self, at: Pointer) -> Intent | None:
        if self._offset == (0.0, 0.0):
            return None
        places = {node: self._place(node) for node in self._ids}
        if self._wire is not None:
            return Insert(self._grabbed, self._wire, places[self._grabbed])
        frames = self.stage.graph.frames
        if not at.free and (changed := self._reframed()):
            names = frozenset(self.stage.graph.nodes.boxes[row].id for row in changed)
            return Reframe(places, names, frames.boxes[self._frame].id if self._frame >= 0 else "")
        return Move(places)

    def resume(self) -> bool:
        if not all(node in self.stage.graph.nodes.index for node in self._ids):
            return False
        if self._offset != (0.0, 0.0):
            self.stage.shift_nodes(self._rows(), *self._offset)
        return True

    def _snapped(self, raw: tuple[float, float], scale: float) -> tuple[float, float]:
        graph, view = self.stage.graph, self.stage.visible_box()
        moved = self._moved()
        box = self._held() + np.array((*raw, *raw))
        around = grown(box[None], NEIGHBOURHOOD)[0]
        others = graph.nodes_in(np.concatenate([np.maximum(view[:2], around[:2]), np.minimum(view[2:], around[2:])]))
        reach = min(REACH / scale, FURTHEST)
        steps, guides = aligned(box, graph.nodes.rects[others[~moved[others]]], reach)
        self.stage.marks.guides = guides if len(guides) else None
        at = (float(box[0]), float(box[1]))
        x, y = (snapped(a) - a if step is None else step for a, step in zip(at, steps, strict=True))
        return raw[0] + x, raw[1] + y

    def _held(self) -> Floats:
        """The box that snaps, where it was before."""
        graph = self.stage.graph
        return np.asarray(graph.nodes.rects[graph.nodes.index[self._grabbed]] - (*self._offset, *self._offset))

    def _aim(self, to: Pointer) -> None:
        """Find the wire or the frame that the nodes would go into."""
        graph, marks = self.stage.graph, self.stage.marks
        marks.target = -1 if to.free else self._wire_below()
        self._wire = graph.wires.lines[marks.target].key if marks.target >= 0 else None
        self._frame = -1 if to.free or self._wire else graph.frame_at(to.x, to.y)
        marks.frame = self._frame if self._reframed() else -1

    def _wire_below(self) -> int:
        """The wire below a node that has none itself but could be in the middle of one."""
        graph, row = self.stage.graph, self.stage.graph.nodes.index[self._grabbed]
        box, wires = graph.nodes.boxes[row], graph.wires
        if len(self._ids) > 1 or not (box.inputs and box.outputs) or graph.linked[row]:
            return -1
        near = graph.wires_in(graph.nodes.rects[row])
        if not len(near):
            return -1
        x0, y0, x1, y1 = graph.nodes.rects[row].tolist()
        gaps = distances(wires.routes.line[near], (x0 + x1) / 2, (y0 + y1) / 2)
        return int(near[gaps.argmin()]) if gaps.min() <= (y1 - y0) / 2 else -1

    def _reframed(self) -> list[int]:
        """The nodes that would belong to another frame now; those that take their whole frame along stay in it."""
        frames = self.stage.graph.frames
        if not frames.boxes:
            return []
        carried = frames.carried(self._moved())
        own = {row: frames.of(row) for row in self._rows().tolist()}
        return [row for row, frame in own.items() if frame != self._frame and not (frame >= 0 and carried[frame])]

    def _shown(self) -> list[Floats]:
        """The boxes of what only this gesture shows."""
        graph, marks = self.stage.graph, self.stage.marks
        boxes = [] if marks.guides is None else [*grown(marks.guides, GUIDE_ROOM)]
        if marks.target >= 0:
            boxes.append(graph.wires.routes.box[marks.target])
        if marks.frame >= 0:
            boxes.append(graph.frame_rects[marks.frame])
        return boxes

    def _moved(self) -> Bools:
        moved = np.zeros(len(self.stage.graph.nodes.boxes), bool)
        moved[self._rows()] = True
        return moved

    def _rows(self) -> Ints:
        index = self.stage.graph.nodes.index
        return np.array([index[node] for node in self._ids], np.intp)

    def _place(self, node: str) -> tuple[float, float]:
        nodes = self.stage.graph.nodes
        box = nodes.boxes[nodes.index[node]]
        return box.x + self._offset[0], box.y + self._offset[1]


class DragFrame(DragNodes):
    """Move a frame by its title, its nodes with it; a click chooses them."""

    def __init__(self, stage: Stage, start: Pointer, nodes: frozenset[str]) -> None:
        super().__init__(stage, start, nodes, min(nodes), chosen_before=False)

    def click(self, at: Pointer) -> Intent | None:
        nodes = frozenset(self._ids)
        return Select(self.stage.selection | nodes if at.adds else nodes)

    def _held(self) -> Floats:
        return np.asarray(bounds(self.stage.graph.nodes.rects[self._rows()]) - (*self._offset, *self._offset))
