"""Project files: one JSON text per document, versioned, migrated in order for ever, never code.

The text is laid out one node and one wire a line, so that version control shows what changed.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.core.document import (
    IDENTIFIER,
    Block,
    Data,
    Document,
    Graph,
    Layout,
    Node,
    Step,
    Training,
    Wire,
    frozen,
    on_plane,
)
from workbench.core.files import unreadable, unwritable, write_atomically
from workbench.core.plain import plain
from workbench.core.problems import ProblemError

SUFFIX = ".workbench"
FORMAT = "model-workbench project"

Raw = dict[str, Any]


def _target_as_role(raw: Raw) -> Raw:
    """Version 1 had the target of a table among the options of its source."""
    data = raw.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("options"), dict) or "target" not in data["options"]:
        return raw
    options = {name: value for name, value in data["options"].items() if name != "target"}
    target = data["options"]["target"]
    columns = {target: {"role": "target"}} if isinstance(target, str) and target else {}
    return {**raw, "data": {**data, "options": options, "columns": columns}}


def _text_as_steps(raw: Raw) -> Raw:
    """Version 1 read texts as characters alone, numbered from 0 without any that are reserved."""
    data = raw.get("data")
    if not isinstance(data, dict) or data.get("source") != "text":
        return raw
    columns = {"text": {"steps": [{"op": "characters", "settings": {"reserved": False}}]}}
    return {**raw, "data": {**data, "source": "text_file", "columns": columns}}


def _sources_only_read(raw: Raw) -> Raw:
    """Since version 2, what is made of the columns of a source is no option of it."""
    return _text_as_steps(_target_as_role(raw))


MIGRATIONS: tuple[Callable[[Raw], Raw], ...] = (_sources_only_read,)
"""Step i takes the raw data of version i + 1 to version i + 2. Steps import nothing of ours and never change."""

VERSION = len(MIGRATIONS) + 1


def dumps(document: Document) -> str:
    """The text of a project file. Raises ValueError for a number that JSON cannot hold (NaN, infinity)."""
    return _laid_out({"format": FORMAT, "version": VERSION, **to_raw(document)}, "") + "\n"


def loads(text: str | bytes, *, where: str = "") -> Document:
    """The document of a project file's text.

    Raises:
        ProblemError: not JSON, not a project, a newer version, or a field of the wrong type; says where.
    """
    try:
        raw = json.loads(text, parse_float=_finite, parse_constant=_finite)
        json.dumps(raw, ensure_ascii=False).encode()  # half a character ("\ud800") could not be saved again
    except (ValueError, RecursionError) as error:
        raise ProblemError("project.not_json", where=where, detail=_json_detail(error)) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ProblemError("project.not_a_project", where=where)
    version = raw.get("version")
    if not isinstance(version, int) or version < 1:
        raise ProblemError("project.field", where=where, detail=f"version is {json.dumps(version)}")
    if version > VERSION:
        raise ProblemError("project.newer", where=where, found=version, known=VERSION)
    for step in MIGRATIONS[version - 1 :]:
        raw = step(raw)
    return from_raw(raw, where=where)


def load(path: Path) -> Document:
    """Read a project file. Raises `ProblemError` when it cannot be read or understood."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    return loads(content, where=str(path))


def save(path: Path, document: Document) -> None:
    """Write a project file; what was there before stays whole if that fails.

    Raises:
        ProblemError: the disk is full, the folder is gone or may not be written.
    """
    try:
        write_atomically(path, dumps(document).encode())
    except OSError as error:
        raise unwritable(path, error) from None


def to_raw(document: Document) -> Raw:
    """The document as JSON-ready values, also what crosses the pipe."""
    return {
        "title": document.title,
        "graph": _raw_graph(document.graph),
        "blocks": {
            name: {
                "title": block.title,
                "parameters": msgspec.to_builtins(block.parameters),
                **_raw_graph(block.graph),
            }
            for name, block in document.blocks.items()
        },
        "data": msgspec.to_builtins(document.data),
        "training": msgspec.to_builtins(document.training),
        "layout": msgspec.to_builtins(document.layout),
    }


