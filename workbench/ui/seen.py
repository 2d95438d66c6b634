"""What is seen of a sample on its way through the graph that is being looked at."""

from dataclasses import dataclass, field

from widgets.node_canvas.scene import Picture
from workbench.core.messages import PortPreview, Preview
from workbench.core.problems import Problem

Port = tuple[str, str]
"""The id of a node of the graph that is being looked at, and an output port of it."""


@dataclass(frozen=True)
class Seen:
    """What the engine has shown last."""

    pictures: dict[Port, Picture] = field(default_factory=dict)
    ports: dict[Port, PortPreview] = field(default_factory=dict)
    answer: Preview | None = None
    problem: Problem | None = None
    """Why there is nothing to see, or not all; with the path of the node that it is about, where there is one."""


NOTHING = Seen()
