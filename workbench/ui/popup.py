"""A list to choose from that appears over the window, where it was asked for, and goes when it is left."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from widgets.stylesheet import set_look

EDGE = 8
"""How near to the end of the window a popup comes."""


class Popup(QDialog):
    """Closed by Escape, by a click elsewhere, and by what is chosen."""

    def __init__(self, window: QWidget, name: str, width: int, height: int) -> None:
        super().__init__(window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._window = window
        self.setObjectName(name)
        set_look(self, "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(width, window.width() - 2 * EDGE), min(height, window.height() - 2 * EDGE))

    def show_at(self, place: QPoint) -> None:
        """Show with the upper left corner at a place of the screen, or as near as the window allows."""
        room = QRect(self._window.mapToGlobal(QPoint()), self._window.size()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        y = max(room.top(), min(place.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in here chooses; it is no button's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)
