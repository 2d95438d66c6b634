"""What a command prints: one JSON document or readable text on standard output, progress on standard error."""

import argparse
import json
import math
import re
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from workbench.core import wording
from workbench.core.i18n import tr
from workbench.core.problems import Problem

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""

BAR = 28


def write_json(value: Any) -> None:
    """One JSON document. Numbers that JSON cannot hold (NaN, infinity) are null."""
    sys.stdout.write(json.dumps(_finite(msgspec.to_builtins(value)), ensure_ascii=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def write(text: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(text + "\n")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Columns as wide as they need; those in `right` are aligned on the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        sized = enumerate(zip(row, widths, strict=True))
        cells = [text.rjust(width) if at in right else text.ljust(width) for at, (text, width) in sized]
        write("  ".join(cells).rstrip())


def listed(rows: list[dict[str, Any]], args: argparse.Namespace) -> int:
    """Things with a name, a group and a summary. Returns the exit status."""
    if args.json:
        write_json(rows)
    else:
        header = (tr("name"), tr("group"), tr("what it is"))
        table(header, [(row["name"], row["group"], row["summary"]) for row in rows])
    return OK


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem as the contract has it."""
    return {
        "node": problem.node,
        "severity": problem.severity,
        "code": problem.code,
        "text": wording.what(problem),
        "fix": wording.remedy(problem),
    }


def fail(problem: Problem, *, as_document: bool) -> None:
    """Say why the work failed: one clear sentence, and what to do."""
    if as_document:
        what, fix = wording.what(problem), wording.remedy(problem)
        write_json({"error": {"what": what, "where": problem.node, "fix": fix, "code": problem.code}})
    say(problem)


def say(problem: Problem) -> None:
    """A problem on standard error."""
    kind = f"{problem.severity}: " if problem.severity != "error" else ""
    note(f"workbench: {kind}{told(problem)}")


def told(problem: Problem) -> str:
    """Where it is, unless the sentence says so, what it is, and what to do."""
    what, fix = wording.what(problem), wording.remedy(problem)
    said = not problem.node or re.search(rf"(?<!\w){re.escape(problem.node)}(?!\w)", what)
    full_stop = "" if not fix or fix.endswith(".") else "."  # a remedy is the text of a link in the window
    return f"{'' if said else f'{problem.node}: '}{what} {fix}{full_stop}".rstrip()


class Progress:
    """A line on standard error that keeps itself up to date; off a terminal, a line for each milestone."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = ""

    def passed(self, milestone: str) -> None:
        """Leave a line, where no line can be kept up to date."""
        if not self._terminal:
            note(milestone)

    def show(self, text: str, done: float | None = None) -> None:
        """Show what is being done, and how far it is (0 to 1)."""
        if not self._terminal:
            return
        bar = ""
        if done is not None:
            filled = round(done * BAR)
            bar = f"{'━' * filled}{'─' * (BAR - filled)}  "
        line = f"{bar}{text}"
        sys.stderr.write("\r" + line + " " * max(0, len(self._shown) - len(line)))
        sys.stderr.flush()
        self._shown = line

    def close(self) -> None:
        """Leave the line."""
        if self._shown:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            sys.stderr.flush()
            self._shown = ""


def metrics_line(metrics: dict[str, float]) -> str:
    """`val loss 0.241 · val accuracy 92.8 %`."""
    return " · ".join(f"{name.replace('/', ' ')} {metric(name, value)}" for name, value in metrics.items())


def metric(name: str, value: float) -> str:
    """A metric as people read it: shares in per cent."""
    if name.rsplit("/", 1)[-1] in wording.SHARES:
        return f"{value * 100:.2f} %"
    return f"{value:.4g}"


def yes(value: bool) -> str:
    """A truth value in a table."""
    return tr("yes") if value else tr("no")
