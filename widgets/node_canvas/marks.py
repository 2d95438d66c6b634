"""What a user points at, has chosen and is drawing: all that is painted but not part of the scene."""

from dataclasses import dataclass, field

import numpy as np

from widgets.node_canvas.metrics import Bools, Floats


@dataclass(slots=True)
class Marks:
    """Rows of a geometry; -1 stands for none."""

    selected: Bools = field(default_factory=lambda: np.zeros(0, bool))
    selected_wires: Bools = field(default_factory=lambda: np.zeros(0, bool))
    node: int = -1
    """The node under the mouse, and so on."""
    wire: int = -1
    port: int = -1
    lit: Bools | None = None
    """The ports that may receive the wire being drawn."""
    origin: int = -1
    """The port that the wire being drawn comes from."""
    frame: int = -1
    """The frame that what is dragged would join."""
    pulled: int = -1
    """The wire that is being moved elsewhere."""
    loose: Floats | None = None
    """The control points of the wire being drawn."""
    band: Floats | None = None
    """The rubber band."""

    @staticmethod
    def none(num_nodes: int, num_wires: int) -> "Marks":
        """Nothing chosen."""
        return Marks(np.zeros(num_nodes, bool), np.zeros(num_wires, bool))
