"""Looking into blocks and out of them again, and what an edit does to the way there."""

import pytest
from msgspec.structs import replace

from tests.core.test_blocks import residual
from tests.graphs import chain, graph, with_blocks
from workbench.core import blocks, edits
from workbench.core.analysis import Analysis, NodeAnalysis
from workbench.core.document import Block, Document, Param
from workbench.core.session import Session

INNER = graph({"x": "block_input", "one": "relu", "y": "block_output"}, "x > one", "one > y")
OUTER = graph(
    {"x": "block_input", "deep": ("block", {"definition": "inner", "repeat": 3}), "y": "block_output"},
    "x > deep/x",
    "deep/y > y",
)


def nested() -> Document:
    document = chain(("a", "input"), ("use", "block", {"definition": "outer"}))
    return with_blocks(document, inner=INNER, outer=OUTER)


def opened(document: Document) -> Session:
    session = Session()
    session.open(document)
    return session


def where(session: Session) -> tuple[str, tuple[str, ...], str | None]:
    return session.state.scope, session.state.inside, session.state.prefix


def test_one_goes_in_and_comes_out_where_one_was() -> None:
    session = opened(nested())
    session.select(["a"])
    session.enter("use")
    assert where(session) == ("outer", ("use",), "use/")
    assert not session.state.selection
    session.enter("deep")
    assert where(session) == ("inner", ("use", "deep"), "use/deep/0/")
    session.leave()
    assert where(session) == ("outer", ("use",), "use/")
    assert session.state.selection == {"deep"}
    session.enter("deep")
    session.leave(0)
    assert where(session) == ("", (), "")
    assert session.state.selection == {"use"}
    session.leave()
    assert where(session) == ("", (), "")


def test_what_is_no_block_is_not_entered() -> None:
    session = opened(edits.add_node(nested(), "block", {"definition": "nothing"}, id="lost")[0])
    for node in ("a", "lost", "nowhere"):
        session.enter(node)
        assert where(session) == ("", (), "")


def test_a_definition_is_looked_at_by_itself() -> None:
    session = opened(nested())
    session.look_at("outer")
    assert where(session) == ("outer", (), None)
    assert session.state.known("deep") is None
    session.enter("deep")
    assert where(session) == ("inner", (), None)
    session.leave()
    assert where(session) == ("", (), "")
    with pytest.raises(KeyError):
        session.look_at("nothing")


def test_figures_are_those_of_the_use_that_was_entered() -> None:
    session = opened(nested())
    session.analysed(Analysis(session.state.revision, {"use/deep/0/one": NodeAnalysis(parameters=7)}))
    session.enter("use")
    session.enter("deep")
    known = session.state.known("one")
    assert known is not None
    assert known.parameters == 7


def test_a_node_is_revealed_by_its_path() -> None:
    session = opened(nested())
    assert session.reveal("use/deep/1/one")
    assert where(session) == ("inner", ("use", "deep"), "use/deep/0/")
    assert session.state.selection == {"one"}
    assert session.reveal("a")
    assert where(session) == ("", (), "")
    assert not session.reveal("use/gone")
    assert not session.reveal("a/one")
    assert where(session) == ("", (), "")


def test_the_number_of_turns_may_be_a_parameter() -> None:
    document = nested()
    use = edits.set_setting(document, "deep", "repeat", Param("depth"), scope="outer")
    outer = replace(use.blocks["outer"], parameters={"depth": 1})
    session = opened(edits.define_block(use, "outer", outer))
    assert session.reveal("use/deep/one")
    assert session.state.prefix == "use/deep/"
    session.leave(0)
    session.edit("Change", edits.set_setting(session.state.document, "use", "arguments", {"depth": 2}))
    assert session.reveal("use/deep/0/one")
    assert session.state.prefix == "use/deep/0/"


def test_an_edit_that_takes_the_way_away_leads_out() -> None:
    session = opened(nested())
    session.reveal("use/deep/0/one")
    session.edit("Delete", edits.remove_nodes(session.state.document, ["deep"], scope="outer"))
    assert where(session) == ("outer", ("use",), "use/")
    session.edit("Delete", edits.remove_nodes(session.state.document, ["use"]))
    assert where(session) == ("", (), "")
    session.undo()
    session.undo()
    assert session.state.document == nested()


def test_a_use_that_becomes_unique_is_still_looked_into() -> None:
    session = opened(residual())
    use = next(node.id for node in session.state.graph.nodes.values() if node.type == "block")
    session.enter(use)
    before = session.state.scope
    session.edit("Make unique", blocks.make_unique(session.state.document, use)[0])
    assert session.state.scope != before
    assert session.state.inside == (use,)


def test_a_block_that_is_undone_is_left() -> None:
    session = opened(chain(("a", "relu")))
    session.edit("Define", edits.define_block(session.state.document, "new", Block(INNER)))
    session.look_at("new")
    session.undo()
    assert where(session) == ("", (), "")
