"""What is wrong, as a code with arguments: the one form in which trouble crosses the pipe.

No text that a user reads is composed here or in the engine; `wording.py` turns a problem into sentences.
"""

from typing import Any, Literal

from msgspec import Struct, field

from workbench.core.document import ROOT
from workbench.core.edits import Fix

Severity = Literal["error", "warning", "info"]


class Problem(Struct, frozen=True):
    """One thing that is wrong, where it is, and a remedy where there is one."""

    code: str
    args: dict[str, Any] = field(default_factory=dict)
    node: str = ""
    """The node's id (inside blocks the path of ids, `use/inner`); empty for the document as a whole."""
    severity: Severity = "error"
    scope: str = ROOT
    port: str = ""
    fix: Fix | None = None
    """The best remedy: an edit after which the problem is gone."""
    more: tuple[Fix, ...] = ()
    """Other remedies, the better ones first."""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """All remedies, the best first."""
        return () if self.fix is None else (self.fix, *self.more)


class ProblemError(Exception):
    """Work failed for a reason that a user can understand; carries the problem."""

    def __init__(self, code: str, /, *, where: str = "", **args: Any) -> None:
        self.problem = Problem(code, args, node=where)
        super().__init__(f"{code} {args}")

    @classmethod
    def of(cls, problem: Problem) -> "ProblemError":
        """An exception that carries this problem."""
        error = cls(problem.code)
        error.problem = problem
        return error
