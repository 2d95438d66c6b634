"""What the commands on the graph find around the session: the system's clipboard, and what of the graph is seen."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QGuiApplication

from workbench.core.alignment import Box
from workbench.core.problems import Problem
from workbench.ui.places import Places


class WindowAround:
    """The surroundings of a session that is shown in a window."""

    def __init__(self, places: Places, complain: Callable[[Problem], None]) -> None:
        self._places, self.complain = places, complain

    def clipboard(self) -> str:
        """The text that was copied last, in any program."""
        return QGuiApplication.clipboard().text()

    def copy(self, text: str) -> None:
        """Give a text to the system."""
        QGuiApplication.clipboard().setText(text)

    def middle(self) -> tuple[float, float]:
        """The middle of the canvas, in its scene."""
        return self._places.canvas.canvas.visible_centre() if self._places.canvas else (0.0, 0.0)

    def name_frame(self, frame: str) -> None:
        """The title is written on the canvas."""
        if self._places.canvas:
            self._places.errands.write_on_canvas(partial(self._places.canvas.canvas.edit_title, frame))

    def write_note(self, note: str) -> None:
        """So is a note."""
        if self._places.canvas:
            self._places.errands.write_on_canvas(partial(self._places.canvas.canvas.edit_note, note))

    def boxes(self) -> Mapping[str, Box]:
        """The nodes of the graph that is being looked at, as the canvas draws them."""
        if self._places.canvas is None:
            return {}
        nodes = self._places.canvas.canvas.graph.nodes
        corners = nodes.rects.tolist()
        return {node: (x0, y0, x1, y1) for node, (x0, y0, x1, y1) in zip(nodes.index, corners, strict=True)}

    def name_block(self) -> None:
        """Put the keyboard where the block that was just made is named."""
        self._places.errands.name_block()

    def keep_block(self, block: str) -> None:
        """Write a block to the user's library, and show that it is there."""
        self._places.keep_block(block)

    def show_blocks(self) -> None:
        """Open the dialog of all blocks."""
        self._places.show_blocks()
