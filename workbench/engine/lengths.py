"""Axes of variable length: everything is evaluated at two sizes, and an axis that changes is variable."""

from collections.abc import Iterable
from typing import NamedTuple

from workbench.core.analysis import Axis, Spec
from workbench.engine.layers.base import Known


class Twice(NamedTuple):
    """What comes out of a port, at the first and at the second size of every variable axis."""

    first: Known
    second: Known


class Lengths:
    """The variable axes of one network: their sizes, and their names again."""

    def __init__(self) -> None:
        self.sizes: dict[str, tuple[int, int]] = {}
        """The two sizes of each axis that an input names; little else ever has these sizes."""
        self._names: dict[tuple[int, int], str] = {}

    def twice(self, axes: Iterable[Axis], dtype: str, size: int = 0) -> Twice:
        """What an input of this shape gives; `size` is the number of different tokens."""
        pairs = [(axis, axis) if isinstance(axis, int) else self._sized(axis) for axis in axes]
        first, second = (tuple(pair[turn] for pair in pairs) for turn in (0, 1))
        return Twice(Known(first, dtype, size), Known(second, dtype, size))

    def _sized(self, name: str) -> tuple[int, int]:
        if name not in self.sizes:
            step = len(self.sizes)
            self.sizes[name] = (38 + 4 * step, 54 + 4 * step)
            self._names[self.sizes[name]] = name
        return self.sizes[name]

    def spec(self, found: Twice) -> Spec:
        """The same with names for variable axes; one that a layer has made gets a name of its own."""
        axes: list[Axis] = []
        for one, other in zip(found.first.shape, found.second.shape, strict=True):
            axes.append(one if one == other else self._names.setdefault((one, other), f"n{len(self._names)}"))
        return Spec(tuple(axes), found.first.dtype)
