"""The document a person edits: graph, blocks, layout, data and training, as frozen values.

Everything here is immutable by agreement: dictionaries inside these values are never changed in place, an
edit (`edits.py`) makes a new document that shares what it did not touch. So undo can keep whole documents, and
"did this change?" is an identity comparison.

Words: a *graph* has *nodes* and *wires*; a wire goes from an output *port* of one node to an input port of
another. A *block* is a graph with a name that nodes of type `block` use, any number of times.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Final, Literal

from msgspec import Struct, field

from workbench.core.training import Training as Training

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Node ids, port and parameter names: they become state-dict keys and ONNX names."""

ROOT = ""
"""The scope of the top graph; every other scope is the name of a block."""

BLOCK: Final = "block"
BLOCK_INPUT: Final = "block_input"
BLOCK_OUTPUT: Final = "block_output"
"""The types of the nodes that stand for a use of a block, and for the ports of one inside it."""


class Param(Struct, frozen=True):
    """Stands for the value of a block's parameter, in the settings of a node inside that block."""

    param: str


Value = Any
"""A setting: None, bool, int, float, str, a tuple of values, a `Param`, or (for `arguments`) a dict of values."""

Settings = dict[str, Value]


class Node(Struct, frozen=True, omit_defaults=True):
    """One layer, or one use of a block. The id never changes; renaming changes the label."""

    id: str
    type: str
    settings: Settings = field(default_factory=dict)
    label: str = ""
    bypassed: bool = False
    """It passes on what feeds its first input, and does nothing else."""


class Wire(Struct, frozen=True, order=True):
    """From an output port to an input port."""

    src: str
    src_port: str
    dst: str
    dst_port: str


class Graph(Struct, frozen=True):
    """Nodes by id, and the wires between them. Every wire's ends exist as nodes; ports are checked by analysis."""

    nodes: dict[str, Node] = field(default_factory=dict)
    wires: frozenset[Wire] = frozenset()


class Block(Struct, frozen=True):
    """A graph that is defined once and used many times.

    Its ports are its nodes of type `block_input` and `block_output`; the port's name is the node's id.
    `parameters` maps the names that settings inside may refer to (`Param`) to their defaults.
    """

    graph: Graph = field(default_factory=Graph)
    parameters: Settings = field(default_factory=dict)
    title: str = ""


EDGE = 1e7
"""How far from the middle a node can lie, in scene pixels. Beyond, arithmetic on places would lose pixels, and at
last infinity could not be saved."""


class Frame(Struct, frozen=True, omit_defaults=True):
    """A titled box around nodes that belong together. It has no place of its own: it is where its nodes are."""

    nodes: tuple[str, ...]
    """Sorted; a node is in one frame at most."""
    title: str = ""


Flow = Literal["down", "right"]


class Layout(Struct, frozen=True, omit_defaults=True):
    """Where the nodes of one graph are drawn: the top left corner of each, in scene pixels, `EDGE` at most."""

    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    flow: Flow = "down"
    """Where wires lead: their ports are above and below the nodes, or left and right of them."""


SplitMethod = Literal["auto", "random", "stratified", "group", "time", "given"]


class Split(Struct, frozen=True):
    """How samples are shared out. One seed gives one split.

    `validation` and `test` are fractions of the samples that the source has not assigned itself: a source with
    a test set of its own keeps it, and `test` is then ignored.
    """

    seed: int = 0
    validation: float = 0.125
    test: float = 0.2
    method: SplitMethod = "auto"
    """`auto` is by group where a column has that role, by time likewise, else stratified by the first classes."""
    column: str = ""
    """Whose groups, times or parts are meant, where no column has that role."""
    together: bool = False
    """Samples whose inputs are the same stay in one split; groups and times go before."""


class Step(Struct, frozen=True, omit_defaults=True):
    """One step of the preparation or augmentation of a column."""

    op: str
    settings: Settings = field(default_factory=dict)
    off: bool = False


Role = Literal["auto", "input", "target", "weight", "group", "time", "split", "ignore"]
ROLES: tuple[Role, ...] = ("auto", "input", "target", "weight", "group", "time", "split", "ignore")


class ColumnUse(Struct, frozen=True, omit_defaults=True):
    """What a document makes of one column of its source. What it leaves open follows from the column."""

    role: Role = "auto"
    kind: str = ""
    """As what it is read: number, category, text ... Empty: as what it looks like."""
    steps: tuple[Step, ...] | None = None
    """How it is prepared; None: as its kind usually is."""


class Data(Struct, frozen=True):
    """What the inputs and outputs of the graph are bound to: a source, its options, what its columns are, the split."""

    source: str
    options: Settings = field(default_factory=dict)
    split: Split = Split()
    columns: dict[str, ColumnUse] = field(default_factory=dict)
    """By the name of a column of the source; those that are not named are used as they look."""


