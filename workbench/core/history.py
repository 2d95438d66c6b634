"""Undo as two stacks of whole documents.

Documents share what they have in common, so a step costs what it changed. There are no inverse commands to get
wrong.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

D = TypeVar("D")


@dataclass(frozen=True)
class Step(Generic[D]):
    """A document, and the name of the edit that made it."""

    label: str
    document: D


@dataclass
class History(Generic[D]):
    """Where a document is between its past and its future."""

    now: D
    label: str = ""
    """The name of the edit that led here; empty at the start."""
    past: list[Step[D]] = field(default_factory=list)
    future: list[Step[D]] = field(default_factory=list)
    limit: int = 1000
    _merging: object = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of all steps, those that were taken back too; the first one is the start, which has none."""
        return (*(step.label for step in self.past), self.label, *(step.label for step in reversed(self.future)))

    @property
    def at(self) -> int:
        """Which of the steps is the present one."""
        return len(self.past)

    def go(self, at: int) -> bool:
        """Make a step the present one; False where it is that already, or there is none."""
        if at == self.at or not 0 <= at < len(self.steps):
            return False
        while self.at > at:
            self.undo()
        while self.at < at:
            self.redo()
        return True

    def push(self, label: str, document: D, *, merge: object = None) -> None:
        """Make `document` the present one. Pushes in a row with the same `merge` key are one step: a drag, a spin.

        Such a step keeps the name of its first push: what was made and then given a name is still the making of it.
        """
        if merge is None or merge != self._merging:
            self.past.append(Step(self.label, self.now))
            del self.past[: -self.limit]
            self.label = label
        self.future.clear()
        self.now, self._merging = document, merge

    def undo(self) -> bool:
        """Go one step back; False at the beginning."""
        if not self.past:
            return False
        self.future.append(Step(self.label, self.now))
        self._show(self.past.pop())
        return True

    def redo(self) -> bool:
        """Go one step forward again; False at the end."""
        if not self.future:
            return False
        self.past.append(Step(self.label, self.now))
        self._show(self.future.pop())
        return True

    def _show(self, step: Step[D]) -> None:
        self.now, self.label, self._merging = step.document, step.label, None
