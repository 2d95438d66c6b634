"""Paints nodes: bodies as sprites, texts over them; plain boxes where there are very many."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.node_canvas.frame import Frame
from widgets.node_canvas.metrics import Bools, Floats, Ints
from widgets.node_canvas.sprites import SIGN_SIZE, Card, Tier, mixed, sign_place
from widgets.node_canvas.tables import MANY_PORTS, NOTE
from widgets.node_canvas.texts import Piece

FADED = 0.35
BADGE = 12.0
MOST_BADGES = 200
MOST_COVERS = 16
"""Beyond this, texts of covered nodes shine through: nobody reads such a heap."""


def paint_nodes(frame: Frame) -> None:
    """Paint the nodes in view, chosen ones above the others."""
    rows = frame.geometry.nodes_in(frame.view)
    frame.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if frame.detail.tier == Tier.FAR and not frame.detail.cards:
        frame.use_device_pixels()
        _paint_boxes(frame, rows)
    else:
        for layer in _layers(frame, rows):
            _paint_layer(frame, layer)
    if frame.detail.tier != Tier.NEAR:
        _paint_badges(frame, rows)


def _layers(frame: Frame, rows: Ints) -> list[Ints]:
    """Rows that may be painted at once: a node that covers another one comes after that one's texts."""
    faded, chosen, covers = _faded(frame, rows), frame.marks.selected[rows], frame.geometry.covers[rows]
    if np.count_nonzero(covers) > MOST_COVERS or frame.detail.tier == Tier.FAR:
        covers = np.zeros(len(rows), bool)
    layers = [rows[faded]]
    for group in (~faded & ~chosen, ~faded & chosen):
        layers += [rows[group & ~covers], *(rows[[k]] for k in np.flatnonzero(group & covers))]
    return layers


def _faded(frame: Frame, rows: Ints) -> Bools:
    """Nodes without a port for the wire being drawn step back."""
    if frame.marks.lit is None:
        return np.zeros(len(rows), bool)
    able = np.zeros(len(frame.geometry.nodes.rects), bool)
    able[frame.geometry.nodes.port_node[frame.marks.lit]] = True
    if frame.marks.origin >= 0:
        able[frame.geometry.nodes.port_node[frame.marks.origin]] = True
    return ~able[rows]


def _paint_layer(frame: Frame, rows: Ints) -> None:
    if not len(rows):
        return
    frame.painter.setOpacity(FADED if _faded(frame, rows[:1])[0] else 1.0)
    corners = np.round(frame.geometry.nodes.rects[rows, :2] * frame.camera.factor + frame.origin)
    frame.use_device_pixels()
    _paint_cards(frame, rows, corners)
    if frame.detail.tier != Tier.FAR:
        _paint_bars(frame, rows, corners)
        _paint_dots(frame, rows, corners)
    if frame.detail.tier == Tier.NEAR:
        _paint_signs(frame, rows, corners)
        _paint_texts(frame, rows, corners)
    elif frame.detail.tier == Tier.MIDDLE:
        _paint_far_titles(frame, rows, corners)
    frame.painter.setOpacity(1.0)


