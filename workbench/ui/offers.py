"""What there is to add, in the order in which it is likely to be wanted: rows of the palette and of the add search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from widgets.searchable_list import Item
from workbench.core import wording
from workbench.core.analysis import Spec
from workbench.core.catalogue import Catalogue, LayerInfo
from workbench.core.i18n import tr
from workbench.core.session import State
from workbench.ui.scene import title_of

COMMON = (
    "linear",
    "conv2d",
    "relu",
    "batch_norm2d",
    "max_pool2d",
    "flatten",
    "dropout",
    "layer_norm",
    "gelu",
    "add",
    "multihead_attention",
    "embedding",
    "lstm",
    "output",
)
"""What networks are mostly made of: the order until the user's own habits are known."""


@dataclass(frozen=True)
class Behind:
    """An output that a layer could be put behind."""

    title: str
    spec: Spec
    fitting: Mapping[str, Spec | None] = field(default_factory=dict)


def behind(state: State, catalogue: Catalogue, node: str, port: str = "") -> Behind | None:
    """An output of a node (the first by default), where it is known what comes out of it."""
    at = state.graph.nodes.get(node)
    known = state.known(node)
    if at is None or known is None:
        return None
    spec = known.outputs.get(port) if port else next(iter(known.outputs.values()), None)
    return Behind(title_of(at, catalogue, state.document), spec) if spec else None


def offers(
    catalogue: Catalogue, used: Mapping[str, int], after: Behind | None = None, most: int | None = None
) -> list[Item]:
    """All layers by their groups, and above them what fits behind an output, `most` of it at most."""
    items = [_item(info) for info in catalogue.layers.values()]
    if after is None:
        return items
    group = tr("Fits after {layer}", layer=after.title)
    fitting = [
        _under(catalogue.layers[key], group, after.fitting[key])
        for key in by_use(after.fitting.keys() & catalogue.layers.keys(), catalogue, used)
    ]
    return [*fitting[:most], *items]


def sources(catalogue: Catalogue, used: Mapping[str, int], title: str) -> list[Item]:
    """All layers that could stand before an input."""
    group = tr("Before {layer}", layer=title)
    keys = [key for key, info in catalogue.layers.items() if info.outputs]
    return [_under(catalogue.layers[key], group) for key in by_use(keys, catalogue, used)]


def by_use(keys: Iterable[str], catalogue: Catalogue, used: Mapping[str, int]) -> list[str]:
    """Layers in the order in which they are used most; of those used as often, what networks are mostly made of."""
    place = {key: number for number, key in enumerate(dict.fromkeys((*COMMON, *catalogue.layers)))}
    return sorted(keys, key=lambda key: (-used.get(key, 0), place[key]))


def _under(info: LayerInfo, group: str, result: Spec | None = None) -> Item:
    """A layer under another heading than its own, with the shape that it would make."""
    return replace(_item(info), group=group, trailing=wording.shape(result.shape) if result else "")


def _item(info: LayerInfo) -> Item:
    help_text = f"{tr(info.summary)}\n\n{tr(info.help)}" if info.help else tr(info.summary)
    return Item(info.key, tr(info.title), tr(info.group), info.family, info.synonyms, help_text)
