"""Paints what stands beside wires: what flows there in words, and in a picture where there is one."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from widgets.node_canvas.frame import Frame, Paintbox
from widgets.node_canvas.metrics import LABEL_HEIGHT, PICTURE_GAP, Floats, picture_size
from widgets.node_canvas.scene import Picture

MOST_PICTURES = 600


def paint_labels(frame: Frame) -> None:
    """Paint the labels that have a place in view."""
    geometry, texts = frame.geometry, frame.box.texts
    rows = geometry.labels_in(frame.view)
    if not len(rows):
        return
    k = frame.camera.factor
    corners = np.round(geometry.labels.corner[rows] * k + frame.origin)
    if geometry.labels.pictures:
        corners = _paint_pictures(frame, rows.tolist(), corners)
    corners /= frame.use_text()
    frame.painter.setPen(QColor(frame.box.tokens.dim))
    for row, (x, y) in zip(rows.tolist(), corners.tolist(), strict=True):
        texts.of_label(geometry.labels.texts[row]).draw(frame.painter, x, y)


def _paint_pictures(frame: Frame, rows: list[int], corners: Floats) -> Floats:
    """Paint the pictures; return the corners of the texts beside them."""
    labels, k, painter = frame.geometry.labels, frame.camera.factor, frame.painter
    frame.use_device_pixels()
    painter.setPen(QPen(QColor(frame.box.tokens.line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    texts = corners.copy()
    for at, row in enumerate(rows):
        if not labels.pictured[row]:
            continue
        picture = labels.pictures[row]
        wide, high = picture_size(picture)
        x, y = corners[at].tolist()
        pixmap = _pixmap(frame.box, picture, round(wide * k), round(high * k))
        painter.drawPixmap(int(x), int(y), pixmap)
        painter.drawRect(QRectF(x - 1, y - 1, pixmap.width() + 1, pixmap.height() + 1))
        texts[at] += np.round(((wide + PICTURE_GAP) * k, (high - LABEL_HEIGHT) / 2 * k))
    return texts


def _pixmap(box: Paintbox, picture: Picture, width: int, height: int) -> QPixmap:
    """The picture at exactly this size: its pixels stay squares where it becomes larger."""
    key = id(picture), width, height
    found = box.pictures.get(key)
    if found is None or found[0] is not picture:
        if len(box.pictures) > MOST_PICTURES:
            box.pictures.clear()
        image = QImage(picture.pixels, picture.width, picture.height, 4 * picture.width, QImage.Format.Format_RGBA8888)
        larger = width >= picture.width
        mode = Qt.TransformationMode.FastTransformation if larger else Qt.TransformationMode.SmoothTransformation
        scaled = image.scaled(max(width, 1), max(height, 1), Qt.AspectRatioMode.IgnoreAspectRatio, mode)
        found = box.pictures[key] = picture, QPixmap.fromImage(scaled)
    return found[1]
