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
class Insert:
    """Put a node that has no wires yet between the ends of a wire, at its new place."""

    node: str
    wire: WireKey
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reframe:
    """Put nodes at these places; `nodes` of them belong to another frame now, or with "" to none."""

    positions: dict[str, tuple[float, float]]
    nodes: frozenset[str]
    frame: str


@dataclass(frozen=True, slots=True)
class CutWires:
    """Remove wires that a stroke went through."""

    wires: frozenset[WireKey]


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


Intent = Select | Move | Insert | Reframe | CutWires | StartWire | DrawWire | DropWire | MoveWire | PullWire
