"""The learning-rate range test finds a rate that learns, and leaves everything as it was."""

from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace

import model_zoo
from tests.engine.test_train import same, state
from tests.engine.training import flowers, prepared
from workbench.core import project
from workbench.core.document import Training
from workbench.core.rate_range import FindRate
from workbench.engine.rate_range import found_rate, range_test
from workbench.engine.train import EpochEnded, fit

torch.set_num_threads(1)


def test_weights_and_random_numbers_are_as_they_were() -> None:
    document = flowers(Training(epochs=2, batch_size=16, ema_decay=0.9, frozen=("norm",), accumulate=2))
    expected, plan = prepared(document)
    list(fit(expected, plan))
    loop, plan = prepared(document)
    before = state(loop)
    range_test(loop, plan)
    assert same(state(loop), before)
    list(fit(loop, plan))
    assert same(state(loop), state(expected))


def test_the_loss_falls_and_then_explodes() -> None:
    document = model_zoo.document("mnist_mlp")
    document = replace(document, training=replace(document.training, optimizer="sgd", momentum=0.0))
    found = found_rate(FindRate(project.to_raw(document), str(Path.cwd()), 1e-4, 1e4))
    assert len(found.rates) == len(found.losses) == len(found.smoothed)
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e8) / 99, rtol=1e-6)
    assert len(found.rates) < 100  # it ended when the loss exploded
    assert max(found.smoothed) > 2 * min(found.smoothed)
    assert found.suggested is not None
    assert 1e-3 < found.suggested < found.rates[int(np.argmin(found.smoothed))] * 1.01


def test_a_network_learns_at_the_suggested_rate() -> None:
    document = flowers(Training(epochs=8, batch_size=16))
    loop, plan = prepared(document)
    suggested = range_test(loop, plan).suggested
    assert suggested is not None
    loop, plan = prepared(replace(document, training=replace(document.training, learning_rate=suggested)))
    ended = [event for event in fit(loop, plan) if isinstance(event, EpochEnded)]
    assert ended[-1].metrics["train/loss"] < 0.7 * ended[0].metrics["train/loss"]


def test_rates_that_move_nothing_are_all_tried() -> None:
    document = flowers(Training(optimizer="sgd", momentum=0.0, batch_size=16))
    loop, plan = prepared(document)
    found = range_test(loop, plan, 1e-30, 1e-29, 12)
    assert len(found.rates) == 12
    assert max(found.smoothed) < 1.5 * min(found.smoothed)  # no weight moves: batches differ, and dropout
