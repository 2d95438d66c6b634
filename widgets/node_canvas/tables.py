"""The columns behind a scene: one row a node, a port or a wire."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from widgets.node_canvas.metrics import (
    FRAME_FOOT,
    FRAME_LETTER,
    FRAME_SIDE,
    FRAME_TITLE,
    LABEL_HEIGHT,
    PICTURE_GAP,
    Bools,
    Floats,
    Ints,
    label_width,
    node_size,
    picture_size,
    port_offsets,
)
from widgets.node_canvas.routes import POINTS, Routes
from widgets.node_canvas.scene import FrameBox, NodeBox, Picture, PortKey, WireKey, WireLine

PROBLEMS = {"": 0, "warning": 1, "error": 2}
NOTE = "note"
MANY_PORTS = 62
"""Beyond this the wired ports no longer fit one integer; such a node shows all of them as wired."""


@dataclass(slots=True)
class Nodes:
    """Nodes and their ports; node i owns ports first[i] to first[i + 1], inputs before outputs."""

    boxes: tuple[NodeBox, ...]
    index: dict[str, int]
    rects: Floats
    problem: Ints
    families: tuple[str, ...]
    family: Ints
    """Rows of `families`."""
    by_family: Ints
    """All rows, those of one family together."""
    note: Bools
    sizes: Floats
    """The different widths and heights."""
    size: Ints
    """Rows of `sizes`."""
    first: Ints
    port_node: Ints
    port_offset: Floats
    port_out: Bools

    def row_of_port(self, node: str, port: str, is_output: bool) -> int | None:
        """The row of a port, if there is one of that name."""
        row = self.index.get(node)
        if row is None:
            return None
        box = self.boxes[row]
        names = box.outputs if is_output else box.inputs
        if port not in names:
            return None
        return int(self.first[row]) + names.index(port) + (len(box.inputs) if is_output else 0)

    def port_key(self, row: int) -> PortKey:
        """The node and the name of a port."""
        node = int(self.port_node[row])
        box = self.boxes[node]
        return box.id, (*box.inputs, *box.outputs)[row - int(self.first[node])]

    def port_points(self, rows: Ints) -> Floats:
        """Where ports are."""
        return np.asarray(self.rects[self.port_node[rows], :2] + self.port_offset[rows])


def node_table(boxes: tuple[NodeBox, ...]) -> Nodes:
    """Read the columns out of `boxes`, whose ids differ."""
    index = {box.id: row for row, box in enumerate(boxes)}
    families = {name: code for code, name in enumerate(dict.fromkeys(map(family_of, boxes)))}
    assert len(index) == len(boxes), "two nodes share an id"
    sizes = [node_size(box) for box in boxes]
    kinds = {size: row for row, size in enumerate(dict.fromkeys(sizes))}
    family = np.fromiter((families[family_of(box)] for box in boxes), np.intp, len(boxes))
    num_in = np.fromiter((len(box.inputs) for box in boxes), np.intp, len(boxes))
    num_out = np.fromiter((len(box.outputs) for box in boxes), np.intp, len(boxes))
    sides = np.stack([num_in, num_out], axis=1).ravel()
    offsets = [
        port_offsets(size, len(names), is_output, box.sideways)
        for box, size in zip(boxes, sizes, strict=True)
        for is_output, names in ((False, box.inputs), (True, box.outputs))
        if names
    ]
    return Nodes(
        boxes,
        index,
        _rects(boxes, sizes),
        np.fromiter((PROBLEMS[box.problem] for box in boxes), np.intp, len(boxes)),
        tuple(families),
        family,
        np.argsort(family, kind="stable"),
        np.fromiter((box.note is not None for box in boxes), bool, len(boxes)),
        np.array(list(kinds), np.float64).reshape(-1, 2),
        np.fromiter((kinds[size] for size in sizes), np.intp, len(boxes)),
        np.concatenate([[0], np.cumsum(num_in + num_out)]),
        np.repeat(np.arange(len(boxes)), num_in + num_out),
        np.concatenate([np.zeros((0, 2)), *offsets]),
        np.repeat(np.arange(len(sides)) % 2 == 1, sides),
    )


def family_of(box: NodeBox) -> str:
    """What colours a node; notes are a family of their own."""
    return box.family if box.note is None else NOTE


def node_rects(boxes: Sequence[NodeBox]) -> Floats:
    """The boxes that nodes cover."""
    return _rects(boxes, [node_size(box) for box in boxes])


@dataclass(slots=True)
class Wires:
    """Wires whose nodes exist, with their courses."""

    lines: tuple[WireLine, ...]
    index: dict[WireKey, int]
    src: Ints
    dst: Ints
    src_port: Ints
    """Rows of ports, or -1 where the node has no such port: the wire then ends at the middle of the edge."""
    dst_port: Ints
    src_offset: Floats
    dst_offset: Floats
    problem: Bools
    routes: Routes
    stamp: Ints
    """Changes with the course, so that painters know what they may keep; 0 is no course yet."""
    touched: Bools
    """Moved along in a gesture, without a look at what is in the way now."""

    def ends(self, rects: Floats, rows: Ints | slice = slice(None)) -> Floats:
        """Where wires start and end while their nodes are at `rects`."""
        starts = rects[self.src[rows], :2] + self.src_offset[rows]
        stops = rects[self.dst[rows], :2] + self.dst_offset[rows]
        return np.concatenate([starts, stops], axis=1)


def wire_table(lines: Sequence[WireLine], nodes: Nodes) -> Wires:
    """Read the columns out of those `lines` that join two of `nodes`; their courses are still empty."""
    kept = {line.key: line for line in lines if line.src in nodes.index and line.dst in nodes.index}
    rows = tuple(kept.values())
    src = np.fromiter((nodes.index[line.src] for line in rows), np.intp, len(rows))
    dst = np.fromiter((nodes.index[line.dst] for line in rows), np.intp, len(rows))
    ports = _port_rows(nodes)
    src_port = np.fromiter((ports.get((line.src, line.src_port, True), -1) for line in rows), np.intp, len(rows))
    dst_port = np.fromiter((ports.get((line.dst, line.dst_port, False), -1) for line in rows), np.intp, len(rows))
    return Wires(
        rows,
        {key: row for row, key in enumerate(kept)},
        src,
        dst,
        src_port,
        dst_port,
        _offsets(src_port, src, nodes, True),
        _offsets(dst_port, dst, nodes, False),
        np.fromiter((line.problem for line in rows), bool, len(rows)),
        empty_routes(len(rows)),
        np.zeros(len(rows), np.intp),
        np.zeros(len(rows), bool),
    )


def empty_routes(num: int) -> Routes:
    """Room for the courses of `num` wires."""
    return Routes(
        np.zeros((num, 8, 2)),
        np.zeros(num, bool),
        np.zeros((num, POINTS, 2)),
        np.zeros((num, 4)),
        np.zeros((num, 4)),
    )


@dataclass
class Labels:
    """One label for each text that leaves a port, carried by the first of its wires."""

    wire: Ints
    node: Ints
    """The node that makes what the label tells of."""
    texts: tuple[str, ...]
    pictures: dict[int, Picture]
    """By row; many labels have none."""
    most: Floats
    """Widths and heights with the pictures."""
    sizes: Floats
    """Widths and heights as they are shown: a picture is left out where there is room for the text alone."""
    corner: Floats
    """NaN: there is no room."""
    placed: Bools
    pictured: Bools
    """Whether a picture is shown."""

    def show_pictures(self, rows: Ints, shown: bool) -> None:
        """Leave the pictures of some labels out, or take them in again."""
        for row in rows.tolist() if self.pictures else ():
            self.pictured[row] = shown and row in self.pictures
            self.sizes[row] = self.most[row] if shown else _label_size(self.texts[row], None)


def label_table(wires: Wires) -> Labels:
    """Collect the labels of `wires`, none of them placed yet."""
    carriers: dict[tuple[str, str, str], int] = {}
    for row, line in enumerate(wires.lines):
        if line.label or line.picture is not None:
            carriers.setdefault((line.src, line.src_port, line.label), row)
    num = len(carriers)
    rows = np.fromiter(carriers.values(), np.intp, num)
    texts = tuple(text for _, _, text in carriers)
    shown = [wires.lines[row].picture for row in carriers.values()]
    pictures = {row: picture for row, picture in enumerate(shown) if picture is not None}
    most = np.array([_label_size(*both) for both in zip(texts, shown, strict=True)], np.float64).reshape(-1, 2)
    return Labels(
        rows,
        wires.src[rows],
        texts,
        pictures,
        most,
        most.copy(),
        np.full((num, 2), np.nan),
        np.zeros(num, bool),
        np.array([picture is not None for picture in shown], bool),
    )


def _label_size(text: str, picture: Picture | None) -> tuple[float, float]:
    """A picture stands before its text."""
    width = label_width(text)
    if picture is None:
        return width, LABEL_HEIGHT
    wide, high = picture_size(picture)
    return wide + (PICTURE_GAP + width if text else 0.0), max(high, LABEL_HEIGHT)


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames around nodes that exist; frame i owns members first[i] to first[i + 1]."""

    boxes: tuple[FrameBox, ...] = ()
    members: Ints = field(default_factory=lambda: np.zeros(0, np.intp))
    first: Ints = field(default_factory=lambda: np.zeros(1, np.intp))

    def rects(self, nodes: Floats) -> Floats:
        """Where the frames are while their nodes are at `nodes`."""
        if not self.boxes:
            return np.zeros((0, 4))
        starts, own = self.first[:-1], nodes[self.members]
        low, high = np.minimum.reduceat(own[:, :2], starts), np.maximum.reduceat(own[:, 2:], starts)
        around = np.array((-FRAME_SIDE, -FRAME_TITLE, FRAME_SIDE, FRAME_FOOT))
        return np.asarray(np.concatenate([low, high], axis=1) + around)

    def carried(self, moved: Bools) -> Bools:
        """Which frames have no node that is not `moved`."""
        if not self.boxes:
            return np.zeros(0, bool)
        return np.asarray(np.logical_and.reduceat(moved[self.members], self.first[:-1]))

    def of(self, node: int) -> int:
        """The frame around a node, or -1."""
        found = np.flatnonzero(self.members == node)
        return int(np.searchsorted(self.first, found[0], side="right")) - 1 if len(found) else -1

    def titles(self, rects: Floats) -> Floats:
        """The boxes that the titles of frames at `rects` take at most."""
        widths = np.array([len(box.title) for box in self.boxes], np.float64) * FRAME_LETTER + 2 * FRAME_SIDE
        high = np.minimum(rects[:, :2] + np.stack([widths, np.full(len(rects), FRAME_TITLE)], axis=1), rects[:, 2:])
        return np.concatenate([rects[:, :2], high], axis=1)


