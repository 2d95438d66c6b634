"""A thousand sequences of random edits of every kind: undo leads back to the start, and files hold what is there."""

import random
from collections.abc import Callable
from functools import partial

import pytest

import model_zoo
from tests.core.test_blocks import residual
from workbench.core import blocks, clipboard, edits, frames, project
from workbench.core.catalogue import shipped
from workbench.core.document import ROOT, Document, Layout, Param, Wire
from workbench.core.layout import rearranged
from workbench.core.ports import ports_of
from workbench.core.session import Session

SEQUENCES, CHUNKS, LENGTH = 1000, 10, 15
STARTS = [Document(), residual(), *(model_zoo.document(name) for name in ("mnist_mlp", "mnist_cnn"))]
KINDS = ("linear", "relu", "add", "lstm", "conv2d", "flatten", "note")
Edit = Callable[[random.Random, Document, str, list[str]], Document]


def some(dice: random.Random, nodes: list[str]) -> list[str]:
    return dice.sample(nodes, dice.randint(1, min(4, len(nodes))))


def add(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    place = (dice.randrange(900), dice.randrange(900))
    return edits.add_node(document, dice.choice(KINDS), {"x": dice.random()}, position=place, scope=scope)[0]


def connect(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    ends = [ports_of(document.scope(scope).nodes[dice.choice(nodes)], shipped(), document) for _ in range(2)]
    src, dst = dice.choice(nodes), dice.choice(nodes)
    port = dice.choice(ends[1][0] or ("in",))
    return edits.connect(document, Wire(src, dice.choice(ends[0][1] or ("out",)), dst, port), scope=scope)


def disconnect(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    wires = sorted(document.scope(scope).wires)
    return edits.disconnect(document, dice.sample(wires, min(2, len(wires))), scope=scope)


def insert(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    wires = sorted(document.scope(scope).wires)
    return edits.insert_on_wire(document, dice.choice(wires), "relu", scope=scope)[0] if wires else document


def change(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    value = dice.choice([1, 2.5, None, "text", (1, 2), Param("width"), {"a": 1}])
    return edits.set_setting(document, dice.choice(nodes), "y", value, scope=scope)


def arrange(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    layout = document.layout.get(scope, Layout())
    way = dice.choice(("down", "right"))
    return edits.move(document, rearranged(document.scope(scope), layout, some(dice, nodes), way), scope=scope)


def group(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    chosen = some(dice, nodes)
    if not blocks.can_be_grouped(document.scope(scope), chosen):
        return document
    ports = partial(ports_of, catalogue=shipped(), document=document)
    return blocks.group(document, chosen, "Part", ports, scope=scope)[0]


def of_a_use(edit: Callable[..., tuple[Document, object]]) -> Edit:
    def changed(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
        graph = document.scope(scope)
        uses = [node for node in nodes if graph.nodes[node].settings.get("definition") in document.blocks]
        return edit(document, dice.choice(uses), scope=scope)[0] if uses else document

    return changed


def paste(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    part = clipboard.understood(clipboard.copied(document, some(dice, nodes), scope=scope))
    return clipboard.pasted(document, part, at=(5.0, 5.0), scope=scope)[0] if part else document


def frame(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    chosen, known = some(dice, nodes), document.layout.get(scope, Layout()).frames
    if known and dice.random() < 0.5:
        name = dice.choice(list(known))
        return dice.choice(
            [
                frames.joined(document, chosen, name, scope=scope),
                frames.renamed(document, name, str(dice.random()), scope=scope),
                frames.unframed(document, chosen, scope=scope),
            ]
        )
    return frames.framed(document, chosen, "Frame", scope=scope)[0]


EDITS: list[Edit] = [
    frame,
    add,
    connect,
    disconnect,
    insert,
    change,
    arrange,
    group,
    paste,
    of_a_use(blocks.ungroup),
    of_a_use(blocks.make_unique),
    lambda dice, document, scope, nodes: edits.remove_nodes(document, some(dice, nodes), scope=scope),
    lambda dice, document, scope, nodes: edits.heal(document, some(dice, nodes), scope=scope),
    lambda dice, document, scope, nodes: edits.duplicate(document, some(dice, nodes), scope=scope)[0],
    lambda dice, document, scope, nodes: edits.rename(document, dice.choice(nodes), "Name", scope=scope),
    lambda dice, document, scope, nodes: edits.bypass(document, some(dice, nodes), dice.random() < 0.7, scope=scope),
]


def play(seed: int) -> None:
    dice = random.Random(seed)
    start = dice.choice(STARTS)
    session = Session()
    session.open(start)
    trail = [start]
    for _ in range(LENGTH):
        document = session.state.document
        scope = dice.choice([ROOT, ROOT, *document.blocks])
        nodes = list(document.scope(scope).nodes)
        edit = dice.choice(EDITS) if nodes else add
        session.edit("Edit", edit(dice, document, scope, nodes))
        if session.state.document is not trail[-1]:
            trail.append(session.state.document)
        if dice.random() < 0.2:  # there and back again
            session.undo()
            session.redo()
            assert session.state.document is trail[-1]
    live = session.state.document
    assert project.loads(project.dumps(live)) == live
    for expected in reversed(trail):
        assert session.state.document is expected
        session.undo()
    assert session.state.document is start
    assert session.state.undo_label is None
    for expected in trail:
        assert session.state.document is expected
        session.redo()
    assert project.dumps(session.state.document) == project.dumps(live)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_undo_all_is_the_start_and_a_file_is_the_live_document(chunk: int) -> None:
    before = [project.dumps(document) for document in STARTS]
    for seed in range(chunk * SEQUENCES // CHUNKS, (chunk + 1) * SEQUENCES // CHUNKS):
        play(seed)
    assert [project.dumps(document) for document in STARTS] == before, "edits change nothing in place"
