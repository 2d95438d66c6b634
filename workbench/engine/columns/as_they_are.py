"""Columns that a source holds as networks read them: arrays, windows of tokens, numbers of classes for each step."""

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
        assert isinstance(raw.values, Tensor)
        values = raw.values.to(self._dtype)
        size = int(values.max()) + 1 if self._kind == "tokens" and values.numel() else 0
        return [
            Column(
                raw.name,
                self._kind,
                tuple(values.shape[1:]),
                lambda report: values,
                raw.classes,
                size,
                preprocessing=raw.preprocessing,
            )
        ]


INPUTS.add("array")(AsTheyAre("array", torch.float32))
INPUTS.add("tokens")(AsTheyAre("tokens", torch.int64))
TARGETS.add("labels")(AsTheyAre("labels", torch.int64))
