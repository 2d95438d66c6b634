"""Text files in whatever encoding they are. Needs no torch.

UTF-8 is read, and what says itself that it is UTF-16 or UTF-32. Anything else is refused with the name of what it
looks like: which encoding it is, only a person can say.
"""

import codecs
import mmap
from dataclasses import dataclass
from pathlib import Path

from workbench.core.files import unreadable
from workbench.core.problems import ProblemError

AUTO = "auto"
ENCODINGS = (
    AUTO, "utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc_kr", "cp1252", "latin-1",
    "cp1251", "koi8-r",
)  # fmt: skip
"""What can be chosen."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a file that says its encoding begins with."""
PIECE = 1 << 20
"""Bytes that are looked at together."""
LOOKED_AT = 1 << 16
"""Bytes that a guess is made from."""
COMMON_HAN = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小"
)
"""The most frequent characters of Chinese: a text that is none has few of them by chance."""


@dataclass(frozen=True)
class Read:
    """A file's text, line ends as they are in Python."""

    text: str
    cut: int = 0
    """Bytes at the end that are half a character, and left out."""


def read(path: Path, encoding: str = AUTO) -> Read:
    """A whole text file.

    Raises:
        ProblemError: it cannot be read, or is not in this encoding; says what it looks like.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    return decoded(content, path, encoding)


def decoded(content: bytes, path: Path, encoding: str = AUTO) -> Read:
    """The text of bytes that a file holds. Raises `ProblemError` as `read` does."""
    name = encoding
    if encoding == AUTO:
        name = next((found for mark, found in MARKS if content.startswith(mark)), "utf-8")
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        text = decoder.decode(content)
    except UnicodeDecodeError:
        found = guess(content)
        if not found:
            raise ProblemError("data.encoding", where=str(path)) from None
        expected = "utf-8" if encoding == AUTO else encoding
        raise ProblemError("data.other_encoding", where=str(path), expected=expected, found=found) from None
    rest = len(decoder.getstate()[0])
    return Read(text.replace("\r\n", "\n").replace("\r", "\n"), rest)


def guess(content: bytes) -> str:
    """The encoding that bytes look like which are not UTF-8, or nothing where they look like no text."""
    sample = content[:LOOKED_AT]
    marked = next((found for mark, found in MARKS if sample.startswith(mark)), "")
    if marked:
        return marked
    zeros = [sample[turn::2].count(0) for turn in (0, 1)]
    if max(zeros) > len(sample) / 8 and min(zeros) <= max(zeros) / 8:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if sum(byte < 9 or 13 < byte < 27 for byte in sample) > len(sample) / 100:
        return ""
    if _lonely(sample) > 0.45:
        return "cp1252"
    found = {name: _trial(sample, name) for name in ("gb18030", "big5", "shift_jis", "euc_kr")}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0.5 else "cp1252"


def _lonely(sample: bytes) -> float:
    """The share of bytes beyond ASCII that stand alone: letters with accents do, those of East Asia come in pairs."""
    beyond = [byte >= 128 for byte in sample]
    beside = zip([False, *beyond], beyond, [*beyond[1:], False], strict=False)
    alone = sum(now and not (before or after) for before, now, after in beside)
    return alone / max(1, sum(beyond))


def _trial(sample: bytes, name: str) -> float:
    """How much like a text this encoding makes it: the share of what is beyond ASCII that is usual."""
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeDecodeError:
        return 0.0
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return 0.0
    usual = sum(
        2
        if character in COMMON_HAN
        else "぀" <= character <= "ヿ" or "가" <= character <= "힣" or "　" <= character <= "〟"
        for character in beyond
    )
    han = sum("一" <= character <= "鿿" for character in beyond)
    return (usual + 0.6 * han) / len(beyond)


@dataclass(frozen=True)
class Stored:
    """A file's text as UTF-8, mapped into memory where it is stored so."""

    text: memoryview
    cut: int = 0
    """Bytes at the end that are half a character, and left out."""


def stored(path: Path, encoding: str = AUTO) -> Stored:
    """A text file that may be larger than memory. Raises `ProblemError` as `read` does."""
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return Stored(memoryview(b""))
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise unreadable(path, error) from None
    begin = bytes(content[:4])
    marked = any(begin.startswith(mark) for mark, name in MARKS if name != "utf-8-sig")
    if encoding not in (AUTO, "utf-8") or (encoding == AUTO and marked):
        found = decoded(bytes(content), path, encoding)
        return Stored(memoryview(found.text.encode()), found.cut)
    content = content[len(codecs.BOM_UTF8) :] if begin.startswith(codecs.BOM_UTF8) else content
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for start in range(0, len(content), PIECE):
            decoder.decode(content[start : start + PIECE])
    except UnicodeDecodeError:
        decoded(bytes(content), path, encoding)  # says what it is
    cut = len(decoder.getstate()[0])
    return Stored(content[: len(content) - cut], cut)
