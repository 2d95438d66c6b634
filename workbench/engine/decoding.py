"""Writing token by token: the likeliest one each time, one drawn by chance, or several ways at once. Needs no torch.

Whoever calls hands over `following`: what a network says comes next, (rows, length) tokens so far to (rows, tokens)
raw numbers. So the same code decodes with torch while training and with ONNX Runtime afterwards.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.messages import Decoding

Tokens = NDArray[np.int64]
Numbers = NDArray[np.float32]
Following = Callable[[Tokens], Numbers]

LENGTH_PENALTY = 0.6
"""How much longer texts are favoured among several: the score is divided by length to this power (Wu and others,
Google's Neural Machine Translation System, 2016)."""


@dataclass(frozen=True)
class Marks:
    """Tokens that mean something by themselves."""

    end: int | None = None
    """Ends a text; None where texts have no end."""
    never: Collection[int] = ()
    """Are never written: padding, the begin of a text."""


def written(following: Following, begin: Sequence[int], marks: Marks, how: Decoding) -> list[int]:
    """What a network writes behind `begin`, without the end of the text."""
    if how.beams > 1:
        return _of_beams(following, list(begin), marks, how)
    return all_written(following, np.array([begin], np.int64), marks, how)[0]


def all_written(following: Following, begin_RT: Tokens, marks: Marks, how: Decoding) -> list[list[int]]:
    """What a network writes behind each of several beginnings of one length, without the ends of the texts.

    With a temperature of 0 always the likeliest token; else one drawn by chance from the likeliest `top_k`.
    """
    random = np.random.default_rng(how.seed)
    tokens, start = begin_RT, begin_RT.shape[1]
    ended = np.zeros(len(tokens), bool)
    while tokens.shape[1] < start + how.length and not ended.all():
        numbers = _allowed(following(tokens), marks)
        chosen = _drawn(numbers, how, random) if how.temperature > 0 else numbers.argmax(-1)
        tokens = np.concatenate([tokens, chosen[:, None]], 1)
        if marks.end is not None:
            ended |= chosen == marks.end
    return [_until(row[start:].tolist(), marks.end) for row in tokens]


def _allowed(numbers: Numbers, marks: Marks) -> Numbers:
    numbers = numbers.astype(np.float32)
    numbers[:, list(marks.never)] = -np.inf
    return numbers


def _drawn(numbers: Numbers, how: Decoding, random: np.random.Generator) -> Tokens:
    if 0 < how.top_k < numbers.shape[1]:
        least = np.partition(numbers, -how.top_k, axis=1)[:, -how.top_k, None]
        numbers = np.where(numbers < least, -np.inf, numbers)
    shares = np.exp(_log_shares(numbers / how.temperature)).astype(np.float64)
    return np.array([random.choice(len(row), p=row / row.sum()) for row in shares], np.int64)


def _log_shares(numbers: Numbers) -> Numbers:
    less = numbers - numbers.max(-1, keepdims=True)
    found: Numbers = less - np.log(np.exp(less).sum(-1, keepdims=True))
    return found


def _until(tokens: list[int], end: int | None) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens


def _of_beams(following: Following, begin: list[int], marks: Marks, how: Decoding) -> list[int]:
    """The best of several texts that grow side by side; each time only the `beams` best ways on are kept."""
    growing: list[tuple[float, list[int]]] = [(0.0, [])]
    ended: list[tuple[float, list[int]]] = []
    for length in range(1, how.length + 1):
        rows = np.array([begin + text for _, text in growing], np.int64)
        scores = np.array([score for score, _ in growing])[:, None] + _log_shares(_allowed(following(rows), marks))
        growing_on: list[tuple[float, list[int]]] = []
        for place in np.argsort(-scores, axis=None, kind="stable")[: 2 * how.beams]:
            row, token = divmod(int(place), scores.shape[1])
            score, text = float(scores[row, token]), growing[row][1]
            if not np.isfinite(score):
                break
            if token == marks.end:
                ended.append((score / length**LENGTH_PENALTY, text))
            elif len(growing_on) < how.beams:
                growing_on.append((score, [*text, token]))
        growing = growing_on
        best = max((score for score, _ in ended), default=-np.inf)
        if not growing or best >= growing[0][0] / how.length**LENGTH_PENALTY:
            break  # no text that still grows can become better
    whole = ended or [(score / max(1, len(text)) ** LENGTH_PENALTY, text) for score, text in growing]
    return max(whole, key=lambda pair: pair[0])[1]
