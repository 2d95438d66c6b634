"""A place on which a file or folder can be dropped, anywhere."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from widgets import typography
from widgets.painting import faded
from widgets.tokens import RADIUS_CARD, Tokens

MARGIN = 10


class _Veil(QWidget):
    """Lies over everything while something is dragged here."""

    def __init__(self, tokens: Tokens, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens, self.text = tokens, text
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect())
        painter.fillRect(room, faded(self.tokens.panel, 0.86))
        painter.setPen(QPen(QColor(self.tokens.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), RADIUS_CARD, RADIUS_CARD)
        painter.setPen(QColor(self.tokens.text))
        painter.setFont(typography.title())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.text)


class DropArea(QWidget):
    """Takes one file or folder; while it is dragged here, says so over all that it holds."""

    dropped = Signal(str)

    def __init__(self, tokens: Tokens, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._veil = _Veil(tokens, text, self)

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._veil.tokens = tokens
        self._veil.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _path(event.mimeData()):
            event.acceptProposedAction()
            self._veil.setGeometry(self.rect())
            self._veil.raise_()
            self._veil.show()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        if path := _path(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._veil.setGeometry(self.rect())


def _path(data: QMimeData) -> str:
    """The file or folder that is dragged; of several files the folder that they lie in."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if not paths:
        return ""
    return str(paths[0] if len(paths) == 1 else paths[0].parent)
