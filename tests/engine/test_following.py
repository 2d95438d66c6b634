"""An analysis that follows edits is the same as one that begins anew."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

import model_zoo
from tests import strategies
from tests.core.test_random_edits import EDITS, add
from tests.engine.test_analyse import resnet
from tests.graphs import chain
from workbench.core import edits
from workbench.core.analysis import Analysis
from workbench.core.changes import changed, changes, patched
from workbench.core.document import ROOT, Data, Document, Training
from workbench.core.messages import Answer, Ask, Decoder, Follow, Followed, encode
from workbench.engine.analyse import analyse, study
from workbench.engine.following import Follower

HERE = Path()
SEQUENCE = chain(
    ("x", "input", {"shape": ("steps", 8)}),
    ("rnn", "lstm", {"hidden_size": 4}),
    ("head", "linear", {"out_features": 3}),
    ("y", "output"),
)
STARTS = [resnet(repeat=2), model_zoo.document("mnist_cnn"), SEQUENCE]
VALUES: tuple[tuple[str, Any], ...] = (
    ("out_features", 5), ("out_channels", 4), ("out_channels", 0), ("repeat", 3), ("repeat", 1), ("definition", "part"),
    ("shape", (3, 8, 8)), ("shape", ("steps", 8)), ("padding", "same"), ("kernel_size", 99), ("bias", 1),
)  # fmt: skip


class Window:
    """What the window keeps: a document that the engine has answered about."""

    def __init__(self, document: Document) -> None:
        self.engine = Follower()
        self.document = document
        self.analysis = self.engine.analyse(document, HERE, 1)

    def edit(self, document: Document) -> Followed:
        """Tell the engine of a change, through the pipe."""
        question = Follow(changes(self.document, document), self.analysis.revision, self.analysis.revision + 1)
        followed = through_the_pipe(self.engine, question)
        nodes = patched(self.analysis.nodes, followed.nodes)
        self.document, self.analysis = document, replace(followed.rest, nodes=nodes)
        return followed


def through_the_pipe(engine: Follower, question: Follow) -> Followed:
    ((asked, _),) = Decoder().feed(encode(Ask(1, question)))
    assert isinstance(asked, Ask)
    assert isinstance(asked.question, Follow)
    result = engine.follow(asked.question)
    ((answer, _),) = Decoder().feed(encode(Answer(1, msgspec.to_builtins(result))))
    assert isinstance(answer, Answer)
    followed: Followed = msgspec.convert(answer.result, Follow.reply)
    return followed


def anew(document: Document, revision: int) -> Analysis:
    """What a fresh analysis of the same says, after the same way through the pipe."""
    return msgspec.json.decode(msgspec.json.encode(study(document, HERE, revision).analysis), type=Analysis)


def edited(dice: random.Random, document: Document) -> Iterator[Document]:
    """Random edits that mean something, one after the other; at times an older document again, as undo does."""
    trail = [document]
    for _ in range(12):
        scope = dice.choice([ROOT, *document.blocks])
        nodes = list(document.scope(scope).nodes)
        chance = dice.random()
        if chance < 0.4 and nodes:
            document = edits.set_setting(document, dice.choice(nodes), *dice.choice(VALUES), scope=scope)
        elif chance < 0.5:
            document = dice.choice(trail)
        elif chance < 0.55:
            document = replace(document, training=Training(batch_size=dice.randrange(1, 99)))
        else:
            document = (dice.choice(EDITS) if nodes else add)(dice, document, scope, nodes)
        trail.append(document)
        yield document


@pytest.mark.parametrize("start", range(len(STARTS)))
def test_after_any_edits_it_says_what_a_fresh_one_says(start: int) -> None:
    for seed in range(10):
        window = Window(STARTS[start])
        for document in edited(random.Random(seed), STARTS[start]):
            window.edit(document)
            expected = anew(document, window.analysis.revision)
            assert replace(window.analysis, memory=expected.memory) == expected
            assert list(window.analysis.nodes) == list(expected.nodes)


def test_only_what_an_edit_changes_is_sent() -> None:
    window = Window(resnet())
    followed = window.edit(edits.set_setting(window.document, "head", "out_features", 7))
    assert set(followed.nodes.put) == {"head"}
    followed = window.edit(edits.set_setting(window.document, "conv1", "bias", True, scope="residual"))
    assert set(followed.nodes.put) == {"stage", *(f"stage/{turn}/conv1" for turn in range(3))}
    followed = window.edit(edits.rename(window.document, "head", "Head"))
    assert followed.nodes.put == {}


def test_an_output_looks_again_at_what_kind_of_layer_feeds_it() -> None:
    layers = ("x", "input"), ("flat", "flatten"), ("linear", "linear", {"out_features": 10}), ("act", "relu")
    window = Window(chain(*layers, ("y", "output"), data=Data("digits")))
    assert window.analysis.ok
    window.edit(edits.change_type(window.document, "act", "softmax", {}))
    assert "output.softmax" in [problem.code for problem in window.analysis.problems]


def test_the_forecast_of_memory_comes_in_moments_and_ends() -> None:
    window = Window(resnet(width=11))
    assert window.analysis.memory.unfinished, "shapes do not wait for it"
    moments = [memory for _ in range(99) if (memory := window.engine.memory(1)) is not None]
    last = moments[-1]
    assert not last.unfinished
    assert last.training_bytes == analyse(window.document, HERE).memory.training_bytes
    assert (last.device, last.largest_batch is not None) == ("cpu", True)
    followed = window.edit(replace(window.document, training=Training(batch_size=7)))
    assert followed.rest.memory.largest_batch == last.largest_batch, "where all is known it comes at once"
    assert window.engine.memory(1) is None, "that was another document"


def test_an_engine_that_knows_another_document_says_so() -> None:
    window = Window(SEQUENCE)
    none = changes(SEQUENCE, SEQUENCE)
    assert Follower().follow(Follow(none, 1, 2)) is None
    assert window.engine.follow(Follow(none, 7, 8)) is None
    assert window.engine.follow(Follow(none, 1, 2)) is None, "after that it must be told all"


@given(strategies.documents(), strategies.documents())
@settings(max_examples=8)
def test_changes_lead_from_any_document_to_any_other(one: Document, other: Document) -> None:
    for old, new in ((one, other), (other, one)):
        ((message, _),) = Decoder().feed(encode(Ask(1, Follow(changes(old, new), 1, 2))))
        assert isinstance(message, Ask)
        assert isinstance(message.question, Follow)
        found = changed(old, message.question.changes)
        assert found == replace(new, layout=old.layout)
        assert list(found.graph.nodes) == list(new.graph.nodes)