def frame_table(boxes: Sequence[FrameBox], nodes: Nodes) -> Frames:
    """Read the columns out of those `boxes` that are around any of `nodes`."""
    rows = [[nodes.index[node] for node in box.nodes if node in nodes.index] for box in boxes]
    kept = [(box, own) for box, own in zip(boxes, rows, strict=True) if own]
    return Frames(
        tuple(box for box, _ in kept),
        np.array([row for _, own in kept for row in own], np.intp),
        np.cumsum([0, *(len(own) for _, own in kept)]),
    )


def linked_masks(nodes: Nodes, wires: Wires) -> Ints:
    """For each node one bit for each of its ports that a wire meets."""
    bits = np.arange(len(nodes.port_node)) - nodes.first[nodes.port_node]
    masks = np.zeros(len(nodes.boxes), np.int64)
    for ports in (wires.src_port, wires.dst_port):
        used = ports[ports >= 0]
        used = used[bits[used] < MANY_PORTS]
        np.bitwise_or.at(masks, nodes.port_node[used], np.int64(1) << bits[used])
    masks[np.diff(nodes.first) > MANY_PORTS] = -1
    return masks


def _rects(boxes: Sequence[NodeBox], sizes: list[tuple[float, float]]) -> Floats:
    corners = np.array([(box.x, box.y) for box in boxes], np.float64).reshape(-1, 2)
    return np.concatenate([corners, corners + np.array(sizes, np.float64).reshape(-1, 2)], axis=1)


def _port_rows(nodes: Nodes) -> dict[tuple[str, str, bool], int]:
    keys = (
        (box.id, name, is_output)
        for box in nodes.boxes
        for is_output, names in ((False, box.inputs), (True, box.outputs))
        for name in names
    )
    return {key: row for row, key in enumerate(keys)}


def _offsets(ports: Ints, owners: Ints, nodes: Nodes, is_output: bool) -> Floats:
    offsets = np.zeros((len(ports), 2))
    known = ports >= 0
    offsets[known] = nodes.port_offset[ports[known]]
    for row in np.flatnonzero(~known):
        box = nodes.boxes[owners[row]]
        offsets[row] = port_offsets(node_size(box), 1, is_output, box.sideways)[0]
    return offsets
