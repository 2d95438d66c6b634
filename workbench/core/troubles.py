"""The way through the problems of a network, and the remedy to apply next."""

from collections.abc import Sequence

from workbench.core.problems import Problem
from workbench.core.session import State

RANK = {"error": 0, "warning": 1, "info": 2}


def ranked(state: State) -> tuple[Problem, ...]:
    """All problems, errors first, else in the order in which they were found."""
    return tuple(sorted(state.analysis.problems if state.analysis else (), key=lambda problem: RANK[problem.severity]))


def here(state: State, problem: Problem) -> bool:
    """A problem is at a selected node of the graph that is being looked at."""
    if problem.scope == state.scope:
        return problem.node.rpartition("/")[2] in state.selection
    inside = state.prefix is not None and problem.node.startswith(state.prefix)
    return inside and problem.node.removeprefix(state.prefix or "").partition("/")[0] in state.selection


def after(problems: Sequence[Problem], last: Problem | None, *, backwards: bool = False) -> Problem | None:
    """The problem to show after the one that was shown last; round and round, from the first where that is gone."""
    if not problems:
        return None
    if last not in problems:
        return problems[-1 if backwards else 0]
    return problems[(problems.index(last) + (-1 if backwards else 1)) % len(problems)]


def next_remedy(state: State) -> Problem | None:
    """The problem that would be remedied next: one of the selection, else the first of all."""
    mendable = [problem for problem in ranked(state) if problem.fix is not None]
    return next((problem for problem in mendable if here(state, problem)), mendable[0] if mendable else None)
