"""Texts to tokens: a tokenizer is put together of steps, trained once, and cuts each text once.

What was made is kept in the cache: the analysis asks for it after every edit, and each run again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import torch

from workbench.core.document import Step
from workbench.core.problems import ProblemError
from workbench.engine import vocabulary
from workbench.engine.columns.values import Ragged
from workbench.engine.fingerprint import fingerprint
from workbench.engine.raw import RawColumn, Report
from workbench.engine.steps.base import StepKind, steps_of
from workbench.engine.steps.texts import CleanText, Cutting, Truncate
from workbench.engine.storage import kept
from workbench.engine.vocabulary import BEGIN, END, READ

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VERSION = 1
"""Of how texts are cut: what an older one has cut is cut anew."""
TEXTS, CHARACTERS = 4096, 1 << 19
"""At most so many texts, and about so many characters, are handled at once: that bounds memory."""
PIECE, PIECES = 1 << 16, 8
"""Bytes of a piece of a long text, and pieces that are handled at once."""


@dataclass(frozen=True)
class Recipe:
    """How texts of one column become tokens."""

    cleaning: tuple[CleanText, ...]
    cutting: Cutting
    limit: Truncate | None = None
    words: bool = False
    """The texts are lists of words, each of which becomes one token."""

    @property
    def length(self) -> int:
        """Tokens of the longest text, 0 where nothing limits it."""
        return self.limit.max_length if self.limit else 0

    @property
    def fixed(self) -> bool:
        """All texts become equally long."""
        return self.limit is not None and self.limit.fixed


def recipe_of(steps: Sequence[Step] | None, default: Sequence[StepKind], column: str, kind: str) -> Recipe:
    """What steps say, in their order; how a text is cut is the default's where no step says it.

    Raises:
        ProblemError: a step that is not for such a column, or two ways of cutting.
    """
    found = list(default) if steps is None else steps_of(steps, column, kind)
    cuttings = [step for step in found if isinstance(step, Cutting)]
    if len(cuttings) > 1:
        raise ProblemError("step.cut_twice", where=column, found=[step.info.title for step in cuttings])
    cutting = next(step for step in (*cuttings, *default) if isinstance(step, Cutting))
    limits = [step for step in found if isinstance(step, Truncate)]
    cleaning = tuple(step for step in found if isinstance(step, CleanText))
    return Recipe(cleaning, cutting, limits[-1] if limits else None, kind == "words")


class Texts(Protocol):
    """Texts to learn from or to cut, that need not be in memory all at once."""

    def digest(self) -> str:
        """What tells them from other texts."""

    def __len__(self) -> int: ...

    def batches(self) -> Iterator[list[Any]]:
        """Texts (or lists of words) a few at a time."""


@dataclass(frozen=True)
class Values(Texts):
    """The texts (or lists of words) of a column; one that is missing is empty."""

    values: pa.ChunkedArray

    def digest(self) -> str:
        """Of all their letters."""
        return fingerprint([RawColumn("", "text", self.values)])

    def __len__(self) -> int:
        return len(self.values)

    def batches(self) -> Iterator[list[Any]]:
        """About `CHARACTERS` at a time."""
        empty: Any = [] if pa.types.is_list(self.values.type) else ""
        for chunk in self.values.iterchunks():
            for start in range(0, len(chunk), TEXTS):
                found: list[Any] = []
                size = 0
                for text in chunk.slice(start, TEXTS).to_pylist():
                    found.append(text or empty)
                    size += min(len(found[-1]), READ)
                    if size >= CHARACTERS:
                        yield found
                        found, size = [], 0
                if found:
                    yield found


@dataclass(frozen=True)
class Stretches(Texts):
    """Parts of one long text in UTF-8, in pieces that end at line ends where there are any."""

    text: memoryview
    parts: tuple[tuple[int, int], ...]
    """From byte to byte."""

    def digest(self) -> str:
        """Of all their letters."""
        digest = sha256(repr(self.parts).encode())
        for start, end in self.parts:
            digest.update(self.text[start:end])
        return digest.hexdigest()

    def __len__(self) -> int:
        return sum(end - start for start, end in self.parts)

    def batches(self) -> Iterator[list[str]]:
        """`PIECES` pieces of about `PIECE` bytes at a time: they are cut side by side."""
        for start, end in self.parts:
            found: list[str] = []
            for low, high in spans(self.text, start, end, PIECE):
                piece = str(self.text[low:high], "utf-8").replace("\r\n", "\n").replace("\r", "\n")
                found.append(piece)
                if len(found) == PIECES:
                    yield found
                    found = []
            if found:
                yield found


def spans(text: memoryview, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """A stretch of bytes in UTF-8 as stretches of about this size, none of which ends within a character."""
    while start < end:
        stop = end
        if end - start > size:
            line = bytes(text[start : start + size]).rfind(b"\n") + 1
            stop = start + line if line else whole(text, start + size)
        yield start, stop
        start = stop


def whole(text: memoryview, place: int) -> int:
    """The nearest place from here on that is not within a character."""
    while place < len(text) and text[place] & 0xC0 == 0x80:
        place += 1
    return place


def trained(recipe: Recipe, texts: Texts, report: Report) -> str:
    """A vocabulary learned from these texts, the same whenever the texts are the same."""
    import tokenizers

    def make(folder: Path) -> None:
        tokenizer = _fresh(recipe)
        tokenizer.train_from_iterator(_told(recipe, texts, report), recipe.cutting.trainer())
        (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")

    key = ("tokenizer", VERSION, tokenizers.__version__, recipe, texts.digest())
    return (kept(key, make) / "tokenizer.json").read_text(encoding="utf-8")


def _fresh(recipe: Recipe) -> "Tokenizer":
    from tokenizers import normalizers

    tokenizer = recipe.cutting.fresh()
    parts = [part for step in recipe.cleaning for part in step.parts()]
    if parts:
        tokenizer.normalizer = normalizers.Sequence(parts)
    if recipe.words:
        tokenizer.pre_tokenizer = None  # what is a word has been said
    if recipe.limit:
        tokenizer.enable_truncation(recipe.length, direction="left" if recipe.limit.keep == "tail" else "right")
    return tokenizer


def _told(recipe: Recipe, texts: Texts, report: Report) -> Iterator[list[str]]:
    """Texts in batches; an exception that `report` raises ends the training."""
    done = 0
    for batch in texts.batches():
        report("tokens.training", done, len(texts))
        yield [word for words in batch for word in words] if recipe.words else batch
        done += progress(batch, texts)


def progress(batch: Sequence[Any], texts: Texts) -> int:
    """How much of the texts a batch is."""
    return sum(len(text.encode()) for text in batch) if isinstance(texts, Stretches) else len(batch)


def tokenised(texts: Texts, recipe: Recipe, words: str, report: Report, *, ends: bool = False) -> Ragged:
    """Texts (or lists of words) as numbers, in a file of the cache.

    Args:
        texts: one a sample.
        recipe: how they are cut.
        words: the vocabulary that was trained so.
        report: told how far it is.
        ends: with the tokens of begin and end around each.
    """
    encode = vocabulary.encoded_words if recipe.words else vocabulary.encoded

    def numbers() -> Iterator[list[list[int]]]:
        done = 0
        for batch in texts.batches():
            report("tokens.cutting", done, len(texts))
            found = encode(batch, words)
            yield [[BEGIN, *each, END] for each in found] if ends else found
            done += len(batch)

    return in_file(("tokens", VERSION, words, ends, recipe.words, texts.digest()), numbers)


def in_file(key: object, numbers: Callable[[], Iterator[list[list[int]]]]) -> Ragged:
    """Sequences of numbers that were made once, over a memory-mapped file of the cache."""

    def make(folder: Path) -> None:
        lengths: list[int] = []
        with (folder / "tokens").open("wb") as file:
            for batch in numbers():
                for sequence in batch:
                    file.write(np.array(sequence, np.int32).tobytes())
                    lengths.append(len(sequence))
        np.save(folder / "offsets.npy", np.cumsum([0, *lengths], dtype=np.int64), allow_pickle=False)

    folder = kept(key, make)
    offsets = torch.from_numpy(np.load(folder / "offsets.npy", allow_pickle=False))
    return Ragged.of(mapped(folder / "tokens", int(offsets[-1])), offsets)


def mapped(file: Path, count: int) -> torch.Tensor:
    """(count,) int32 over a file that nobody changes."""
    if not count:
        return torch.zeros(0, dtype=torch.int32)
    return torch.from_file(str(file), shared=False, size=count, dtype=torch.int32)
