"""Framing: whatever is sent arrives, in pieces of any size, and nonsense is called nonsense."""

import contextlib
import json
import math
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import documents
from workbench.core import project
from workbench.core.analysis import Analysis
from workbench.core.document import Document, Wire
from workbench.core.edits import (
    AddWire,
    AppendNode,
    ChangeType,
    InsertNode,
    RemoveNode,
    RemoveWire,
    SetArgument,
    SetSetting,
    Several,
)
from workbench.core.messages import (
    LIMIT,
    Analyse,
    Answer,
    Ask,
    Decoder,
    Evaluation,
    Failed,
    GetCatalogue,
    Hello,
    Message,
    Predict,
    Prediction,
    Progress,
    Train,
    encode,
)
from workbench.core.problems import Problem

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fixes = st.sampled_from(
    [
        None,
        SetSetting("a", "shape", (1, 28)),
        InsertNode(Wire("a", "out", "b", "in"), "linear", {"out_features": 3}),
        RemoveNode("a", "block"),
        RemoveWire(Wire("a", "out", "b", "in")),
        Several((AddWire(Wire("a", "out", "b", "in")), SetArgument("use", "width", 3), ChangeType("a", "relu"))),
        AppendNode("a", "out", "output"),
    ]
)
problems = st.builds(
    Problem, st.text(max_size=8), st.dictionaries(st.text(max_size=5), json_values, max_size=3), fix=fixes
)
messages = st.one_of(
    st.builds(Hello, st.integers(0, 9), st.text(max_size=8), st.integers(0, 2**31)),
    st.builds(Progress, st.integers(0, 99), st.text(max_size=8), st.integers(0, 99), st.integers(0, 99)),
    st.builds(Answer, st.integers(0, 99), json_values),
    st.builds(Failed, st.integers(0, 99), problems),
    st.builds(Ask, st.integers(0, 99), st.just(GetCatalogue()) | st.builds(Predict, st.text(max_size=9))),
    documents().map(lambda document: Ask(1, Analyse(project.to_raw(document), 3, "folder"))),
    documents().map(lambda document: Train("folder", project.to_raw(document), asked=1.0)),
)
frames = st.lists(st.tuples(messages, st.lists(st.binary(max_size=40), max_size=3)), max_size=4)


def plain(value: Any) -> Any:
    """As JSON has it, with NaN comparable."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"<{value}>"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def same(one: Message, other: Message) -> bool:
    return type(one) is type(other) and plain(msgspec.to_builtins(one)) == plain(msgspec.to_builtins(other))


@given(frames, st.data())
def test_messages_arrive_in_pieces_of_any_size(sent: list[tuple[Message, list[bytes]]], data: st.DataObject) -> None:
    stream = b"".join(encode(message, parts) for message, parts in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = Decoder()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found.extend(decoder.feed(stream[start:end]))
    assert [parts for _, parts in found] == [parts for _, parts in sent]
    assert all(same(one, other) for (one, _), (other, _) in zip(found, sent, strict=True))


@given(documents())
def test_a_document_crosses_the_pipe_unchanged(document: Document) -> None:
    ((message, _),) = Decoder().feed(encode(Ask(1, Analyse(project.to_raw(document), 1))))
    assert isinstance(message, Ask)
    assert isinstance(message.question, Analyse)
    assert project.from_raw(message.question.document) == document


def test_every_byte_for_itself() -> None:
    stream = encode(Hello(1, "0.1", 7), [b"ab", b""]) + encode(Progress(1, "x"))
    decoder = Decoder()
    found = [item for byte in stream for item in decoder.feed(bytes([byte]))]
    assert found == [(Hello(1, "0.1", 7), [b"ab", b""]), (Progress(1, "x"), [])]


def test_numbers_that_json_lacks_survive() -> None:
    sent = Evaluation("r", "test", {"nan": math.nan, "up": math.inf, "down": -math.inf, "one": 1.0})
    frame = encode(Answer(1, msgspec.to_builtins(sent)))
    json.loads(frame[4:], parse_constant=pytest.fail)  # what is on the wire is real JSON
    ((message, _),) = Decoder().feed(frame)
    assert isinstance(message, Answer)
    found = msgspec.convert(message.result, Evaluation).metrics
    assert math.isnan(found["nan"])
    assert (found["up"], found["down"], found["one"]) == (math.inf, -math.inf, 1.0)


def test_a_dictionary_that_looks_like_a_number_stays_one() -> None:
    ((message, _),) = Decoder().feed(encode(Answer(1, {"settings": {"$float": "three"}})))
    assert isinstance(message, Answer)
    assert message.result == {"settings": {"$float": "three"}}


def test_a_damaged_length_is_refused_without_waiting_for_a_gigabyte() -> None:
    with pytest.raises(ValueError, match="a frame of"):
        list(Decoder().feed(struct.pack(">I", LIMIT + 1) + b"x"))
    header = b'{"type": "Progress", "id": 1, "code": "x", "parts": [%d]}' % LIMIT
    with pytest.raises(ValueError, match="a frame of"):
        list(Decoder().feed(struct.pack(">I", len(header)) + header))


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"3",
        b"{}",
        b"{",
        b"\xff\xfe",
        b'{"type": "Progress", "parts": []}',
        b'{"type": "Nothing", "parts": []}',
        b'{"type": "Progress", "id": 1, "code": "x", "parts": [-1]}',
        b'{"type": "Progress", "id": 1, "code": "x", "parts": 3}',
        b'{"type": "Progress", "id": 1, "code": "x", "parts": ["3"]}',
    ],
)
def test_nonsense_is_a_value_error(header: bytes) -> None:
    with pytest.raises(ValueError):
        list(Decoder().feed(struct.pack(">I", len(header)) + header))


@given(st.binary(max_size=60))
def test_random_bytes_raise_nothing_else(stream: bytes) -> None:
    with contextlib.suppress(ValueError):
        list(Decoder().feed(stream))


def test_the_empty_analysis_crosses_too() -> None:
    ((message, _),) = Decoder().feed(encode(Answer(1, msgspec.to_builtins(Analysis()))))
    assert isinstance(message, Answer)
    assert msgspec.convert(message.result, Analysis) == Analysis()


def test_an_answer_crosses_the_pipe_in_all_its_forms() -> None:
    for answer in ("seven", 7.5, [1.0, 2.0], ["a", "b"], []):
        found = msgspec.convert(msgspec.to_builtins(Prediction("x", answer, {})), Prediction)
        assert found.answer == answer
