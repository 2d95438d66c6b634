"""Columns that a source holds as networks read them: arrays, windows of tokens, numbers of classes for each step."""

from functools import partial

import torch
from torch import Tensor

from workbench.engine.columns.base import INPUTS, TARGETS, Column, Making


class AsTheyAre:
    """The tensor itself, under another dtype at most."""

    together = False

    def __init__(self, kind: str, dtype: torch.dtype) -> None:
        self._kind, self._dtype = kind, dtype

    def make(self, making: Making) -> list[Column]:
        """(count, ...) to the same."""
        raw = making.only
        values = raw.values
        assert isinstance(values, Tensor)
        size = len(raw.classes) if self._kind == "tokens" else 0
        if self._kind == "tokens" and not size and values.numel():
            size = int(values.max()) + 1
        return [
            Column(
                raw.name,
                self._kind,
                tuple(values.shape[1:]),
                lambda report: values,
                () if self._kind == "tokens" else raw.classes,
                size,
                preprocessing=raw.preprocessing,
                finisher=partial(Tensor.to, dtype=self._dtype),
                wide=max(1, self._dtype.itemsize // values.dtype.itemsize),
            )
        ]


INPUTS.add("array")(AsTheyAre("array", torch.float32))
INPUTS.add("tokens")(AsTheyAre("tokens", torch.int64))
TARGETS.add("labels")(AsTheyAre("labels", torch.int64))
