"""The forecast of peak memory is what torch's allocator then hands out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from benchmarks._allocator import bytes_left, training_peak
from benchmarks._networks import FAMILIES, chain
from tests.engine.examples import EXAMPLES, Example
from workbench.core.document import Document, Training
from workbench.engine.analyse import analyse, forecast_of, study
from workbench.engine.footprint import footprint
from workbench.engine.layers.base import Known

HERE = Path()
BATCH = 8


def forecast_bytes(document: Document) -> int:
    found = analyse(document, HERE).memory.training_bytes
    assert found is not None
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_training_takes_what_was_forecast(family: str) -> None:
    document = replace(FAMILIES[family](), training=Training(optimizer="adam", batch_size=24))
    assert forecast_bytes(document) == pytest.approx(training_peak(document), rel=0.1)


@pytest.mark.parametrize(
    "training",
    [
        Training(optimizer="adam", ema_decay=0.99),
        Training(optimizer="sgd", momentum=0.0),
        Training(optimizer="adagrad", ema_decay=0.99),
        Training(optimizer="adamw", amsgrad=True, frozen=("linear_1",), ema_decay=0.99),
    ],
    ids=["mean of weights", "no momentum", "one number a weight", "frozen"],
)
def test_what_settings_keep_for_each_weight_is_forecast(training: Training) -> None:
    document = replace(FAMILIES["MLP"](), training=replace(training, batch_size=24))
    assert forecast_bytes(document) == pytest.approx(training_peak(document), rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [4, 96])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("family", FAMILIES)
def test_for_other_optimisers_and_batches_too(family: str, optimizer: str, batch: int) -> None:
    document = replace(FAMILIES[family](), training=Training(optimizer=optimizer, batch_size=batch))
    assert forecast_bytes(document) == pytest.approx(training_peak(document), rel=0.1)


OTHERWISE = {"fold", "rnn", "scaled_dot_product_attention"}
"""Layers that a processor computes in other steps than `meta` does, and keeps more for: no forecast to trust."""


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_layer_keeps_what_was_forecast() -> None:
    tried = [item for item in EXAMPLES if item.key not in OTHERWISE and not _is_padded(item)]
    found = dict(zip(map(str, tried), bytes_left([_forwards(item) for item in tried]), strict=True))
    wrong = {}
    for item in tried:
        wanted = tuple(known is not None and known.floating for known in item.inputs)
        foot = footprint(item.layer, item.inputs, wanted)
        forecast = foot.kept.at(BATCH) + sum(made.at(BATCH) for made in foot.made)
        if forecast != pytest.approx(found[str(item)], rel=0.1, abs=600):
            wrong[str(item)] = (forecast, found[str(item)])
    assert wrong == {}


def _is_padded(item: Example) -> bool:
    """A recurrent layer that turns sequences around by their lengths: the forecast leaves those copies out."""
    return item.key in ("lstm", "gru") and any(known is not None and known.dtype == "bool" for known in item.inputs)


def _forwards(item: Example) -> Callable[[], object]:
    """One forward pass, whose inputs lie there already."""
    module = item.layer.build(*item.inputs)
    return partial(module, *[known and _noise(known) for known in item.inputs])


def _noise(known: Known) -> torch.Tensor:
    dtype = getattr(torch, known.dtype)
    tensor = torch.rand(BATCH, *known.shape).to(dtype)
    return tensor.requires_grad_().clone() if dtype.is_floating_point else tensor


def test_the_largest_batch_fits_and_one_more_does_not() -> None:
    document = FAMILIES["CNN"]()
    found = forecast_of(study(document, HERE))
    assert found is not None
    for room in (5_000_000, 50_000_000, 10**9):
        largest = found.largest_batch(room)
        assert largest
        assert (found.memory(largest).training_bytes or 0) <= room < (found.memory(largest + 1).training_bytes or 0)
    assert found.largest_batch(100_000) == 0


def test_parts_add_up_and_a_longer_batch_needs_more() -> None:
    document = FAMILIES["LSTM"]()
    small, large = (analyse(replace(document, training=Training(batch_size=size)), HERE).memory for size in (8, 64))
    for memory in (small, large):
        parts = (memory.weights_bytes, memory.gradients_bytes, memory.optimizer_bytes)
        parts += (memory.activations_bytes, memory.workspace_bytes)
        assert sum(part or 0 for part in parts) == pytest.approx(memory.training_bytes, abs=8)
    assert (small.training_bytes or 0) < (large.training_bytes or 0)
    assert (small.inference_bytes or 0) < (small.training_bytes or 0)
    assert analyse(chain(("input", {"shape": ("steps", 4)}), ("output", {})), HERE).memory.training_bytes is None
