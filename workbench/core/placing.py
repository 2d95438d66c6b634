"""Where nodes go that an edit has put in: between what they join, and on top of nothing."""

from itertools import count, islice

from workbench.core.document import ROOT, Document, Layout, incoming, outgoing, reachable, topological
from workbench.core.edits import move
from workbench.core.layout import COLUMN, ROW

NEAR = COLUMN * 0.75
"""Nodes nearer than this beside each other would overlap."""
TRIES = 40
Place = tuple[float, float]


def placed(before: Document, after: Document, scope: str = ROOT) -> Document:
    """The edited document, with a place for each node that `before` does not have.

    In a straight column what follows moves down, so that there is room; beside one, new nodes go to the nearest free
    place at the height of their neighbours. Nodes whose neighbours have no place get none: they are arranged.
    """
    graph, old = after.scope(scope), before.scope(scope).nodes
    for run in _runs(after, scope, frozenset(old)):
        before_run = next((wire.src for wire in incoming(graph)[run[0]].values()), None)
        behind_run = next((wire.dst for wire in outgoing(graph)[run[-1]]), None)
        after = _between(after, scope, run, before_run, behind_run)
    return after


def _runs(document: Document, scope: str, old: frozenset[str]) -> list[list[str]]:
    """New nodes that feed one another, together."""
    graph = document.scope(scope)
    feeding, runs = incoming(graph), list[list[str]]()
    for name in topological(graph)[0]:
        if name not in old:
            source = next((wire.src for wire in feeding[name].values()), None)
            run = next((run for run in runs if run[-1] == source), None)
            if run is None:
                runs.append([name])
            else:
                run.append(name)
    return runs


def _between(document: Document, scope: str, run: list[str], above: str | None, below: str | None) -> Document:
    places = document.layout.get(scope, Layout()).positions
    start, end = places.get(above or ""), places.get(below or "")
    if start is None and end is None:
        return document
    x0, y0 = start or (end[0], end[1] - ROW * (len(run) + 1)) if end else start  # type: ignore[misc]
    x1, y1 = end or (x0, y0 + ROW * (len(run) + 1))
    others = {name: place for name, place in places.items() if name not in run}
    straight = abs(x1 - x0) < NEAR and not _between_them(others, (x0, y0), (x1, y1), {above, below})
    missing = ROW * (len(run) + 1) - (y1 - y0)
    if straight and below is not None and y1 > y0 and missing > 0:
        later = reachable(document.scope(scope), [below])
        document = move(
            document,
            {name: (x, y + missing) for name, (x, y) in others.items() if name in later and y >= y1},
            scope=scope,
        )
        y1 += missing
        others = {n: p for n, p in document.layout[scope].positions.items() if n not in run}
    for number, name in enumerate(run, 1):
        share = number / (len(run) + 1)
        place = _free((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share), others)
        others[name] = place
        document = move(document, {name: place}, scope=scope)
    return document


def _between_them(places: dict[str, Place], above: Place, below: Place, ends: set[str | None]) -> bool:
    """Other nodes stand in the way from one to the other."""
    left, right = min(above[0], below[0]) - NEAR, max(above[0], below[0]) + NEAR
    return any(left < x < right and above[1] < y < below[1] for name, (x, y) in places.items() if name not in ends)


def _free(place: Place, taken: dict[str, Place]) -> Place:
    """The nearest place beside a place, on which nothing stands; to the right where both sides are as near."""
    x, y = place
    for number in islice(count(), TRIES):
        step = (number + 1) // 2 * (1 if number % 2 else -1) * COLUMN
        if all(abs(x + step - at) >= NEAR or abs(y - high) >= ROW * 0.75 for at, high in taken.values()):
            return x + step, y
    return place
