"""What the words on a command line mean: projects, data sets, settings, runs."""

import json
from pathlib import Path
from typing import Any

from msgspec.structs import replace

import model_zoo
from workbench.core import project, settings
from workbench.core.catalogue import misfit, shipped
from workbench.core.document import Data, Document, frozen
from workbench.core.edits import set_field, set_setting
from workbench.core.problems import ProblemError
from workbench.core.runs import RunStore

ZOO = "zoo:"


def opened(name: str) -> tuple[Document, Path]:
    """A project by its file or `zoo:NAME`, and the folder where its relative paths start. Raises `ProblemError`."""
    if name.startswith(ZOO):
        return model_zoo.document(name.removeprefix(ZOO)), Path.cwd()
    path = Path(name)
    return project.load(path), path.resolve().parent


def titled(name: str, document: Document) -> str:
    """What a run of this project is called."""
    return name.removeprefix(ZOO) if name.startswith(ZOO) else document.title or Path(name).stem


def with_data(document: Document, source: str) -> Document:
    """The document bound to other data: a name, a folder of images or a CSV file. Raises `ProblemError`."""
    split = document.data.split if document.data else Data("").split
    known = shipped().datasets
    path = Path(source)
    if source in known:
        return replace(document, data=Data(source, {}, split))
    if path.is_dir():
        kept = document.data.options if document.data and document.data.source == "image_folder" else {}
        return replace(document, data=Data("image_folder", {**kept, "path": str(path.resolve())}, split))
    if path.is_file() and path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return replace(document, data=Data("csv", {"path": str(path.resolve())}, split))
    raise ProblemError("cli.no_source", where=source, known=list(known))


def with_setting(document: Document, assignment: str) -> Document:
    """The document with one `PATH=VALUE` set. Raises `ProblemError`.

    PATH is `training.NAME`, `data.NAME` (an option of the data, or `data.split.NAME`) or `nodes.ID.NAME`; VALUE is
    JSON, and a text that is no JSON stands for itself.
    """
    path, equals, text = assignment.partition("=")
    try:
        value = frozen(json.loads(text))
    except ValueError:
        value = text
    try:
        if not equals:
            raise ValueError(f"there is no = in {assignment!r}")
        return _set(document, path.split("."), value)
    except ValueError as error:
        raise ProblemError("cli.setting", where=assignment, detail=str(error)) from None


def _set(document: Document, path: list[str], value: Any) -> Document:
    match path:
        case ["training", name]:
            return replace(document, training=set_field(document.training, name, value))
        case ["data", "split", name] if document.data:
            return replace(document, data=replace(document.data, split=set_field(document.data.split, name, value)))
        case ["data", name] if document.data:
            options = {**document.data.options, name: value}
            return replace(document, data=replace(document.data, options=options))
        case ["nodes", node, name]:
            return _set_node(document, node, name, value)
        case ["data", *_]:
            raise ValueError("the project has no data")
    raise ValueError(f"there is nothing at {'.'.join(path)!r}")


def _set_node(document: Document, node: str, name: str, value: Any) -> Document:
    if node not in document.graph.nodes:
        raise ValueError(f"there is no node {node!r}; there are {', '.join(document.graph.nodes)}")
    info = shipped().layers.get(document.graph.nodes[node].type)
    field = next((item for item in info.fields if item.name == name), None) if info else None
    if info and field is None:
        raise ValueError(f"{info.title} has no setting {name!r}; it has {', '.join(f.name for f in info.fields)}")
    if field and misfit(field, value):
        raise ValueError(f"{value!r} does not fit {field.label}")
    return set_setting(document, node, name, value)


def run_store(folder: str | None) -> RunStore:
    """The runs in a folder, or where the user keeps them."""
    return RunStore(Path(folder).resolve() if folder else settings.load().runs)
