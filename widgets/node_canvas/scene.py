"""What a canvas shows, as frozen data: the owner makes a new scene, the canvas finds what differs."""

from dataclasses import dataclass
from typing import Literal

Problem = Literal["", "warning", "error"]
WireKey = tuple[str, str, str, str]
"""src, src_port, dst, dst_port: a wire has no other identity."""
PortKey = tuple[str, str]
"""node, port: the direction follows from the context."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture of what flows through a wire."""

    width: int
    height: int
    pixels: bytes
    """R, G, B, A of each pixel, row by row from the top: 4 × width × height bytes."""

    def __post_init__(self) -> None:
        assert len(self.pixels) == 4 * self.width * self.height > 0, "pixels that do not fill the picture"


@dataclass(frozen=True, slots=True)
class NodeBox:
    """One node; `x` and `y` are its top left corner."""

    id: str
    title: str
    captions: tuple[str, ...] = ()
    family: str = "operation"
    x: float = 0.0
    y: float = 0.0
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problem: Problem = ""
    message: str = ""
    """A short reason, shown instead of the captions while there is a problem."""
    sideways: bool = False
    """Ports at the left and the right, not above and below. All nodes of a scene agree in this."""
    note: str | None = None
    """Not None: no layer but a card with this text; captions, problem and ports do not count then."""


@dataclass(frozen=True, slots=True)
class WireLine:
    """One wire from an output to an input."""

    src: str
    src_port: str
    dst: str
    dst_port: str
    label: str = ""
    """What flows here, such as the shape "32 × 28 × 28"."""
    problem: bool = False
    picture: Picture | None = None
    """Shown beside the label where one is near enough to see it."""

    @property
    def key(self) -> WireKey:
        """What tells this wire from every other one."""
        return self.src, self.src_port, self.dst, self.dst_port


@dataclass(frozen=True, slots=True)
class FrameBox:
    """A titled box around nodes; it is where they are, and is not shown while none of them exists."""

    id: str
    title: str
    nodes: tuple[str, ...]
    """A node is in one frame at most."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on a canvas; later nodes lie above earlier ones."""

    nodes: tuple[NodeBox, ...] = ()
    wires: tuple[WireLine, ...] = ()
    frames: tuple[FrameBox, ...] = ()