def _paint_cards(frame: Frame, rows: Ints, corners: Floats) -> None:
    """One call for all nodes that look alike."""
    nodes, marks, tier = frame.geometry.nodes, frame.marks, frame.detail.tier
    num_tints = len(nodes.families) if tier == Tier.FAR else 1
    look = (nodes.size[rows] * 3 + nodes.problem[rows]) * 2 + marks.selected[rows]
    look = ((look * 2 + (rows == marks.node)) * 2 + nodes.note[rows]) * num_tints
    if tier == Tier.FAR:
        look += nodes.family[rows]
    sizes = nodes.sizes.tolist()
    for each in np.unique(look).tolist():
        rest, family = divmod(each, num_tints)
        rest, note = divmod(rest, 2)
        rest, hovered = divmod(rest, 2)
        rest, selected = divmod(rest, 2)
        (width, height), problem = sizes[rest // 3], rest % 3
        tint = nodes.families[family] if tier == Tier.FAR else ""
        card = Card(width, height, problem, bool(selected), bool(hovered), tint, bool(note))
        sprite = frame.box.sprites.card(card)
        source = np.array((0, 0, sprite.pixmap.width(), sprite.pixmap.height()))
        centres = corners[look == each] - sprite.margin + source[2:] / 2
        frame.box.copies.draw(frame.painter, centres, source, sprite.pixmap)


def _paint_bars(frame: Frame, rows: Ints, corners: Floats) -> None:
    """The colours of the families."""
    nodes = frame.geometry.nodes
    layers = ~nodes.note[rows]
    rows, corners = rows[layers], corners[layers]
    bars = frame.box.sprites.bars(nodes.families, tuple(nodes.sizes[:, 1].tolist()), frame.detail.tier)
    sources = bars.cells[nodes.size[rows], nodes.family[rows]]
    centres = corners + bars.corners[nodes.size[rows]] + sources[:, 2:] / 2
    frame.box.copies.draw(frame.painter, centres, sources, bars.pixmap)


def _paint_signs(frame: Frame, rows: Ints, corners: Floats) -> None:
    """A sign before the message of a node with a problem, or in its corner."""
    nodes, k = frame.geometry.nodes, frame.camera.factor
    wrong = np.flatnonzero(nodes.problem[rows])
    for row, corner in zip(rows[wrong].tolist(), corners[wrong], strict=True):
        box = nodes.boxes[row]
        width = float(nodes.sizes[nodes.size[row], 0])
        x, y = np.round(np.array(sign_place(width, bool(box.message))) * k) + corner
        badge = frame.box.sprites.badge(int(nodes.problem[row]), SIGN_SIZE * k)
        frame.painter.drawPixmap(int(x) - 1, int(y) - 1, badge)


def _paint_dots(frame: Frame, rows: Ints, corners: Floats) -> None:
    """The ports, in one call."""
    nodes, k = frame.geometry.nodes, frame.camera.factor
    num = nodes.first[rows + 1] - nodes.first[rows]
    owner = np.repeat(np.arange(len(rows)), num)
    bit = np.arange(len(owner)) - np.repeat(np.cumsum(num) - num, num)
    ports = nodes.first[rows][owner] + bit
    linked = (frame.geometry.linked[rows][owner] >> np.minimum(bit, MANY_PORTS)) & 1
    pixmap = frame.box.sprites.ports()
    side = pixmap.height()
    sources = np.zeros((len(ports), 4))
    sources[:, 0] = linked * side
    sources[:, 2:] = side
    centres = corners[owner] + np.round(nodes.port_offset[ports] * k) + 0.5
    frame.box.copies.draw(frame.painter, centres, sources, pixmap)


def _paint_texts(frame: Frame, rows: Ints, corners: Floats) -> None:
    nodes, tokens, painter = frame.geometry.nodes, frame.box.tokens, frame.painter
    corners = corners / frame.use_text()
    colours = {"": QColor(tokens.dim), "warning": QColor(tokens.warn), "error": QColor(tokens.bad)}
    below: dict[str, list[tuple[float, float, tuple[Piece, ...]]]] = {problem: [] for problem in colours}
    painter.setPen(QColor(tokens.text))
    for row, (x, y) in zip(rows.tolist(), corners.tolist(), strict=True):
        box = nodes.boxes[row]
        laid = frame.box.texts.of_node(box)
        laid.title.draw(painter, x, y)
        if box.note is not None:
            for piece in laid.lines:
                piece.draw(painter, x, y)
        else:
            below[box.problem if box.message else ""].append((x, y, laid.lines))
    for problem, places in below.items():
        painter.setPen(colours[problem])
        for x, y, pieces in places:
            for piece in pieces:
                piece.draw(painter, x, y)


def _paint_far_titles(frame: Frame, rows: Ints, corners: Floats) -> None:
    nodes, texts = frame.geometry.nodes, frame.box.texts
    corners = corners / frame.use_text()
    frame.painter.setPen(QColor(frame.box.tokens.text))
    for row, (x, y) in zip(rows.tolist(), corners.tolist(), strict=True):
        texts.far_title(nodes.boxes[row]).draw(frame.painter, x, y)


def _paint_boxes(frame: Frame, rows: Ints) -> None:
    """One call for each family, then the outlines of what must be seen from any distance."""
    nodes, tokens, painter = frame.geometry.nodes, frame.box.tokens, frame.painter
    shown = np.zeros(len(nodes.boxes), bool)
    shown[rows] = True
    bounds = np.cumsum(np.bincount(nodes.family[rows], minlength=len(nodes.families))).tolist()
    rows = nodes.by_family[shown[nodes.by_family]]
    boxes = nodes.rects.take(rows, axis=0)
    boxes *= frame.camera.factor
    boxes += np.array(frame.origin * 2)
    np.rint(boxes, out=boxes)
    boxes[:, 2:] -= boxes[:, :2]
    np.maximum(boxes[:, 2:], 1, out=boxes[:, 2:])
    painter.setPen(Qt.PenStyle.NoPen)
    for name, (start, stop) in zip(nodes.families, pairwise([0, *bounds]), strict=True):
        painter.setBrush(QColor(tokens.warn_soft) if name == NOTE else mixed(tokens.panel, tokens.family(name), 0.5))
        frame.box.rects.draw(painter, boxes[start:stop])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    around = np.array((-1, -1, 1, 1)) * round(frame.camera.dpr)
    problem, chosen = nodes.problem[rows], frame.marks.selected[rows]
    for which, colour in ((problem == 1, tokens.warn), (problem == 2, tokens.bad), (chosen, tokens.accent)):
        outlined = np.flatnonzero(which)
        if len(outlined):
            painter.setPen(QPen(QColor(colour), round(2 * frame.camera.dpr)))
            frame.box.rects.draw(painter, boxes[outlined] + around)


def _paint_badges(frame: Frame, rows: Ints) -> None:
    """Signs that keep their size, on the corners of nodes that have a problem."""
    nodes = frame.geometry.nodes
    rows = rows[nodes.problem[rows] > 0]
    if not 0 < len(rows) <= MOST_BADGES:
        return
    frame.use_device_pixels()
    size = BADGE * frame.camera.dpr
    corners = nodes.rects[rows][:, [2, 1]] * frame.camera.factor + frame.origin
    for problem, (x, y) in zip(nodes.problem[rows].tolist(), corners.tolist(), strict=True):
        badge = frame.box.sprites.badge(problem, size)
        frame.painter.drawPixmap(round(x - 0.6 * size), round(y - 0.4 * size), badge)
