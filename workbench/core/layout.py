"""Where nodes are drawn when nobody has placed them: layers of the graph from top to bottom, long chains in columns."""

from workbench.core.document import Graph, Layout, Wire, incoming, topological

COLUMN = 264.0
"""Distance of two nodes beside each other."""
ROW = 104.0
"""Distance of two nodes that follow one another."""
TALL = 8
"""A chain of more rows than this goes on at the top of the next column."""


def arranged(graph: Graph) -> Layout:
    """Places for all nodes: each below what feeds it, those of one rank beside each other near what feeds them."""
    order, stuck = topological(graph)
    feeding = incoming(graph)
    ranks: dict[str, int] = {}
    for node in [*order, *(node for node in graph.nodes if node in stuck)]:
        sources = (ranks[wire.src] for wire in feeding[node].values() if wire.src in ranks)
        ranks[node] = max(sources, default=-1) + 1
    rows: dict[int, list[str]] = {}
    for node in ranks:
        rows.setdefault(ranks[node], []).append(node)
    widest = max((len(row) for row in rows.values()), default=1)
    columns = -(-len(rows) // TALL)
    height = -(-len(rows) // columns) if columns else 1
    places: dict[str, tuple[float, float]] = {}
    lane: dict[str, float] = {}
    for rank in sorted(rows):
        row = sorted(rows[rank], key=lambda node: _wanted(node, feeding, lane))
        for place, node in enumerate(row):
            lane[node] = place - (len(row) - 1) / 2
            column, depth = divmod(rank, height)
            x = (lane[node] + (widest - 1) / 2 + column * widest) * COLUMN
            places[node] = (x, depth * ROW)
    return Layout(places)


def _wanted(node: str, feeding: dict[str, dict[str, Wire]], lane: dict[str, float]) -> float:
    """The mean place of what feeds a node (the barycentre heuristic of Sugiyama and others, 1981)."""
    sources = [lane[wire.src] for wire in feeding[node].values() if wire.src in lane]
    return sum(sources) / len(sources) if sources else 0.0
