"""A thousand sequences of random edits of every kind: undo leads back to the start, and files hold what is there."""

import random
from collections.abc import Callable
from functools import partial

import pytest

import model_zoo
from tests.core.test_blocks import residual
from workbench.core import block_ports, blocks, clipboard, edits, frames, library, parameters, project
from workbench.core.catalogue import shipped
from workbench.core.document import BLOCK_INPUT, BLOCK_OUTPUT, ROOT, Document, Layout, Param, Wire
from workbench.core.expand import expand
from workbench.core.layout import rearranged
from workbench.core.ports import ports_of
from workbench.core.session import Session

SEQUENCES, CHUNKS, LENGTH = 1000, 10, 15
STARTS = [Document(), residual(), *(model_zoo.document(name) for name in ("mnist_mlp", "mnist_cnn"))]
PARTS = [model_zoo.BLOCKS[name].make() for name in model_zoo.BLOCKS]
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


def network(document: Document) -> tuple[object, ...]:
    """What is computed, whatever ports and parameters are called."""
    flat = expand(document)
    return flat.nodes.keys(), [found.node.settings for found in flat.nodes.values()], flat.inputs


def of_a_block(edit: Callable[[random.Random, Document, str], Document], *, same: bool = False) -> Edit:
    """An edit of a definition; `same` says that it changes nothing that is computed."""

    def changed(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
        if not document.blocks:
            return document
        result = edit(dice, document, dice.choice(list(document.blocks)))
        assert not same or network(result) == network(document)
        return result

    return changed


def add_port(dice: random.Random, document: Document, block: str) -> Document:
    return block_ports.added(document, block, dice.choice((BLOCK_INPUT, BLOCK_OUTPUT)))[0]


def port_of(dice: random.Random, document: Document, block: str) -> str:
    graph = document.blocks[block].graph
    return dice.choice([*block_ports.ports(graph, BLOCK_INPUT), *block_ports.ports(graph, BLOCK_OUTPUT), ""])


def rename_port(dice: random.Random, document: Document, block: str) -> Document:
    port, name = port_of(dice, document, block), f"port_{dice.randrange(1000)}"
    taken = name in document.blocks[block].graph.nodes
    return document if taken or not port else block_ports.renamed(document, block, port, name)


def shift_port(dice: random.Random, document: Document, block: str) -> Document:
    port = port_of(dice, document, block)
    return block_ports.shifted(document, block, port, dice.choice((-1, 1, 5))) if port else document


def make_parameter(dice: random.Random, document: Document, block: str) -> Document:
    nodes = list(document.blocks[block].graph.nodes)
    if not nodes:
        return document
    known = [*document.blocks[block].parameters, "", "width"]
    return parameters.make(document, block, dice.choice(nodes), "y", dice.randrange(9), dice.choice(known))[0]


def a_parameter(edit: Callable[[random.Random, Document, str, str], Document]) -> Callable[..., Document]:
    def changed(dice: random.Random, document: Document, block: str) -> Document:
        known = list(document.blocks[block].parameters)
        return edit(dice, document, block, dice.choice(known)) if known else document

    return changed


def rename_parameter(dice: random.Random, document: Document, block: str, name: str) -> Document:
    new = f"parameter_{dice.randrange(1000)}"
    whole = document.blocks[block]
    named = {found for node in whole.graph.nodes.values() for found in blocks.names_in(node.settings)}
    return document if new in named | whole.parameters.keys() else parameters.rename(document, block, name, new)


def ungroup(document: Document, use: str, *, scope: str) -> tuple[Document, object]:
    try:
        return blocks.ungroup(document, use, scope=scope)
    except ValueError:
        settings = document.scope(scope).nodes[use].settings
        assert settings["repeat"] != 1, "only a row of turns may be impossible"
        return document, None


def set_up_use(dice: random.Random, document: Document, use: str, *, scope: str) -> tuple[Document, None]:
    node = document.scope(scope).nodes[use]
    known = [*document.blocks[str(node.settings["definition"])].parameters, "repeat"]
    value = dice.choice((1, 2, 3, Param("width")))
    return parameters.put(document, use, dice.choice(known), value, scope=scope), None


def from_the_library(dice: random.Random, document: Document, scope: str, nodes: list[str]) -> Document:
    part = dice.choice(PARTS)
    changed, block = library.inserted(document, part)
    return edits.add_node(changed, "block", {"definition": block}, scope=scope)[0]


EDITS: list[Edit] = [
    from_the_library,
    of_a_block(add_port),
    of_a_block(rename_port, same=True),
    of_a_block(shift_port),
    of_a_block(make_parameter),
    of_a_block(a_parameter(rename_parameter), same=True),
    of_a_block(a_parameter(lambda dice, document, block, name: parameters.remove(document, block, name))),
    of_a_block(a_parameter(lambda dice, document, block, name: parameters.set_default(document, block, name, 7))),
    of_a_block(lambda dice, document, block: blocks.titled(document, block, str(dice.random())), same=True),
    lambda dice, document, scope, nodes: of_a_use(partial(set_up_use, dice))(dice, document, scope, nodes),
    frame,
    add,
    connect,
    disconnect,
    insert,
    change,
    arrange,
    group,
    paste,
    of_a_use(ungroup),
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
