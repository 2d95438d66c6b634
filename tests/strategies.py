"""Hypothesis strategies for documents and for edits of them, blocks included."""

from hypothesis import strategies as st

from workbench.core.document import (
    EDGE,
    Block,
    Data,
    Document,
    Frame,
    Graph,
    Layout,
    Node,
    Param,
    Split,
    Training,
    Wire,
)

names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
texts = st.text(max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
literals = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | texts
values = st.recursive(
    literals | st.builds(Param, names),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
settings = st.dictionaries(names, values, max_size=3)
coordinates = st.floats(-EDGE, EDGE)
places = st.tuples(coordinates, coordinates)
anywhere = st.tuples(numbers, numbers)


@st.composite
def graphs(draw: st.DrawFn, types: st.SearchStrategy[str] = names) -> Graph:
    ids = draw(st.lists(names, unique=True, max_size=6))
    nodes = {key: draw(st.builds(Node, id=st.just(key), type=types, settings=settings, label=texts)) for key in ids}
    if not ids:
        return Graph()
    ends = st.sampled_from(ids)
    wires = draw(st.lists(st.builds(Wire, ends, names, ends, names), max_size=8))
    fed = {(wire.dst, wire.dst_port): wire for wire in wires}
    return Graph(nodes, frozenset(fed.values()))


blocks = st.builds(Block, graph=graphs(), parameters=settings, title=texts)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    graph = draw(graphs())
    defined = draw(st.dictionaries(names, blocks, max_size=2))
    positions = {node: draw(places) for node in graph.nodes}
    framed = draw(st.sets(st.sampled_from(sorted(graph.nodes)))) if graph.nodes else set()
    frames = {draw(names): Frame(tuple(sorted(framed)), draw(texts))} if framed else {}
    return Document(
        graph=graph,
        blocks=defined,
        layout={"": Layout(positions, frames)},
        data=draw(
            st.none()
            | st.builds(
                Data, source=names, options=settings, split=st.builds(Split, seed=st.integers(0, 9), validation=numbers)
            )
        ),
        training=draw(st.builds(Training, learning_rate=numbers, epochs=st.integers(1, 99), seed=st.integers(0, 99))),
        title=draw(texts),
    )
