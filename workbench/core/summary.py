"""A network, or the inside of a block, by the types of its layers: how many there are, and what they cost."""

from dataclasses import dataclass

from workbench.core.analysis import Analysis
from workbench.core.document import Document
from workbench.core.expand import NO_LAYERS, way_into, without_notes


@dataclass(frozen=True)
class Share:
    """All layers of one type."""

    type: str
    count: int = 0
    parameters: int = 0
    flops: int | None = 0
    activation_bytes: int | None = 0
    """Of one sample; None where an axis is variable."""


def layer_count(document: Document, analysis: Analysis | None) -> int:
    """How many layers the unfolded network has; of one that is not wholly known, how many nodes its top graph has."""
    nodes = without_notes(document.graph)
    if analysis is None or not analysis.nodes.keys() >= set(nodes):
        return len(nodes)
    uses = {path[:at] for path in analysis.nodes for at, letter in enumerate(path) if letter == "/"}
    return sum(path not in uses for path in analysis.nodes)


def by_type(document: Document, analysis: Analysis, prefix: str = "") -> list[Share]:
    """What is known of the layers whose paths begin with `prefix`, the most parameters first."""
    scopes: dict[str, str | None] = {}
    found: dict[str, Share] = {}
    for path, known in analysis.nodes.items():
        if not path.startswith(prefix):
            continue
        parent, _, name = path.rpartition("/")
        if parent not in scopes:
            way = way_into(document, [part for part in parent.split("/") if part and not part.isdigit()])
            scopes[parent] = way[0] if way else None
        scope = scopes[parent]
        node = document.scope(scope).nodes.get(name) if scope is not None else None
        if node is None or node.type in NO_LAYERS or node.bypassed:
            continue
        share = found.get(node.type, Share(node.type))
        found[node.type] = Share(
            node.type,
            share.count + 1,
            share.parameters + known.parameters,
            _sum(share.flops, known.flops),
            _sum(share.activation_bytes, known.activation_bytes),
        )
    return sorted(found.values(), key=lambda share: (-share.parameters, -share.count, share.type))


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
