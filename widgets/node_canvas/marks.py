"""What a user points at, has chosen and is drawing: all that is painted but not part of the scene."""

from dataclasses import dataclass, field

import numpy as np

from widgets.node_canvas.metrics import Bools, Floats, Ints


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
    target: int = -1
    """The wire that what is dragged would go into."""
    frame: int = -1
    """The frame that what is dragged would join."""
    pulled: int = -1
    """The wire that is being moved elsewhere."""
    loose: Floats | None = None
    """The control points of the wire being drawn."""
    band: Floats | None = None
    """The rubber band."""
    lasso: Floats | None = None
    """The corners of the lasso (n, 2)."""
    stroke: Floats | None = None
    """The points of the stroke that cuts (n, 2)."""
    cut: Ints | None = None
    """The wires that it cuts."""
    guides: Floats | None = None
    """Lines along which what is dragged stands in line with others."""

    @property
    def overlaid(self) -> bool:
        """Whether something is painted that does not move with the scene."""
        return any(shown is not None for shown in (self.band, self.loose, self.lasso, self.stroke, self.guides))

    @staticmethod
    def none(num_nodes: int, num_wires: int) -> "Marks":
        """Nothing chosen."""
        return Marks(np.zeros(num_nodes, bool), np.zeros(num_wires, bool))
