"""Targets of several classes at once: (classes,) of 0 and 1."""

import numpy as np
import pyarrow as pa
import torch

from workbench.core.problems import ProblemError
from workbench.engine.columns.base import TARGETS, Column, Making


class Tags:
    """Lists of tags; one that is missing has none of them."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """The tags in their natural order, whichever splits they are in. Raises `ProblemError` where there are none."""
        raw = making.only
        assert isinstance(raw.values, pa.ChunkedArray)
        lists = raw.values.combine_chunks()
        encoded = lists.flatten().dictionary_encode()
        values = [str(value) for value in encoded.dictionary.to_pylist()]
        if not values:
            raise ProblemError("data.no_values", where=raw.name)
        classes = tuple(sorted(values))
        place = {value: at for at, value in enumerate(classes)}
        columns = np.array([place[value] for value in values])[encoded.indices.to_numpy(zero_copy_only=False)]
        lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        tags = torch.zeros(len(lists), len(classes))
        tags[np.repeat(np.arange(len(lists)), lengths), columns] = 1
        return [Column(raw.name, "tags", (len(classes),), lambda report: tags, classes)]


TARGETS.add("tags")(Tags())
