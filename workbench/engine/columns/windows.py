"""A long text as samples: windows of one length, and for each position what comes next."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.document import ColumnUse, Data, Split
from workbench.core.problems import ProblemError
from workbench.engine import vocabulary
from workbench.engine.preprocess import TextInput, text_of
from workbench.engine.raw import TEST, TRAIN, VALIDATION, Corpus, Raw, RawColumn, Report
from workbench.engine.steps.base import StepKind
from workbench.engine.steps.texts import Characters
from workbench.engine.storage import kept
from workbench.engine.tokenizing import VERSION, Stretches, mapped, progress, recipe_of, trained, whole

TEXT, NEXT = "text", "next"
"""What the two columns are called."""
CUT_AS: tuple[StepKind, ...] = (Characters(),)
"""How a text is cut unless the document says otherwise."""
BLOCKS = 50
"""Of a text that is shared out at random, so many stretches are."""
MOST_CHARACTERS = 512
"""A text with more different characters than this is no text in letters."""


def windowed(raw: Raw, corpus: Corpus, data: Data, report: Report) -> Raw:
    """The samples of a corpus, shared out before it is cut: the vocabulary is learned from the training part alone.

    Column `text` has shape (length,), and so has `next`: the token behind each. What stands last in the text is for
    the test and what stands before that for validation, unless the split is to be random.

    Raises:
        ProblemError: the text is shorter than one sample.
    """
    recipe = recipe_of(data.columns.get(TEXT, ColumnUse()).steps, CUT_AS, TEXT, "tokens")
    if isinstance(recipe.cutting, Characters) and not recipe.cutting.reserved:
        text = str(corpus.text, "utf-8").replace("\r\n", "\n").replace("\r", "\n")
        return unreserved(text, corpus.length, raw.title)
    parts = _parts(corpus.text, data.split)
    words = trained(recipe, Stretches(corpus.text, _of(parts, TRAIN)), report)
    windows, given = _cut(corpus, parts, words, report)
    if not (given == TRAIN).any():
        found, expected = len(corpus.text), corpus.length + 1
        raise ProblemError("data.short_text", where=raw.title, found=found, expected=expected)
    spec = TextInput(length=corpus.length, tokenizer=words)
    columns = {
        TEXT: RawColumn(TEXT, "tokens", windows[:, :-1], "input", vocabulary.names(words), spec),
        NEXT: RawColumn(NEXT, "labels", windows[:, 1:], "target", vocabulary.names(words)),
    }
    return Raw(raw.title, columns, given, raw.problems, {TEXT: _Shown(windows, spec)})


def unreserved(text: str, length: int, title: str) -> Raw:
    """A text as characters, each as its place among those of the whole text: nothing is unknown, nothing is padding.

    Raises:
        ProblemError: it is shorter than one sample, or no text in letters.
    """
    if len(text) <= length:
        raise ProblemError("data.short_text", where=title, found=len(text), expected=length + 1)
    characters = tuple(sorted(set(text)))
    if len(characters) > MOST_CHARACTERS:
        raise ProblemError("data.many_characters", where=title, found=len(characters), most=MOST_CHARACTERS)
    place = {character: number for number, character in enumerate(characters)}
    numbers = torch.tensor([place[character] for character in text], dtype=torch.int32)
    count = (len(text) - 1) // length
    spec = TextInput(characters, length)
    windows = numbers[: count * length + 1].unfold(0, length + 1, length)
    columns = {
        TEXT: RawColumn(TEXT, "tokens", windows[:, :-1], "input", characters, spec),
        NEXT: RawColumn(NEXT, "labels", windows[:, 1:], "target", characters),
    }
    return Raw(title, columns, shown={TEXT: _Shown(windows, spec)})


Part = tuple[int, int, int]
"""From byte to byte, and which split that is for."""


def _of(parts: Sequence[Part], split: int) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end, which in parts if which == split)


def _parts(text: memoryview, split: Split) -> list[Part]:
    """The stretches of a text, in their order; neighbours that are for the same split are one."""
    blocks = BLOCKS if split.method in ("random", "stratified") else 1000
    test = round(blocks * split.test)
    validation = round((blocks - test) * split.validation)
    which = np.repeat([TRAIN, VALIDATION, TEST], [blocks - test - validation, validation, test])
    if blocks == BLOCKS:
        which = which[np.random.default_rng(split.seed).permutation(blocks)]
    found: list[Part] = []
    for place, part in enumerate(which.tolist()):
        start, end = (whole(text, len(text) * at // blocks) for at in (place, place + 1))
        if found and found[-1][2] == part:
            start = found.pop()[0]
        found.append((start, end, part))
    return found


def _cut(corpus: Corpus, parts: Sequence[Part], words: str, report: Report) -> tuple[torch.Tensor, NDArray[np.int8]]:
    """(count, length + 1) tokens in a file of the cache, each window beginning with the last token of the one before.

    With the split that each is for.
    """
    everything = Stretches(corpus.text, tuple((start, end) for start, end, _ in parts))

    def make(folder: Path) -> None:
        counts: list[int] = []
        done = 0
        with (folder / "windows").open("wb") as file:
            for start, end, _ in parts:
                stretch = Stretches(corpus.text, ((start, end),))
                counts.append(0)
                for rows, size in _rows(stretch, words, corpus.length):
                    report("tokens.cutting", done, len(everything))
                    file.write(rows.tobytes())
                    counts[-1] += len(rows)
                    done += size
        np.save(folder / "counts.npy", np.array(counts, np.int64), allow_pickle=False)

    folder = kept(("windows", VERSION, words, corpus.length, everything.digest()), make)
    counts = np.load(folder / "counts.npy", allow_pickle=False)
    windows = mapped(folder / "windows", int(counts.sum()) * (corpus.length + 1)).view(-1, corpus.length + 1)
    return windows, np.repeat([part for _, _, part in parts], counts).astype(np.int8)


def _rows(stretch: Stretches, words: str, length: int) -> Iterator[tuple[NDArray[np.int32], int]]:
    """The windows of a stretch as they are cut, and how many bytes further that is; what is left is not used."""
    left = np.zeros(0, np.int32)
    for batch in stretch.batches():
        found = np.concatenate([left, *(np.array(each, np.int32) for each in vocabulary.encoded(batch, words))])
        count = max(0, (len(found) - 1) // length)
        if count:
            yield (
                np.lib.stride_tricks.sliding_window_view(found, length + 1)[: count * length : length],
                progress(batch, stretch),
            )
        left = found[count * length :]


class _Shown(Sequence[str]):
    """Windows as texts, made when they are looked at."""

    def __init__(self, windows: torch.Tensor, spec: TextInput) -> None:
        self._windows, self._spec = windows, spec

    def __len__(self) -> int:
        return len(self._windows)

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        return text_of(self._windows[row, :-1].tolist(), self._spec).replace("\n", " ⏎ ")
