"""One object for each mouse gesture: it shows where it leads while it lasts, and ends in one intent or none."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from widgets.node_canvas.geometry import EVERYTHING, Geometry
from widgets.node_canvas.intents import DrawWire, DropWire, Intent, MoveWire, PullWire, Select, StartWire
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import GRID, Bools, Floats, Ints
from widgets.node_canvas.scene import PortKey, WireKey

THRESHOLD = 4.0
"""How far the mouse moves, in pixels, before a press becomes a drag."""
SNAP = 20.0
"""How near to a port a wire is let go, in pixels, to end there."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is and what is held with it."""

    x: float
    y: float
    scale: float
    adds: bool = False
    """Shift or Ctrl: choose as well."""
    free: bool = False
    """Alt: let nodes stand anywhere, in no wire and no frame."""


class Stage(Protocol):
    """What gestures see of a canvas."""

    graph: Geometry
    marks: Marks
    selection: frozenset[str]
    wire_selection: frozenset[WireKey]

    def shift_nodes(self, rows: Ints, dx: float, dy: float) -> Floats:
        """Move nodes for the length of a gesture; return the box to repaint."""

    def visible_box(self) -> Floats:
        """The part of the scene that can be seen."""


class Gesture:
    """A press that may become a drag; this one leads nowhere."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        self.stage = stage
        self.start = start
        self.active = False

    def is_drag(self, to: Pointer) -> bool:
        """Whether the mouse has gone far enough."""
        return math.hypot(to.x - self.start.x, to.y - self.start.y) * to.scale >= THRESHOLD

    def begin(self, to: Pointer) -> Intent | None:
        """The press has become a drag, or the scene has changed below it."""
        return None

    def move(self, to: Pointer) -> Floats | None:
        """Follow the mouse; return the box to repaint."""
        return None

    def click(self, at: Pointer) -> Intent | None:
        """The press stayed where it was."""
        return None

    def finish(self, at: Pointer) -> Intent | None:
        """The drag ends here."""
        return None

    def resume(self) -> bool:
        """Go on after the scene changed; False if that makes no sense any more."""
        return True


class RubberBand(Gesture):
    """Choose the nodes that a rectangle touches."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._kept = stage.selection if start.adds else frozenset()
        self._kept_wires = stage.wire_selection if start.adds else frozenset()

    def move(self, to: Pointer) -> Floats | None:
        low, high = np.minimum(*self._corners(to)), np.maximum(*self._corners(to))
        geometry, marks = self.stage.graph, self.stage.marks
        marks.band = np.concatenate([low, high])
        marks.selected[:] = [box.id in self._kept for box in geometry.nodes.boxes]
        marks.selected[geometry.nodes_in(marks.band)] = True
        return EVERYTHING

    def click(self, at: Pointer) -> Intent | None:
        return Select(self._kept, self._kept_wires)

    def finish(self, at: Pointer) -> Intent | None:
        boxes = self.stage.graph.nodes.boxes
        chosen = np.flatnonzero(self.stage.marks.selected).tolist()
        return Select(frozenset(boxes[row].id for row in chosen), self._kept_wires)

    def _corners(self, to: Pointer) -> tuple[Floats, Floats]:
        return np.array((self.start.x, self.start.y)), np.array((to.x, to.y))


class NewWire(Gesture):
    """Draw a wire from a port, which may be either end of it."""

    def __init__(self, stage: Stage, start: Pointer, port: PortKey, is_output: bool) -> None:
        super().__init__(stage, start)
        self._port = port
        self.is_output = is_output
        self._aim: int | None = None

    def begin(self, to: Pointer) -> Intent | None:
        return StartWire(*self._port, self.is_output)

    def move(self, to: Pointer) -> Floats | None:
        stage = self.stage
        self._aim = self._target(to)
        here = self._point(self._row())
        there = self._point(self._aim) if self._aim is not None else (to.x, to.y)
        stage.marks.loose = stage.graph.loose_curve(*((here, there) if self.is_output else (there, here)))
        stage.marks.origin = self._row()
        stage.marks.port = -1 if self._aim is None else self._aim
        return EVERYTHING

    def click(self, at: Pointer) -> Intent | None:
        node = self._port[0]
        return Select(self.stage.selection | {node} if at.adds else frozenset({node}))

    def finish(self, at: Pointer) -> Intent | None:
        geometry = self.stage.graph
        if self._aim is not None:
            other = geometry.nodes.port_key(self._aim)
            return DrawWire(self._port, other) if self.is_output else DrawWire(other, self._port)
        if geometry.node_at(at.x, at.y) is not None:
            return None
        return DropWire(*self._port, self.is_output, at.x, at.y)

    def resume(self) -> bool:
        return self.stage.graph.nodes.row_of_port(*self._port, self.is_output) is not None

    def _target(self, to: Pointer) -> int | None:
        """The port aimed at: a near one, or else the nearest of the node under the mouse."""
        geometry, allowed = self.stage.graph, self._allowed()
        near = geometry.port_at(to.x, to.y, SNAP / to.scale, allowed)
        node = geometry.node_at(to.x, to.y)
        if near is not None or node is None:
            return near
        own = np.flatnonzero(allowed & (geometry.nodes.port_node == node))
        if not len(own):
            return None
        gaps = np.hypot(*(geometry.nodes.port_points(own) - (to.x, to.y)).T)
        return int(own[gaps.argmin()])

    def _allowed(self) -> Bools:
        nodes, lit = self.stage.graph.nodes, self.stage.marks.lit
        if lit is not None:
            return lit
        own = nodes.index[self._port[0]]
        return np.asarray((nodes.port_out != self.is_output) & (nodes.port_node != own))

    def _row(self) -> int:
        row = self.stage.graph.nodes.row_of_port(*self._port, self.is_output)
        assert row is not None
        return row

    def _point(self, row: int) -> tuple[float, float]:
        x, y = self.stage.graph.nodes.port_points(np.array([row]))[0]
        return float(x), float(y)


class LooseWire(NewWire):
    """Pull a wire off its input, and drop it on another one or nowhere."""

    def __init__(self, stage: Stage, start: Pointer, wire: WireKey) -> None:
        super().__init__(stage, start, wire[:2], True)
        self._wire = wire

    def move(self, to: Pointer) -> Floats | None:
        self.stage.marks.pulled = self.stage.graph.wires.index[self._wire]
        return super().move(to)

    def click(self, at: Pointer) -> Intent | None:
        node = self._wire[2]
        return Select(self.stage.selection | {node} if at.adds else frozenset({node}))

    def finish(self, at: Pointer) -> Intent | None:
        geometry = self.stage.graph
        if self._aim is not None:
            aim = geometry.nodes.port_key(self._aim)
            return MoveWire(self._wire, aim) if aim != self._wire[2:] else None
        return PullWire(self._wire) if geometry.node_at(at.x, at.y) is None else None

    def resume(self) -> bool:
        return self._wire in self.stage.graph.wires.index and super().resume()

    def _allowed(self) -> Bools:
        allowed = super()._allowed().copy()
        back = self.stage.graph.nodes.row_of_port(self._wire[2], self._wire[3], False)
        if back is not None:
            allowed[back] = True
        return allowed


def snapped(value: float) -> float:
    """The nearest line of the grid."""
    return round(value / GRID) * GRID
