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
from workbench.engine.preprocess import TextInput, pieces_of, tokens_of
from workbench.engine.raw import Report
from workbench.engine.vocabulary import PADDING

ROWS = 1024
"""Samples that are counted at once."""
MOST_PIECES = 2000
MOST_CHARACTERS = 10_000
"""Of a text that is cut to be looked at."""


def vocabulary(data: Data, question: GetVocabulary, report: Report) -> Vocabulary:
    """The most frequent first, as far as somebody counted. Raises `ProblemError`."""
    loaded = loading.load(data, Path(question.folder), report)
    column = loaded.columns.get(question.column)
    if column is None or not isinstance(column.preprocessing, TextInput):
        raise ProblemError("data.no_vocabulary", where=question.column)
    spec = column.preprocessing
    names = tokens_of(spec)
    counts = _counted(column, torch.from_numpy(loaded.splits["train"]), len(names))
    wanted = [at for at, text in enumerate(names) if question.search.casefold() in text.casefold()]
    wanted.sort(key=lambda at: -counts[at])
    page = wanted[question.start : question.start + question.count]
    tokens = tuple(Token(at, names[at], counts[at]) for at in page)
    pieces = tuple(
        Token(piece.number, piece.token, counts[piece.number] if piece.number >= 0 else 0)
        for piece in pieces_of(question.text[:MOST_CHARACTERS], spec)[:MOST_PIECES]
    )
    return Vocabulary(len(names), len(wanted), tokens, pieces)


def _counted(column: Column, rows: Tensor, size: int) -> list[int]:
    """How often each token is there, padding apart; a piece at a time, since not all may fit into memory."""
    found = torch.zeros(size, dtype=torch.int64)
    spec = column.preprocessing
    padded = isinstance(column.data, Ragged) or (isinstance(spec, TextInput) and spec.filled)
    for piece in torch.split(rows, ROWS):
        found += torch.bincount(column.ready(piece).flatten(), minlength=size)
    if padded:
        found[PADDING] = 0
    counts: list[int] = found.tolist()
    return counts


def token_texts(column: Column, numbers: Sequence[int]) -> list[str]:
    """What numbers stand for."""
    spec = column.preprocessing
    if not isinstance(spec, TextInput):
        return [str(number) for number in numbers]
    known = tokens_of(spec)
    return [known[number] if 0 <= number < len(known) else str(number) for number in numbers]
