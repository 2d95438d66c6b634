"""Parameters of blocks: made, renamed, passed on, taken back; what each use says follows."""

import pytest

from tests.core.test_blocks import ports, residual, widths
from workbench.core import blocks, edits, parameters
from workbench.core.catalogue import shipped
from workbench.core.document import Param
from workbench.core.expand import expand


def given(document, use: str) -> object:
    return document.graph.nodes[use].settings["arguments"]


def test_parameters_are_chosen_and_taken_back() -> None:
    document = edits.set_setting(residual(), "linear", "bias", False, scope="residual")
    shown, name = parameters.make(document, "residual", "linear", "bias", False)
    assert name == "bias"
    assert shown.blocks["residual"].parameters == {"width": 8, "bias": False}
    chosen = parameters.put(shown, "use_2", "bias", True, scope="")
    flat = expand(chosen).nodes
    assert [flat[f"use_{number}/linear"].node.settings["bias"] for number in (1, 2)] == [False, True]
    assert given(parameters.put(chosen, "use_2", "bias", False, scope=""), "use_2") == {"width": 16}, "as by default"
    hidden = parameters.remove(chosen, "residual", "bias")
    assert hidden.blocks == document.blocks
    assert given(hidden, "use_2") == {"width": 16}
    with pytest.raises(ValueError, match="identifier"):
        parameters.make(document, "residual", "linear", "bias", False, "is biased")
    with pytest.raises(ValueError, match="no parameter"):
        parameters.remove(document, "residual", "nothing")
    changed = parameters.set_default(document, "residual", "width", 5)
    assert widths(changed) == [5, 16]


def test_a_renamed_parameter_is_the_same_everywhere() -> None:
    renamed = parameters.rename(residual(), "residual", "width", "units")
    assert widths(renamed) == [8, 16]
    assert not expand(renamed).problems
    assert given(renamed, "use_2") == {"units": 16}
    with pytest.raises(ValueError, match="identifier"):
        parameters.rename(renamed, "residual", "units", "two words")


def test_a_parameter_is_passed_on_through_blocks() -> None:
    """What a use inside another block says can be a parameter of that block, with the type that it has inside."""
    document, outer, use = blocks.group(residual(), ["use_1", "use_2"], "Pair", ports(residual()))
    passed, name = parameters.make(document, outer, "use_2", "width", 16, "second")
    more = parameters.put(passed, use, name, 32, scope="")
    assert widths(passed) == [8, 16]
    assert widths(more) == [8, 32]
    field = parameters.field_of(passed, shipped(), outer, "second")
    assert (field.kind, field.minimum, field.default, field.label) == ("int", 1, 16, "Second")
    turns, _ = parameters.make(more, outer, "use_1", "repeat", 1, "depth")
    deep = parameters.put(turns, use, "depth", 3, scope="")
    assert widths(deep) == [8, 8, 8, 32]
    form, values = parameters.of_use(deep, shipped(), deep.graph.nodes[use])
    assert [item.name for item in form] == ["second", "depth", "repeat"]
    assert values == {"second": 32, "depth": 3, "repeat": 1}
    assert list(parameters.places(deep.blocks[outer], "second")) == [("use_2", "width")]
    back = parameters.remove(deep, outer, "second")
    assert widths(back) == [8, 8, 8, 16]
    assert back.blocks[outer].graph.nodes["use_2"].settings["arguments"] == {"width": 16}


def test_a_parameter_that_gives_nothing_has_the_type_of_its_value() -> None:
    document = residual()
    alone = edits.set_setting(document, "linear", "out_features", Param("other"), scope="residual")
    assert parameters.field_of(alone, shipped(), "residual", "width").kind == "int"
    assert [problem.code for problem in expand(alone).problems][:1] == ["block.parameter"]
