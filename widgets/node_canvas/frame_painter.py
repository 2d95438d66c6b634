"""Paints the frames around nodes: surfaces below everything, titles where they can be read."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from widgets.node_canvas.frame import Frame
from widgets.node_canvas.metrics import FRAME_TITLE, FRAME_TITLE_PX, Floats, Ints
from widgets.node_canvas.sprites import Tier, mixed
from widgets.tokens import RADIUS_CARD, Tokens

LEAST_WIDTH, LEAST_TEXT = 44.0, 7.0
CHIP = 15.0
"""How high a title is on the screen, from afar."""
TALLEST = 34.0
"""As high as a title may be in the scene: more would reach over what stands above."""
PAD = 8.0


def title_strips(rects: Floats, scale: float, tier: Tier) -> Floats:
    """Where the titles of frames at `rects` are in the scene: on top, or from afar, over nodes, just below the top."""
    strips = rects.copy()
    if tier == Tier.FAR:
        strips[:, 3] = np.minimum(rects[:, 3], rects[:, 1] + CHIP / scale)
    else:
        strips[:, 3] = rects[:, 1] + FRAME_TITLE
        strips[:, 1] = strips[:, 3] - min(max(CHIP / scale, FRAME_TITLE), TALLEST)
    return strips


def paint_frames(frame: Frame) -> None:
    """Paint the surfaces of the frames in view."""
    painter, marks = frame.painter, frame.marks
    rects = frame.geometry.frame_rects
    near = frame.geometry.frames_in(frame.view)
    if not len(near):
        return
    frame.use_device_pixels()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    k, radius = frame.camera.dpr, RADIUS_CARD * frame.camera.factor
    for row in near.tolist():
        lit = row == marks.frame
        x0, y0, x1, y1 = np.round(rects[row] * frame.camera.factor + frame.origin * 2).tolist()
        surface, line = _colours(frame.box.tokens, lit)
        painter.setPen(QPen(line, round((2 if lit else 1) * k)))
        painter.setBrush(surface)
        painter.drawRoundedRect(QRectF(x0 + 0.5, y0 + 0.5, x1 - x0, y1 - y0), radius, radius)


def paint_titles(frame: Frame) -> None:
    """Paint the titles of the frames in view, none over another one."""
    near = frame.geometry.frames_in(frame.view)[::-1]
    taken: list[QRectF] = []
    for row, strip in zip(near.tolist(), _strips(frame, near), strict=True):
        if not any(strip.intersects(other) for other in taken):
            taken.append(strip)
            _paint_title(frame, row, strip)


def _strips(frame: Frame, rows: Ints) -> list[QRectF]:
    """The titles' places in device pixels."""
    strips = title_strips(frame.geometry.frame_rects, frame.camera.scale, frame.detail.tier)[rows]
    boxes = np.round(strips * frame.camera.factor + frame.origin * 2).tolist()
    return [QRectF(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes]


def _paint_title(frame: Frame, row: int, strip: QRectF) -> None:
    title, k, painter = frame.geometry.frames.boxes[row].title, frame.camera.dpr, frame.painter
    pixels = min(FRAME_TITLE_PX * max(frame.camera.factor, k), 0.72 * strip.height())
    if not title or strip.width() < LEAST_WIDTH * k or pixels < LEAST_TEXT * k:
        return
    font = QFont(frame.box.texts.title_font)
    font.setPixelSize(round(pixels))
    metrics = QFontMetricsF(font)
    pad = (PAD if frame.camera.scale > 0.7 else PAD / 2) * k
    text = metrics.elidedText(title, Qt.TextElideMode.ElideRight, strip.width() - 2 * pad)
    frame.use_device_pixels()
    # Wires, and from afar nodes, would run through the letters.
    around = QRectF(strip.left() + pad / 2, strip.top() + 1, metrics.horizontalAdvance(text) + pad, strip.height() - 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colours(frame.box.tokens, row == frame.marks.frame)[0])
    painter.drawRoundedRect(around, 4 * k, 4 * k)
    painter.setFont(font)
    far = frame.detail.tier == Tier.FAR
    painter.setPen(QColor(frame.box.tokens.text if far else frame.box.tokens.dim))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(strip.adjusted(pad, 0, 0, 0), int(flags), text)


def _colours(tokens: Tokens, lit: bool) -> tuple[QColor, QColor]:
    """The surface and the line of a frame; one that would take in what is dragged is lit."""
    if lit:
        return QColor(tokens.accent_soft), QColor(tokens.accent)
    return mixed(tokens.background, tokens.dim, 0.1), mixed(tokens.background, tokens.dim, 0.45)
