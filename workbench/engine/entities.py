"""Things that classes of tokens mark: B-PER begins a person, I-PER goes on with it, O is none. Needs no torch."""

import re
from collections.abc import Iterable, Sequence

Entity = tuple[str, int, int]
"""Its kind, its first token, and the one behind its last."""

MARK = re.compile(r"O|[BIES]-.+")


def is_bio(classes: Iterable[str]) -> bool:
    """The classes mark things: all are O, or B-, I-, E- or S- and a kind, and some begins one."""
    names = list(classes)
    return all(MARK.fullmatch(name) for name in names) and any(name[0] in "BS" for name in names)


def entities(tags: Sequence[str]) -> set[Entity]:
    """The things in a row of tags. An I- that goes on with nothing begins one, as CoNLL's own script counts."""
    found: set[Entity] = set()
    kind, begun = "", 0
    for at, tag in enumerate([*tags, "O"]):
        mark, _, of = tag.partition("-")
        if kind and (mark in "OBS" or of != kind):
            found.add((kind, begun, at))
            kind = ""
        if mark != "O" and not kind:
            kind, begun = of, at
        if kind and mark in ("E", "S"):
            found.add((kind, begun, at + 1))
            kind = ""
    return found
