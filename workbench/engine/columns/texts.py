"""Texts as numbers of tokens: what a network reads, and what it is to write."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from workbench.core.problems import Problem
from workbench.engine import vocabulary
from workbench.engine.columns.base import INPUTS, NO_CLASS, TARGETS, Column, Making
from workbench.engine.columns.values import Held, Ragged
from workbench.engine.preprocess import TextInput
from workbench.engine.raw import RawColumn, Report
from workbench.engine.steps.base import StepKind
from workbench.engine.steps.texts import Bpe, CleanText, Truncate, Words
from workbench.engine.tokenizing import Recipe, Values, recipe_of, tokenised, trained
from workbench.engine.vocabulary import READ

READ_AS: tuple[StepKind, ...] = (CleanText(), Words(), Truncate())
"""How a text that is read is prepared unless the document says otherwise."""
WRITTEN_AS: tuple[StepKind, ...] = (CleanText(lower_case=False, strip_html=False), Bpe(), Truncate())
"""The same of a text that is to be written."""
TAGGED_AS: tuple[StepKind, ...] = (CleanText(collapse_spaces=False, strip_html=False), Words())
"""The same of words that have a tag each."""


def axis_of(name: str) -> str:
    """The name of the axis along which the texts of a column are of different lengths."""
    return re.sub(r"\W|^(?=\d)", "_", name)


class Texts:
    """Texts that a network reads: (tokens,) numbers, of different lengths unless a step says otherwise."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """The vocabulary is learned from the training rows."""
        raw = making.only
        texts = _texts(raw)
        recipe = recipe_of(making.steps[raw.name], READ_AS, raw.name, "text")
        words = trained(recipe, Values(texts.take(pa.array(making.train))), making.report)
        length = recipe.length if recipe.fixed else 0
        spec = TextInput(length=length, tokenizer=words, filled=recipe.fixed)
        made = partial(_read, texts, recipe, words)
        return [_tokens(raw.name, axis_of(raw.name), spec, made, recipe.length, _said(raw.name, texts))]


class Written:
    """Texts that a network is to write: what it has written so far, and what comes next.

    Of `name` there are `name_in`, tokens that begin with the begin of a text (teacher forcing), and `name`, labels
    over the vocabulary that end with its end. Both have the same axis.
    """

    together = False

    def make(self, making: Making) -> list[Column]:
        """The vocabulary is learned from the training rows."""
        raw = making.only
        texts = _texts(raw)
        recipe = recipe_of(making.steps[raw.name], WRITTEN_AS, raw.name, "text")
        words = trained(recipe, Values(texts.take(pa.array(making.train))), making.report)
        length = recipe.length + 1 if recipe.fixed else 0
        spec = TextInput(length=length, tokenizer=words, filled=recipe.fixed, begin=True)
        longest = recipe.length + 1 if recipe.length else 0

        def part(report: Report, *, following: bool) -> Held:
            both = tokenised(Values(texts), recipe, words, report, ends=True)
            found = both.without(first=1, pad=NO_CLASS) if following else both.without(last=1)
            return found.take(slice(None), length) if length else found

        axis = axis_of(raw.name)
        said = _said(raw.name, texts)
        before = _tokens(f"{raw.name}_in", axis, spec, partial(part, following=False), longest, said)
        classes = vocabulary.names(words)
        return [before, _labels(raw.name, (length or axis,), partial(part, following=True), classes, longest)]


class TaggedWords:
    """Lists of words: exactly one number for each word."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """The vocabulary is learned from the training rows."""
        raw = making.only
        assert isinstance(raw.values, pa.ChunkedArray)
        recipe = recipe_of(making.steps[raw.name], TAGGED_AS, raw.name, "words")
        words = trained(recipe, Values(raw.values.take(pa.array(making.train))), making.report)
        spec = TextInput(tokenizer=words, words=True)
        made = partial(_read, raw.values, recipe, words)
        return [_tokens(raw.name, raw.axis or axis_of(raw.name), spec, made, _longest(raw.values), [])]


class WordTags:
    """Lists of classes, one for each word of a list beside it."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """The classes in their natural order, whichever splits they are in."""
        raw = making.only
        assert isinstance(raw.values, pa.ChunkedArray)
        flat = raw.values.combine_chunks().flatten().dictionary_encode()
        names = flat.dictionary.to_pylist()
        classes = sorted(names)
        place = np.array([classes.index(name) for name in names], np.int64)
        numbers = place[flat.indices.to_numpy(zero_copy_only=False)] if names else np.zeros(0, np.int64)
        lengths = pc.list_value_length(raw.values).fill_null(0).to_numpy()
        offsets = torch.from_numpy(np.cumsum([0, *lengths], dtype=np.int64))
        held = Ragged.of(torch.from_numpy(numbers), offsets, NO_CLASS)
        axis = raw.axis or axis_of(raw.name)
        return [_labels(raw.name, (axis,), lambda report: held, tuple(classes), _longest(raw.values))]


def _longest(lists: pa.ChunkedArray) -> int:
    return int(pc.max(pc.list_value_length(lists)).as_py() or 0)


def _texts(raw: RawColumn) -> pa.ChunkedArray:
    assert isinstance(raw.values, pa.ChunkedArray)
    return raw.values.cast(pa.string())


def _read(texts: pa.ChunkedArray, recipe: Recipe, words: str, report: Report) -> Held:
    found = tokenised(Values(texts), recipe, words, report)
    return found.take(slice(None), recipe.length) if recipe.fixed else found


def _tokens(
    name: str, axis: str, spec: TextInput, made: Callable[[Report], Held], longest: int, said: list[Problem]
) -> Column:
    return Column(
        name,
        "tokens",
        (spec.length or axis,),
        made,
        size=len(vocabulary.names(spec.tokenizer)),
        preprocessing=spec,
        finisher=Tensor.long,
        wide=2,
        longest=0 if spec.length else longest,
        problems=said,
    )


def _labels(
    name: str, shape: tuple[int | str], made: Callable[[Report], Held], classes: tuple[str, ...], longest: int
) -> Column:
    longest = longest if isinstance(shape[0], str) else 0
    return Column(name, "labels", shape, made, classes, finisher=Tensor.long, wide=2, longest=longest)


def _said(name: str, texts: pa.ChunkedArray) -> list[Problem]:
    """What a user should know of texts: empty ones, and endless ones."""
    lengths = pc.utf8_length(texts).fill_null(0)
    found = []
    empty = int(pc.sum(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)).fill_null(0), 0)).as_py() or 0)
    if empty:
        found.append(Problem("data.empty_texts", {"column": name, "count": empty}, severity="warning"))
    endless = np.flatnonzero(pc.greater(lengths, READ).to_numpy())
    if len(endless):
        args = {"column": name, "count": len(endless), "row": int(endless[0]) + 1, "most": READ}
        found.append(Problem("data.long_texts", args, severity="warning"))
    return found


INPUTS.add("text")(Texts())
INPUTS.add("words")(TaggedWords())
TARGETS.add("text")(Written())
TARGETS.add("word_tags")(WordTags())
