"""Training learns, repeats itself bit for bit, and goes on from any step as if nothing had happened."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from torch import Tensor

import model_zoo
from tests.disks import SmallDisk
from tests.engine.training import flowers, prepared
from tests.graphs import chain, graph
from tests.samples import DIABETES
from workbench.core.document import Data, Document, Training
from workbench.core.problems import ProblemError
from workbench.engine import checkpoint, points, threads
from workbench.engine.averages import Averages
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.train import EpochEnded, Event, Loop, NotFinite, Plan, Stepped, Validating, fit

SETTINGS = {
    **{key: Training(optimizer=key, weight_decay=0.01, learning_rate=0.02) for key in OPTIMIZERS},
    "momentum, one cycle, accumulation": Training(
        optimizer="sgd",
        schedule="one_cycle",
        cycle_momentum=True,
        nesterov=True,
        accumulate=3,
        learning_rate=0.05,
        clip_value=0.1,
    ),
    "warm-up, cosine, mean of weights": Training(
        optimizer="adamw", schedule="cosine", warmup=5, ema_decay=0.9, clip_norm=0.5, no_decay=True, weight_decay=0.1
    ),
    "plateau, early stopping": Training(
        schedule="plateau", plateau_patience=0, patience=2, min_delta=0.01, class_weights="balanced", frozen=("norm",)
    ),
    "fp16": Training(precision="fp16", label_smoothing=0.1, rates=(("linear_1", 0.1),), clip_norm=1.0),
    "bf16, activations computed again": Training(precision="bf16", checkpointing=True, initialisation="orthogonal"),
}
"""All optimisers, and everything else that has a state."""

DIGITS = chain(
    ("image", "input"),
    ("flat", "flatten"),
    ("linear", "linear", {"out_features": 10}),
    ("label", "output"),
    data=Data("digits"),
    training=Training(epochs=1, batch_size=50, learning_rate=0.01),
)


def state(loop: Loop) -> dict[str, Tensor]:
    """Weights, running means, the mean of weights and the optimiser's tensors."""
    found = {name: tensor.clone() for name, tensor in loop.network.state_dict().items()}
    for number, slots in loop.optimizer.state_dict()["state"].items():
        found |= {
            f"{number}.{name}": torch.as_tensor(value).clone() for name, value in slots.items() if value is not None
        }
    return found | ({f"mean.{name}": t.clone() for name, t in loop.average.tensors().items()} if loop.average else {})


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def finished(document: Document) -> tuple[Loop, list[Event]]:
    loop, plan = prepared(document)
    return loop, list(fit(loop, plan))


# ---- it learns


def test_a_classifier_learns() -> None:
    loop, events = finished(flowers(Training(epochs=30, batch_size=16, learning_rate=0.02)))
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in ended] == list(range(1, 31))
    losses = [event.metrics["train/loss"] for event in ended]
    assert losses[-1] < losses[0] / 3
    assert ended[-1].metrics["val/accuracy"] > 0.85
    best = max(ended, key=lambda event: (event.metrics["val/accuracy"], -event.epoch))
    assert (loop.best_epoch, loop.best_metrics) == (best.epoch, best.metrics)
    assert [event.epoch for event in ended if event.best][-1] == loop.best_epoch


def test_a_regression_learns() -> None:
    document = chain(
        ("features", "input"),
        ("linear_1", "linear", {"out_features": 32}),
        ("relu", "relu"),
        ("linear_2", "linear", {"out_features": 1}),
        ("y", "output", {"task": "regression"}),
        data=Data("csv", {"path": str(DIABETES)}),
        training=Training(epochs=40, learning_rate=0.02),
    )
    for loss in ("default", "mse", "l1", "huber"):
        changed = replace(document, graph=replace(document.graph, nodes=dict(document.graph.nodes)))
        node = changed.graph.nodes["y"]
        changed.graph.nodes["y"] = replace(node, settings={**node.settings, "loss": loss})
        loop, events = finished(changed)
        ended = [event for event in events if isinstance(event, EpochEnded)]
        assert ended[-1].metrics["val/mae"] < 60 < ended[0].metrics["val/mae"], loss
        assert loop.best_metrics["val/loss"] == min(event.metrics["val/loss"] for event in ended)


