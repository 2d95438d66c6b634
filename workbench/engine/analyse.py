"""Graph to shapes, counts, memory and problems. A broken graph is a state: nothing here raises for one.

First comes what the structure alone tells (`structure.py`), then the way through the layers (`flow.py`), then the
sums (`figures.py`), what would remedy each problem (`mending`), and the memory that training takes (`forecast.py`).
"""

import dataclasses
import time
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path

from msgspec.structs import replace

from workbench.core.analysis import Analysis, ColumnSummary, Memory
from workbench.core.catalogue import SPLIT_FIELDS
from workbench.core.checks import missing_parts, settings_problems, training_problems
from workbench.core.document import Document, Graph, Node, Wire
from workbench.core.expand import Flat, Source, expand
from workbench.core.problems import Problem, ProblemError
from workbench.engine.figures import figures
from workbench.engine.flow import Flow, flow_through
from workbench.engine.forecast import Forecast, forecast, planned
from workbench.engine.kinds import Kinds
from workbench.engine.layers.base import Known
from workbench.engine.loading import columns_of, samples_of
from workbench.engine.mending import with_remedies
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.structure import (
    circles,
    missing_output,
    order_of,
    reserved_names,
    unfolding_problems,
    used_layers,
)


@dataclass(frozen=True)
class Study:
    """A document with all that is known about it: what compiling it needs."""

    document: Document
    flat: Flat
    columns: dict[str, ColumnSummary]
    known: dict[Source, Known]
    """What comes out of each port; axes of variable length at a size that stands for all."""
    used: frozenset[str]
    """The layers that an output depends on."""
    order: list[str]
    flow: Flow
    analysis: Analysis


def analyse(document: Document, folder: Path, revision: int = 0) -> Analysis:
    """All that is known about a document. Repeats are cheap: layers that did not change are remembered."""
    found = study(document, folder, revision)
    made = forecast_of(found) if has_fixed_lengths(found) else None
    memory = made.memory(document.training.batch_size) if made else Memory()
    return replace(found.analysis, memory=memory)


def has_fixed_lengths(found: Study) -> bool:
    """No axis is variable: operations and memory can be counted."""
    return not found.flow.lengths.sizes


def forecast_of(found: Study, patience: float = inf) -> Forecast | None:
    """The forecast of memory of a network with fixed lengths; None where it takes longer than so many seconds."""
    plan = planned(found.flat, found.flow, found.used, found.order, time.monotonic() + patience)
    return None if plan is None else forecast(plan, found.document.training)


def study(
    document: Document, folder: Path, revision: int = 0, before: Study | None = None, code: Path | None = None
) -> Study:
    """As `analyse`, with what it was found from.

    Args:
        document: to look at.
        folder: where relative paths to data start.
        revision: of the document.
        before: the study of a document that differs a little: what is the same in both is taken over from it.
        code: where the files of the user's own layers are; `folder` unless it is given.
    """
    columns, of_data = _columns(document, folder)
    if before is not None and before.columns != columns:
        before = None
    kinds = Kinds(folder if code is None else code)
    found = _studied(document, kinds, columns, of_data, revision, before)
    if columns and document.data is not None:
        samples = samples_of(document.data, folder)
        found = dataclasses.replace(found, analysis=replace(found.analysis, samples=samples))
    problems = found.analysis.problems
    if not problems:
        return found

    def attempt(changed: Document) -> tuple[Problem, ...]:
        return _studied(changed, kinds, columns, of_data, 0, found).analysis.problems

    remedied = with_remedies(document, found.flat, found.flow, problems, attempt)
    return dataclasses.replace(found, analysis=replace(found.analysis, problems=remedied))


def _studied(
    document: Document,
    kinds: Kinds,
    columns: dict[str, ColumnSummary],
    of_data: list[Problem],
    revision: int,
    before: Study | None,
) -> Study:
    """What there is to know of a document and its data, without remedies."""
    flat = expand(document)
    order, stuck = order_of(flat)
    used = used_layers(flat)
    misnamed = list(reserved_names(flat))
    barred = tuple(f"{problem.node}/" for problem in misnamed)
    if barred:
        order = [path for path in order if not f"{path}/".startswith(barred)]
    flow = flow_through(document, flat, kinds, columns, used, order, before.flow.visits if before else {})
    problems = (
        *of_data,
        *training_problems(document, OPTIMIZERS),
        *missing_parts(document, flat),
        *unfolding_problems(flat, used),
        *misnamed,
        *flow.problems,
        *circles(flat, stuck),
        *missing_output(flat),
    )
    found = figures(flat, flow, (before.flow, before.analysis) if before else None)
    analysis = replace(found, revision=revision, problems=problems, columns=tuple(columns.values()))
    known = {source: twice.first for source, twice in flow.ports.items()}
    return Study(document, flat, columns, known, used, order, flow, analysis)


def warm_up() -> None:
    """Analyse something small, so that torch imports now what it imports on first use (2 s)."""
    nodes = {
        "x": Node("x", "input", {"shape": (1, 4, 4)}),
        "conv": Node("conv", "conv2d"),
        "norm": Node("norm", "batch_norm2d"),
        "act": Node("act", "gelu"),
        "flat": Node("flat", "flatten"),
        "out": Node("out", "linear"),
    }
    names = list(nodes)
    wires = (Wire(source, "out", target, "in") for source, target in pairwise(names))
    analyse(Document(graph=Graph(nodes, frozenset(wires))), Path())


def _columns(document: Document, folder: Path) -> tuple[dict[str, ColumnSummary], list[Problem]]:
    """What the data have, and what is to be said of them; or why that cannot be told."""
    if document.data is None or any(settings_problems(document.data.split, SPLIT_FIELDS)):
        return {}, []  # what is wrong with the split is said with the settings
    try:
        columns, problems = columns_of(document.data, folder)
        return {column.name: column for column in columns}, problems
    except ProblemError as error:
        return {}, [error.problem]
