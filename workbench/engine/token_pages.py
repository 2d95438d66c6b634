"""The tokens of a column of text: what they are, how often they are there, and how a text is cut into them."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from workbench.core.data_messages import GetVocabulary, Token, Vocabulary
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine import loading
from workbench.engine.columns.base import Column
from workbench.engine.columns.values import Ragged
from workbench.engine.preprocess import TextInput
from workbench.engine.raw import Report

MOST_PIECES = 2000


def vocabulary(data: Data, question: GetVocabulary, report: Report) -> Vocabulary:
    """The most frequent first, as far as somebody counted. Raises `ProblemError`."""
    loaded = loading.load(data, Path(question.folder), report)
    column = loaded.columns.get(question.column)
    if column is None or not isinstance(column.preprocessing, TextInput):
        raise ProblemError("data.no_vocabulary", where=question.column)
    names = column.preprocessing.characters
    counts = _counted(column, loaded.splits["train"], len(names))
    wanted = [at for at, text in enumerate(names) if question.search.casefold() in text.casefold()]
    wanted.sort(key=lambda at: -counts[at])
    page = wanted[question.start : question.start + question.count]
    tokens = tuple(Token(at, names[at], counts[at]) for at in page)
    place = {text: at for at, text in enumerate(names)}
    pieces = tuple(
        Token(place.get(character, -1), character, counts[place[character]] if character in place else 0)
        for character in question.text[:MOST_PIECES]
    )
    return Vocabulary(len(names), len(wanted), tokens, pieces)


def _counted(column: Column, rows: object, size: int) -> list[int]:
    held = column.data
    flat = held.flat if isinstance(held, Ragged) else held[torch.as_tensor(rows)] if isinstance(held, Tensor) else None
    if flat is None:
        return [0] * size
    found: list[int] = torch.bincount(flat.flatten(), minlength=size).tolist()
    return found


def token_texts(column: Column, numbers: Sequence[int]) -> list[str]:
    """What numbers stand for."""
    spec = column.preprocessing
    if not isinstance(spec, TextInput):
        return [str(number) for number in numbers]
    known = spec.characters
    return [known[number] if 0 <= number < len(known) else str(number) for number in numbers]
