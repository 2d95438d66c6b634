"""What is wrong with a document as far as a catalogue tells: no torch, no data, no time."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from workbench.core.catalogue import SPLIT_FIELDS, Catalogue, FieldInfo, misfit
from workbench.core.document import Document, Split, Training
from workbench.core.edits import SetTraining, Several
from workbench.core.expand import Flat
from workbench.core.problems import Problem
from workbench.core.training_fields import TRAINING_FIELDS


def settings_problems(part: Training | Split, fields: Iterable[FieldInfo]) -> Iterator[Problem]:
    """What does not fit in a part of the document that has fixed settings."""
    for info in fields:
        value = getattr(part, info.name)
        if info.name != "optimizer" and (code := misfit(info, value)):
            yield Problem(code, {"name": info.name, "found": value, "field": msgspec.to_builtins(info)})


def training_problems(document: Document, optimizers: Collection[str]) -> Iterator[Problem]:
    """What does not fit in the settings of training and of the split."""
    yield from settings_problems(document.training, TRAINING_FIELDS)
    if document.data is not None:
        yield from settings_problems(document.data.split, SPLIT_FIELDS)
    if document.training.optimizer not in optimizers:
        yield Problem("training.optimizer", {"found": document.training.optimizer, "known": list(optimizers)})


def missing_parts(document: Document, flat: Flat) -> Iterator[Problem]:
    """Frozen layers, and layers with a rate of their own, that the network has not; the remedy takes them out."""
    known = {path for node in flat.nodes for path in _around(node)}
    frozen, rates = document.training.frozen, document.training.rates
    missing = [path for path in dict.fromkeys((*frozen, *dict(rates))) if path not in known]
    if not missing:
        return
    fixes = (
        SetTraining("frozen", tuple(path for path in frozen if path in known)),
        SetTraining("rates", tuple(pair for pair in rates if pair[0] in known)),
    )
    needed = [fix for fix in fixes if fix.value != getattr(document.training, fix.name)]
    said = {"found": missing, "known": sorted({path.partition("/")[0] for path in flat.nodes})}
    yield Problem("training.no_node", said, fix=needed[0] if len(needed) == 1 else Several(tuple(needed)))


def _around(path: str) -> Iterator[str]:
    """A path, and those of the blocks that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def evident(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Why a document certainly cannot be trained; a network that does not fit is for the engine to find."""
    yield from training_problems(document, catalogue.optimizers)
    if document.data is None:
        yield Problem("train.no_data")
    elif document.data.source not in catalogue.datasets:
        yield Problem("data.unknown_source", {"found": document.data.source, "known": list(catalogue.datasets)})
