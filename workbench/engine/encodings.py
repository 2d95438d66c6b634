"""In which encoding a file of text is written. Needs no torch."""

import re

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "gb18030", "big5", "shift_jis", "euc-kr")
"""What can be chosen; cp1252 is what Windows wrote in western Europe, and holds all of Latin-1's letters."""
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""What a file may begin with, and what it is written in then."""
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
HIGH = re.compile(rb"[\x80-\xff]+")


def marked(start: bytes) -> str:
    """The encoding that the first bytes of a file name; UTF-8 where they name none."""
    return next((name for mark, name in MARKS.items() if start.startswith(mark)), "utf-8")


def likely(content: bytes) -> str:
    """What bytes that are not UTF-8 are probably written in; empty where they are no text at all."""
    if content[1::2].count(0) > len(content) / 6:
        return "utf-16"
    if CONTROL.search(content):
        return ""
    runs = [len(run) for run in HIGH.findall(content)]
    long = sum(runs) >= 3 * len(runs)  # letters with accents stand alone, other scripts do not
    if long and all(run % 2 == 0 for run in runs[:-1]) and _reads(content, "gb18030", "\u4e00", "\u9fff"):
        return "gb18030"
    if long and _reads(content, "shift_jis", "\u3040", "\u9fff"):
        return "shift_jis"
    if long and _reads(content, "cp1251", "\u0400", "\u04ff"):
        return "cp1251"
    return "cp1252"


def _reads(content: bytes, encoding: str, first: str, last: str) -> bool:
    """Read like that, most letters beyond ASCII are between these two."""
    letters = [letter for letter in content.decode(encoding, "replace") if letter > "\x7f" and letter.isalpha()]
    return sum(first <= letter <= last for letter in letters) > 0.9 * max(1, len(letters))
