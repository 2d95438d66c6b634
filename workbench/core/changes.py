"""What makes one document another, as data: small after a local edit, however large the document is.

So the engine that knows a document can be told of the next one in a few hundred bytes, and answer in as many.
Layouts are not part of it: the engine does not look at them.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from workbench.core.document import Block, Data, Document, Graph, Node, Settings, Training, Wire, frozen

T = TypeVar("T")


class Patch(Struct, Generic[T], frozen=True, omit_defaults=True):
    """What makes one mapping another."""

    put: dict[str, T] = field(default_factory=dict)
    """What is new, or not what it was."""
    gone: tuple[str, ...] = ()
    order: tuple[str, ...] | None = None
    """All keys; None where they keep their order and new ones stand at the end."""


class GraphChange(Struct, frozen=True, omit_defaults=True):
    """What makes one graph another."""

    nodes: Patch[Node] = Patch()
    cut: tuple[Wire, ...] = ()
    strung: tuple[Wire, ...] = ()


class BlockChange(Struct, frozen=True, omit_defaults=True):
    """What makes one block another; of a new block, what makes it of an empty one."""

    graph: GraphChange = GraphChange()
    parameters: Settings | None = None
    """All of them; None where they are what they were."""
    title: str | UnsetType = UNSET


class Changes(Struct, frozen=True, omit_defaults=True):
    """What makes one document another."""

    graph: GraphChange = GraphChange()
    blocks: Patch[BlockChange] = Patch()
    data: Data | UnsetType | None = UNSET
    training: Training | UnsetType = UNSET
    title: str | UnsetType = UNSET


def patch(old: Mapping[str, T], new: Mapping[str, T], same: Callable[[T, T], bool] = operator.is_) -> Patch[T]:
    """What makes `old` `new`; `same` says which values need not be sent again."""
    if old is new:
        return Patch()
    put = {key: value for key, value in new.items() if key not in old or not same(old[key], value)}
    gone = tuple(key for key in old if key not in new)
    kept = [key for key in old if key in new]
    kept += [key for key in put if key not in old]
    return Patch(put, gone, None if kept == list(new) else tuple(new))


def patched(old: Mapping[str, T], change: Patch[T]) -> dict[str, T]:
    """The mapping that `change` makes of `old`. Raises KeyError where it was made for another."""
    found = {**old, **change.put}
    for key in change.gone:
        del found[key]
    return found if change.order is None else {key: found[key] for key in change.order}


def changes(old: Document, new: Document) -> Changes:
    """What makes `old` `new`."""
    blocks = patch(old.blocks, new.blocks)
    put = {name: _block_change(old.blocks.get(name, Block()), block) for name, block in blocks.put.items()}
    return Changes(
        _graph_change(old.graph, new.graph),
        Patch(put, blocks.gone, blocks.order),
        UNSET if old.data is new.data else new.data,
        UNSET if old.training is new.training else new.training,
        UNSET if old.title == new.title else new.title,
    )


def changed(document: Document, change: Changes) -> Document:
    """The document that `change` makes of another. Raises KeyError where it was made for another."""
    put = {name: _changed_block(document.blocks.get(name, Block()), one) for name, one in change.blocks.put.items()}
    return replace(
        document,
        graph=_changed_graph(document.graph, change.graph),
        blocks=patched(document.blocks, Patch(put, change.blocks.gone, change.blocks.order)),
        data=document.data if change.data is UNSET else _thawed(change.data),
        training=document.training if change.training is UNSET else change.training,
        title=document.title if change.title is UNSET else change.title,
    )


def _graph_change(old: Graph, new: Graph) -> GraphChange:
    same = old.wires is new.wires
    cut, strung = ((), ()) if same else (old.wires - new.wires, new.wires - old.wires)
    return GraphChange(patch(old.nodes, new.nodes), tuple(cut), tuple(strung))


def _changed_graph(graph: Graph, change: GraphChange) -> Graph:
    if change == GraphChange():
        return graph
    put = {name: replace(node, settings=_settings(node.settings)) for name, node in change.nodes.put.items()}
    nodes = patched(graph.nodes, Patch(put, change.nodes.gone, change.nodes.order))
    rewired = change.cut or change.strung
    return Graph(nodes, graph.wires.difference(change.cut).union(change.strung) if rewired else graph.wires)


def _block_change(old: Block, new: Block) -> BlockChange:
    parameters = None if old.parameters is new.parameters else new.parameters
    title = UNSET if old.title == new.title else new.title
    return BlockChange(_graph_change(old.graph, new.graph), parameters, title)


def _changed_block(block: Block, change: BlockChange) -> Block:
    parameters = block.parameters if change.parameters is None else _settings(change.parameters)
    title = block.title if change.title is UNSET else change.title
    return replace(block, graph=_changed_graph(block.graph, change.graph), parameters=parameters, title=title)


def _thawed(data: Data | None) -> Data | None:
    return data and replace(data, options=_settings(data.options))


def _settings(raw: Settings) -> Settings:
    """Settings that came through a pipe."""
    return {name: frozen(value) for name, value in raw.items()}