def test_every_step_has_its_point_and_means_are_over_samples() -> None:
    loop, events = finished(replace(DIGITS, training=replace(DIGITS.training, batch_size=64, epochs=2)))
    steps = np.concatenate([event.steps for event in events if isinstance(event, Stepped)])
    batches = -(-3500 // 64)
    assert steps.tolist() == list(range(1, 2 * batches + 1))
    points = np.concatenate([event.series["train/accuracy"] for event in events if isinstance(event, Stepped)])
    sizes = np.array([64] * (batches - 1) + [3500 - 64 * (batches - 1)])
    for epoch, event in enumerate(event for event in events if isinstance(event, EpochEnded)):
        mine = points[epoch * batches : (epoch + 1) * batches]
        assert math.isclose(event.metrics["train/accuracy"], float((mine * sizes).sum() / 3500), rel_tol=1e-6)
        assert event.step == (epoch + 1) * batches
    assert sum(event.samples for event in events if isinstance(event, Stepped)) == 7000
    assert loop.step == 2 * batches
    assert [type(event) for event in events if not isinstance(event, Stepped)] == [Validating, EpochEnded] * 2


def test_an_epoch_sees_every_sample_once_in_another_order() -> None:
    _, plan = prepared(DIGITS)
    rows = []
    for epoch in (0, 1):
        order = plan.train.order(7, epoch)
        rows.append(torch.cat([batch[0] for batch in plan.train.epoch(order)]))
    assert not torch.equal(rows[0], rows[1])
    sums = [pixels.flatten(1).sort(0).values for pixels in rows]
    assert torch.equal(sums[0], sums[1])


def test_two_runs_with_one_seed_are_equal_bit_for_bit() -> None:
    document = flowers(Training(epochs=4, batch_size=16))
    (one, first), (other, second) = finished(document), finished(document)
    assert same(state(one), state(other))
    for name in ("train/loss", "train/accuracy"):
        a, b = (
            np.concatenate([event.series[name] for event in events if isinstance(event, Stepped)])
            for events in (first, second)
        )
        assert np.array_equal(a, b)
    third, _ = finished(flowers(Training(epochs=4, batch_size=16, seed=1)))
    assert not same(state(one), state(third))


def test_trying_threads_changes_nothing() -> None:
    document = flowers(Training(epochs=3, batch_size=16))
    expected, _ = finished(document)
    before = torch.get_num_threads()
    try:
        loop, plan = prepared(document)
        assert threads.choose(loop, plan) in threads.candidates()
    finally:
        torch.set_num_threads(before)
    list(fit(loop, plan))
    assert same(state(expected), state(loop))


# ---- it goes on from anywhere


def stopped_at(loop: Loop, plan: Plan, event_number: int) -> None:
    """Take so many events from a loop that gives one after every step."""
    for number, event in enumerate(fit(loop, plan), 1):
        if number >= event_number and not isinstance(event, Validating):
            return


@pytest.mark.parametrize("name", SETTINGS)
def test_a_loop_that_is_saved_at_any_step_goes_on_bit_for_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = flowers(replace(SETTINGS[name], epochs=3, batch_size=16))
    expected, _ = finished(document)
    monkeypatch.setattr(points, "BLOCK_STEPS", 1)

    @given(st.integers(1, 30), st.integers(1, 12))
    @settings(max_examples=5)
    def interrupted(first: int, then: int) -> None:
        shutil.rmtree(tmp_path / "c", ignore_errors=True)
        for number, take in enumerate((first, then)):  # twice: what was restored can be saved again
            loop, plan = prepared(document)
            torch.manual_seed(99 + number)  # whatever another process has in its generator
            saved, damaged = checkpoint.newest(tmp_path / "c")
            assert not damaged
            if saved:
                checkpoint.restore(saved, loop)
            else:
                torch.manual_seed(document.training.seed)
                loop, plan = prepared(document)
            stopped_at(loop, plan, take)
            checkpoint.save(tmp_path / "c", loop, {"seconds": 1.0})
        loop, plan = prepared(document)
        torch.manual_seed(5)
        saved, _ = checkpoint.newest(tmp_path / "c")
        assert saved is not None
        checkpoint.restore(saved, loop)
        list(fit(loop, plan))
        assert same(state(loop), state(expected))
        assert loop.counters() == {**expected.counters(), "sums": loop.sums}
        assert (loop.best_epoch, loop.best_value) == (expected.best_epoch, expected.best_value)
        assert same(loop.best_weights, expected.best_weights)

    interrupted()


def test_momentum_is_part_of_the_state(tmp_path: Path) -> None:
    document = flowers(Training(epochs=2, batch_size=16, optimizer="sgd", momentum=0.9))
    loop, plan = prepared(document)
    list(fit(loop, plan))
    checkpoint.save(tmp_path, loop, {})
    fresh, _ = prepared(document)
    found, _ = checkpoint.newest(tmp_path)
    assert found is not None
    checkpoint.restore(found, fresh)
    momenta = [slots["momentum_buffer"] for slots in fresh.optimizer.state_dict()["state"].values()]
    assert len(momenta) == len(list(fresh.network.parameters()))
    assert all(float(tensor.abs().sum()) > 0 for tensor in momenta)


# ---- checkpoints on disk


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, list[dict[str, Tensor]]]:
    """A folder with two checkpoints, and the weights of each."""
    loop, plan = prepared(flowers(Training(epochs=4, batch_size=16)))
    folder, weights = tmp_path / "checkpoints", []
    for event in fit(loop, plan):
        if isinstance(event, EpochEnded) and event.epoch in (1, 3):
            checkpoint.save(folder, loop, {"seconds": 1.0})
            weights.append({name: tensor.clone() for name, tensor in loop.network.state_dict().items()})
    return folder, weights


