"""What a gesture asks for. A canvas never edits; its owner does, and shows a new scene."""

from dataclasses import dataclass

from widgets.node_canvas.scene import PortKey, WireKey


@dataclass(frozen=True, slots=True)
class Select:
    """Choose exactly these."""

    nodes: frozenset[str]
    wires: frozenset[WireKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """Put nodes at these places."""

    positions: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class StartWire:
    """Say which ports may receive a wire from here."""

    node: str
    port: str
    is_output: bool


@dataclass(frozen=True, slots=True)
class DrawWire:
    """Join an output and an input."""

    src: PortKey
    dst: PortKey


@dataclass(frozen=True, slots=True)
class DropWire:
    """A wire from a port ends in empty space: offer what fits there."""

    node: str
    port: str
    is_output: bool
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class MoveWire:
    """Let a wire end at another input."""

    wire: WireKey
    dst: PortKey


@dataclass(frozen=True, slots=True)
class PullWire:
    """Remove a wire that was pulled off its input."""

    wire: WireKey


Intent = Select | Move | StartWire | DrawWire | DropWire | MoveWire | PullWire
