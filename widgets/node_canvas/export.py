"""A whole graph as an image."""

import math

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from widgets.node_canvas.camera import Camera, clamped
from widgets.node_canvas.frame import Frame, Paintbox, full_detail
from widgets.node_canvas.geometry import Geometry
from widgets.node_canvas.marks import Marks
from widgets.node_canvas.painter import paint
from widgets.tokens import Tokens

MARGIN = 32.0
MOST_PIXELS, LONGEST_SIDE = 100_000_000, 30_000
TILE = 1024


def image_of(geometry: Geometry, scale: float, tokens: Tokens, font: QFont) -> QImage:
    """Paint everything at `scale`, or at the largest one that still makes an image; nothing looks chosen."""
    box = geometry.bounds()
    if box is None:
        box = np.zeros(4)
    width, height = (float(side) + 2 * MARGIN for side in (box[2] - box[0], box[3] - box[1]))
    scale = clamped(min(scale, LONGEST_SIDE / max(width, height), math.sqrt(MOST_PIXELS / (width * height))))
    image = QImage(math.ceil(width * scale), math.ceil(height * scale), QImage.Format.Format_RGB32)
    image.fill(QColor(tokens.background))
    camera = Camera(scale).panned(-(float(box[0]) - MARGIN) * scale, -(float(box[1]) - MARGIN) * scale)
    marks = Marks.none(len(geometry.nodes.boxes), len(geometry.wires.lines))
    kept = Paintbox(tokens, font)
    for top in range(0, image.height(), TILE):
        for left in range(0, image.width(), TILE):
            tile = QRectF(left, top, min(TILE, image.width() - left), min(TILE, image.height() - top))
            with QPainter(image) as painter:
                painter.setClipRect(tile)
                paint(Frame(painter, tile, geometry, camera, full_detail(scale), marks, kept))
    return image
