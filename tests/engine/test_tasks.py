"""What every registered task promises: a new one is tested on arrival."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.engine.tasks import EXAMPLES, TAGS, WORDS, Example
from workbench.core import wording
from workbench.core.analysis import ColumnSummary, Spec
from workbench.core.problems import Problem
from workbench.engine.analyse import study
from workbench.engine.compile import Network, compiled
from workbench.engine.entities import entities, is_bio
from workbench.engine.layers.base import Change, InsertBefore, Misfit
from workbench.engine.layers.basic import TASK_KEYS
from workbench.engine.losses import IGNORED
from workbench.engine.meters import text_metrics
from workbench.engine.tasks import TASKS
from workbench.engine.tasks.base import Task, hits_of_steps

torch.set_num_threads(1)

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)


def network_of(example: Example) -> Network:
    torch.manual_seed(0)
    return compiled(study(example.document, Path()))


def test_the_output_offers_all_tasks() -> None:
    assert set(TASK_KEYS) == set(TASKS)


@pytest.mark.parametrize("key", TASK_KEYS)
def test_a_task_explains_itself(key: str) -> None:
    info = TASKS[key].info
    assert info.title
    assert info.summary.endswith(("?", "."))
    assert info.losses
    assert TASKS[key].better[0] in ("loss", *info.metrics)


@every_example
def test_the_network_of_an_example_fits_its_column(example: Example) -> None:
    found = study(example.document, Path())
    assert found.analysis.problems == ()
    source = found.flat.inputs["y"]["in"]
    example.task.check(found.analysis.nodes[source[0]].outputs[source[1]], example.column)
    assert example.task.accepts(example.column)


WRONG = [(example, spec, code) for example in EXAMPLES for spec, code in example.wrong]


@pytest.mark.parametrize(("example", "spec", "code"), WRONG, ids=[f"{e}-{s.shape}" for e, s, _ in WRONG])
def test_an_output_that_does_not_fit_is_told_what_to_do(example: Example, spec: Spec, code: str) -> None:
    with pytest.raises(Misfit) as caught:
        example.task.check(spec, example.column)
    assert caught.value.code == code
    problem = Problem(code, caught.value.args_)
    assert "?" not in wording.what(problem)
    assert caught.value.remedy or wording.remedy(problem)


@every_example
def test_the_width_that_is_wrong_has_a_remedy_that_is_one_layer(example: Example) -> None:
    """The last number alone does not fit: one layer of the right width is all it takes."""
    found = study(example.document, Path())
    source = found.flat.inputs["y"]["in"]
    spec = found.analysis.nodes[source[0]].outputs[source[1]]
    axis = 0 if example.key == "segmentation" or len(spec.shape) == 3 else len(spec.shape) - 1
    wider = tuple(
        size + 1 if place == axis and isinstance(size, int) else size for place, size in enumerate(spec.shape)
    )
    with pytest.raises(Misfit) as caught:
        example.task.check(Spec(wider), example.column)
    assert isinstance(caught.value.remedy, InsertBefore | Change)


@every_example
def test_one_batch_trains_under_every_loss(example: Example) -> None:
    network = network_of(example)
    inputs, targets = example.inputs(), example.targets()
    for name, loss in example.task.losses.items():
        before = loss(network(inputs)[0], targets)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.02)
        for _ in range(5):
            optimizer.zero_grad()
            loss(network(inputs)[0], targets).backward()
            optimizer.step()
        assert loss(network(inputs)[0], targets) < before, name
        assert example.task.loss_named(name) is loss
    assert example.task.loss_named("default") is next(iter(example.task.losses.values()))


@every_example
@torch.no_grad()
def test_an_untrained_network_is_measured(example: Example) -> None:
    network, task = network_of(example), example.task
    meter = task.meter(example.column)
    batches = [(network(example.inputs())[0], example.targets()) for _ in range(3)]
    for outputs, targets in batches:
        meter.add(outputs, targets)
    metrics = meter.metrics()
    assert metrics
    assert set(metrics) <= set(task.info.metrics)
    assert all(torch.tensor(value).isfinite() for value in metrics.values())
    classes = meter.classes()
    if example.column.classes and task.info.key not in ("language_modelling", "sequence"):
        assert classes
        assert all(0 <= share <= 1 for row in classes for share in (row.precision, row.recall, row.f1, row.iou or 0))
    confusion = meter.confusion()
    if confusion is not None:
        counted = sum(task.counted(targets) for _, targets in batches)
        assert sum(map(sum, confusion.counts)) == counted
    hits = hits_of_steps(task, [out for out, _ in batches], [aim for _, aim in batches])
    assert {len(row) for row in hits.values()} == {3}
    for name in hits.keys() & metrics.keys() - {"iou"}:
        weights = torch.tensor([float(task.counted(targets)) for _, targets in batches])
        assert torch.isclose((hits[name] * weights).sum() / weights.sum(), torch.tensor(metrics[name])), name


@every_example
def test_perfect_answers_are_measured_as_such(example: Example) -> None:
    targets = example.targets()
    task, meter = example.task, example.task.meter(example.column)
    outputs = perfect(example, targets)
    meter.add(outputs, targets)
    metrics = {
        **meter.metrics(),
        **{name: float(row[0]) for name, row in task.hits(outputs[None], targets[None]).items()},
    }
    for name, value in metrics.items():
        if name in ("mae", "rmse"):
            assert value < 1e-3, name
        elif name == "psnr":
            assert value > 60
        else:
            assert value == pytest.approx(1.0, abs=1e-4), name
    loss = task.loss_named(example.settings.get("loss", "default"))
    assert loss(outputs, targets) < 0.7  # that of bce never is nothing


def perfect(example: Example, targets: Tensor) -> Tensor:
    """Outputs that are right."""
    match example.column.kind:
        case "tags":
            return 100 * (targets - 0.5)
        case "number" | "table" | "image":
            return targets.logit() if example.settings.get("loss") == "bce" else targets
    classes = len(example.column.classes)
    rows = 100 * torch.nn.functional.one_hot(targets.clamp_min(0), classes).float()
    return rows.movedim(-1, 1) if example.column.kind == "mask" else rows


@every_example
@torch.no_grad()
def test_a_step_whose_batch_has_another_shape_is_measured_too(example: Example) -> None:
    network, task = network_of(example), example.task
    outputs, targets = network(example.inputs())[0], example.targets()
    rows = [slice(0, 6), slice(0, 4), slice(0, 6), slice(2, 6)]
    together = hits_of_steps(task, [outputs[row] for row in rows], [targets[row] for row in rows])
    for step, row in enumerate(rows):
        for name, value in task.hits(outputs[row][None], targets[row][None]).items():
            assert torch.isclose(together[name][step], value[0]), name


PADDED = [example for example in EXAMPLES if example.column.kind == "labels"]


@pytest.mark.parametrize("example", PADDED, ids=str)
@pytest.mark.parametrize("more", [1, 5])
@torch.no_grad()
def test_padding_changes_nothing(example: Example, more: int) -> None:
    network, task = network_of(example), example.task
    outputs, targets = network(example.inputs())[0], example.targets()
    longer = torch.cat([outputs, torch.full((len(outputs), more, outputs.shape[-1]), 7.0)], 1)
    padded = torch.cat([targets, torch.full((len(targets), more), IGNORED)], 1)
    for loss in task.losses.values():
        for reduction in ("mean", "none"):
            one, other = loss(outputs, targets, reduction=reduction), loss(longer, padded, reduction=reduction)
            assert torch.allclose(one, other, atol=1e-6)
    assert task.counted(targets) == task.counted(padded)
    assert measured(task, example.column, outputs, targets) == measured(task, example.column, longer, padded)


def measured(task: Task, column: ColumnSummary, outputs: Tensor, targets: Tensor) -> dict[str, object]:
    meter = task.meter(column)
    meter.add(outputs, targets)
    hits = {f"hit {name}": round(float(row[0]), 6) for name, row in task.hits(outputs[None], targets[None]).items()}
    return {**{name: pytest.approx(value) for name, value in meter.metrics().items()}, **hits, "rows": meter.classes()}


def test_things_of_several_words_are_counted_as_conll_does() -> None:
    assert entities(["B-PER", "I-PER", "O", "B-LOC", "B-LOC"]) == {("PER", 0, 2), ("LOC", 3, 4), ("LOC", 4, 5)}
    assert entities(["I-PER", "I-LOC", "I-LOC"]) == {("PER", 0, 1), ("LOC", 1, 3)}
    assert entities(["S-PER", "B-LOC", "E-LOC", "I-LOC"]) == {("PER", 0, 1), ("LOC", 1, 3), ("LOC", 3, 4)}
    assert entities(["O", "O"]) == set()
    assert is_bio(TAGS)
    assert not is_bio(WORDS)
    assert not is_bio(["O"])


def test_texts_are_compared_in_any_language() -> None:
    found = text_metrics([("the cat sat on the mat", "the cat sat on the mat"), ("它很好吃", "它很好吃")])
    assert found == pytest.approx({"exact": 1.0, "bleu": 1.0, "chrf": 1.0, "rouge_l": 1.0}, abs=1e-3)
    half = text_metrics([("the cat sat here today", "the cat sat on the mat"), ("这家店", "那家店不错")])
    assert all(0 < half[name] < 1 for name in ("chrf", "rouge_l"))
    assert half["exact"] == 0
    assert text_metrics([("", "right")])["exact"] == 0
