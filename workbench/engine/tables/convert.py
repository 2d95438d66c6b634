"""From pieces of texts to columns of numbers, dates, lists and texts: twice through the pieces, once to look."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine.tables.cells import MOMENT, Cells, as_dates, as_numbers, as_tags, trimmed
from workbench.engine.tables.csv_rows import with_point
from workbench.engine.tables.survey import Look, Survey

TYPES = {"number": pa.float64(), "date": MOMENT, "tags": pa.list_(pa.string())}
"""How kinds of columns are held; all others as texts."""


@dataclass
class Strays:
    """Rows that were left out, because a text stands in a column of numbers or dates."""

    count: int = 0
    first: int = -1
    """The row of the pieces."""
    detail: str = ""


@dataclass
class Conversion:
    """Columns as they look, and what does not fit in."""

    looks: Sequence[Look]
    decimal: str = "."
    strays: Strays = field(default_factory=Strays)

    @property
    def schema(self) -> pa.Schema:
        """Of what `converted` gives."""
        return pa.schema([(look.name, TYPES.get(look.kind, pa.string())) for look in self.looks])

    def converted(self, pieces: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows in which each text fits its column; the others are counted."""
        before = 0
        for piece in pieces:
            cells = [self._cells(look, piece.column(place)) for place, look in enumerate(self.looks)]
            batch = pa.RecordBatch.from_arrays([item.values for item in cells], schema=self.schema)
            yield self._sifted(batch, piece, cells, before)
            before += piece.num_rows

    def _cells(self, look: Look, texts: pa.Array) -> Cells:
        match look.kind:
            case "number":
                return as_numbers(with_point(texts, self.decimal))
            case "date":
                return as_dates(texts, look.written)
            case "tags":
                return Cells(as_tags(texts, look.written))
            case _:
                return Cells(trimmed(texts))

    def _sifted(
        self, batch: pa.RecordBatch, piece: pa.RecordBatch, cells: Sequence[Cells], before: int
    ) -> pa.RecordBatch:
        wrong = [(place, item.stray) for place, item in enumerate(cells) if item.stray is not None]
        if not wrong:
            return batch
        bad = wrong[0][1]
        for _, stray in wrong[1:]:
            bad = pc.or_(bad, stray)
        if self.strays.first < 0:
            row = bad.index(True).as_py()
            place = next(place for place, stray in wrong if stray[row].as_py())
            self.strays.first = before + row
            self.strays.detail = f"{self.looks[place].name}: {piece.column(place)[row].as_py()!r}"
        self.strays.count += pc.sum(bad).as_py()
        return batch.filter(pc.invert(bad))


def looked_at(names: Sequence[str], pieces: Iterable[pa.RecordBatch], decimal: str = ".") -> list[Look]:
    """What each column looks like."""
    surveys = [Survey(name, decimal) for name in names]
    for piece in pieces:
        for place, survey in enumerate(surveys):
            survey.add(piece.column(place))
    return [survey.look() for survey in surveys]
