"""Paints a geometry through a camera; the screen and exported images come from the same code."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from widgets.node_canvas.frame import Frame, Paintbox
from widgets.node_canvas.frame_painter import paint_frames, paint_titles
from widgets.node_canvas.label_painter import paint_labels
from widgets.node_canvas.mark_painter import paint_marks
from widgets.node_canvas.metrics import Floats
from widgets.node_canvas.node_painter import paint_nodes
from widgets.node_canvas.sprites import Tier
from widgets.node_canvas.wire_painter import paint_loose_wire, paint_wires

DOT_PITCH = 24.0
LEAST_PITCH = 16.0


def paint(frame: Frame) -> None:
    """Paint all that lies in the frame's area; its painter is fresh."""
    frame.box.sprites.at(frame.camera.factor)
    _paint_ground(frame)
    paint_frames(frame)
    paint_wires(frame)
    if frame.detail.tier == Tier.NEAR:
        paint_labels(frame)
    if frame.detail.tier != Tier.FAR:
        paint_titles(frame)
    paint_nodes(frame)
    if frame.detail.tier == Tier.FAR:
        paint_titles(frame)
    _paint_ports(frame)
    if frame.marks.loose is not None:
        paint_loose_wire(frame)
    if frame.marks.overlaid:
        paint_marks(frame)


def paint_hint(painter: QPainter, area: QRectF, title: str, text: str, box: Paintbox) -> None:
    """Say quietly, in the middle of an empty canvas, what it is for."""
    painter.resetTransform()
    font = QFont(box.texts.title_font)
    line = QRectF(0, 0, min(area.width() - 48, 420), 24)
    line.moveCenter(area.center() - QPointF(0, 22))
    for words, pixels, weight, colour in (
        (title, 15, QFont.Weight.DemiBold, box.tokens.dim),
        (text, 13, QFont.Weight.Normal, box.tokens.faint),
    ):
        font.setPixelSize(pixels)
        font.setWeight(weight)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(line, int(flags), words)
        line = QRectF(line.left(), line.bottom() + 4, line.width(), area.bottom() - line.bottom())


def _paint_ground(frame: Frame) -> None:
    """A grid of dots; from afar every second one is left out, again and again."""
    camera, painter = frame.camera, frame.painter
    ground = QColor(frame.box.tokens.background)
    painter.fillRect(frame.area, ground)
    if frame.detail.tier == Tier.FAR and not frame.detail.cards:
        return  # nodes and wires are as small as the dots
    pitch = DOT_PITCH
    while pitch * camera.scale < LEAST_PITCH:
        pitch *= 2
    step = pitch * camera.factor
    side = max(round((2.0 if camera.scale >= 0.6 else 1.0) * camera.dpr), 1)
    x0, y0, x1, y1 = camera.rect_to_scene(frame.area)
    across = np.round(_steps(x0, x1, pitch) * step) + (frame.origin[0] - side // 2)
    down = np.round(_steps(y0, y1, pitch) * step) + (frame.origin[1] - side // 2)
    dots = np.empty((len(down), len(across), 4))
    dots[..., 0], dots[..., 1], dots[..., 2:] = across, down[:, None], side
    frame.use_device_pixels()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(frame.box.tokens.grid))
    frame.box.rects.draw(painter, dots.reshape(-1, 4))


def _steps(low: float, high: float, pitch: float) -> Floats:
    return np.arange(np.floor(low / pitch), np.ceil(high / pitch) + 1)


def _paint_ports(frame: Frame) -> None:
    """The ports that stand out: under the mouse, or ready to receive the wire being drawn."""
    marks, geometry = frame.marks, frame.geometry
    if frame.detail.tier == Tier.FAR:
        return
    looks = [(port, "aimed") for port in (marks.origin, marks.port) if port >= 0]
    if marks.lit is not None:
        near = np.isin(geometry.nodes.port_node, geometry.nodes_in(frame.view))
        looks = [(row, "lit") for row in np.flatnonzero(marks.lit & near).tolist()] + looks
    frame.use_device_pixels()
    for row, look in looks:
        node = geometry.nodes.port_node[row]
        corner = np.round(geometry.nodes.rects[node, :2] * frame.camera.factor + frame.origin)
        x, y = corner + np.round(geometry.nodes.port_offset[row] * frame.camera.factor)
        dot = frame.box.sprites.port(look)
        frame.painter.drawPixmap(int(x) - dot.width() // 2, int(y) - dot.height() // 2, dot)
