"""What lies under the mouse, and what is said about it."""

from dataclasses import dataclass

import numpy as np

from widgets.node_canvas.frame_painter import title_strips
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.metrics import PORT_TARGET
from widgets.node_canvas.scene import PortKey, WireKey
from widgets.node_canvas.shapes import overlapping
from widgets.node_canvas.sprites import Tier

SHORT_TITLE = 16
WIRE_REACH = 5.0
"""How near to a wire a press hits it, in pixels."""


@dataclass(frozen=True, slots=True)
class Hit:
    """At most one row is not -1."""

    node: int = -1
    wire: int = -1
    port: int = -1
    frame: int = -1


def hit_at(graph: Geometry, marks: Marks, x: float, y: float, scale: float, tier: Tier) -> Hit:
    """Ports before nodes before titles of frames before wires; a port under another node is out of reach.

    From afar, titles lie over nodes, and no port can be seen.
    """
    frame = _title_at(graph, x, y, scale, tier)
    if tier == Tier.FAR and frame >= 0:
        return Hit(frame=frame)
    node = graph.node_at(x, y, marks.selected)
    if tier != Tier.FAR:
        port = graph.port_at(x, y, PORT_TARGET / 2 / min(scale, 1.0))
        if port is not None and node in (None, int(graph.nodes.port_node[port])):
            return Hit(port=port)
    if node is not None:
        return Hit(node=node)
    if frame >= 0:
        return Hit(frame=frame)
    wire = graph.wire_at(x, y, WIRE_REACH / scale)
    return Hit() if wire is None else Hit(wire=wire)


def _title_at(graph: Geometry, x: float, y: float, scale: float, tier: Tier) -> int:
    if not len(graph.frame_rects):
        return -1
    strips = title_strips(graph.frame_rects, scale, tier)
    found = np.flatnonzero(overlapping(strips, np.array((x, y, x, y))))
    return int(found[-1]) if len(found) else -1


def wire_into(graph: Geometry, marks: Marks, port: int) -> WireKey | None:
    """The wire to pull off an input: a chosen one first, else the last one; its output must exist."""
    rows = np.flatnonzero((graph.wires.dst_port == port) & (graph.wires.src_port >= 0))
    if not len(rows):
        return None
    chosen = rows[marks.selected_wires[rows]]
    return graph.wires.lines[int(chosen[-1] if len(chosen) else rows[-1])].key


def tip_of(graph: Geometry, hit: Hit, *, legible: bool) -> str:
    """A few words on what is under the mouse; of `legible` nodes only what does not fit into them."""
    if hit.port >= 0:
        wires = graph.wires
        rows = np.flatnonzero((wires.dst_port == hit.port) | (wires.src_port == hit.port))
        labels = dict.fromkeys(wires.lines[row].label for row in rows.tolist())
        return "  ".join([graph.nodes.port_key(hit.port)[1], *(label for label in labels if label)])
    if hit.node >= 0:
        box = graph.nodes.boxes[hit.node]
        if not legible:
            return "\n".join(filter(None, (box.title, *box.captions, box.message)))
        return "\n".join(filter(None, (box.title if len(box.title) > SHORT_TITLE else "", box.message)))
    if hit.frame >= 0:
        return graph.frames.boxes[hit.frame].title
    return graph.wires.lines[hit.wire].label if hit.wire >= 0 else ""


def output_at(graph: Geometry, hit: Hit) -> PortKey | None:
    """The output whose tensor is under the mouse: that of a wire, of an output port, or of what feeds an input port."""
    wire = hit.wire
    if hit.port >= 0:
        if graph.nodes.port_out[hit.port]:
            return graph.nodes.port_key(hit.port)
        rows = np.flatnonzero(graph.wires.dst_port == hit.port)
        wire = int(rows[0]) if len(rows) else -1
    if wire < 0:
        return None
    line = graph.wires.lines[wire]
    return line.src, line.src_port
