"""What the columns of a table look like, found out from texts a piece at a time."""

import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.document import Role
from workbench.engine.tables.cells import CODE, DATES, PARTS, SEPARATORS, as_dates, as_numbers, trimmed
from workbench.engine.tables.csv_rows import with_point

MAX_VALUES = 50
"""A column of texts with more different values than this is no category."""
MAX_TAGS = 200
"""Likewise, of the parts of texts."""
STRAY = 0.1
"""A column of numbers or dates may hold other texts in this share of its rows: typing errors, not categories."""
PIECE = 10_000
"""Texts whose values are counted at once."""
LOOKED = 1000
"""Values that are looked at to find out how dates and tags are written."""
IDS = re.compile(r"^(id|uuid|guid|index|key|unnamed: 0|row_?id|.*[_ ]id|.*(?<=[a-z])(Id|ID))$")
GROUPS = re.compile(
    r"^(group|patient|subject|participant|person|customer|user|client|household|session)([ _]?(id|no))?$", re.IGNORECASE
)
TARGETS = re.compile(r"^(target|label|labels|class|outcome|response)$", re.IGNORECASE)
WEIGHTS = re.compile(r"^(sample|instance|case)[ _]?weights?$", re.IGNORECASE)
SPLITS = re.compile(r"^(split|subset|partition|fold_?set|set)$", re.IGNORECASE)


@dataclass(frozen=True)
class Look:
    """What a column looks like."""

    name: str
    kind: str
    role: Role = "auto"
    written: str = ""
    """The format of dates, or what stands between tags."""


@dataclass
class Survey:
    """What is known of one column of texts so far."""

    name: str
    decimal: str = "."
    rows: int = 0
    filled: int = 0
    """Texts whose values have been counted."""
    strays: int = 0
    """Texts that are no numbers; counted as long as it can be a column of numbers."""
    codes: bool = False
    misses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DATES, 0))
    """Texts that are no dates, by format; one that does not fit at all is dropped."""
    distinct: dict[str, int] = field(default_factory=dict)
    """Different values and how often they are there, as long as there are few."""
    many: bool = False
    """There are more."""
    numeric: bool = True
    sample: list[str] = field(default_factory=list)

    def add(self, texts: pa.Array) -> None:
        """See one piece more."""
        self.rows += len(texts)
        if self.numeric:
            self._add_numbers(texts)
        if not self.numeric or self.codes:
            self._add_dates(texts)
        self._add_values(texts)

    def _add_numbers(self, texts: pa.Array) -> None:
        found = as_numbers(with_point(texts, self.decimal))
        self.strays += pc.sum(found.stray).as_py() if found.stray is not None else 0
        self.numeric = self.strays <= STRAY * self.rows
        if self.numeric and not self.codes:
            zeros = texts.filter(pc.or_(pc.starts_with(texts, "0"), pc.greater(pc.utf8_length(texts), 15)))
            self.codes = bool(pc.any(pc.match_substring_regex(pc.utf8_trim_whitespace(zeros), CODE)).as_py())

    def _add_dates(self, texts: pa.Array) -> None:
        for format in list(self.misses):
            head = as_dates(texts.slice(0, LOOKED), format).stray
            if head is not None and pc.sum(head).as_py() > STRAY * min(LOOKED, len(texts)):
                del self.misses[format]
            elif (stray := as_dates(texts, format).stray) is not None:
                self.misses[format] += pc.sum(stray).as_py()

    def _add_values(self, texts: pa.Array) -> None:
        """Of numbers a few are enough; of texts all, until there are too many for classes."""
        for start in range(0, len(texts), PIECE):
            if self.many or (self.numeric and self.filled > PIECE):
                return
            given = trimmed(texts.slice(start, PIECE)).drop_null()
            self.filled += len(given)
            counted = pc.value_counts(given)
            values, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
            for value, count in zip(values, counts, strict=True):
                self.distinct[value] = self.distinct.get(value, 0) + count
            self.sample += values[: LOOKED - len(self.sample)]
            self.many = len(self.distinct) > LOOKED

    def look(self) -> Look:
        """What it looks like, now that all has been seen."""
        role = self._role()
        if self._is_numeric():
            return Look(self.name, "id", "ignore") if role == "ignore" else Look(self.name, "number", role)
        if role == "ignore":
            return Look(self.name, "id", "ignore")
        if (format := self._dates()) is not None:
            return Look(self.name, "date", role, format)
        if (separator := self._tags()) is not None:
            return Look(self.name, "tags", role, separator)
        if not self.many and len(self.distinct) <= MAX_VALUES:
            return Look(self.name, "category", role)
        return Look(self.name, "text", role)

    def _is_numeric(self) -> bool:
        return self.numeric and not self.codes and self.strays <= STRAY * self.rows

    def _dates(self) -> str | None:
        able = {format: missed for format, missed in self.misses.items() if missed <= STRAY * self.rows}
        if self.numeric or not self.filled or not able or self.codes:
            return None
        return min(able, key=lambda format: able[format])  # of those that fit as well, the first

    def _tags(self) -> str | None:
        for separator in SEPARATORS:
            several = [value for value in self.sample if separator in value]
            parts = {part.strip() for value in self.sample for part in value.split(separator)}
            short = all(len(part.split()) <= 3 for part in parts)
            if len(several) >= 0.2 * max(1, len(self.sample)) and short and len(parts) <= MAX_TAGS:
                return separator
        return None

    def _role(self) -> Role:
        name = self.name.strip()
        repeats = len(self.distinct) <= self.filled / 2
        if SPLITS.match(name) and self.distinct and all(value.lower() in PARTS for value in self.distinct):
            return "split"
        if WEIGHTS.match(name) and self._is_numeric():
            return "weight"
        if GROUPS.match(name) and self.filled and repeats:
            return "group"
        if IDS.match(name) and self.filled and self._mostly_once():
            return "ignore"
        return "target" if TARGETS.match(name) else "auto"

    def _mostly_once(self) -> bool:
        """Nearly every value is there once, as far as has been counted."""
        return len(self.distinct) > 0.9 * self.filled
