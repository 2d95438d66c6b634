"""What the canvas shows of a state: pure functions from document and analysis to boxes and lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from widgets.node_canvas.scene import FrameBox, NodeBox, Picture, Scene, WireLine
from workbench.core import wording
from workbench.core.catalogue import Catalogue, FieldInfo, LayerInfo
from workbench.core.document import Document, Graph, Layout, Node, Param, Wire
from workbench.core.expand import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, NOTE, is_bypassed
from workbench.core.i18n import tr, trn
from workbench.core.layout import arranged
from workbench.core.ports import ports_of
from workbench.core.problems import Problem
from workbench.core.session import State
from workbench.ui.captions import settings_caption
from workbench.ui.remembered import Remembered
from workbench.ui.seen import NOTHING, Seen

Ports = dict[str, tuple[set[str], set[str]]]
Places = dict[str, tuple[float, float]]


@dataclass
class Drawn:
    """What the last scene was made of, so that the next one of the same graph is made where it differs."""

    boxes: Remembered[NodeBox] = field(default_factory=Remembered)
    lines: Remembered[WireLine] = field(default_factory=Remembered)
    wires: Remembered[tuple[list[Wire], Ports]] = field(default_factory=Remembered)
    places: Remembered[Places] = field(default_factory=Remembered)

    def keep_only_used(self) -> None:
        """Forget what the last scene does not hold."""
        for kept in (self.boxes, self.lines, self.wires, self.places):
            kept.keep_only_used()


def scene_of(state: State, catalogue: Catalogue, drawn: Drawn | None = None, seen: Seen = NOTHING) -> Scene:
    """The graph that is being looked at, with what is known of it, and what is seen of a sample on its wires."""
    drawn = drawn or Drawn()
    graph, document = state.graph, state.document
    problems = problems_by_node(state)
    if seen.problem is not None and seen.problem.node:
        problems.setdefault(seen.problem.node.removeprefix(state.prefix or "").partition("/")[0], seen.problem)
    layout = document.layout.get(state.scope, Layout())
    places = _places(graph, layout, drawn)
    wires, wired = drawn.wires.get("", (graph.wires,), (*graph.nodes,), lambda: _wires(graph))

    def box(node: Node) -> NodeBox:
        place, problem, known, ports = places[node.id], problems.get(node.id), state.known(node.id), wired[node.id]
        made_of = (node, known, catalogue, document.blocks, document.data, layout.flow)
        make = partial(_box, state, node, place, problem, catalogue, ports, sideways=layout.flow == "right")
        return drawn.boxes.get(node.id, made_of, (place, problem, ports), make)

    def line(wire: Wire) -> WireLine:
        bad = (wire.dst, wire.dst_port) in wrong
        picture = seen.pictures.get((wire.src, wire.src_port))
        make = partial(_line, wire, state, bad, picture)
        return drawn.lines.get(wire, (state.known(wire.src), picture), (bad,), make)

    wrong = {
        (node, problem.port)
        for node, problem in _problems_here(state)
        if problem.severity == "error" and problem.scope == state.scope  # a port of a node inside a block is another
    }
    boxes, lines = tuple(map(box, graph.nodes.values())), tuple(map(line, wires))
    frames = tuple(FrameBox(name, frame.title, frame.nodes) for name, frame in layout.frames.items())
    drawn.keep_only_used()
    return Scene(boxes, lines, frames)


def problems_by_node(state: State) -> dict[str, Problem]:
    """The worst problem of each node of the graph that is being looked at; one inside a block counts for its use."""
    found: dict[str, Problem] = {}
    for node, problem in _problems_here(state):
        if problem.severity == "info":
            continue
        if node not in found or (found[node].severity == "warning" and problem.severity == "error"):
            found[node] = problem
    return found


def _problems_here(state: State) -> Iterator[tuple[str, Problem]]:
    """The problems in the graph that is being looked at and in what its blocks hold, each with its node here.

    What is wrong in a definition is wrong in each use of it, and is said once.
    """
    seen: set[tuple[str, str, str]] = set()
    for problem in state.analysis.problems if state.analysis else ():
        if problem.scope == state.scope:
            node = problem.node.rpartition("/")[2]
        elif state.prefix is not None and problem.node.startswith(state.prefix):
            node = problem.node.removeprefix(state.prefix).partition("/")[0]
        else:
            continue
        if node and (node, problem.code, problem.port) not in seen:
            seen.add((node, problem.code, problem.port))
            yield node, problem


def title_of(node: Node, catalogue: Catalogue, document: Document) -> str:
    """What a node is called, and how often it stands in a row: `12 × Transformer block`."""
    name, repeat = name_of(node, catalogue, document), node.settings.get("repeat", 1)
    if node.type != BLOCK or repeat == 1:
        return name
    return f"{repeat.param if isinstance(repeat, Param) else repeat} × {name}"


def name_of(node: Node, catalogue: Catalogue, document: Document) -> str:
    """What a node is called: its label, else its type."""
    if node.label:
        return node.label
    if node.type == NOTE:
        return str(node.settings.get("text", "")).strip().partition("\n")[0] or tr("Note")
    if node.type in (BLOCK_INPUT, BLOCK_OUTPUT):
        return node.id
    if node.type == BLOCK:
        name = str(node.settings.get("definition", ""))
        block = document.blocks.get(name)
        return (block.title if block else "") or name
    info = catalogue.layers.get(node.type)
    return tr(info.title) if info else node.type


def setting_title(fields: Iterable[FieldInfo], name: str) -> str:
    """What a setting is called in the middle of a sentence."""
    label = next((field.label for field in fields if field.name == name), "")
    return tr(label).lower() if label else name.replace("_", " ")


def _places(graph: Graph, layout: Layout, drawn: Drawn) -> Places:
    """A node without a place gets the one an automatic layout would give it."""
    if graph.nodes.keys() <= layout.positions.keys():
        return layout.positions
    make = partial(arranged, graph, layout.flow)
    found = drawn.places.get("", (graph.wires,), (layout.flow, *graph.nodes), lambda: make().positions)
    return {**found, **layout.positions}


def _box(
    state: State,
    node: Node,
    place: tuple[float, float],
    problem: Problem | None,
    catalogue: Catalogue,
    wired: tuple[set[str], set[str]],
    *,
    sideways: bool,
) -> NodeBox:
    inputs, outputs = ports_of(node, catalogue, state.document)
    inputs = (*inputs, *sorted(wired[0].difference(inputs)))
    outputs = (*outputs, *sorted(wired[1].difference(outputs)))
    info = catalogue.layers.get(node.type)
    return NodeBox(
        id=node.id,
        title=title_of(node, catalogue, state.document),
        captions=_captions(state, node, info),
        family=_family(node, info),
        x=place[0],
        y=place[1],
        inputs=inputs,
        outputs=outputs,
        problem="" if problem is None else "error" if problem.severity == "error" else "warning",
        message=wording.short(problem) if problem else "",
        sideways=sideways,
        note=str(node.settings.get("text", "")) if node.type == NOTE else None,
    )


def _family(node: Node, info: LayerInfo | None) -> str:
    """What colours a node; one that does nothing has the colour of nothing."""
    if is_bypassed(node):
        return "bypassed"
    return "block" if node.type.startswith(BLOCK) else info.family if info else "operation"


def _wires(graph: Graph) -> tuple[list[Wire], Ports]:
    """The wires in order, and the ports that they use, by node.

    Ports that a node does not have are shown too, so that one sees the wire.
    """
    found: Ports = {node: (set(), set()) for node in graph.nodes}
    for wire in graph.wires:
        found[wire.dst][0].add(wire.dst_port)
        found[wire.src][1].add(wire.src_port)
    return sorted(graph.wires), found


def _line(wire: Wire, state: State, wrong: bool, picture: Picture | None) -> WireLine:
    known = state.known(wire.src)
    spec = known.outputs.get(wire.src_port) if known else None
    label = wording.shape(spec.shape) if spec else ""
    return WireLine(wire.src, wire.src_port, wire.dst, wire.dst_port, label, wrong, picture)


def _captions(state: State, node: Node, info: LayerInfo | None) -> tuple[str, ...]:
    if is_bypassed(node):
        return (tr("bypassed"),)
    known = state.known(node.id)
    lines = [settings_caption(state.document, node, info)]
    if known and known.parameters:
        lines.append(
            trn("{n} parameter", "{count} parameters", known.parameters, count=wording.count(known.parameters))
        )
    return tuple(filter(None, lines))
