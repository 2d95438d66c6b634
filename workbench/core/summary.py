"""A network, or the inside of a block, by the types of its layers: how many there are, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.analysis import Analysis, NodeAnalysis
from workbench.core.document import Document, Node
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
    if analysis is None or not document.blocks or not analysis.nodes.keys() >= set(nodes):
        return len(nodes)
    uses = {path[:at] for path in analysis.nodes for at, letter in enumerate(path) if letter == "/"}
    return sum(path not in uses for path in analysis.nodes)


def by_type(document: Document, analysis: Analysis, prefix: str = "") -> list[Share]:
    """What is known of the layers whose paths begin with `prefix`, the most parameters first."""
    nodes_of: dict[str, Mapping[str, Node]] = {}
    found: dict[str, list[NodeAnalysis]] = {}
    for path, known in analysis.nodes.items():
        if not path.startswith(prefix):
            continue
        parent, _, name = path.rpartition("/")
        nodes = nodes_of.get(parent)
        if nodes is None:
            way = way_into(document, [part for part in parent.split("/") if part and not part.isdigit()])
            nodes = nodes_of[parent] = document.scope(way[0]).nodes if way else {}
        node = nodes.get(name)
        if node is not None and node.type not in NO_LAYERS and not node.bypassed:
            found.setdefault(node.type, []).append(known)
    shares = [_share(kind, layers) for kind, layers in found.items()]
    return sorted(shares, key=lambda share: (-share.parameters, -share.count, share.type))


def _share(kind: str, layers: list[NodeAnalysis]) -> Share:
    flops = [known.flops for known in layers]
    sizes = [known.activation_bytes for known in layers]
    return Share(kind, len(layers), sum(known.parameters for known in layers), _sum(flops), _sum(sizes))


def _sum(numbers: list[int | None]) -> int | None:
    return None if None in numbers else sum(filter(None, numbers))
