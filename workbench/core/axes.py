"""What the axes of a tensor are called: channels, height, width, length, features. The batch is never named.

Nothing is computed from these names; they help people to read shapes. A layer that does not say what its axes are
keeps the names of those that it leaves as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.core.analysis import Analysis, Axis
from workbench.core.document import BLOCK_INPUT, BLOCK_OUTPUT, ROOT, Document, Node, Wire, by_port, incoming
from workbench.core.expand import BLOCK, way_into

CHANNELS, HEIGHT, WIDTH, DEPTH, LENGTH, FEATURES = "channels", "height", "width", "depth", "length", "features"
SPACE = {1: (LENGTH,), 2: (HEIGHT, WIDTH), 3: (DEPTH, HEIGHT, WIDTH)}
SLIDING = re.compile(
    r"(conv|conv_transpose|lp_pool|max_pool|avg_pool|adaptive_\w+_pool|fractional_max_pool)\w*?([123])d"
)
MOST = 20_000
"""No way through a network is followed further back."""

Names = tuple[str, ...]
"""One for each axis without the batch; empty for an axis that nobody has named."""


@dataclass(frozen=True)
class _At:
    """An output port of a node, and the uses of blocks that lead to it."""

    inside: tuple[str, ...]
    node: str
    port: str


@dataclass
class Axes:
    """The names of the axes in one document as it was analysed."""

    document: Document
    analysis: Analysis
    _feeding: dict[str, dict[str, dict[str, Wire]]] = field(default_factory=dict)

    def of(self, inside: tuple[str, ...], node: str, port: str) -> Names:
        """The names of the axes that leave a port inside these uses of blocks; none where nothing is known."""
        way: list[_At] = []
        at: _At | None = _At(inside, node, port)
        names: Names | None = None
        while at is not None and names is None and len(way) < MOST:
            way.append(at)
            names = self._by_itself(at)
            at = self._behind(at) if names is None else None
        found: Names = names or ()
        for step in reversed(way if names is None else way[:-1]):
            found = self._after(step, found)
        return found

    def _scope(self, inside: tuple[str, ...]) -> tuple[str, str]:
        return way_into(self.document, inside) or (ROOT, "")

    def _node(self, at: _At) -> Node | None:
        return self.document.scope(self._scope(at.inside)[0]).nodes.get(at.node)

    def shape(self, at: _At) -> tuple[Axis, ...] | None:
        """What leaves the port, if that is known."""
        known = self.analysis.nodes.get(self._scope(at.inside)[1] + at.node)
        spec = known.outputs.get(at.port) if known else None
        return spec.shape if spec else None

    def _wires(self, inside: tuple[str, ...]) -> Mapping[str, dict[str, Wire]]:
        scope = self._scope(inside)[0]
        if scope not in self._feeding:
            self._feeding[scope] = incoming(self.document.scope(scope))
        return self._feeding[scope]

    def _source(self, inside: tuple[str, ...], node: str, port: str | None = None) -> _At | None:
        """What feeds a port of a node; its first by default."""
        wires = self._wires(inside).get(node, {})
        wire = wires.get(port) if port else min(wires.values(), key=by_port, default=None)
        return _At(inside, wire.src, wire.src_port) if wire else None

    def _behind(self, at: _At) -> _At | None:
        """What a node's names come from: what feeds its first input, across the edges of blocks."""
        node = self._node(at)
        if node is None:
            return None
        if node.type == BLOCK_INPUT:
            return self._source(at.inside[:-1], at.inside[-1], at.node) if at.inside else None
        if node.type == BLOCK:
            inner = (*at.inside, at.node)
            return _At(inner, at.port, "in") if way_into(self.document, inner) else None
        return self._source(at.inside, at.node)

    def _by_itself(self, at: _At) -> Names | None:
        """The names that a node gives whatever it gets; None where they depend on that."""
        node, shape = self._node(at), self.shape(at)
        if node is None:
            return ()
        if node.type in (BLOCK_INPUT, BLOCK_OUTPUT, BLOCK) or node.bypassed:
            return None
        if shape is None:
            return ()
        if node.type == "input":
            return _of_input(shape)
        sliding = SLIDING.fullmatch(node.type)
        if sliding and len(shape) == int(sliding[2]) + 1 and sliding[2] != "1":
            return (CHANNELS, *SPACE[int(sliding[2])])
        return (FEATURES,) if len(shape) == 1 and not node.type.startswith("global") else None

    def _after(self, at: _At, given: Names) -> Names:
        """The names behind a node that gets these."""
        node, shape = self._node(at), self.shape(at)
        if node is None or node.type in (BLOCK_INPUT, BLOCK_OUTPUT, BLOCK) or node.bypassed:
            return given
        if shape is None:
            return ()
        rank, kind = len(shape), node.type
        if kind == "permute":
            order = node.settings.get("dims", (2, 1))
            whole = isinstance(order, tuple) and all(isinstance(at, int) and 1 <= at <= len(given) for at in order)
            return tuple(given[axis - 1] for axis in order) if whole else ("",) * rank
        if kind == "flatten" and len(given) > rank:
            return _joined(given, rank, node.settings.get("start_dim", 1))
        if kind.startswith("global") and rank == 1:
            return given[:1] or (CHANNELS,)
        if kind == "embedding":
            words = given or (LENGTH,) * (rank - 1)  # a row of numbers that stand for words is a sequence
            return (*(LENGTH if name == FEATURES else name for name in words), FEATURES)[-rank:]
        if at.port in ("weights", "h_n", "c_n") and rank == 2:
            return (LENGTH, LENGTH) if at.port == "weights" else ("", FEATURES)
        if SLIDING.fullmatch(kind) and rank == 2:
            return (CHANNELS, given[1] if len(given) == 2 and given[1] else LENGTH)
        if kind in ("linear", "lstm", "gru", "rnn", "multihead_attention", "transformer_encoder_layer"):
            return (*(given[: rank - 1] if len(given) >= rank - 1 else ("",) * (rank - 1)), FEATURES)
        return given if len(given) == rank else ("",) * rank


def _of_input(shape: tuple[Axis, ...]) -> Names:
    """An axis of variable length has a name already; pictures have channels first."""
    if len(shape) == 3 and not isinstance(shape[0], str):
        return CHANNELS, HEIGHT, WIDTH
    if len(shape) == 1:
        return (LENGTH,) if isinstance(shape[0], str) else (FEATURES,)
    if len(shape) == 2 and isinstance(shape[0], str) and not isinstance(shape[1], str):
        return LENGTH, FEATURES
    return ("",) * len(shape)


def _joined(given: Names, rank: int, start: object) -> Names:
    """Axes that became one have the names of all; when all did, they are features."""
    if rank == 1:
        return (FEATURES,)
    first = start - 1 if isinstance(start, int) and 1 <= start <= rank else 0
    end = first + len(given) - rank + 1
    return (*given[:first], "·".join(given[first:end]) if all(given[first:end]) else "", *given[end:])
