"""What the words on a command line mean: projects, data sets, settings, runs."""

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

import model_zoo
from workbench.core import project, settings
from workbench.core.catalogue import SPLIT_FIELDS, FieldInfo, misfit, shipped
from workbench.core.document import ColumnUse, Data, Document, frozen
from workbench.core.edits import set_field, set_setting
from workbench.core.guess import Guess, guess
from workbench.core.i18n import tr
from workbench.core.live_edits import AUGMENTATION, as_written
from workbench.core.problems import ProblemError
from workbench.core.runs import RunStore
from workbench.core.training_fields import training_fields

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


def target(name: str, suffix: str) -> Path:
    """A file to write, before any work is done for it. Raises `ProblemError` where it could not be written."""
    path = Path(name)
    if path.is_dir():
        raise ProblemError("file.is_folder", where=name)
    if path.suffix.lower() != suffix:
        raise ProblemError("cli.suffix", where=name, suffix=suffix)
    if not path.parent.is_dir():
        raise ProblemError("file.no_folder", where=name, folder=str(path.parent))
    return path


def guessed(source: str) -> Guess:
    """What a person means by a name or a path. Raises `ProblemError`."""
    try:
        return guess(source, Path.cwd(), shipped())
    except ProblemError as error:
        if error.problem.code == "data.no_source":
            raise ProblemError("cli.no_source", where=source, known=error.problem.args["known"]) from None
        raise


def with_data(document: Document, source: str) -> Document:
    """The document bound to other data; options that the new source understands too are kept. Raises `ProblemError`."""
    data = guessed(source).data
    if document.data is None:
        return replace(document, data=data)
    understood = {field.name: field for field in shipped().datasets[data.source].fields if field.kind != "path"}
    kept = {
        name: value
        for name, value in document.data.options.items()
        if name in understood and misfit(understood[name], value) is None
    }
    return replace(document, data=replace(data, options={**kept, **data.options}, split=document.data.split))


def with_setting(document: Document, assignment: str) -> Document:
    """The document with one `PATH=VALUE` set. Raises `ProblemError`.

    PATH is `training.NAME`, `data.NAME` (an option of the data), `data.split.NAME`, `data.columns.COLUMN.NAME` or
    `nodes.ID.NAME`; VALUE is JSON, and a text that is no JSON stands for itself. The steps of a column are a list of
    names, or of objects with `op` and `settings`.
    """
    path, value = _parsed(assignment)
    try:
        match path:
            case ["training", name]:
                return _set_training(document, name, value)
            case ["data", *names] if names:
                return _set_data(document, names, value)
            case ["nodes", node, name]:
                return _set_node(document, node, name, value)
    except ProblemError as error:
        raise ProblemError("cli.setting", where=assignment, reason=msgspec.to_builtins(error.problem)) from None
    raise ProblemError("cli.setting_path", where=assignment)


def live_setting(assignment: str) -> tuple[str, Any]:
    """What is to change of a run at work, by `training.NAME=VALUE` or `data.columns.COLUMN.steps=VALUE`.

    Raises `ProblemError`.
    """
    path, value = _parsed(assignment)
    match path:
        case ["training", name]:
            return name, value
        case ["data", "columns", *names, "steps"] if names:
            column = ".".join(names)
            steps = _with_column(Data(""), column, "steps", value).columns[column].steps
            return AUGMENTATION, as_written({column: steps or ()})
    raise ProblemError("cli.setting_path", where=assignment)


def _parsed(assignment: str) -> tuple[list[str], Any]:
    """The parts of the path, none where there is no value; and the value, which is JSON or stands for itself."""
    path, equals, text = assignment.partition("=")
    try:
        value = frozen(json.loads(text))
    except ValueError:
        value = text
    return path.split(".") if equals else [], value


def _set_training(document: Document, name: str, value: Any) -> Document:
    _check(tr("Training"), training_fields(shipped()), name, value)
    return replace(document, training=set_field(document.training, name, value))


def _set_data(document: Document, names: list[str], value: Any) -> Document:
    data = document.data
    if data is None:
        raise ProblemError("cli.no_data")
    match names:
        case ["split", name]:
            _check(tr("The split"), SPLIT_FIELDS, name, value)
            return replace(document, data=replace(data, split=set_field(data.split, name, value)))
        case ["columns", *column, name] if column:
            return replace(document, data=_with_column(data, ".".join(column), name, value))
        case _:
            name = ".".join(names)
            if info := shipped().datasets.get(data.source):
                _check(info.title, info.fields, name, value)
            return replace(document, data=replace(data, options={**data.options, name: value}))


def _with_column(data: Data, column: str, name: str, value: Any) -> Data:
    """What is made of one column of the data; the name of a column may have dots in it."""
    known = ColumnUse.__struct_fields__
    if name not in known:
        raise ProblemError("cli.no_setting", title=column, name=name, known=list(known))
    if name == "steps" and isinstance(value, tuple):
        value = tuple({"op": step} if isinstance(step, str) else step for step in value)
        _check_steps(column, value)
    raw = {**msgspec.to_builtins(data.columns.get(column, ColumnUse())), name: value}
    try:
        use = msgspec.convert(raw, ColumnUse)
    except ValueError as error:
        raise ProblemError("cli.column", where=column, name=name, detail=str(error)) from None
    return replace(data, columns={**data.columns, column: use})


def _check_steps(column: str, steps: tuple[Any, ...]) -> None:
    """Raise `ProblemError` for a step that is not there, or settings that do not fit it."""
    known = shipped().steps
    for step in steps:
        op = step.get("op") if isinstance(step, dict) else step
        if op not in known:
            raise ProblemError("step.unknown", where=column, found=op, known=list(known))
        for setting, value in step.get("settings", {}).items():
            _check(known[op].title, known[op].fields, setting, value)


def _set_node(document: Document, node: str, name: str, value: Any) -> Document:
    if node not in document.graph.nodes:
        raise ProblemError("cli.no_node", node=node, known=list(document.graph.nodes))
    if info := shipped().layers.get(document.graph.nodes[node].type):
        _check(info.title, info.fields, name, value)
    return set_setting(document, node, name, value)


def _check(title: str, fields: tuple[FieldInfo, ...], name: str, value: Any) -> None:
    """Raise `ProblemError` for a setting that is not there, or a value that does not fit it."""
    field = next((item for item in fields if item.name == name), None)
    if field is None:
        raise ProblemError("cli.no_setting", title=title, name=name, known=[item.name for item in fields])
    if code := misfit(field, value):
        raise ProblemError(code, name=name, found=value, field=msgspec.to_builtins(field))


def run_store(folder: str | None) -> RunStore:
    """The runs in a folder, or where the user keeps them."""
    return RunStore(Path(folder).resolve() if folder else settings.load().runs)
