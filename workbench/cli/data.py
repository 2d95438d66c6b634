"""`workbench datasets` and `workbench new`: what is in data, and a project that begins with them."""

import argparse
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

import model_zoo
from workbench.cli import sources
from workbench.cli.asking import asked
from workbench.cli.output import FAILED, OK, as_json, listed, table, told, write, write_json
from workbench.core import project, wording
from workbench.core.catalogue import shipped
from workbench.core.data_messages import InspectData
from workbench.core.document import Document
from workbench.core.i18n import tr
from workbench.core.inspection import ColumnFacts, Inspection, Suggestion
from workbench.core.problems import ProblemError

EXAMPLE = 40
"""Characters of an example that are shown."""


def datasets(args: argparse.Namespace) -> int:
    """List the kinds of data, or find out what is in one: datasets inspect SOURCE."""
    if args.action:
        return _inspect(args)
    rows = [
        {
            "name": info.key,
            "title": info.title,
            "group": info.group,
            "summary": info.summary,
            "download": info.download,
            "options": {field.name: field.default for field in info.fields},
        }
        for info in shipped().datasets.values()
    ]
    return listed(rows, args)


def new(args: argparse.Namespace) -> int:
    """Write a project file from a model of the zoo, or with a first model for your data."""
    path = sources.target(args.file, project.SUFFIX)
    if path.exists() and not args.force:
        raise ProblemError("cli.exists", where=str(path))
    if args.project is None:
        chosen = _suggested(args)
        document, model = chosen.document, chosen.name
    else:
        document, _ = sources.opened(args.project)
        document = sources.with_data(document, args.data) if args.data else document
        model = args.project
    project.save(path, _beside(document, path))
    if args.json:
        write_json({"path": str(path), "nodes": len(document.graph.nodes), "model": model})
    else:
        write(str(path))
    return OK


def inspection(source: str, args: argparse.Namespace, *, download: bool = False) -> Inspection:
    """What is in the data that a name or a path stands for. Raises `ProblemError`."""
    data = sources.guessed(source).data
    for assignment in getattr(args, "set", ()):
        document = sources.with_setting(Document(data=data), assignment)
        assert document.data is not None
        data = document.data
    found: Inspection = asked(InspectData(project.data_to_raw(data), download=download, begin=True), args)
    return found


def _suggested(args: argparse.Namespace) -> Suggestion:
    """The model to begin with, or the one that was asked for, whose training may be set too. Raises `ProblemError`."""
    found = inspection(args.data, args)
    for problem in found.problems:
        if problem.severity == "error":
            raise ProblemError.of(problem)
    offered = model_zoo.suggestions(found)
    if not offered:
        raise ProblemError("data.no_model", where=args.data, found=[column.kind for column in found.ready])
    names = [item.name for item in offered]
    if args.model and args.model not in names:
        raise ProblemError("cli.no_model", where=args.model, known=names)
    return offered[names.index(args.model) if args.model else 0]


def _beside(document: Document, path: Path) -> Document:
    """With a path to data inside the project's folder relative to it."""
    data = document.data
    if data is None:
        return document
    folder = path.resolve().parent
    options = {
        name: Path(value).relative_to(folder).as_posix()
        if isinstance(value, str) and Path(value).is_absolute() and Path(value).is_relative_to(folder)
        else value
        for name, value in data.options.items()
    }
    return replace(document, data=replace(data, options=options))


def _inspect(args: argparse.Namespace) -> int:
    why = sources.guessed(args.source).why
    found = inspection(args.source, args, download=args.download)
    if args.json:
        write_json(_contract(found, wording.what(why)))
    else:
        _show(found, wording.what(why))
    return FAILED if any(problem.severity == "error" for problem in found.problems) else OK


def _contract(found: Inspection, why: str) -> dict[str, Any]:
    kept = ("name", "kind", "role", "missing", "distinct", "example")
    return {
        "kind": found.kind,
        "why": why,
        "title": found.title,
        "rows": found.rows,
        "columns": [{name: getattr(column, name) for name in kept} for column in found.columns],
        "classes": list(found.classes),
        "splits": found.splits,
        "method": found.method,
        "balance": found.balance,
        "duplicates": msgspec.to_builtins(found.duplicates),
        "ready": msgspec.to_builtins(found.ready),
        "data": found.data,
        "fingerprint": found.fingerprint,
        "to_download": found.to_download,
        "models": [item.name for item in model_zoo.suggestions(found)],
        "problems": [as_json(problem) for problem in found.problems],
    }


def _show(found: Inspection, why: str) -> None:
    write(f"{found.title} ({shipped().datasets[found.kind].title})  {why}")
    if found.to_download:
        write(tr("{size} would have to be downloaded first: add --download.", size=found.to_download))
    header = (tr("column"), tr("kind"), tr("role"), tr("missing"), tr("different"), tr("example"))
    if found.columns:
        table(header, [_column(column) for column in found.columns], right=(3, 4))
    shares = " · ".join(f"{name} {wording.count(number)}" for name, number in found.splits.items())
    if shares:
        write(tr("Samples {n}: {shares}", n=wording.count(found.rows), shares=f"{shares} ({found.method})"))
    if found.classes:
        write(tr("Classes {n}: {names}", n=len(found.classes), names=", ".join(found.classes[:20])))
    offered = ", ".join(item.name for item in model_zoo.suggestions(found))
    if offered:
        write(tr("Models that fit: {names}", names=offered))
    for problem in found.problems:
        write(f"{problem.severity}: {told(problem)}")


def _column(column: ColumnFacts) -> tuple[str, ...]:
    example = " ".join(column.example.split())
    shown = example if len(example) <= EXAMPLE else f"{example[:EXAMPLE]}…"
    distinct = "–" if column.distinct is None else wording.count(column.distinct)
    return column.name, column.kind, column.role, wording.count(column.missing), distinct, shown
