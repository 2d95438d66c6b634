"""Frames: they are where their nodes are, whatever happens to those."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.graphs import chain
from tests.strategies import documents
from workbench.core import blocks, clipboard, edits, frames, project
from workbench.core.catalogue import shipped
from workbench.core.document import Document, Frame, Layout
from workbench.core.ports import ports_of

ABCD = chain(("a", "linear"), ("b", "relu"), ("c", "linear"), ("d", "relu"))


def around(document: Document, scope: str = "") -> dict[str, tuple[str, ...]]:
    return {name: frame.nodes for name, frame in document.layout.get(scope, Layout()).frames.items()}


def title(document: Document, name: str) -> str:
    return document.layout[""].frames[name].title


def test_a_node_is_in_one_frame() -> None:
    document, first = frames.framed(ABCD, ["b", "a", "nowhere"], "Encoder")
    assert around(document) == {first: ("a", "b")}
    document, second = frames.framed(document, ["b", "c"])
    assert around(document) == {first: ("a",), second: ("b", "c")}
    document = frames.joined(document, ["a"], second)
    assert around(document) == {second: ("a", "b", "c")}, "a frame around nothing is gone"
    assert around(frames.unframed(document, ["c", "b", "a"])) == {}
    with pytest.raises(ValueError, match="nothing"):
        frames.framed(document, ["nowhere"])
    with pytest.raises(ValueError, match="no frame"):
        frames.joined(document, ["a"], first)


def test_frames_are_renamed_and_saved() -> None:
    document, name = frames.framed(ABCD, ["a", "b"])
    document = frames.renamed(document, name, "  Head ")
    assert document.layout[""].frames[name] == Frame(("a", "b"), "Head")
    assert project.loads(project.dumps(document)) == document
    assert frames.renamed(document, name, "Head") is document
    assert frames.unframed(document, ["c"]) is document


def test_what_is_removed_leaves_its_frame() -> None:
    document, name = frames.framed(ABCD, ["a", "b"])
    assert around(edits.remove_nodes(document, ["a"])) == {name: ("b",)}
    assert around(edits.heal(document, ["a", "b"])) == {}
    moved = edits.move(document, {"a": (3.0, 4.0)})
    assert around(moved) == {name: ("a", "b")}


def test_a_whole_frame_is_copied() -> None:
    document, name = frames.framed(ABCD, ["a", "b"], "Pair")
    twice, new = edits.duplicate(document, ["a", "b", "c"])
    copy = next(found for found in around(twice) if found != name)
    assert around(twice) == {name: ("a", "b"), copy: tuple(sorted((new["a"], new["b"])))}
    assert title(twice, copy) == "Pair"
    assert around(edits.duplicate(document, ["a"])[0]) == {name: ("a", "b")}
    part = clipboard.understood(clipboard.copied(document, ["a", "b"]))
    assert part is not None
    elsewhere, names = clipboard.pasted(Document(), part)
    assert around(elsewhere) == {name: tuple(sorted(names.values()))}


def test_blocks_take_frames_along_and_stay_in_them() -> None:
    ports = partial(ports_of, catalogue=shipped(), document=ABCD)
    document, outer = frames.framed(ABCD, ["a", "b", "c"], "Encoder")
    grouped, name, use = blocks.group(document, ["b", "c"], "Part", ports)
    assert around(grouped) == {outer: ("a", use)}
    opened, new = blocks.ungroup(grouped, use)
    assert around(opened) == {outer: tuple(sorted({"a", *new}))}

    document, inner = frames.framed(ABCD, ["b", "c"], "Inner")
    grouped, name, use = blocks.group(document, ["b", "c", "d"], "Part", ports)
    assert around(grouped) == {}
    assert around(grouped, name) == {inner: ("b", "c")}
    opened, _ = blocks.ungroup(grouped, use)
    assert around(opened) == {inner: ("b", "c")}


def test_a_use_that_was_alone_in_its_frame_leaves_it_to_what_it_held() -> None:
    ports = partial(ports_of, catalogue=shipped(), document=ABCD)
    grouped, _, use = blocks.group(ABCD, ["b", "c"], "Part", ports)
    document, _ = frames.framed(grouped, [use], "Stage 1")
    for repeat in (1, 3):
        several = edits.set_setting(document, use, "repeat", repeat)
        opened, new = blocks.ungroup(several, use)
        (frame,) = opened.layout[""].frames.values()
        assert frame == Frame(tuple(sorted(new)), "Stage 1")


@given(documents(), st.data())
def test_frames_never_hold_nodes_that_are_gone(document: Document, data: st.DataObject) -> None:
    if not document.graph.nodes:
        return
    some = st.sets(st.sampled_from(sorted(document.graph.nodes)), min_size=1)
    framed = frames.framed(document, data.draw(some))[0]
    gone = data.draw(some)
    left = edits.remove_nodes(framed, gone)
    found = [node for frame in left.layout[""].frames.values() for node in frame.nodes]
    assert len(found) == len(set(found))
    assert set(found) <= left.graph.nodes.keys()
    assert all(frame.nodes for frame in left.layout[""].frames.values())
