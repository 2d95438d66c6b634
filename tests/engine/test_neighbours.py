"""What is offered behind an output would be accepted there, and what is not offered would be refused."""

from pathlib import Path

import pytest

from workbench.core.analysis import Spec
from workbench.core.document import Document, Graph, Node, Wire
from workbench.engine.analyse import analyse
from workbench.engine.layers import LAYERS
from workbench.engine.neighbours import ENDS, neighbours

SPECS = [
    Spec((8, 12, 12)),
    Spec(("seq", 16)),
    Spec(("seq",), "int64"),
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_what_fits_is_what_analysis_accepts(spec: Spec) -> None:
    """Each layer of one input, put behind an input of that shape, has an error exactly if it is not offered."""
    single = [
        key
        for key, layer in LAYERS.items()
        if layer.info.group != ENDS and [(port.repeat, port.optional) for port in layer.info.inputs] == [("", False)]
    ]
    source = Node("x", "input", {"shape": spec.shape, "dtype": spec.dtype})
    nodes = {"x": source, **{key: Node(key, key) for key in single}}
    document = Document(graph=Graph(nodes, frozenset(Wire("x", "out", key, "in") for key in single)))
    found = analyse(document, Path())
    doubted = {problem.node for problem in found.problems if problem.node in single}
    offered = neighbours(spec).fitting
    assert set(single) - doubted == set(offered) & set(single)
    assert "output" in offered
    assert not {key for key in offered if all(port.optional for port in LAYERS[key].info.inputs)}
    for key in set(offered) & set(single):
        given = next(iter(found.nodes[key].outputs.values()))
        assert (len(offered[key].shape), offered[key].dtype) == (len(given.shape), given.dtype)
        if "seq" not in spec.shape:  # an axis that a layer has made has a name of its own
            assert offered[key] == given


def test_turns_share_the_layers_out() -> None:
    spec, shares = Spec((16,)), [neighbours(Spec((16,)), turn=(turn, 5)).fitting for turn in range(5)]
    whole = neighbours(spec).fitting
    assert sum(map(len, shares)) == len(whole)
    assert {key: found for share in shares for key, found in share.items()} == whole


def test_words_are_not_offered_to_what_computes() -> None:
    fitting = neighbours(Spec(("seq",), "int64")).fitting
    assert "embedding" in fitting
    assert not {"linear", "conv2d", "lstm"} & fitting.keys()
