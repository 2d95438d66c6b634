"""How a trained model does on a split: metrics over all of it."""

from pathlib import Path

import torch

from workbench.core.messages import Evaluation, OutputEvaluation
from workbench.core.problems import ProblemError
from workbench.engine.raw import Report, quiet
from workbench.engine.train import metric_name, total_loss
from workbench.engine.trained import EVALUATION_BATCH, load


@torch.no_grad()
def evaluate(folder: Path, split: str = "test", weights: str = "best", report: Report = quiet) -> Evaluation:
    """Measure a run's model.

    Args:
        folder: the run's.
        split: train, validation or test.
        weights: best or last.
        report: told how far it is.

    Raises:
        ProblemError: the run cannot be read, or the split is empty.
    """
    trained = load(folder, weights, report)
    if not len(trained.data.splits.get(split, ())):
        raise ProblemError("evaluate.empty_split", where=trained.info.run, split=split)
    meters = [goal.task.meter(goal.column) for goal in trained.goals]
    losses = counted = 0.0
    total = -(-len(trained.data.splits[split]) // EVALUATION_BATCH)
    for number, (inputs, targets) in enumerate(trained.batches(split)):
        report("evaluate.running", number, total)
        outputs = trained.network(*inputs)
        weight = trained.goals[0].task.counted(targets[0])
        losses += float(total_loss(trained.goals, outputs, targets)) * weight
        counted += weight
        for meter, found, aims in zip(meters, outputs, targets, strict=True):
            meter.add(found, aims)
    named = "val" if split == "validation" else split  # as in the curves and in the list of runs
    metrics = {f"{named}/loss": losses / max(1, counted)}
    evaluations = []
    for goal, meter in zip(trained.goals, meters, strict=True):
        own = meter.metrics()
        metrics |= {metric_name(named, trained.goals, goal, name): value for name, value in own.items()}
        evaluations.append(
            OutputEvaluation(goal.path, goal.task.info.key, goal.column.name, own, meter.confusion(), meter.classes())
        )
    first = next((found.confusion for found in evaluations if found.confusion), None)
    return Evaluation(trained.info.run, split, metrics, first, weights, tuple(evaluations))
