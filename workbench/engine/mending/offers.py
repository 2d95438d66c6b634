"""What is offered: candidates that were applied to a copy of the document, after which the problem was gone."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from workbench.core.document import Document
from workbench.core.edits import Fix, InsertNode, RemoveWire, SetSetting, apply
from workbench.core.expand import Flat
from workbench.core.problems import Problem
from workbench.engine.flow import Flow
from workbench.engine.mending import joins, numbers, shapes, windows, wiring
from workbench.engine.mending.spot import CANDIDATES, Spot, through_parameters

__all__ = ["joins", "numbers", "shapes", "windows", "wiring", "with_remedies"]

MOST = 5
"""No more remedies are offered for one problem."""
TRIES, STEPS = 48, 6_000
"""So many documents are tried in all, fewer of large networks: so many layers are looked at again at most."""
LEAST = 2
NEAREST = frozenset({"attention.heads", "conv.groups", "group_norm.groups", "group_norm.single"})
"""Problems for which the nearest number is found here, better than the layer itself can."""


Try = Callable[[Document], Iterable[Problem]]
Name = tuple[str, str, str]


def with_remedies(
    document: Document, flat: Flat, flow: Flow, problems: Iterable[Problem], attempt: Try
) -> tuple[Problem, ...]:
    """The problems, each with the remedies that work, the usual one first.

    Args:
        document: that has the problems.
        flat: the same unfolded.
        flow: what was found on the way through it.
        problems: all of them; a `fix` that one comes with is the first candidate.
        attempt: finds out what is wrong in a changed document.
    """
    before = tuple(problems)
    left = max(LEAST, min(TRIES, STEPS // max(1, len(flat.nodes))))
    after = []
    for problem in before:
        found: list[Fix] = []
        if problem.severity != "info":
            spot = Spot(document, flat, flow, problem)
            for fix in _candidates(spot):
                if left == 0 or len(found) == MOST:
                    break
                left -= 1
                if _helps(spot, before, fix, attempt):
                    found.append(fix)
        port, args = problem.port, _with_names(Spot(document, flat, flow, problem))
        if found and isinstance(found[0], InsertNode) and found[0].wire.dst == problem.node.rpartition("/")[2]:
            port = found[0].wire.dst_port  # the wire that is mended is the one that is wrong
        after.append(replace(problem, fix=found[0] if found else None, more=tuple(found[1:]), port=port, args=args))
    return tuple(after)


def _with_names(spot: Spot) -> dict[str, Any]:
    """What a problem tells, with the names of axes of variable length instead of the sizes that stood for them."""
    problem, flow = spot.problem, spot.flow
    if not flow.lengths.sizes or problem.node not in spot.flat.nodes:
        return problem.args
    named = {spot.known(port).shape: spot.axes(port) for port in spot.given}

    def called(value: Any) -> Any:
        if isinstance(value, tuple) and value and all(isinstance(item, tuple) for item in value):
            return tuple(map(called, value))
        return named.get(value, value) if isinstance(value, tuple) else value

    return {name: called(value) for name, value in problem.args.items()}


def _candidates(spot: Spot) -> Iterator[Fix]:
    """What may remedy a problem, each edit once."""
    seen: list[Fix] = []
    for fix in _listed(spot):
        if fix not in seen:
            seen.append(fix)
            yield fix


def _listed(spot: Spot) -> Iterator[Fix]:
    known = CANDIDATES.get(spot.problem.code)
    own = spot.problem.fix
    if isinstance(own, SetSetting) and spot.problem.node in spot.flat.nodes:
        own = through_parameters(spot.document, spot.flat, own, spot.problem.node)
    if own is not None and spot.problem.code not in NEAREST:
        yield own
    if known is not None:
        yield from known(spot)


def _helps(spot: Spot, before: Iterable[Problem], fix: Fix, attempt: Try) -> bool:
    """The problem is gone, nothing else is wrong at its node, and no layer that was fine has a problem now."""
    try:
        changed = apply(spot.document, fix)
    except (ValueError, KeyError):
        return False
    if changed is spot.document:
        return False
    name, known = _name(spot.problem), {_name(item) for item in before}
    there = spot.flat.nodes.keys() | spot.flat.scopes.keys()
    for item in attempt(changed):
        if _name(item) == name:
            return False
        if item.severity != "error" or _name(item) in known:
            continue
        if isinstance(fix, RemoveWire) and item.code == "port.unconnected":
            continue  # a wire that must go leaves an empty port behind
        if item.node == spot.problem.node or item.node in spot.flow.measured or item.node not in there:
            return False
    return True


def _name(problem: Problem) -> Name:
    return problem.code, problem.node, problem.port
