"""Finds nodes by name, type and shape, in the whole document, blocks included. Pure functions."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from workbench.core.analysis import Analysis, Axis
from workbench.core.catalogue import Catalogue
from workbench.core.document import BLOCK, IDENTIFIER, Document, Node, topological
from workbench.core.expand import NOTE, way_into
from workbench.core.i18n import tr
from workbench.ui.scene import title_of

MOST = 10_000
"""So many nodes are looked at: blocks in blocks grow without end."""
ANY = ("?", "*")


@dataclass(frozen=True)
class Found:
    """One node, by the uses of blocks that lead to it."""

    inside: tuple[str, ...]
    node: str

    @property
    def path(self) -> str:
        """What `Session.reveal` takes."""
        return "/".join((*self.inside, self.node))


def find(query: str, document: Document, catalogue: Catalogue, analysis: Analysis | None) -> list[Found]:
    """The nodes that answer every word of a query, in the order of computation; none for an empty one.

    A word is part of a name, an id or a type, or a shape: axes between x or ×, as many as one likes of those that
    stand beside each other, `?` for any (64x14, ?x128, seq x 64 without the spaces).
    """
    words = query.casefold().split()
    if not words:
        return []
    found, types = [], dict[str, str]()
    for inside, prefix, node in islice(_nodes(document), MOST):
        known = analysis.nodes.get(prefix + node.id) if analysis else None
        shapes = [spec.shape for spec in known.outputs.values()] if known else []
        if node.type not in types:
            types[node.type] = _type_names(node.type, catalogue)
        text = node.settings.get("text", "") if node.type == NOTE else title_of(node, catalogue, document)
        names = f"{text}\n{node.id}\n{types[node.type]}".casefold()
        if all(word in names or _has_shape(shapes, word) for word in words):
            found.append(Found(inside, node.id))
    return found


def _type_names(kind: str, catalogue: Catalogue) -> str:
    info = catalogue.layers.get(kind)
    return "\n".join([kind, tr(info.title), *map(tr, info.synonyms)] if info else [kind])


def _nodes(document: Document) -> Iterator[tuple[tuple[str, ...], str, Node]]:
    """All nodes with the uses that lead to them, and what stands before their ids in an analysis."""
    waiting: deque[tuple[str, ...]] = deque([()])
    while waiting:
        inside = waiting.popleft()
        way = way_into(document, inside)
        if way is None:
            continue
        scope, prefix = way
        graph = document.scope(scope)
        order, stuck = topological(graph)
        for name in (*order, *sorted(stuck)):
            yield inside, prefix, graph.nodes[name]
            if graph.nodes[name].type == BLOCK:
                waiting.append((*inside, name))


def _has_shape(shapes: Sequence[tuple[Axis, ...]], word: str) -> bool:
    wanted = axes_of(word) if shapes else None
    return wanted is not None and any(_has_axes(shape, wanted) for shape in shapes)


def axes_of(word: str) -> tuple[str, ...] | None:
    """The axes that a word asks for; None where it is no shape."""
    axes = tuple(re.split("[x×]", word))
    known = all(axis in ANY or axis.isdecimal() or IDENTIFIER.fullmatch(axis) for axis in axes)
    return axes if known and any(axis in ANY or axis.isdecimal() for axis in axes) else None


def _has_axes(shape: Sequence[Axis], wanted: Sequence[str]) -> bool:
    given = [str(axis).casefold() for axis in shape]
    starts = range(len(given) - len(wanted) + 1)
    return any(all(want in (*ANY, axis) for want, axis in zip(wanted, given[at:], strict=False)) for at in starts)