def from_raw(raw: Raw, *, where: str = "") -> Document:
    """The document of raw data of the present version. Raises `ProblemError` naming the field that does not fit."""
    raw = _sources_only_read(raw)  # runs keep what was a document when they began
    try:
        data = _part(raw, "data", Data | None, None)
        return Document(
            graph=_graph(raw.get("graph", {})),
            blocks={
                name: Block(_graph(block), _settings(block.get("parameters", {})), block.get("title", ""))
                for name, block in _part(raw, "blocks", dict[str, dict[str, Any]], {}).items()
            },
            layout={scope: _on_plane(layout) for scope, layout in _part(raw, "layout", dict[str, Layout], {}).items()},
            data=data and _data(data),
            training=_part(raw, "training", Training, {}),
            title=_part(raw, "title", str, ""),
        )
    except ValueError as error:
        raise ProblemError("project.field", where=where, detail=str(error)) from None
    except (KeyError, AttributeError, TypeError):
        detail = "its parts are not put together as those of a project are"
        raise ProblemError("project.field", where=where, detail=detail) from None


def data_of(raw: Raw) -> Data:
    """What a document's raw `data` say. Raises `msgspec.ValidationError` where they do not fit."""
    return _data(msgspec.convert(raw, Data))


def data_to_raw(data: Data) -> Raw:
    """Data as JSON-ready values."""
    raw: Raw = msgspec.to_builtins(data)
    return raw


def _data(data: Data) -> Data:
    columns = {
        name: use if use.steps is None else replace(use, steps=tuple(_step(step) for step in use.steps))
        for name, use in data.columns.items()
    }
    return Data(data.source, _settings(data.options), data.split, columns)


def _step(step: Step) -> Step:
    return replace(step, settings=_settings(step.settings))


def _part(raw: Raw, name: str, kind: Any, default: Any) -> Any:
    """One part of the raw data, as its type. Raises ValueError that says what does not fit."""
    try:
        return msgspec.convert(raw.get(name, default), kind)
    except msgspec.ValidationError as error:
        raise ValueError(plain(error, name)) from None


def _raw_graph(graph: Graph) -> Raw:
    wires = [[f"{w.src}/{w.src_port}", f"{w.dst}/{w.dst_port}"] for w in sorted(graph.wires)]
    return {"nodes": [msgspec.to_builtins(node) for node in graph.nodes.values()], "wires": wires}


def _graph(raw: Raw) -> Graph:
    nodes: dict[str, Node] = {}
    for node in _part(raw, "nodes", list[Node], []):
        if not IDENTIFIER.fullmatch(node.id) or node.id in nodes:
            raise ValueError(f"the node id “{node.id}” is no identifier, or is there twice")
        nodes[node.id] = replace(node, settings=_settings(node.settings))
    wires = set()
    for source, target in _part(raw, "wires", list[tuple[str, str]], []):
        src, _, src_port = source.partition("/")
        dst, _, dst_port = target.partition("/")
        if src not in nodes or dst not in nodes:
            raise ValueError(f"the wire {source} → {target} ends at a node that is not there")
        wires.add(Wire(src, src_port, dst, dst_port))
    return Graph(nodes, frozenset(wires))


def _on_plane(layout: Layout) -> Layout:
    """A file that was written by hand may say any number."""
    return replace(layout, positions={node: on_plane(place) for node, place in layout.positions.items()})


def _settings(raw: Raw) -> dict[str, Any]:
    return {name: frozen(value) for name, value in raw.items()}


def _laid_out(value: Any, indent: str) -> str:
    """JSON that keeps what fits on a line on one line."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = indent + "  "
    if not value or not isinstance(value, dict | list) or (len(flat) <= 100 and not _holds_rows(value)):
        return flat
    if isinstance(value, list):
        rows = [inner + _laid_out(item, inner) for item in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    rows = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_laid_out(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def _holds_rows(value: Any) -> bool:
    """A list of nodes or wires is laid out one a line however short it is."""
    return isinstance(value, list) and isinstance(value[0], dict | list)


def _finite(text: str) -> float:
    """A number that can be saved again: Python's JSON reads NaN, Infinity and 1e999 too."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _json_detail(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return str(error)
