"""Pictures before and after something was done to them, in pairs that are compared at a glance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import typography
from widgets.image_grid import qimage
from widgets.painting import rounded
from widgets.tokens import RADIUS_INPUT, Tokens

GAP, CAPTION, PAD = 12, 20, 6
ARROW = 18


class BeforeAfter(QWidget):
    """Pairs of (before, after), side by side with an arrow between them, that wrap to the width."""

    def __init__(self, tokens: Tokens, *, side: int = 88, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._side = tokens, side
        self._pairs: list[tuple[QImage, QImage]] = []
        self._captions: tuple[str, ...] = ()
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_pairs(
        self, before: Sequence[NDArray[np.uint8]], after: Sequence[NDArray[np.uint8]], captions: Sequence[str] = ()
    ) -> None:
        """Show other pictures: each (h, w) or (h, w, 3), of any size."""
        self._pairs = [(qimage(one), qimage(other)) for one, other in zip(before, after, strict=True)]
        self._captions = tuple(captions)
        self.setAccessibleDescription("\n".join(captions))
        self.updateGeometry()
        self.update()

    def count(self) -> int:
        """How many pairs are shown."""
        return len(self._pairs)

    def images(self) -> list[tuple[QImage, QImage]]:
        """What is shown."""
        return list(self._pairs)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        self.update()

    @property
    def _cell(self) -> QSize:
        return QSize(2 * self._side + ARROW + 2 * PAD, self._side + 2 * PAD + (CAPTION if self._captions else 0))

    def _across(self, width: int) -> int:
        return max(1, (width + GAP) // (self._cell.width() + GAP))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-max(1, len(self._pairs)) // self._across(width))
        return rows * (self._cell.height() + GAP) - GAP

    def sizeHint(self) -> QSize:
        width = max(self.width(), self._cell.width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._cell.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        across, cell = self._across(self.width()), self._cell
        for place, (before, after) in enumerate(self._pairs):
            corner = QPointF(place % across * (cell.width() + GAP), place // across * (cell.height() + GAP))
            box = QRectF(corner, cell.toSizeF())
            if not box.toAlignedRect().intersects(event.rect()):
                continue
            rounded(painter, box, RADIUS_INPUT, self._tokens.raised)
            left = QRectF(box.left() + PAD, box.top() + PAD, self._side, self._side)
            right = left.translated(self._side + ARROW, 0)
            self._picture(painter, left, before)
            self._picture(painter, right, after)
            self._arrow(painter, QPointF(left.right() + ARROW / 2, left.center().y()))
            if self._captions:
                self._caption(painter, QRectF(left.left(), left.bottom() + 3, cell.width() - 2 * PAD, CAPTION), place)

    def _picture(self, painter: QPainter, box: QRectF, image: QImage) -> None:
        ratio = painter.device().devicePixelRatioF()
        size = image.size().scaled(box.size().toSize() * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        smaller = size.width() < image.width()
        if smaller:
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        target = QRectF(0, 0, size.width() / ratio, size.height() / ratio)
        target.moveCenter(box.center())
        painter.drawImage(target, image, QRectF(image.rect()))

    def _arrow(self, painter: QPainter, centre: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._tokens.faint))
        tip = centre + QPointF(4, 0)
        painter.drawLine(centre - QPointF(4, 0), tip)
        painter.drawPolyline([tip + QPointF(-3, -3), tip, tip + QPointF(-3, 3)])

    def _caption(self, painter: QPainter, room: QRectF, place: int) -> None:
        painter.setFont(typography.tabular(typography.caption()))
        painter.setPen(QColor(self._tokens.dim))
        text = QFontMetrics(painter.font()).elidedText(
            self._captions[place], Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