class Document(Struct, frozen=True):
    """All that a project file holds."""

    graph: Graph = Graph()
    blocks: dict[str, Block] = field(default_factory=dict)
    layout: dict[str, Layout] = field(default_factory=dict)
    """By scope: `ROOT` for the top graph, else the name of a block."""
    data: Data | None = None
    training: Training = Training()
    title: str = ""

    def scope(self, name: str) -> Graph:
        """The graph of a scope. Raises KeyError when there is no such block."""
        return self.graph if name == ROOT else self.blocks[name].graph


def on_plane(place: tuple[float, float]) -> tuple[float, float]:
    """The nearest place that a node can have."""
    x, y = place
    return min(max(float(x), -EDGE), EDGE), min(max(float(y), -EDGE), EDGE)


def frozen(value: Any) -> Value:
    """The immutable form of a value that came out of JSON: lists become tuples, `{"param": name}` a `Param`."""
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if isinstance(value, Mapping):
        if set(value) == {"param"} and isinstance(value["param"], str):
            return Param(value["param"])
        return {str(key): frozen(item) for key, item in value.items()}
    return value


def by_port(wire: Wire) -> tuple[int, str]:
    """Orders the wires into a node by the port that they feed: in_2 comes before in_10."""
    return len(wire.dst_port), wire.dst_port


def incoming(graph: Graph) -> dict[str, dict[str, Wire]]:
    """For every node, the wire that feeds each of its input ports, by port: the first, where a file has several."""
    found: dict[str, dict[str, Wire]] = {node: {} for node in graph.nodes}
    for wire in graph.wires:
        ports = found[wire.dst]
        if wire.dst_port not in ports or wire < ports[wire.dst_port]:
            ports[wire.dst_port] = wire
    # A set has no order of its own: what is found out along the ports must not differ from process to process.
    return {node: dict(sorted(ports.items())) if len(ports) > 1 else ports for node, ports in found.items()}


def outgoing(graph: Graph) -> dict[str, list[Wire]]:
    """For every node, the wires that leave it, sorted."""
    found: dict[str, list[Wire]] = {node: [] for node in graph.nodes}
    for wire in sorted(graph.wires):
        found[wire.src].append(wire)
    return found


def topological(graph: Graph) -> tuple[list[str], frozenset[str]]:
    """The nodes in an order in which every node comes after what feeds it, and the nodes that lie on cycles.

    The order is stable: among nodes that are ready, the one that was added first comes first. Nodes on a cycle,
    or fed by one, are left out of the order and returned as the second value (Kahn, 1962).
    """
    waiting = dict.fromkeys(graph.nodes, 0)
    after: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for wire in graph.wires:
        waiting[wire.dst] += 1
        after[wire.src].append(wire.dst)
    rank = {node: place for place, node in enumerate(graph.nodes)}
    ready = [node for node, count in waiting.items() if count == 0]
    order: list[str] = []
    while ready:
        order.extend(ready)
        released = []
        for node in ready:
            for follower in after[node]:
                waiting[follower] -= 1
                if waiting[follower] == 0:
                    released.append(follower)
        ready = sorted(released, key=rank.__getitem__)
    return order, frozenset(graph.nodes) - frozenset(order)


def reachable(graph: Graph, start: Iterable[str], *, backwards: bool = False) -> frozenset[str]:
    """The nodes that can be reached from `start` along the wires (or against them), `start` included."""
    following: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for wire in graph.wires:
        source, target = (wire.dst, wire.src) if backwards else (wire.src, wire.dst)
        following[source].append(target)
    seen = set(start)
    stack = list(seen)
    while stack:
        for node in following[stack.pop()]:
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return frozenset(seen)


def _stem(type: str) -> str:
    """What the ids of a type begin with: of a class in a file (`file:mine.py:MyLayer`) it is `my_layer`."""
    if IDENTIFIER.fullmatch(type):
        return type
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type.rpartition(":")[2]).lower()
    found = re.sub(r"[^a-z0-9_]", "_", words).strip("_")
    return found if IDENTIFIER.fullmatch(found) else "layer"


def fresh_id(taken: Iterable[str], stem: str) -> str:
    """The first of `stem_1`, `stem_2` ... that is not taken; the stem may be any type of node."""
    return fresh_ids(frozenset(taken))(stem)


def fresh_ids(taken: Container[str]) -> Callable[[str], str]:
    """As `fresh_id`, for many in a row: `taken` may grow in between, and what was found taken is not tried again."""
    last: dict[str, int] = {}

    def fresh(stem: str) -> str:
        stem = _stem(stem)
        number = last.get(stem, 1)
        while f"{stem}_{number}" in taken:
            number += 1
        last[stem] = number
        return f"{stem}_{number}"

    return fresh
