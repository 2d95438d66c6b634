"""What keys do on a canvas."""

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from widgets.node_canvas.metrics import GRID
from widgets.node_canvas.navigation import Way

Key = Qt.Key
_STEPS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_OTHERS = (Key.Key_Return, Key.Key_Enter, Key.Key_Escape, Key.Key_Space)
_NUDGE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
_HARMLESS = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier


class Keyed(Protocol):
    """What keys see of a canvas."""

    @property
    def sideways(self) -> bool:
        """Whether the graph flows to the right."""

    def cancel(self) -> bool:
        """Give up what is going on, else the selection; whether there was anything."""

    def walk(self, way: Way, *, adds: bool) -> None:
        """Choose the node that lies that way."""

    def nudge(self, dx: float, dy: float) -> None:
        """Ask to move the chosen nodes."""

    def activate_current(self) -> bool:
        """Activate the node that keys start from; whether there is one."""

    def hold_to_pan(self, held: bool) -> None:
        """While held, the left button pans."""


def takes(event: QKeyEvent) -> bool:
    """Whether a key means something here."""
    if Qt.Key(event.key()) in _STEPS:
        return True
    return event.key() in _OTHERS and not event.modifiers() & ~_HARMLESS


def press(canvas: Keyed, event: QKeyEvent) -> bool:
    """Act on a key; False leaves it to others."""
    if not takes(event):
        return False
    key, modifiers = Qt.Key(event.key()), event.modifiers()
    if (step := _STEPS.get(key)) is not None:
        if modifiers & _NUDGE:
            canvas.nudge(step[0] * GRID, step[1] * GRID)
        else:
            canvas.walk(_way(step, canvas.sideways), adds=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
    elif key == Key.Key_Escape:
        return canvas.cancel()
    elif key != Key.Key_Space:
        return canvas.activate_current()
    elif not event.isAutoRepeat():
        canvas.hold_to_pan(True)
    return True


def _way(step: tuple[int, int], sideways: bool) -> Way:
    across, along = step[::-1] if sideways else step
    if along:
        return Way.ON if along > 0 else Way.BACK
    return Way.AFTER if across > 0 else Way.BEFORE
