"""What a definition comes to at each of its uses: shapes, parameters and problems, as the analysis found them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from workbench.core.analysis import Analysis, Spec
from workbench.core.document import BLOCK, ROOT, Document, Node
from workbench.core.problems import Problem

RANK = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Effect:
    """One use of a block in the unfolded network."""

    path: str
    """Of the use in an analysis."""
    outputs: tuple[Spec, ...]
    parameters: int | None
    """None where it is not known, since something is wrong in it or before it."""
    problem: Problem | None
    """The worst one in it."""


def effects(document: Document, analysis: Analysis, block: str) -> list[Effect]:
    """What a block comes to at each place where the network uses it, in the order of the analysis."""
    worst: dict[str, Problem] = {}
    for problem in sorted(analysis.problems, key=lambda problem: RANK[problem.severity]):
        for path in _around(problem.node):
            worst.setdefault(path, problem)
    paths = dict.fromkeys((*analysis.nodes, *worst))
    return [_effect(path, analysis, worst) for path in _uses(document, paths, block)]


def _effect(path: str, analysis: Analysis, worst: dict[str, Problem]) -> Effect:
    known = analysis.nodes.get(path)
    outputs = tuple(known.outputs.values()) if known else ()
    return Effect(path, outputs, known.parameters if known and outputs else None, worst.get(path))


def _around(path: str) -> Iterator[str]:
    """A path, and those of the uses that it leads through."""
    while path:
        if not path.rpartition("/")[2].isdigit():
            yield path
        path = path.rpartition("/")[0]


def _uses(document: Document, paths: Iterable[str], block: str) -> Iterator[str]:
    """Those of some paths that lead to a use of a block. The turns of a repeated one are numbers in a path."""

    @cache
    def node_at(ids: tuple[str, ...]) -> Node | None:
        scope = definition_at(ids[:-1])
        return None if scope is None else document.scope(scope).nodes.get(ids[-1])

    @cache
    def definition_at(ids: tuple[str, ...]) -> str | None:
        if not ids:
            return ROOT
        node = node_at(ids)
        name = node.settings.get("definition") if node and node.type == BLOCK else None
        return name if isinstance(name, str) and name in document.blocks else None

    for path in paths:
        ids = tuple(part for part in path.split("/") if not part.isdigit())
        if definition_at(ids) == block:
            yield path
