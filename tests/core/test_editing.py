"""The commands on the graph, by themselves."""

import pytest

from workbench.core import edits, project
from workbench.core.commands import Command, table
from workbench.core.document import Document, Graph, Wire
from workbench.core.editing import editing
from workbench.core.problems import Problem
from workbench.core.session import Session


class Around:
    def __init__(self) -> None:
        self.text = ""
        self.complaints: list[str] = []
        self.written: list[str] = []

    def complain(self, problem: Problem) -> None:
        self.complaints.append(problem.code)

    def clipboard(self) -> str:
        return self.text

    def copy(self, text: str) -> None:
        self.text = text

    def middle(self) -> tuple[float, float]:
        return 100.0, 50.0

    def name_frame(self, frame: str) -> None:
        self.written.append(frame)

    def write_note(self, note: str) -> None:
        self.written.append(note)


class Desk:
    """A session with its commands."""

    def __init__(self, document: Document, around: Around | None = None) -> None:
        self.session = Session()
        self.session.open(document)
        self.around = around or Around()
        self.commands: dict[str, Command] = table(editing(self.session, self.around))

    def run(self, command: str, *chosen: str) -> Graph:
        """Choose nodes, and run a command that must be possible then."""
        if chosen:
            self.session.select(chosen)
        assert self.can(command)
        self.commands[f"edit.{command}"].run()
        return self.session.state.graph

    def can(self, command: str) -> bool:
        return self.commands[f"edit.{command}"].when(self.session.state)


def chain() -> Document:
    document = Document()
    for place, kind in enumerate(("input", "linear", "relu", "output")):
        document, _ = edits.add_node(document, kind, id=kind, position=(0, 104 * place))
        if place:
            document = edits.connect(document, Wire(list(document.graph.nodes)[-2], "out", kind, "in"))
    return document


@pytest.fixture
def desk() -> Desk:
    return Desk(chain())


def test_a_copy_is_put_where_one_looks(desk: Desk) -> None:
    desk.run("copy", "linear", "relu")
    graph = desk.run("paste")
    assert desk.session.state.selection == {"linear_1", "relu_1"}
    assert Wire("linear_1", "out", "relu_1", "in") in graph.wires
    places = desk.session.state.document.layout[""].positions
    assert places["linear_1"] == (100, -2)
    desk.run("paste")
    assert desk.session.state.document.layout[""].positions["linear_2"] == (132, 30)


def test_cut_and_paste_into_another_project(desk: Desk) -> None:
    assert desk.run("cut", "relu").nodes.keys() == {"input", "linear", "output"}
    other = Desk(Document(), desk.around)
    assert other.run("paste").nodes.keys() == {"relu"}
    assert project.loads(desk.around.text).graph == other.session.state.graph


def test_other_texts_paste_nothing(desk: Desk) -> None:
    desk.around.text = "[1, 2"
    assert desk.run("paste") == chain().graph
    assert not desk.session.state.modified
    assert desk.around.complaints == ["paste.nothing"]


def test_delete_and_rejoin(desk: Desk) -> None:
    assert Wire("input", "out", "output", "in") in desk.run("heal", "linear", "relu").wires
    assert desk.session.state.undo_label == "Delete and rejoin"


def test_bypass_and_back(desk: Desk) -> None:
    assert desk.run("bypass", "linear", "input").nodes["linear"].bypassed
    assert not desk.session.state.graph.nodes["input"].bypassed
    title = desk.commands["edit.bypass"].shown
    assert title is not None
    assert title(desk.session.state) == "Do not bypass"
    assert desk.run("bypass") == chain().graph
    desk.session.select(["input"])
    assert not desk.can("bypass")


def test_what_leads_here_and_what_follows(desk: Desk) -> None:
    desk.run("select_before", "relu")
    assert desk.session.state.selection == {"input", "linear", "relu"}
    desk.run("select_after", "relu")
    assert desk.session.state.selection == {"relu", "output"}
    desk.run("select_all")
    assert len(desk.session.state.selected_wires) == 3


def test_disconnecting_leaves_the_nodes(desk: Desk) -> None:
    graph = desk.run("disconnect", "relu")
    assert graph.nodes.keys() == chain().graph.nodes.keys()
    assert graph.wires == {Wire("input", "out", "linear", "in")}
    assert not desk.can("disconnect")


def test_nothing_to_do_is_not_offered() -> None:
    desk = Desk(Document())
    assert [key for key in desk.commands if desk.can(key.removeprefix("edit."))] == ["edit.paste", "edit.note"]


def test_a_frame_is_put_around_nodes_once_and_then_renamed() -> None:
    desk = Desk(chain())
    desk.run("frame", "linear", "relu")
    layout = desk.session.state.document.layout[""]
    assert [frame.nodes for frame in layout.frames.values()] == [("linear", "relu")]
    before = desk.session.state.document
    desk.run("frame")
    assert desk.session.state.document is before
    assert desk.around.written == ["frame_1", "frame_1"]
    desk.run("unframe", "relu")
    assert desk.session.state.document.layout[""].frames["frame_1"].nodes == ("linear",)
    assert not desk.can("unframe")
    desk.run("note")
    assert desk.around.written[-1] == "note_1"
    assert desk.session.state.document.layout[""].positions["note_1"] == (0, 25)
