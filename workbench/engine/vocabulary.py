"""Vocabularies: how a text is cut into tokens, and which number each has. Needs no torch.

A vocabulary is a trained tokenizer of the library `tokenizers`, as the JSON text that the library itself writes: it
holds cleaning, cutting, numbers and the limit of length. The first four numbers are the same in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING, UNKNOWN, BEGIN, END = range(4)
"""The numbers of what fills up shorter texts, of what is not known, and of the begin and the end of a text."""
RESERVED = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
"""How they are called."""
READ = 1 << 20
"""Characters of a single text that are read; of a longer one only so much of its begin (or end)."""


@dataclass(frozen=True)
class Piece:
    """A token, and the part of the text that it stands for."""

    number: int
    token: str
    start: int
    end: int
    """Characters of the text."""


@lru_cache(maxsize=8)
def opened(vocabulary: str) -> "Tokenizer":
    """The tokenizer. Words of a text that look like reserved tokens are words like any other."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_str(vocabulary)
    found.encode_special_tokens = True
    return found


@lru_cache(maxsize=8)
def names(vocabulary: str) -> tuple[str, ...]:
    """All tokens in the order of their numbers."""
    numbers = opened(vocabulary).get_vocab()
    return tuple(sorted(numbers, key=numbers.__getitem__))


def encoded(texts: Sequence[str], vocabulary: str) -> list[list[int]]:
    """Texts as numbers. One without any token becomes the unknown token: a sequence of nothing cannot be read."""
    tokenizer = opened(vocabulary)
    tail = (tokenizer.truncation or {}).get("direction") == "left"
    parts = [text if len(text) <= READ else text[-READ:] if tail else text[:READ] for text in texts]
    found = tokenizer.encode_batch_fast(parts, add_special_tokens=False)
    return [encoding.ids or [UNKNOWN] for encoding in found]


def encoded_words(sentences: Sequence[Sequence[str]], vocabulary: str) -> list[list[int]]:
    """Words as numbers, exactly one for each word: of several the first."""
    found = opened(vocabulary).encode_batch(sentences, is_pretokenized=True, add_special_tokens=False)
    numbers: list[list[int]] = []
    for words, encoding in zip(sentences, found, strict=True):
        first: dict[int | None, int] = {}
        for word, number in zip(encoding.word_ids, encoding.ids, strict=True):
            first.setdefault(word, number)
        numbers.append([first.get(place, UNKNOWN) for place in range(len(words))])
    return numbers


def decoded(numbers: Sequence[int], vocabulary: str) -> str:
    """The text of numbers up to the end of the text, without what is reserved."""
    kept = [*numbers]
    if END in kept:
        kept = kept[: kept.index(END)]
    text: str = opened(vocabulary).decode([number for number in kept if number >= len(RESERVED)])
    return text


def cut(text: str, vocabulary: str) -> list[Piece]:
    """A text as tokens, each with its place in the text."""
    encoding = opened(vocabulary).encode(text[:READ], add_special_tokens=False)
    rows = zip(encoding.ids, encoding.tokens, encoding.offsets, strict=True)
    return [Piece(number, token, start, end) for number, token, (start, end) in rows]
