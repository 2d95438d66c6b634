"""What the numbers of an output mean, by task: a class, tags, numbers, a class for each token. Needs no torch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from workbench.core.messages import Part
from workbench.engine.registry import Registry

Numbers = NDArray[np.float32]


class ModelOutput(Struct, frozen=True):
    """What an exported model says of one of its outputs."""

    name: str
    column: str
    task: str
    classes: tuple[str, ...] = ()
    threshold: float = 0.5
    """Of tags: the least share with which one is given."""
    loss: str = ""
    back: str = ""
    """Of what is written token by token: the column of the input that reads what has been written so far."""


@dataclass(frozen=True)
class Read:
    """An answer to one sample."""

    answer: str | float | list[str | float]
    scores: dict[str, float]
    parts: tuple[Part, ...] = ()


Reader = Callable[[Numbers, ModelOutput], Read]
READERS: Registry[Reader] = Registry("reader")
"""By task: raw numbers of one sample to what they mean. Pictures and texts need more (`predict.py`)."""


def softmax(numbers: Numbers) -> Numbers:
    """Shares along the last axis."""
    powers = np.exp(numbers - numbers.max(-1, keepdims=True))
    shares: Numbers = powers / powers.sum(-1, keepdims=True)
    return shares


def sigmoid(numbers: Numbers) -> Numbers:
    """Shares, each by itself."""
    shares: Numbers = (0.5 * (1 + np.tanh(0.5 * numbers))).astype(np.float32)
    return shares


def _sorted(shares: Numbers, names: tuple[str, ...]) -> dict[str, float]:
    return {names[at]: float(shares[at]) for at in np.argsort(-shares, kind="stable")}


@READERS.add("classification")
@READERS.add("sequence_classification")
def one_class(numbers: Numbers, output: ModelOutput) -> Read:
    """(..., classes): the likeliest class; of several positions that of the last one."""
    scores = _sorted(softmax(numbers.reshape(-1, numbers.shape[-1])[-1].astype(np.float32)), output.classes)
    return Read(next(iter(scores)), scores)


@READERS.add("multi_label")
def tags(numbers: Numbers, output: ModelOutput) -> Read:
    """(tags,): all whose share is large enough."""
    scores = _sorted(sigmoid(numbers.astype(np.float32)), output.classes)
    return Read([name for name, share in scores.items() if share >= output.threshold], scores)


@READERS.add("regression")
def number(numbers: Numbers, output: ModelOutput) -> Read:
    """(numbers,): one, or all of them."""
    found: list[str | float] = numbers.astype(float).ravel().tolist()
    return Read(found[0] if len(found) == 1 else found, {})


@READERS.add("autoencoding")
def copy(numbers: Numbers, output: ModelOutput) -> Read:
    """What went in, rebuilt."""
    rebuilt = sigmoid(numbers) if output.loss == "bce" else numbers
    return Read(rebuilt.astype(float).ravel().tolist(), {})


@READERS.add("token_tagging")
def classes_of_tokens(numbers: Numbers, output: ModelOutput) -> Read:
    """(length, classes): the likeliest class of each token."""
    shares = softmax(numbers.astype(np.float32))
    best = shares.argmax(-1)
    parts = tuple(Part("", output.classes[at], float(row[at])) for at, row in zip(best, shares, strict=True))
    return Read([part.label for part in parts], {}, parts)


@READERS.add("segmentation")
def classes_of_pixels(numbers: Numbers, output: ModelOutput) -> Read:
    """(classes, height, width): the share of the picture that each class takes, and the largest."""
    counts = np.bincount(numbers.argmax(0).ravel(), minlength=len(output.classes))
    scores = _sorted((counts / counts.sum()).astype(np.float32), output.classes)
    return Read(next(iter(scores)), scores)


@READERS.add("language_modelling")
@READERS.add("sequence")
def next_token(numbers: Numbers, output: ModelOutput) -> Read:
    """(length, tokens): what comes behind the last token."""
    return one_class(numbers, output)


def read(numbers: Numbers, output: ModelOutput) -> Read:
    """The answer that an output gives to one sample."""
    return READERS[output.task](numbers, output)
