"""Texts as what a network reads."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from workbench.engine import vocabulary


class TextInput(Struct, frozen=True, tag="text"):
    """A text as numbers of tokens."""

    characters: tuple[str, ...] = ()
    """Of models without a tokenizer: the end of a text, each character as its place among these."""
    length: int = 0
    """Exactly so many tokens are read; 0 where a network takes any number."""
    tokenizer: str = ""
    """What cuts it (`vocabulary.py`), as the library `tokenizers` writes it."""
    filled: bool = False
    """What is shorter than `length` is filled up with padding; else it is too short."""
    begin: bool = False
    """It is what a network has written so far, and begins with the token that says so."""
    words: bool = False
    """It is words with spaces between them, each of which is one token."""


def text_ready(text: str, spec: TextInput) -> NDArray[np.int64]:
    """A text as what the network reads: (length,) numbers.

    Raises:
        KeyError: a character is not known; says which.
    """
    if not spec.tokenizer:
        place = {character: number for number, character in enumerate(spec.characters)}
        return np.array([place[character] for character in text[-spec.length :]], np.int64)
    if spec.words:
        (numbers,) = vocabulary.encoded_words([text.split()], spec.tokenizer)
    else:
        (numbers,) = vocabulary.encoded([text], spec.tokenizer)
    if spec.begin:
        numbers = [vocabulary.BEGIN, *numbers]
    if spec.filled:
        numbers += [vocabulary.PADDING] * (spec.length - len(numbers))
    elif spec.length:
        numbers = numbers[-spec.length :]
    return np.array(numbers, np.int64)


def text_of(numbers: Sequence[int], spec: TextInput) -> str:
    """The text that a network has written as numbers, up to its end."""
    if not spec.tokenizer:
        return "".join(spec.characters[number] for number in numbers)
    return vocabulary.decoded(numbers, spec.tokenizer)


def pieces_of(text: str, spec: TextInput) -> list[vocabulary.Piece]:
    """A text as tokens, each with the part of it that it stands for; -1 for a character that is not known."""
    if spec.tokenizer:
        return vocabulary.cut(text, spec.tokenizer)
    place = {character: number for number, character in enumerate(spec.characters)}
    return [vocabulary.Piece(place.get(character, -1), character, at, at + 1) for at, character in enumerate(text)]


def tokens_of(spec: TextInput) -> tuple[str, ...]:
    """All tokens in the order of their numbers."""
    return vocabulary.names(spec.tokenizer) if spec.tokenizer else spec.characters
