"""What is told of a trained model: metrics of every output, and samples to look at."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from tests.engine.texts import tagged_words
from tests.engine.training import finished_run, prepared
from tests.graphs import chain
from workbench.core.document import Data, Training
from workbench.engine.evaluate import evaluated
from workbench.engine.losses import IGNORED
from workbench.engine.train import fit, validate


def test_a_language_model_shows_how_it_goes_on(tmp_path: Path) -> None:
    document = chain(
        ("text", "input"),
        ("e", "embedding", {"num_embeddings": 22, "embedding_dim": 16}),
        ("r", "gru", {"hidden_size": 32}),
        ("l", "linear", {"out_features": 22}),
        ("next", "output", {"task": "language_modelling"}),
        data=Data("sums"),
        training=Training(epochs=1, batch_size=64, learning_rate=0.01),
    )
    run = finished_run(tmp_path / "run", document)
    found, parts = evaluated(run.path)
    (own,) = found.outputs
    assert parts == []
    assert own.task == "language_modelling"
    assert found.confusion is None
    assert found.metrics["test/perplexity"] == own.metrics["perplexity"]
    assert np.isclose(np.log(own.metrics["perplexity"]), found.metrics["test/loss"], atol=1e-3)
    assert 0.2 < own.metrics["accuracy"] < 1
    assert len(own.shown) == 20
    for sample in own.shown:
        assert len(sample.input) == 32
        assert len(sample.target) == len(sample.answer) == 33


def test_what_is_measured_of_sentences_is_the_mean_over_their_words(tmp_path: Path) -> None:
    document = chain(
        ("words", "input"),
        ("e", "embedding", {"num_embeddings": 100, "embedding_dim": 16}),
        ("l", "linear", {"out_features": 2}),
        ("tags", "output", {"task": "token_tagging"}),
        data=Data("tagged_words", {"path": str(tagged_words(tmp_path / "tags.conll"))}),
        training=Training(epochs=3, batch_size=3, learning_rate=0.01),
    )
    loop, plan = prepared(document)
    list(fit(loop, plan))
    losses, right = [], []
    with torch.no_grad():
        for words, tags in plan.train.epoch():
            told, wanted = loop.network.eval()(words)[0].flatten(0, 1), tags.flatten()
            losses.append(functional.cross_entropy(told, wanted, reduction="none")[wanted != IGNORED])
            right.append((told.argmax(1) == wanted)[wanted != IGNORED])
    assert len(losses) > 5
    assert len({len(batch) for batch in losses}) > 3, "as many words in every batch would prove nothing"
    found = validate(loop.network, plan, plan.train)
    assert np.isclose(found["loss"], torch.cat(losses).mean(), rtol=1e-5)
    assert np.isclose(found["accuracy"], torch.cat(right).float().mean(), rtol=1e-5)


def test_an_autoencoder_shows_what_it_rebuilds(tmp_path: Path) -> None:
    document = chain(
        ("image", "input", {"column": "image"}),
        ("flat", "flatten"),
        ("bottleneck", "linear", {"out_features": 32}),
        ("back", "linear", {"out_features": 784}),
        ("shape", "reshape", {"shape": (1, 28, 28)}),
        ("again", "output", {"task": "autoencoding", "target": "image"}),
        data=Data("digits"),
        training=Training(epochs=2, batch_size=100, learning_rate=0.003),
    )
    run = finished_run(tmp_path / "run", document)
    found, (pixels,) = evaluated(run.path)
    (own,) = found.outputs
    assert own.pictures == (12, 2, 28, 28, 3)
    pairs = np.frombuffer(pixels, np.uint8).reshape(own.pictures)
    assert own.metrics["psnr"] > 12
    same = np.abs(pairs[:, 0].astype(float) - pairs[:, 1]).mean()
    other = np.abs(pairs[:, 0].astype(float) - np.roll(pairs[:, 1], 1, 0)).mean()
    assert same < other


def test_a_classifier_names_its_answers(tmp_path: Path) -> None:
    document = chain(
        ("image", "input"),
        ("flat", "flatten"),
        ("linear", "linear", {"out_features": 10}),
        ("label", "output"),
        data=Data("digits"),
        training=Training(epochs=1, batch_size=100, learning_rate=0.01),
    )
    found, _ = evaluated(finished_run(tmp_path / "run", document).path)
    (own,) = found.outputs
    assert found.confusion == own.confusion
    assert [row.name for row in own.classes] == [str(digit) for digit in range(10)]
    assert sum(row.support for row in own.classes) == sum(map(sum, own.confusion.counts))  # type: ignore[union-attr]
    right = [sample.answer == sample.target for sample in own.shown]
    assert sum(right) > 10
