"""An engine of our own for one question, with its progress on standard error."""

import argparse
from typing import Any

from workbench.cli.output import Progress
from workbench.core import settings, wording
from workbench.core.messages import AnyQuestion
from workbench.core.messages import Progress as Step
from workbench.core.processes import Engine


def trusted(args: argparse.Namespace) -> tuple[str, ...]:
    """The hashes of the files of the user's own that may be run: remembered, or named on the command line."""
    return (*settings.load().trusted, *getattr(args, "trust_code", ()))


def asked(question: AnyQuestion, args: argparse.Namespace) -> Any:
    """The engine's answer. Raises `ProblemError`."""
    progress = Progress()

    def report(step: Step) -> None:
        done = step.done / step.total if step.total else None
        progress.show(wording.activity(step.code), done)

    try:
        with Engine(trusted(args)) as engine:
            return engine.ask(question, report)
    finally:
        progress.close()
