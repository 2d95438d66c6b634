"""Which node an arrow key leads to: along the wires, and across to what lies beside."""

from enum import Enum

import numpy as np

from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.metrics import ACROSS, ALONG, Floats


class Way(Enum):
    """A direction as (axis, sign), where the graph flows down."""

    BACK = (ALONG, -1)
    ON = (ALONG, 1)
    BEFORE = (ACROSS, -1)
    AFTER = (ACROSS, 1)


def neighbour(geometry: Geometry, row: int, way: Way) -> int | None:
    """The node that lies `way` of a node: the nearest one wired to it, else the nearest one there."""
    centres = _centres(geometry)
    wired = _wired(geometry, row, way)
    if wired:
        across = ALONG if geometry.sideways else ACROSS
        gaps = np.abs(centres[wired, across] - centres[row, across])
        return wired[int(gaps.argmin())]
    axis, sign = way.value
    axis = 1 - axis if geometry.sideways else axis
    ahead = (centres[:, axis] - centres[row, axis]) * sign
    aside = np.abs(centres[:, 1 - axis] - centres[row, 1 - axis])
    cost = np.where(ahead > 1, ahead + 2 * aside, np.inf)
    best = int(cost.argmin())
    return best if np.isfinite(cost[best]) else None


def nearest(geometry: Geometry, x: float, y: float) -> int | None:
    """The node nearest to a point."""
    if not len(geometry.nodes.boxes):
        return None
    return int(np.hypot(*(_centres(geometry) - (x, y)).T).argmin())


def _wired(geometry: Geometry, row: int, way: Way) -> list[int]:
    wires = geometry.wires
    if way is Way.ON:
        return [int(r) for r in dict.fromkeys(wires.dst[wires.src == row].tolist()) if r != row]
    if way is Way.BACK:
        return [int(r) for r in dict.fromkeys(wires.src[wires.dst == row].tolist()) if r != row]
    return []


def _centres(geometry: Geometry) -> Floats:
    rects = geometry.nodes.rects
    return (rects[:, :2] + rects[:, 2:]) / 2
