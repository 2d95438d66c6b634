"""Tables in JSON: one object a line, or one list of objects."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa

from workbench.core.files import unreadable
from workbench.core.problems import Problem, ProblemError
from workbench.engine import storage
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.raw import Raw, Report, quiet
from workbench.engine.registry import Setting
from workbench.engine.tables.arrow_files import LARGE, mapped, write
from workbench.engine.tables.csv_rows import opened
from workbench.engine.tables.typed import typed_columns

FORMAT = 1
"""Of converted files."""
PIECE = 8192
"""Lines that are converted at once."""
TYPES = {"bool": pa.bool_(), "number": pa.float64(), "str": pa.string(), "texts": pa.list_(pa.string()),
         "numbers": pa.list_(pa.float64())}  # fmt: skip
BAD = "bad.json"


@dataset("json_lines", "JSON lines", "Your files")
@dataclass(frozen=True)
class JsonLines(Dataset):
    """One object a line: each of its keys is a column. A list of objects is read likewise."""

    path: Annotated[str, Setting(kind="path", label="File", help="Also packed as .gz or .bz2")] = ""
    bad_rows: Annotated[
        str, Setting(choices=("skip", "refuse"), label="Damaged rows", help="What to do with lines that do not fit")
    ] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """Every line. Lines that do not fit are counted and named. Raises `ProblemError`."""
        file = folder / only_path(self.path)
        try:
            status = file.stat()
        except OSError as error:
            raise unreadable(file, error) from None
        if status.st_size > LARGE:
            key = ("json_lines", FORMAT, str(file.resolve()), status.st_mtime_ns, status.st_size)
            place = storage.kept(key, lambda where: _convert_into(where, file, report))
            table, bad = mapped(place), json.loads((place / BAD).read_bytes())
        else:
            lines = _Lines(file, report)
            schema = lines.schema()
            table, bad = pa.Table.from_batches(lines.batches(schema), schema), lines.bad
        if not table.num_rows:
            raise ProblemError("data.empty", where=str(file))
        problems = []
        if bad["count"]:
            if self.bad_rows == "refuse":
                raise ProblemError("data.bad_row", where=str(file), **bad)
            problems.append(Problem("data.skipped_rows", bad, severity="warning"))
        columns, unread = typed_columns(table)
        return Raw(file.name.split(".")[0], columns, None, [*problems, *unread])


def _convert_into(place: Path, file: Path, report: Report) -> None:
    lines = _Lines(file, report)
    schema = lines.schema()
    write(place, schema, lines.batches(schema))
    (place / BAD).write_text(json.dumps(lines.bad))


@dataclass
class _Lines:
    """Goes through a file twice: to find out what its columns hold, and to convert them."""

    file: Path
    report: Report
    bad: dict[str, Any] = field(default_factory=lambda: {"count": 0, "line": 0, "detail": ""})

    def schema(self) -> pa.Schema:
        """Columns in the order in which they appear, each of the type that most of its values have."""
        seen: dict[str, Counter[str]] = {}
        for _, row in self._objects():
            for name, value in row.items():
                seen.setdefault(name, Counter())[_type(value)] += value is not None
        kinds = {name: max(counts, key=lambda kind: counts[kind]) for name, counts in seen.items()}
        return pa.schema([(name, TYPES.get(kind, pa.null())) for name, kind in kinds.items()])

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Lines whose values fit, converted; the others are counted."""
        rows: list[dict[str, Any]] = []
        wanted = {field.name: next((k for k, kind in TYPES.items() if kind == field.type), "") for field in schema}
        self.bad |= {"count": 0, "line": 0, "detail": ""}
        for line, row in self._objects():
            wrong = [n for n, v in row.items() if wanted[n] and v is not None and _type(v) != wanted[n]]
            if wrong:
                self._misfit(line, f"{wrong[0]}: {row[wrong[0]]!r}")
                continue
            rows.append(row)
            if len(rows) == PIECE:
                yield _batch(rows, schema)
                rows = []
        yield _batch(rows, schema)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        total = self.file.stat().st_size if self.file.exists() else 0
        try:
            with opened(self.file) as stream:
                done = 0
                if stream.read(1) == b"[":
                    stream.seek(0)
                    yield from self._list(stream.read())
                    return
                stream.seek(0)
                for line, text in enumerate(stream, 1):
                    done += len(text)
                    if line % PIECE == 0:
                        self.report("data.reading", min(done, total), total)
                    if text.strip():
                        try:
                            row = json.loads(text)
                        except ValueError as error:
                            self._misfit(line, str(error))
                            continue
                        if isinstance(row, dict):
                            yield line, row
                        else:
                            self._misfit(line, text[:40].decode(errors="replace").strip())
        except OSError as error:
            raise unreadable(self.file, error) from None

    def _list(self, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            rows = json.loads(content)
        except ValueError as error:
            raise ProblemError("data.damaged", where=str(self.file), detail=str(error)) from None
        for number, row in enumerate(rows, 1):
            if isinstance(row, dict):
                yield number, row
            else:
                self._misfit(number, str(row)[:40])

    def _misfit(self, line: int, detail: str) -> None:
        if not self.bad["count"]:
            self.bad |= {"line": line, "detail": detail}
        self.bad["count"] += 1


def _batch(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        pa.nulls(len(rows)) if field.type == pa.null() else pa.array([row.get(field.name) for row in rows], field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _type(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "str"
        case list() if all(isinstance(item, str) for item in value):
            return "texts"
        case list() if all(isinstance(item, int | float) for item in value):
            return "numbers"
    return ""
