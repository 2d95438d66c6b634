"""Copied nodes as text: the text of a small project, which can be mailed, pasted elsewhere, or saved as a file."""

from collections.abc import Iterable

from msgspec.structs import replace

from workbench.core import blocks, edits, frames, project
from workbench.core.document import ROOT, Block, Document, Graph, Layout, fresh_id
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT
from workbench.core.problems import ProblemError


def copied(document: Document, nodes: Iterable[str], *, scope: str = ROOT) -> str:
    """The text of these nodes, the wires between them, their places, and the blocks that they use."""
    graph = document.scope(scope)
    chosen = set(nodes) & graph.nodes.keys()
    part = Graph(
        {key: node for key, node in graph.nodes.items() if key in chosen},
        frozenset(wire for wire in graph.wires if wire.src in chosen and wire.dst in chosen),
    )
    around = document.layout.get(scope, Layout())
    places = {key: place for key, place in around.positions.items() if key in chosen}
    layout = {ROOT: Layout(places, frames.whole(around.frames, chosen), around.flow)}
    used = blocks.needed(document, part)
    layout |= {name: document.layout[name] for name in used if name in document.layout}
    return project.dumps(Document(part, used, layout))


def understood(text: str) -> Document | None:
    """What a text holds; None where it is something else."""
    try:
        found = project.loads(text)
    except ProblemError:
        return None
    return found if found.graph.nodes else None


def pasted(
    document: Document, part: Document, *, at: tuple[float, float] | None = None, scope: str = ROOT
) -> tuple[Document, dict[str, str]]:
    """Add what was copied, its upper left corner `at` a place; returns what each node is called now.

    A block that is here already is used; one of the same name that is another block gets a name of its own.
    The ports of a block are left out where there is no block around.
    """
    left_out = (BLOCK_INPUT, BLOCK_OUTPUT) if scope == ROOT else ()
    changed, names = with_blocks(document, part)
    kept = {key: node for key, node in part.graph.nodes.items() if node.type not in left_out}
    graph = _renamed(Graph(kept, part.graph.wires), names)
    layout = part.layout.get(ROOT, Layout())
    offset = _offset(layout, at)
    return edits.put_graph(changed, graph, layout, offset=offset, scope=scope)


def _offset(layout: Layout, at: tuple[float, float] | None) -> tuple[float, float]:
    if at is None or not layout.positions:
        return 0.0, 0.0
    left, top = (min(axis) for axis in zip(*layout.positions.values(), strict=True))
    return at[0] - left, at[1] - top


def with_blocks(document: Document, part: Document) -> tuple[Document, dict[str, str]]:
    """Add the blocks that are not here yet; returns what each is called now."""
    used = blocks.needed(part, part.graph)
    same = {name for name in used if _is_same(document, part, name)}
    names = {name: name for name in same}
    taken = set(document.blocks) | set(used)
    for name in used:
        if name not in same:
            names[name] = fresh_id(taken, name) if name in document.blocks else name
            taken.add(names[name])
    changed = document
    for name, block in used.items():
        if name not in same:
            changed = edits.define_block(changed, names[name], replace(block, graph=_renamed(block.graph, names)))
            if name in part.layout:
                changed = replace(changed, layout={**changed.layout, names[name]: part.layout[name]})
    return changed, names


def _is_same(document: Document, part: Document, name: str) -> bool:
    """A block, with all that it uses, is here under its own name."""
    inside: dict[str, Block] = {name: part.blocks[name], **blocks.needed(part, part.blocks[name].graph)}
    return all(document.blocks.get(key) == block for key, block in inside.items())


def _renamed(graph: Graph, names: dict[str, str]) -> Graph:
    """A graph whose uses of blocks follow the blocks' new names."""
    nodes = dict(graph.nodes)
    for key, node in graph.nodes.items():
        name = node.settings.get("definition")
        if node.type == BLOCK and isinstance(name, str) and names.get(name, name) != name:
            nodes[key] = replace(node, settings={**node.settings, "definition": names[name]})
    return replace(graph, nodes=nodes)
