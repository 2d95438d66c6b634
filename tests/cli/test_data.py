"""Data on the command line: what is in them, and a project that begins with them."""

from pathlib import Path

from tests.cli.shell import error_of, workbench
from tests.samples import IRIS, digit_pictures
from workbench.core import project


def test_a_table_is_inspected() -> None:
    said = workbench("datasets", "inspect", IRIS, "--json")
    assert (said.status, said.errors) == (0, "")
    found = said.document
    assert found.keys() >= {"kind", "rows", "columns", "classes", "splits", "problems"}
    assert (found["kind"], found["rows"]) == ("csv", 150)
    assert all(column.keys() >= {"name", "kind", "role", "missing", "distinct"} for column in found["columns"])
    assert [column["role"] for column in found["columns"]] == ["input"] * 4 + ["target"]
    assert found["classes"] == ["setosa", "versicolor", "virginica"]
    assert sum(found["splits"].values()) == 150
    assert "table_mlp" in found["models"]
    text = workbench("datasets", "inspect", IRIS).output
    assert "petal_width" in text
    assert "setosa, versicolor, virginica" in text


def test_what_a_column_is_for_can_be_said(tmp_path: Path) -> None:
    said = workbench("datasets", "inspect", IRIS, "--set", "data.columns.petal_width.role=target", "--json")
    roles = {column["name"]: column["role"] for column in said.document["columns"]}
    assert roles["petal_width"] == "target"
    file = tmp_path / "width.workbench"
    said = workbench("new", "--data", IRIS, file, "--set", "data.columns.species.role=ignore", "--json")
    assert said.status == 0, said.errors
    data = project.load(file).data
    assert data is not None
    assert data.columns["species"].role == "ignore"
    wrong = workbench("datasets", "inspect", IRIS, "--set", "data.columns.species.role=goal", "--json")
    assert (wrong.status, error_of(wrong)["where"]) == (2, "data.columns.species.role=goal")


def test_a_project_begins_with_pictures_and_learns(tmp_path: Path) -> None:
    pictures = digit_pictures(tmp_path / "pictures", 30, (0, 1))
    file = tmp_path / "mine.workbench"
    said = workbench("new", "--data", pictures, file, "--json")
    assert said.status == 0, said.errors
    assert said.document["model"] == "picture_cnn"
    data = project.load(file).data
    assert data is not None
    assert data.options == {"path": "pictures", "height": 28, "width": 28, "colour": False}
    assert [step.op for step in data.columns["image"].steps or ()] == ["normalise"]
    trained = workbench("train", file, "--epochs", 12, "--runs", tmp_path / "runs", "--json")
    assert trained.status == 0, trained.errors
    assert trained.document["metrics"]["test/accuracy"] > 0.5
    other = workbench("new", "--data", pictures, "--model", "dense_autoencoder", tmp_path / "other.workbench", "--json")
    assert other.document["model"] == "dense_autoencoder"
    wrong = workbench("new", "--data", pictures, "--model", "gpt", tmp_path / "wrong.workbench", "--json")
    assert (wrong.status, error_of(wrong)["code"]) == (2, "cli.no_model")


def test_a_model_of_the_zoo_is_bound_to_data(tmp_path: Path) -> None:
    file = tmp_path / "wine.workbench"
    assert workbench("new", "zoo:wine_mlp", file, "--data", "iris").status == 0
    data = project.load(file).data
    assert data is not None
    assert (data.source, data.options) == ("toy", {"name": "iris"})


def test_wrong_usage(tmp_path: Path) -> None:
    assert workbench("datasets", "inspect").status == 2
    assert workbench("new", tmp_path / "x.workbench").status == 2
    said = workbench("datasets", "inspect", tmp_path / "nothing", "--json")
    assert (said.status, error_of(said)["code"]) == (2, "cli.no_source")
