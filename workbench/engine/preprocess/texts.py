"""Texts as what a network reads."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class TextInput(Struct, frozen=True, tag="text"):
    """The last characters of a text, each as its place among those that the network knows."""

    characters: tuple[str, ...]
    length: int
    """Exactly so many are read."""


def text_ready(text: str, spec: TextInput) -> NDArray[np.int64]:
    """The end of a text as what the network reads: (length,) numbers.

    Raises:
        KeyError: a character is not known; says which.
    """
    place = {character: number for number, character in enumerate(spec.characters)}
    return np.array([place[character] for character in text[-spec.length :]], np.int64)


def text_of(numbers: Sequence[int], spec: TextInput) -> str:
    """The text that a network has written as numbers."""
    return "".join(spec.characters[number] for number in numbers)
