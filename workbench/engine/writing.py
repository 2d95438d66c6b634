"""Texts that an exported model writes, token by token. Needs no torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.messages import Decoding
from workbench.core.problems import ProblemError
from workbench.engine.answers import ModelOutput
from workbench.engine.decoding import Following, Marks, Numbers, Tokens, written
from workbench.engine.onnx_model import OnnxModel
from workbench.engine.preprocess import TextInput, text_of

Arrays = Mapping[str, NDArray[Any]]

BEGIN, END = "[BOS]", "[EOS]"
NEVER = ("[PAD]", "[UNK]", BEGIN)
"""Tokens of a vocabulary that are never written."""


def asked_of(model: OnnxModel) -> list[str]:
    """The columns that a user must give: all but those that the model writes itself from their beginning on."""
    own = {output.back for output in model.outputs if output.task == "sequence"}
    return [column for column in model.columns if column not in own]


def with_begin(model: OnnxModel, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """What the model reads, with only the begin of what it is to write."""
    count = len(next(iter(arrays.values())))
    found = dict(arrays)
    for output in model.outputs:
        if output.back and output.back not in arrays:
            found[output.back] = _window(np.full((count, 1), _begin(output)), model.length_of(output.back))
        elif output.back:
            found[output.back] = _window(arrays[output.back], model.length_of(output.back))
    return found


def marks_of(classes: tuple[str, ...]) -> Marks:
    """Which tokens of a vocabulary mean something by themselves."""
    end = classes.index(END) if END in classes else None
    return Marks(end, tuple(classes.index(name) for name in NEVER if name in classes))


def continued(model: OnnxModel, output: ModelOutput, arrays: Arrays, how: Decoding) -> tuple[str, Numbers]:
    """What the model writes for one sample, and its raw numbers for the first token, (1, tokens).

    Args:
        model: that writes.
        output: what says what comes next.
        arrays: what it reads, (1, ...) each; where it goes on with a text, that text is among them.
        how: greedy, by beams or by chance.
    """
    begin = arrays[output.back][0].tolist() if output.back in arrays else [_begin(output)]
    following = _following(model, output, arrays)
    first = following(np.array([begin], np.int64))
    tokens = written(following, begin, marks_of(output.classes), how)
    spec = model.columns[output.back]
    text = text_of(tokens, spec) if isinstance(spec, TextInput) else "".join(output.classes[at] for at in tokens)
    return text, first


def _begin(output: ModelOutput) -> int:
    if BEGIN not in output.classes:
        raise ProblemError("predict.no_begin", column=output.column)
    return output.classes.index(BEGIN)


def _following(model: OnnxModel, output: ModelOutput, arrays: Arrays) -> Following:
    limit = model.length_of(output.back)

    def following(tokens: Tokens) -> Numbers:
        kept = tokens[:, -limit:] if limit else tokens
        given = {column: np.repeat(array, len(tokens), 0) for column, array in arrays.items()}
        given[output.back] = _window(kept, limit)
        found: Numbers = model.run(given)[output.name][:, kept.shape[1] - 1]
        return found

    return following


def _window(tokens: Tokens, limit: int | None) -> Tokens:
    """As many tokens as the network takes; what stands behind the last one has no say in what comes next."""
    kept = tokens[:, -limit:] if limit else tokens
    return np.pad(kept, ((0, 0), (0, limit - kept.shape[1]))) if limit else kept
