"""Which words of a Python text are of which kind, found line by line, so that only what is seen has to be looked at."""

import builtins
import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["keyword", "text", "number", "comment", "name", "builtin"]


class Word(NamedTuple):
    """A part of a line that has a colour of its own."""

    start: int
    length: int
    kind: Kind


_PREFIX = r"[rbfuRBFU]{0,2}"
_TRIPLE = r"(?:'''(?:\\.|[^\\])*?(?:'''|\Z)|\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z))"
_SINGLE = r"(?:'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?)"
_STRING = rf"(?<!\w){_PREFIX}(?:{_TRIPLE}|{_SINGLE})"
_LONG = re.compile(rf"#[^\n]*|{_STRING}", re.DOTALL)
_WORDS = re.compile(
    rf"(?P<comment>#.*)|(?P<text>{_STRING})|(?P<number>(?<![\w.])\d[\w.]*)"
    r"|(?P<name>(?<=class )\w+|(?<=def )\w+|(?<!\w)@[\w.]+)|(?P<word>(?<![\w.])[^\W\d]\w*)"
)
_KEYWORDS = frozenset({*keyword.kwlist, "self"})
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class PythonWords:
    """The words of one text."""

    def __init__(self, text: str) -> None:
        self._spans = [found.span() for found in _LONG.finditer(text) if "\n" in found[0]]
        self._ends = [stop for _, stop in self._spans]

    def words(self, line: str, position: int) -> Iterator[Word]:
        """The words of a line that begins at this position of the text."""
        start = 0
        place = bisect_right(self._ends, position)
        for begin, end in self._spans[place : place + 2]:
            if begin < position + len(line) and end > position:
                first, last = max(begin - position, 0), min(end - position, len(line))
                yield from _of_line(line[:first], start)
                yield Word(first, last - first, "text")
                start = last
        yield from _of_line(line, start)


def _of_line(line: str, start: int) -> Iterator[Word]:
    for found in _WORDS.finditer(line, start):
        kind = found.lastgroup
        if kind == "word":
            kind = "keyword" if found[0] in _KEYWORDS else "builtin" if found[0] in _BUILTINS else None
        if kind is not None:
            yield Word(found.start(), len(found[0]), kind)  # type: ignore[arg-type]
