"""Project files: any document survives, and what cannot be read is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from tests.strategies import documents
from workbench.core import project
from workbench.core.document import Document, Graph, Node, Param, Wire
from workbench.core.problems import ProblemError


@given(documents())
def test_any_document_survives_saving(document: Document) -> None:
    assert project.loads(project.dumps(document)) == document


@given(documents())
def test_saving_twice_gives_the_same_text(document: Document) -> None:
    text = project.dumps(document)
    assert project.dumps(project.loads(text)) == text


def small() -> Document:
    nodes = {
        "a": Node("a", "input", {"shape": (3,)}),
        "b": Node("b", "linear", {"out_features": Param("width")}, "Second"),
    }
    return Document(graph=Graph(nodes, frozenset({Wire("a", "out", "b", "in")})), title="Small")


def test_a_node_and_a_wire_stand_on_lines_of_their_own() -> None:
    lines = [line.strip().rstrip(",") for line in project.dumps(small()).splitlines()]
    assert '{"id": "a", "type": "input", "settings": {"shape": [3]}}' in lines
    assert '["a/out", "b/in"]' in lines


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "net.workbench"
    project.save(path, small())
    project.save(path, Document(title="Other"))
    assert project.load(path).title == "Other"
    assert [item.name for item in tmp_path.iterdir()] == ["net.workbench"]


@pytest.mark.parametrize("keep", [0, 1, 40, 200])
def test_a_truncated_file_is_named_with_its_line(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "net.workbench"
    path.write_text(project.dumps(small())[:keep])
    with pytest.raises(ProblemError) as caught:
        project.load(path)
    assert caught.value.problem.code == "project.not_json"
    assert caught.value.problem.node == str(path)
    assert "line" in caught.value.problem.args["detail"]


def test_other_json_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        project.loads(json.dumps({"version": 1}))
    assert caught.value.problem.code == "project.not_a_project"


def test_a_newer_file_is_refused_politely() -> None:
    raw = json.loads(project.dumps(small())) | {"version": project.VERSION + 1}
    with pytest.raises(ProblemError) as caught:
        project.loads(json.dumps(raw))
    assert caught.value.problem.args == {"found": project.VERSION + 1, "known": project.VERSION}


@pytest.mark.parametrize(
    "change",
    [
        {"training": {"epochs": "many"}},
        {"graph": {"nodes": [{"id": "a/b", "type": "relu"}]}},
        {"graph": {"nodes": [{"id": "a", "type": "relu"}, {"id": "a", "type": "relu"}]}},
        {"graph": {"nodes": [], "wires": [["a/out", "b/in"]]}},
        {"graph": []},
        {"blocks": {"b": 3}},
        {"layout": {"": {"positions": {"a": [1]}}}},
    ],
)
def test_a_field_that_does_not_fit_is_named(change: dict[str, object]) -> None:
    raw = json.loads(project.dumps(small())) | change
    with pytest.raises(ProblemError) as caught:
        project.loads(json.dumps(raw))
    assert caught.value.problem.code == "project.field"
    assert caught.value.problem.args["detail"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"training": {"epochs": "many"}}, "training.epochs is a text; expected a whole number"),
        ({"data": {"options": {}}}, "data lacks “source”"),
        ({"graph": {"nodes": [{"id": "a", "type": 3}]}}, "nodes[0].type is a whole number; expected a text"),
        ({"training": {"device": "tpu"}}, "training.device is “tpu”, which it cannot be"),
        ({"title": 3}, "title is a whole number; expected a text"),
        ({"graph": []}, "its parts are not put together as those of a project are"),
        ({"version": "x"}, 'version is "x"'),
    ],
)
def test_a_field_that_does_not_fit_is_told_in_plain_words(change: dict[str, object], said: str) -> None:
    raw = json.loads(project.dumps(small())) | change
    with pytest.raises(ProblemError) as caught:
        project.loads(json.dumps(raw))
    assert caught.value.problem.args["detail"] == said


def test_an_unknown_layer_type_is_kept_with_its_settings() -> None:
    document = Document(graph=Graph({"x": Node("x", "hologram", {"depth": 3, "modes": ("a", "b")})}))
    assert project.loads(project.dumps(document)).graph.nodes["x"] == document.graph.nodes["x"]


def test_every_old_file_still_opens() -> None:
    files = sorted((Path(__file__).parent.parent / "projects").glob("*.workbench"))
    versions = {json.loads(path.read_text())["version"] for path in files}
    assert versions == set(range(1, project.VERSION + 1))
    for path in files:
        project.load(path)
