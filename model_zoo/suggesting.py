"""Which models of the zoo fit a data set, the one to begin with first."""

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from model_zoo.audio import audio_cnn
from model_zoo.autoencoder import conv_autoencoder, dense_autoencoder
from model_zoo.ends import INPUTS
from model_zoo.fused import fused
from model_zoo.gpt import gpt
from model_zoo.pictures import picture_cnn, picture_resnet
from model_zoo.sequences import encoder_decoder
from model_zoo.tables import table_mlp
from model_zoo.texts import text_bag, text_cnn, text_lstm, text_transformer, token_tagger
from model_zoo.unet import unet
from workbench.core.analysis import ColumnSummary
from workbench.core.document import Data, Document
from workbench.core.i18n import mark
from workbench.core.inspection import Inspection, Suggestion
from workbench.core.problems import Problem

Make = Callable[..., Document]
"""Of a title, the data, and columns: inputs, then targets."""
Fitting = tuple[Make, str, str, tuple[ColumnSummary, ...]]
"""A model's function, its title, the code that says why it fits, and the columns that it is made of."""

ONE_OF_A_SAMPLE = ("label", "tags", "number")
"""Kinds of targets that say one thing of a whole sample."""
MOST_SEEN = 1_000_000
"""Samples that a suggested training sees at most, over all its epochs."""

BY_INPUT: dict[str, tuple[tuple[Make, str, str], ...]] = {
    "table": ((table_mlp, mark("Multilayer perceptron"), "suggest.table_mlp"),),
    "array": ((fused, mark("Multilayer perceptron"), "suggest.array_mlp"),),
    "image": (
        (picture_cnn, mark("Convolutional network"), "suggest.picture_cnn"),
        (picture_resnet, mark("Residual network"), "suggest.picture_resnet"),
    ),
    "tokens": (
        (text_bag, mark("Bag of embeddings"), "suggest.text_bag"),
        (text_cnn, mark("Convolutions over words"), "suggest.text_cnn"),
        (text_lstm, mark("LSTM"), "suggest.text_lstm"),
        (text_transformer, mark("Transformer encoder"), "suggest.text_transformer"),
    ),
    "audio": ((audio_cnn, mark("Convolutional network on log-mel"), "suggest.audio_cnn"),),
}
"""Where one input is read and something is said of the whole sample."""


def suggestions(found: Inspection) -> list[Suggestion]:
    """Models bound to these data, the one to begin with first; none where nothing fits."""
    data = msgspec.convert(found.data, Data)
    return [
        Suggestion(
            make.__name__, title, Problem(code, severity="info"), _sized(make(found.title, data, *columns), found)
        )
        for make, title, code, columns in _fitting(found.ready)
    ]


def _sized(document: Document, found: Inspection) -> Document:
    """Fewer epochs where there are many samples."""
    training = document.training
    samples = max(1, found.splits.get("train", found.rows))
    return replace(document, training=replace(training, epochs=max(1, min(training.epochs, MOST_SEEN // samples))))


def _fitting(ready: tuple[ColumnSummary, ...]) -> Iterator[Fitting]:
    if pair := _pair(ready):
        yield encoder_decoder, mark("Transformer"), "suggest.encoder_decoder", pair
        return
    inputs = tuple(column for column in ready if column.kind in INPUTS)
    whole = tuple(column for column in ready if column.kind in ONE_OF_A_SAMPLE)
    if len(inputs) > 1 and whole:
        yield fused, mark("Joined networks"), "suggest.fused", (*inputs, *whole)
    if len(inputs) == 1:
        if whole:
            for make, title, code in BY_INPUT[inputs[0].kind]:
                yield make, title, code, (*inputs, *whole)
        yield from _of_positions(inputs[0], ready)
        yield from _rebuilding(inputs[0])


def _pair(ready: tuple[ColumnSummary, ...]) -> tuple[ColumnSummary, ...]:
    """A text that is read, one that is written as far as it is there, and the same a token further."""
    tokens = {column.name: column for column in ready if column.kind == "tokens"}
    for target in ready:
        so_far = tokens.get(f"{target.name}_in")
        if target.kind == "labels" and so_far is not None and len(tokens) == 2:
            (source,) = (column for column in tokens.values() if column is not so_far)
            return source, so_far, target
    return ()


def _of_positions(column: ColumnSummary, ready: tuple[ColumnSummary, ...]) -> Iterator[Fitting]:
    """Something is said of each pixel, or of each token."""
    for target in ready:
        if column.kind == "image" and target.kind == "mask":
            yield unet, mark("U-Net"), "suggest.unet", (column, target)
        if column.kind == "tokens" and target.kind == "labels":
            if target.name == "next":
                yield gpt, mark("GPT"), "suggest.gpt", (column, target)
            else:
                yield token_tagger, mark("Bidirectional LSTM"), "suggest.token_tagger", (column, target)


def _rebuilding(column: ColumnSummary) -> Iterator[Fitting]:
    if column.kind == "image":
        yield conv_autoencoder, mark("Convolutional autoencoder"), "suggest.conv_autoencoder", (column,)
    if column.kind in ("image", "table", "array"):
        yield dense_autoencoder, mark("Autoencoder"), "suggest.dense_autoencoder", (column,)
