"""Finds what people mean by the few letters they type."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

_WORD_START = re.compile(r"[A-Z]+(?![a-z])|[A-Z]|(?<![a-zA-Z])[a-z]|\d+|(?<=[\W_])\w|[^\x00-\x7f]")

EXACT, PREFIX, WORD, INITIALS, INSIDE, SCATTERED = range(6)


def rank(query: str, text: str) -> int | None:
    """How well `text` answers `query`, 0 being best; None where it does not.

    From best to worst: the same, begins with it, a word of it begins with it, the initials of its words
    (bn finds BatchNorm), contains it, has its letters in order from the start of a word (cnvt finds
    ConvTranspose). Case and accents of width do not matter.
    """
    wanted, given = query.casefold(), text.casefold()
    if wanted == given:
        return EXACT
    if given.startswith(wanted):
        return PREFIX
    starts = {match.start() for match in _WORD_START.finditer(text)} | {0}
    if len(given) != len(text):  # folding moved the letters, so only the first start is certain
        starts = {0}
    if any(given.startswith(wanted, start) for start in starts):
        return WORD
    if len(wanted) > 1 and _in_order(wanted, "".join(given[start] for start in sorted(starts) if given)):
        return INITIALS
    if wanted in given:
        return INSIDE
    if len(wanted) > 1 and any(_from_start(wanted, given[start:]) for start in starts):
        return SCATTERED
    return None


def search(query: str, items: Iterable[T], texts: Callable[[T], Sequence[str]]) -> list[tuple[int, T]]:
    """The items that answer every word of `query`, best first; equally good ones keep their order.

    `texts` gives a name and its synonyms; a match in a synonym stands behind an equal one in a name, and
    scattered letters count in names only, since in a bag of synonyms they would find everything.
    """
    words = query.split()
    found = []
    for item in items:
        name, *synonyms = texts(item)
        scores = [_best(word, name, synonyms) for word in words]
        if all(score is not None for score in scores):
            found.append((max((score for score in scores if score is not None), default=0), item))
    return sorted(found, key=lambda pair: pair[0])


def _best(word: str, name: str, synonyms: Sequence[str]) -> int | None:
    """In steps of four; a synonym, even the same word, stands behind a name with a word that begins so."""
    ranks = [4 * own for own in [rank(word, name)] if own is not None]
    others = (rank(word, synonym) for synonym in synonyms)
    ranks += [
        4 * max(other, WORD) + 1 + min(other, WORD) for other in others if other is not None and other < SCATTERED
    ]
    return min(ranks, default=None)


def _in_order(letters: str, text: str) -> bool:
    position = 0
    for letter in letters:
        position = text.find(letter, position) + 1
        if position == 0:
            return False
    return True


def _from_start(letters: str, text: str) -> bool:
    return text.startswith(letters[0]) and _in_order(letters, text)
