"""Each setting of training does what it says, compared with torch's own way of saying it."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import Tensor, nn, optim
from torch.nn import functional
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel

from tests.engine.training import flowers, prepared
from tests.graphs import chain
from tests.samples import DIABETES, IRIS
from workbench.core.document import Data, Document, Split, Training
from workbench.core.problems import ProblemError
from workbench.core.schedules import schedule_curve
from workbench.engine import checkpoint
from workbench.engine.loop import Loop, Plan, Progress
from workbench.engine.not_finite import first_culprit
from workbench.engine.train import EpochEnded, Event, NotFinite, Stepped, StoppedEarly, Warned, fit, validate

torch.set_num_threads(1)

PLAIN = chain(
    ("features", "input"),
    ("linear_1", "linear", {"out_features": 16}),
    ("relu", "relu"),
    ("linear_2", "linear", {"out_features": 3}),
    ("species", "output"),
    data=Data("csv", {"path": str(IRIS)}),
)
PICTURES = chain(
    ("image", "input"),
    ("conv_1", "conv2d", {"out_channels": 6, "kernel_size": 3}),
    ("norm_1", "batch_norm2d"),
    ("relu_1", "relu"),
    ("conv_2", "conv2d", {"out_channels": 8, "kernel_size": 3, "stride": 2}),
    ("norm_2", "batch_norm2d"),
    ("relu_2", "relu"),
    ("drop", "dropout", {"p": 0.2}),
    ("pool", "global_avg_pool"),
    ("linear", "linear", {"out_features": 10}),
    ("label", "output"),
    data=Data("digits"),
)


def trained(document: Document, training: Training) -> tuple[Loop, Plan, list[Event]]:
    loop, plan = prepared(replace(document, training=training))
    return loop, plan, list(fit(loop, plan))


def weights(loop: Loop) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in loop.network.state_dict().items()}


def series(events: list[Event], name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.concatenate([event.series[name] for event in events if isinstance(event, Stepped)])


def ends(events: list[Event]) -> list[EpochEnded]:
    return [event for event in events if isinstance(event, EpochEnded)]


# ---- weights of samples


def weighed(folder: Path, rows: list[str]) -> Document:
    """Iris with a weight for each sample, as it stands in a file; every row is learned from."""
    folder.mkdir()
    file = folder / "flowers.csv"
    file.write_text(
        "\n".join(["sepal_length,sepal_width,petal_length,petal_width,sample_weight,species", *rows]) + "\n"
    )
    split = Split(validation=0.0, test=0.0)
    return replace(PLAIN, data=Data("csv", {"path": str(file)}, split))


def iris_rows(weight: Callable[[int], float], species: Callable[[int, str], str] = lambda row, name: name) -> list[str]:
    found = []
    for row, line in enumerate(IRIS.read_text().split("\n")[1:151]):
        *numbers, name = line.split(",")
        found.append(",".join([*numbers, str(weight(row)), species(row, name)]))
    return found


@pytest.mark.parametrize("accumulate", [1, 3])
def test_a_sample_of_weight_0_teaches_nothing_whatever_is_said_of_it(tmp_path: Path, accumulate: int) -> None:
    training = Training(epochs=3, batch_size=16, accumulate=accumulate, optimizer="sgd", learning_rate=0.1)

    def learned(name: str, species: Callable[[int, str], str]) -> dict[str, Tensor]:
        document = weighed(tmp_path / name, iris_rows(lambda row: float(row % 3 > 0), species))
        return weights(trained(document, training)[0])

    right = learned("right", lambda row, name: name)
    wrong = learned("wrong", lambda row, name: name if row % 3 else "setosa")
    all_right = weights(trained(weighed(tmp_path / "all", iris_rows(lambda row: 1.0)), training)[0])
    assert all(torch.equal(right[name], wrong[name]) for name in right)
    assert not all(torch.allclose(right[name], all_right[name]) for name in right)


def test_weights_that_are_all_the_same_change_nothing_and_one_of_2_is_a_sample_twice(tmp_path: Path) -> None:
    loop, plan = prepared(weighed(tmp_path / "half", iris_rows(lambda row: 0.5)))
    assert plan.weighted
    features, species, half = next(iter(plan.train.epoch()))
    outputs = loop.network(features)[0]
    goal = plan.goals[0]
    assert torch.allclose(goal.criterion(outputs, species, half), goal.criterion(outputs, species))
    twice = torch.ones(len(half))
    twice[0] = 2.0
    assert torch.allclose(
        goal.criterion(outputs, species, twice),
        goal.criterion(torch.cat([outputs, outputs[:1]]), torch.cat([species, species[:1]])),
    )


def test_where_the_loss_stopped_being_a_number_is_found_though_samples_have_weights(tmp_path: Path) -> None:
    document = weighed(tmp_path / "half", iris_rows(lambda row: 0.5))
    document = replace(document, training=Training(optimizer="sgd", learning_rate=1e30, epochs=3, device="cpu"))
    loop, plan = prepared(document)
    *_, broken = fit(loop, plan)
    assert isinstance(broken, NotFinite)
    found = first_culprit(*prepared(document), until=broken.step)
    assert found is not None
    assert found.step == broken.step
    assert found.path in document.graph.nodes


# ---- groups of weights


def test_norms_and_biases_can_be_spared_from_decay() -> None:
    loop, _ = prepared(flowers(Training(weight_decay=0.1, no_decay=True)))
    decays = {id(weight): group["weight_decay"] for group in loop.optimizer.param_groups for weight in group["params"]}
    found = {name: decays[id(weight)] for name, weight in loop.network.named_parameters()}
    spared = {"linear_1.bias", "norm.weight", "norm.bias", "linear_2.bias"}
    assert {name for name, decay in found.items() if decay == 0} == spared
    assert {decay for name, decay in found.items() if name not in spared} == {0.1}


def test_a_layer_can_learn_at_another_rate() -> None:
    training = Training(optimizer="sgd", momentum=0.0, epochs=1, batch_size=200, learning_rate=0.1)
    before, _ = prepared(replace(PLAIN, training=training))
    same, _, _ = trained(PLAIN, training)
    slow, _, _ = trained(PLAIN, replace(training, rates=(("linear_1", 0.25),)))
    start, full, less = weights(before), weights(same), weights(slow)
    for name in start:
        share = 0.25 if name.startswith("linear_1") else 1.0
        torch.testing.assert_close(less[name] - start[name], share * (full[name] - start[name]))


def test_frozen_layers_stay_as_they_are_and_their_norms_rest() -> None:
    training = Training(epochs=2, batch_size=16, frozen=("linear_1", "norm"), weight_decay=0.1)
    before, _ = prepared(flowers(training))
    start = weights(before)
    loop, _, _ = trained(flowers(training), training)
    after = weights(loop)
    changed = {name for name in start if not torch.equal(start[name], after[name])}
    assert changed == {"linear_2.weight", "linear_2.bias"}


@pytest.mark.parametrize("name", ["frozen", "rates"])
def test_a_path_that_names_nothing_is_told(name: str) -> None:
    value: Any = ("nobody",) if name == "frozen" else (("nobody", 0.5),)
    with pytest.raises(ProblemError) as caught:
        prepared(flowers(replace(Training(), **{name: value})))
    assert caught.value.problem.code == "training.no_node"
    assert caught.value.problem.args["found"] == ["nobody"]


def test_a_network_that_is_frozen_as_a_whole_is_told() -> None:
    with pytest.raises(ProblemError) as caught:
        prepared(replace(PLAIN, training=Training(frozen=("linear_1", "linear_2"))))
    assert caught.value.problem.code == "train.all_frozen"


# ---- schedules


def test_the_rate_of_each_step_is_that_of_the_curve() -> None:
    training = Training(epochs=3, batch_size=16, schedule="cosine", warmup=4, accumulate=2, rates=(("linear_1", 0.5),))
    loop, plan, events = trained(PLAIN, training)
    assert plan.steps_per_epoch == math.ceil(plan.train.batches / 2)
    curve = schedule_curve(training, plan.steps_per_epoch)
    np.testing.assert_array_equal(series(events, "lr"), curve.astype(np.float32))
    assert sorted(group["lr"] for group in loop.optimizer.param_groups) == [curve[-1] / 2, curve[-1]]


def test_a_plateau_lowers_the_rate_as_in_torch() -> None:
    losses = [1.0, 0.9, 0.95, 0.93, 0.92, 0.91, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89, 0.5, 0.6]
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.3, patience=2, threshold=0.02, threshold_mode="abs", min_lr=0.05)
    training = Training(schedule="plateau", gamma=0.3, plateau_patience=2, min_delta=0.02, final_factor=0.05)
    progress, found, expected = Progress(), [], []
    for loss in losses:
        scheduler.step(loss)
        progress.note(-loss, training)
        expected.append(optimizer.param_groups[0]["lr"])
        found.append(progress.factor)
    np.testing.assert_allclose(found, expected)
    assert found[-1] < 0.1


# ---- several batches a step


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_accumulated_batches_are_as_one_large_batch(optimizer: str, weighted: bool) -> None:
    """Also at the end of an epoch, where a group has fewer batches, and the last of them fewer samples."""
    large = Training(
        optimizer=optimizer,
        epochs=2,
        batch_size=24,
        learning_rate=0.01,
        class_weights="balanced" if weighted else "none",
        label_smoothing=0.1 if weighted else 0.0,
    )
    whole, plan, expected = trained(PLAIN, large)
    parts, _, found = trained(PLAIN, replace(large, batch_size=6, accumulate=4))
    assert plan.train.count % 24 not in (0, 6, 12, 18)
    assert whole.step == parts.step
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], tensor, rtol=1e-4, atol=1e-6)
    for name in ("train/loss", "train/accuracy"):
        np.testing.assert_allclose(series(found, name), series(expected, name), rtol=1e-4, atol=1e-6)
    assert ends(found)[-1].metrics.keys() == ends(expected)[-1].metrics.keys()


# ---- gradients and weights


def by_hand(training: Training, mend: Any) -> tuple[dict[str, Tensor], list[float]]:
    """The same training as a bare loop, with something done to the gradients before each step."""
    loop, plan = prepared(replace(PLAIN, training=training))
    network, optimizer, norms = loop.network, loop.optimizer, []
    from workbench.engine.feed import shuffled

    for epoch in range(training.epochs):
        for x, y in plan.train.epoch(shuffled(plan.train.count, training.seed, epoch)):
            optimizer.zero_grad()
            functional.cross_entropy(network(x)[0], y).backward()  # type: ignore[no-untyped-call]
            norms.append(float(mend(network.parameters())))
            optimizer.step()
    return weights(loop), norms


def test_gradients_are_clipped_as_by_torch() -> None:
    training = Training(optimizer="sgd", epochs=2, batch_size=16, learning_rate=0.2, clip_norm=0.3)
    loop, _, events = trained(PLAIN, training)
    expected, norms = by_hand(training, lambda them: nn.utils.clip_grad_norm_(them, 0.3))
    for name, tensor in weights(loop).items():
        assert torch.equal(tensor, expected[name])
    np.testing.assert_allclose(series(events, "grad_norm"), norms, rtol=1e-6)
    assert max(norms) > 0.3

    def clip_value(them: Any) -> float:
        nn.utils.clip_grad_value_(them, 0.01)
        return 0.0

    training = replace(training, clip_norm=None, clip_value=0.01)
    loop, _, events = trained(PLAIN, training)
    expected, _ = by_hand(training, clip_value)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights(loop).items())
    assert not any("grad_norm" in event.series for event in events if isinstance(event, Stepped))


def test_the_mean_of_the_weights_is_that_of_torch_and_is_what_is_validated_and_kept(tmp_path: Path) -> None:
    training = Training(epochs=3, batch_size=16, learning_rate=0.05, ema_decay=0.8)
    loop, plan = prepared(flowers(training))
    start = copy.deepcopy(loop.network)

    def mean(one: Tensor, live: Tensor, step: Any) -> Tensor:
        decay = min(0.8, (1 + int(step)) / (10 + int(step)))
        return decay * one + (1 - decay) * live

    averaged = AveragedModel(start, avg_fn=mean)
    averaged.update_parameters(start)  # the first is taken as it is
    from workbench.engine import points

    points_before, points.BLOCK_STEPS = points.BLOCK_STEPS, 1
    try:
        for event in fit(loop, plan):
            if isinstance(event, Stepped):
                averaged.update_parameters(loop.network)
            if isinstance(event, EpochEnded):
                assert plan.validation is not None
                torch.testing.assert_close(
                    event.metrics["val/loss"], validate(averaged.module, plan, plan.validation)["loss"]
                )
    finally:
        points.BLOCK_STEPS = points_before
    assert loop.average is not None
    for name, tensor in loop.average.tensors().items():
        torch.testing.assert_close(tensor, averaged.module.get_parameter(name).data)
        assert not torch.equal(tensor, loop.network.get_parameter(name).data)
    checkpoint.save(tmp_path, loop, {})
    saved, _ = checkpoint.newest(tmp_path)
    assert saved is not None
    for which, expected in (("last", averaged.module), ("trained", loop.network)):
        for name, tensor in saved.weights(which).items():
            torch.testing.assert_close(tensor, expected.state_dict()[name])


def test_labels_are_smoothed_and_rare_classes_weighted_as_by_torch(tmp_path: Path) -> None:
    rows = (Path(IRIS)).read_text().splitlines()
    table = tmp_path / "unbalanced.csv"
    table.write_text("\n".join(rows[:51] + rows[51:61] + rows[101:131]) + "\n")
    document = replace(PLAIN, data=Data("csv", {"path": str(table)}))
    training = Training(label_smoothing=0.2, class_weights="balanced")
    loop, plan = prepared(replace(document, training=training))
    x, y = next(iter(replace_batch(plan).epoch()))
    counts = torch.bincount(y, minlength=3).float()
    expected = functional.cross_entropy(loop.network(x)[0], y, len(y) / (3 * counts), label_smoothing=0.2)
    goal = plan.goals[0]
    torch.testing.assert_close(goal.criterion(loop.network(x)[0], y), expected)
    torch.testing.assert_close(goal.loss(loop.network(x)[0], y), functional.cross_entropy(loop.network(x)[0], y))


def replace_batch(plan: Plan) -> Any:
    """The same samples as one batch."""
    feed = copy.copy(plan.train)
    feed.batch_size = feed.count
    return feed


def test_a_regression_has_no_classes_to_weigh() -> None:
    document = chain(
        ("features", "input"),
        ("linear", "linear", {"out_features": 1}),
        ("y", "output", {"task": "regression"}),
        data=Data("csv", {"path": str(DIABETES)}),
    )
    plain, _, _ = trained(document, Training(epochs=1))
    other, _, _ = trained(document, Training(epochs=1, class_weights="balanced", label_smoothing=0.3))
    assert all(torch.equal(tensor, weights(other)[name]) for name, tensor in weights(plain).items())


# ---- the end


def test_training_ends_when_epochs_get_no_better() -> None:
    training = Training(epochs=60, batch_size=16, learning_rate=0.05, patience=3, min_delta=1e-3, monitor="val/loss")
    loop, plan, events = trained(PLAIN, training)
    last, losses = events[-1], [event.metrics["val/loss"] for event in ends(events)]
    assert isinstance(last, StoppedEarly)
    assert last.problem.code == "train.stopped_early"
    assert last.problem.severity == "info"
    best, stale = math.inf, 0
    for loss in losses:
        assert stale < 3
        best, stale = (loss, 0) if loss < best - 1e-3 else (best, stale + 1)
    assert stale == 3
    assert len(losses) < 60
    assert last.problem.args == {"epoch": len(losses), "patience": 3, "best_epoch": loop.best_epoch}
    assert [type(event) for event in fit(loop, plan)] == [StoppedEarly]  # nothing has changed since


@pytest.mark.parametrize("monitor", ["auto", "val/loss", "train/loss"])
def test_the_best_epoch_is_told_by_what_is_watched(monitor: Any) -> None:
    loop, _, events = trained(flowers(Training()), Training(epochs=8, batch_size=16, monitor=monitor))
    name, sign = ("val/accuracy", -1) if monitor == "auto" else (monitor, 1)

    def order(event: EpochEnded) -> tuple[float, float, int]:
        return sign * event.metrics[name], event.metrics["val/loss"], event.epoch

    assert loop.best_epoch == min(ends(events), key=order).epoch


def test_a_smaller_loss_is_progress_where_the_metric_cannot_tell() -> None:
    training = Training(epochs=100, batch_size=16, learning_rate=0.005, patience=2)
    loop, _, events = trained(PLAIN, training)
    best, stale = (-1.0, 0.0), 0
    for event in ends(events):
        assert stale < 2
        found = (event.metrics["val/accuracy"], -event.metrics["val/loss"])
        best, stale = (found, 0) if found > best else (best, stale + 1)
    assert isinstance(events[-1], StoppedEarly)
    assert loop.best_metrics["val/loss"] == -best[1]
    equal = [event for event in ends(events) if event.metrics["val/accuracy"] == best[0]]
    assert loop.best_epoch != equal[0].epoch, "the first of those that are as good by the metric is not the best one"


# ---- how it is computed


def test_activations_that_are_computed_again_change_no_bit() -> None:
    """Dropout falls the same way, and batch norms count each batch once."""
    training = Training(epochs=1, batch_size=100, learning_rate=0.01)
    document = replace(PICTURES, data=Data("digits"))
    plain, _, _ = trained(document, training)
    again, plan, _ = trained(document, replace(training, checkpointing=True))
    assert plan.forward is not None
    assert all(torch.equal(tensor, weights(again)[name]) for name, tensor in weights(plain).items())


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns(precision: Any) -> None:
    training = Training(epochs=15, batch_size=16, learning_rate=0.02, precision=precision)
    loop, _, events = trained(flowers(training), training)
    assert ends(events)[-1].metrics["val/accuracy"] > 0.8
    assert (loop.scaler is not None) == (precision == "fp16")
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in loop.network.state_dict().values())
    full, _, _ = trained(flowers(training), replace(training, precision="fp32"))
    assert not torch.equal(full.network.get_parameter("linear_1.weight"), loop.network.get_parameter("linear_1.weight"))


def test_channels_last_learns_the_same_and_goes_on_bit_for_bit(tmp_path: Path) -> None:
    training = Training(epochs=1, batch_size=100, learning_rate=0.01)
    _, _, first = trained(PICTURES, training)
    document = replace(PICTURES, training=replace(training, channels_last=True))
    loop, plan = prepared(document)
    assert loop.network.get_parameter("conv_2.weight").is_contiguous(memory_format=torch.channels_last)
    events = []
    for event in fit(loop, plan):
        events.append(event)
        if isinstance(event, Stepped) and not (tmp_path / "c").exists():
            checkpoint.save(tmp_path / "c", loop, {})
    np.testing.assert_allclose(series(events, "train/loss")[:20], series(first, "train/loss")[:20], rtol=1e-2)
    resumed, plan = prepared(document)
    saved, _ = checkpoint.newest(tmp_path / "c")
    assert saved is not None
    checkpoint.restore(saved, resumed)
    list(fit(resumed, plan))
    assert all(torch.equal(tensor, weights(resumed)[name]) for name, tensor in weights(loop).items())


def test_without_a_compiler_training_goes_on_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch._inductor.config as inductor

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(inductor, "fx_graph_cache", False)
    monkeypatch.setattr(inductor.cpp, "cxx", ("no-such-compiler",))
    torch._dynamo.reset()
    training = Training(epochs=1, batch_size=16, compile=True)
    loop, plan, events = trained(PLAIN, training)
    assert isinstance(events[0], Warned)
    assert events[0].problem.code == "train.no_compiler"
    assert events[0].problem.args["detail"]
    assert plan.forward is None
    plain, _, _ = trained(PLAIN, replace(training, compile=False))
    assert all(torch.equal(tensor, weights(plain)[name]) for name, tensor in weights(loop).items())


@pytest.mark.slow
def test_a_compiled_network_learns_the_same() -> None:
    training = Training(epochs=2, batch_size=16, learning_rate=0.01)
    plain, _, expected = trained(flowers(training), training)
    loop, plan, found = trained(flowers(training), replace(training, compile=True))
    assert plan.forward is not None
    assert not any(isinstance(event, Warned) for event in found)
    np.testing.assert_allclose(series(found, "train/loss"), series(expected, "train/loss"), rtol=1e-3)
    assert loop.network.state_dict().keys() == plain.network.state_dict().keys()


def test_deterministic_operations_are_asked_for() -> None:
    try:
        prepared(replace(PLAIN, training=Training(deterministic=True)))
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        prepared(replace(PLAIN, training=Training()))
    assert not torch.are_deterministic_algorithms_enabled()


# ---- the start


@pytest.mark.parametrize(
    "way", ["xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "normal"]
)
def test_weights_are_drawn_as_the_settings_say(way: Any) -> None:
    document = chain(
        ("features", "input"),
        ("linear_1", "linear", {"out_features": 256}),
        ("norm", "batch_norm1d"),
        ("linear_2", "linear", {"out_features": 200}),
        ("linear_3", "linear", {"out_features": 3}),
        ("species", "output"),
        data=Data("csv", {"path": str(IRIS)}),
        training=Training(initialisation=way),
    )
    loop, _ = prepared(document)
    weight, bias = (loop.network.get_parameter(f"linear_2.{name}").detach() for name in ("weight", "bias"))
    deviation = {"xavier": math.sqrt(2 / 456), "kaiming": math.sqrt(2 / 256), "normal": 0.02}
    if way == "orthogonal":
        torch.testing.assert_close(weight @ weight.T, torch.eye(200), atol=1e-5, rtol=0)
    else:
        assert math.isclose(float(weight.std()), deviation[way.split("_")[0]], rel_tol=0.03)
    assert bias.count_nonzero() == 0
    assert torch.equal(loop.network.get_parameter("norm.weight"), torch.ones(256))
    again, _ = prepared(document)
    assert torch.equal(again.network.get_parameter("linear_2.weight"), weight)