FILES = ["model.safetensors", "best.safetensors", "state.safetensors", "state.json"]


@pytest.mark.parametrize("damage", ["gone", "empty", "half", "last byte", "flipped"])
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_checkpoint_is_passed_over(
    saved: tuple[Path, list[dict[str, Tensor]]], file: str, damage: str
) -> None:
    folder, weights = saved
    newest, before = checkpoint.newest(folder)
    assert newest is not None
    assert before == []
    assert same(newest.weights("last"), weights[1])
    assert {path.name for path in newest.path.iterdir()} == set(FILES)

    spoil(newest.path / file, damage)
    older, damaged = checkpoint.newest(folder)
    assert older is not None
    assert damaged == [newest.path]
    assert same(older.weights("last"), weights[0])

    spoil(older.path / file, damage)
    nothing, damaged = checkpoint.newest(folder)
    assert nothing is None
    assert damaged == [newest.path, older.path]


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()  # a link to another checkpoint's file must stay as it is
    if how == "flipped" and path.suffix == ".json":
        path.write_bytes(content.replace(b'"files": {"', b'"files": {"x'))
    elif how == "flipped":
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    elif how != "gone":
        path.write_bytes(content[: {"empty": 0, "half": len(content) // 2, "last byte": len(content) - 1}[how]])


def test_only_so_many_checkpoints_are_kept_and_nothing_else(tmp_path: Path) -> None:
    loop, plan = prepared(flowers(Training(epochs=6, batch_size=16)))
    for keep in (3, 1):
        for event in fit(loop, plan):
            if isinstance(event, EpochEnded):
                (tmp_path / ".step-000000001.tmp").mkdir(exist_ok=True)  # of a process that was killed
                checkpoint.save(tmp_path, loop, {}, keep=keep)
                checkpoint.save(tmp_path, loop, {}, keep=keep)
            if isinstance(event, EpochEnded) and event.epoch == 4:
                break
        names = sorted(path.name for path in tmp_path.iterdir())
        assert len(names) == keep
        assert names[-1] == f"step-{loop.step:09d}"


def test_a_kill_while_a_checkpoint_is_replaced_leaves_one_of_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the end of an epoch a loop stands at the same step."""
    loop, plan = prepared(flowers(Training(epochs=2, batch_size=16)))
    list(fit(loop, plan))
    checkpoint.save(tmp_path, loop, {"turn": 1}, keep=1)
    renamed: list[str] = []
    really = Path.rename

    class Killed(BaseException):
        pass

    def rename(self: Path, target: Any) -> Path:
        if self.name.endswith(".tmp"):
            raise Killed
        renamed.append(self.name)
        return really(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(Killed):
            checkpoint.save(tmp_path, loop, {"turn": 2}, keep=1)
    assert renamed
    found, _ = checkpoint.newest(tmp_path)
    assert found is not None
    assert found.meta["turn"] == 1
    checkpoint.save(tmp_path, loop, {"turn": 3}, keep=1)
    found, _ = checkpoint.newest(tmp_path)
    assert found is not None
    assert found.meta["turn"] == 3
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_leaves_the_older_checkpoint(disk: SmallDisk) -> None:
    loop, plan = prepared(flowers(Training(epochs=2, batch_size=16)))
    events = fit(loop, plan)
    next(events)
    folder = disk.path / "checkpoints"
    checkpoint.save(folder, loop, {})
    whole = {path.name for path in folder.iterdir()}
    list(events)
    for leave in (0, 4096, 12_288):
        disk.fill(leave)
        with pytest.raises(OSError) as caught:
            checkpoint.save(folder, loop, {})
        assert caught.value.errno == 28
        assert {path.name for path in folder.iterdir()} == whole
        disk.clear()
    found, damaged = checkpoint.newest(folder)
    assert found is not None
    assert damaged == []


def test_a_checkpoint_of_another_network_is_refused(saved: tuple[Path, list[dict[str, Tensor]]]) -> None:
    found, _ = checkpoint.newest(saved[0])
    assert found is not None
    loop, _ = prepared(DIGITS)
    with pytest.raises(ProblemError) as caught:
        checkpoint.restore(found, loop)
    assert caught.value.problem.code == "checkpoint.misfit"


def test_no_checkpoint_can_run_code(saved: tuple[Path, list[dict[str, Tensor]]]) -> None:
    """Safetensors and JSON only."""
    for path in saved[0].rglob("*"):
        if path.is_file():
            assert path.suffix in (".safetensors", ".json")
            if path.suffix == ".json":
                json.loads(path.read_text())


# ---- the loss goes astray


def test_a_learning_rate_that_is_far_too_high_is_named_with_its_step() -> None:
    training = Training(optimizer="sgd", learning_rate=1e6, epochs=3, batch_size=50)
    loop, plan = prepared(replace(model_zoo.document("mnist_mlp"), training=training))
    events = list(fit(loop, plan))
    last = events[-1]
    assert isinstance(last, NotFinite)
    assert 1 < last.step <= loop.step
    assert not math.isfinite(last.value)
    stepped = [event for event in events if isinstance(event, Stepped)]
    assert not stepped[-1].finite
    first_bad = next(
        int(step)
        for event in stepped
        for step, value in zip(event.steps, event.series["train/loss"], strict=True)
        if not math.isfinite(value)
    )
    assert last.step == first_bad


# ---- several inputs and outputs


def two_heads(weight: float) -> Document:
    return Document(
        graph=graph(
            {
                "a": ("input", {"column": "image"}),
                "b": ("input", {"column": "image"}),
                "fa": "flatten",
                "fb": "flatten",
                "join": "concat",
                "one": ("linear", {"out_features": 10}),
                "two": ("linear", {"out_features": 10}),
                "y1": "output",
                "y2": ("output", {"weight": weight}),
            },
            "a > fa", "b > fb", "fa > join/in_1", "fb > join/in_2", "join > one", "join > two", "one > y1", "two > y2",
        ),
        data=Data("digits"),
        training=Training(optimizer="sgd", momentum=0.0, epochs=1, batch_size=100, learning_rate=0.05),
    )  # fmt: skip


def test_losses_of_several_outputs_are_weighted() -> None:
    loop, plan = prepared(two_heads(0.25))
    batch = next(iter(plan.train.epoch()))
    with torch.no_grad():
        outputs, targets = loop.network(*batch[:2]), batch[2:]
    losses = [goal.loss(out, aim) for goal, out, aim in zip(plan.goals, outputs, targets, strict=True)]
    averages = Averages(plan.goals)
    averages.add(outputs, targets)
    assert math.isclose(averages.loss(), losses[0] + 0.25 * losses[1], rel_tol=1e-6)


def test_an_output_of_no_weight_learns_nothing() -> None:
    loop, plan = prepared(two_heads(0.0))
    before = {name: tensor.clone() for name, tensor in loop.network.state_dict().items()}
    events = list(fit(loop, plan))
    after = loop.network.state_dict()
    assert torch.equal(before["two.weight"], after["two.weight"])
    assert not torch.equal(before["one.weight"], after["one.weight"])
    ended = events[-1]
    assert isinstance(ended, EpochEnded)
    assert ended.metrics["val/y1/accuracy"] > 0.6 > ended.metrics["val/y2/accuracy"]
    assert loop.best_metrics == ended.metrics


def test_a_last_batch_of_one_sample_is_left_out() -> None:
    """Batch norm cannot learn from it."""
    document = flowers(Training(epochs=1, batch_size=13))
    loop, plan = prepared(document)
    assert plan.train.count % 13 == 1
    steps = [event.steps for event in fit(loop, plan) if isinstance(event, Stepped)]
    assert int(np.concatenate(steps)[-1]) == plan.train.count // 13 == plan.train.batches
