"""How much each sample counts."""

import numpy as np
import pyarrow as pa
import torch

from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Column
from workbench.engine.raw import RawColumn


def weight(raw: RawColumn) -> Column:
    """A column of numbers of which none is below zero; one that is missing counts once. Raises `ProblemError`."""
    if not isinstance(raw.values, pa.ChunkedArray) or raw.kind != "number":
        raise ProblemError("data.kind", where=raw.name, found=raw.kind, role="weight", known=["number"])
    values = raw.values.fill_null(1).to_numpy(zero_copy_only=False).astype(np.float32)
    if (bad := np.flatnonzero(~(values >= 0))).size:
        raise ProblemError("data.weight", where=raw.name, found=float(values[bad[0]]), row=int(bad[0]) + 1)
    numbers = torch.from_numpy(values)
    return Column(raw.name, "weight", (), lambda report: numbers)
