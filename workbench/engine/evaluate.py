"""How a trained model does on a split: metrics over all of it, by torchmetrics."""

from pathlib import Path

import torch

from workbench.core.messages import Evaluation
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
    outputs, targets, losses = [], [], 0.0
    total = -(-len(trained.data.splits[split]) // EVALUATION_BATCH)
    for number, (inputs, aims) in enumerate(trained.batches(split)):
        report("evaluate.running", number, total)
        found = trained.network(*inputs)
        losses += float(total_loss(trained.goals, found, aims)) * len(aims[0])
        outputs.append(found)
        targets.append(aims)
    count = sum(len(aims[0]) for aims in targets)
    named = "val" if split == "validation" else split  # as in the curves and in the list of runs
    metrics = {f"{named}/loss": losses / count}
    confusion = None
    for place, goal in enumerate(trained.goals):
        out = torch.cat([row[place] for row in outputs])
        aim = torch.cat([row[place] for row in targets])
        for name, value in goal.task.evaluate(out, aim, goal.column).items():
            metrics[metric_name(named, trained.goals, goal, name)] = value
        confusion = confusion or goal.task.confusion(out, aim, goal.column)
    return Evaluation(trained.info.run, split, metrics, confusion, weights)
