"""What was made before is made again only where what it is made of is another: an edit costs what it changed."""

from collections.abc import Callable, Hashable
from operator import is_not
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Values by key. `keep_only_used` ends a turn: what it did not ask for is forgotten."""

    def __init__(self) -> None:
        self._old: dict[Hashable, tuple[tuple[Any, ...], tuple[Any, ...], V]] = {}
        self._new: dict[Hashable, tuple[tuple[Any, ...], tuple[Any, ...], V]] = {}

    def get(self, key: Hashable, same: tuple[Any, ...], equal: tuple[Any, ...], make: Callable[[], V]) -> V:
        """The value of `key`: as it was, if all of `same` is the same as then, and all of `equal` equal.

        (Settings need the first: 1 and True are equal.)
        """
        kept = self._old.get(key)
        if kept is None or kept[1] != equal or any(map(is_not, kept[0], same)):
            kept = (same, equal, make())
        self._new[key] = kept
        return kept[2]

    def keep_only_used(self) -> None:
        """Forget what has not been asked for since the last call."""
        self._old, self._new = self._new, {}
