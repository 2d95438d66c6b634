"""Many small images side by side: samples of a data set, filters, wrong answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets import typography
from widgets.painting import rounded, state_colours
from widgets.tokens import RADIUS_INPUT, Tokens

Index = QModelIndex | QPersistentModelIndex
Images = NDArray[np.uint8] | Sequence[NDArray[np.uint8]]

_PADDING = 6
_CAPTION = 18
_GAP = 4


def qimage(pixels: NDArray[np.uint8]) -> QImage:
    """A copy of (h, w) grey or (h, w, 3) coloured bytes as an image."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    # Not the array's own strides: numpy leaves them undefined along axes of one.
    return QImage(pixels.data, width, height, pixels.size // height, form).copy()


class ImageModel(QAbstractListModel):
    """The array behind a grid; an image is made when it comes into sight."""

    PIXELS = Qt.ItemDataRole.UserRole
    STATE = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: Images = ()
        self._captions: tuple[str, ...] = ()
        self._states: tuple[str, ...] = ()

    def set_images(self, images: Images, captions: Sequence[str], states: Sequence[str]) -> None:
        """Show other images."""
        if isinstance(images, np.ndarray):
            coloured = images.ndim == 4 and images.shape[3] == 3
            if images.dtype != np.uint8 or not (images.ndim == 3 or coloured):
                raise ValueError(f"images are uint8 (n, h, w) or (n, h, w, 3), not {images.dtype} {images.shape}")
        for texts in (captions, states):
            if len(texts) not in (0, len(images)):
                raise ValueError(f"{len(images)} images cannot have {len(texts)} captions or states")
        self.beginResetModel()
        self._images, self._captions, self._states = images, tuple(captions), tuple(states)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._images)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not 0 <= row < len(self._images):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._captions[row] if self._captions else str(row)
        if role == self.PIXELS:
            return qimage(self._images[row])
        if role == self.STATE:
            return self._states[row] if self._states else ""
        return None


class _Painter(QStyledItemDelegate):
    """Paints one image: pixels stay square and hard where they are enlarged, and smooth where they shrink."""

    def __init__(self, tokens: Tokens, side: int, parent: QObject) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.side = side
        self.captioned = True

    def cell(self) -> QSize:
        height = self.side + 2 * _PADDING + (_CAPTION if self.captioned else 0)
        return QSize(self.side + 2 * _PADDING, height)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell() + QSize(_GAP, _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        cell = QRect(option.rect.topLeft(), self.cell())
        state = option.state
        tokens = self.tokens
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            rounded(painter, QRectF(cell), RADIUS_INPUT, tokens.accent_soft, tokens.accent)
        elif state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, QRectF(cell), RADIUS_INPUT, tokens.hover)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), RADIUS_INPUT, RADIUS_INPUT)
        box = QRect(cell.x() + _PADDING, cell.y() + _PADDING, self.side, self.side)
        self._paint_image(painter, box, index.data(ImageModel.PIXELS))
        if self.captioned:
            below = QRect(box.left(), box.bottom() + 3, box.width(), _CAPTION)
            self._paint_caption(painter, below, index.data(), index.data(ImageModel.STATE))
        painter.restore()

    def _paint_image(self, painter: QPainter, box: QRect, image: QImage) -> None:
        ratio = painter.device().devicePixelRatioF()
        size = image.size().scaled(box.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        if size.width() < image.width():
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        target = QRectF(0, 0, size.width() / ratio, size.height() / ratio)
        target.moveCenter(QRectF(box).center())
        painter.drawImage(target, image, QRectF(image.rect()))

    def _paint_caption(self, painter: QPainter, rect: QRect, text: str, state: str) -> None:
        painter.setFont(typography.tabular(typography.caption()))
        if state:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(state_colours(self.tokens, state)[0]))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(QRectF(rect.left(), rect.center().y() - 2.5, 6, 6))
            rect = rect.adjusted(10, 0, 0, 0)
        painter.setPen(QColor(self.tokens.text if state else self.tokens.dim))
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        align = Qt.AlignmentFlag.AlignVCenter
        align |= Qt.AlignmentFlag.AlignLeft if state else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(rect, align, shown)


class ImageGrid(QListView):
    """Images of `side` pixels that wrap to the width; `activated_image` follows a double click or Enter."""

    selected = Signal(int)
    activated_image = Signal(int)

    def __init__(self, tokens: Tokens, *, side: int = 64, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = ImageModel(self)
        self._painter = _Painter(tokens, side, self)
        self.setModel(self._images)
        self.setItemDelegate(self._painter)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName(name)
        self.activated.connect(self._open)
        self.selectionModel().currentChanged.connect(self._tell)

    def set_images(self, images: Images, captions: Sequence[str] = (), states: Sequence[str] = ()) -> None:
        """Show uint8 images (n, h, w) or (n, h, w, 3), or a list of single ones of any size; a state (ok, warn, bad)
        puts a dot before its caption.
        """
        self._painter.captioned = bool(captions)
        self._images.set_images(images, captions, states)

    def current(self) -> int:
        """The selected image, or -1."""
        return self.currentIndex().row()

    def set_current(self, number: int) -> None:
        """Select an image and bring it into sight."""
        self.setCurrentIndex(self._images.index(number, 0))

    def set_side(self, side: int) -> None:
        """Show the images larger or smaller."""
        self._painter.side = side
        self.scheduleDelayedItemsLayout()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._painter.tokens = tokens
        self.viewport().update()

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.selected.emit(index.row())

    def _open(self, index: QModelIndex) -> None:
        self.activated_image.emit(index.row())
