"""How a trained model does on a split: metrics over all of it, and some of its samples to look at."""

from pathlib import Path

import torch

from workbench.core.messages import Evaluation, OutputEvaluation
from workbench.core.problems import ProblemError
from workbench.engine.averages import Averages
from workbench.engine.compile import Goal
from workbench.engine.raw import Report, quiet
from workbench.engine.showing import Batch, Writer, pictures, shown
from workbench.engine.train import metric_name
from workbench.engine.trained import EVALUATION_BATCH, Trained, load

WRITTEN = 256
"""So many samples are written out token by token: each token takes a pass through the network."""


def evaluate(folder: Path, split: str = "test", weights: str = "best", report: Report = quiet) -> Evaluation:
    """Measure a run's model. Arguments and errors as for `evaluated`."""
    return evaluated(folder, split, weights, report)[0]


@torch.no_grad()
def evaluated(
    folder: Path, split: str = "test", weights: str = "best", report: Report = quiet
) -> tuple[Evaluation, list[bytes]]:
    """Measure a run's model; with the pictures of outputs that have some.

    Args:
        folder: the run's.
        split: train, validation or test.
        weights: best or last.
        report: told how far it is.

    Raises:
        ProblemError: the run cannot be read, or the split is empty.
    """
    trained = load(folder, weights, report)
    rows = trained.data.splits.get(split, ())
    if not len(rows):
        raise ProblemError("evaluate.empty_split", where=trained.info.run, split=split)
    meters = [goal.task.meter(goal.column) for goal in trained.goals]
    averages = Averages(trained.goals)
    total = -(-len(rows) // EVALUATION_BATCH)
    first: Batch | None = None
    for number, (inputs, targets) in enumerate(trained.batches(split)):
        report("evaluate.running", number, total)
        outputs = trained.network(*inputs)
        first = first or (inputs, outputs, targets, [int(row) for row in rows[: len(targets[0])]])
        averages.add_losses(outputs, targets)
        for meter, found, aims in zip(meters, outputs, targets, strict=True):
            meter.add(found, aims)
    assert first is not None
    named = "val" if split == "validation" else split  # as in the curves and in the list of runs
    metrics = {f"{named}/loss": averages.loss()}
    evaluations, parts = [], []
    for goal, meter in zip(trained.goals, meters, strict=True):
        own = meter.metrics() | _of_texts(trained, goal, split)
        metrics |= {metric_name(named, trained.goals, goal, name): value for name, value in own.items()}
        looked_at = pictures(trained, goal, first)
        if looked_at is not None:
            parts.append(looked_at.tobytes())
        evaluations.append(
            OutputEvaluation(
                goal.path,
                goal.task.info.key,
                goal.column.name,
                own,
                meter.confusion(),
                meter.classes(),
                () if looked_at is not None else tuple(shown(trained, goal, first)),
                () if looked_at is None else looked_at.shape,
            )
        )
    confusion = next((found.confusion for found in evaluations if found.confusion), None)
    return Evaluation(trained.info.run, split, metrics, confusion, weights, tuple(evaluations)), parts


def _of_texts(trained: Trained, goal: Goal, split: str) -> dict[str, float]:
    """How near whole texts that are written come to those that are right."""
    if goal.task.info.key != "sequence" or trained.back(goal) is None:
        return {}
    from workbench.engine.meters import text_metrics

    pairs = []
    for inputs, targets in trained.batches(split, WRITTEN):
        found = Writer(trained, goal).shown(inputs, targets[trained.goals.index(goal)])
        pairs += [(sample.answer, sample.target) for sample in found]
    return text_metrics(pairs)
