"""An engine of our own for one question, with its progress on standard error."""

from typing import Any

from workbench.cli.output import Progress
from workbench.core import wording
from workbench.core.messages import AnyQuestion
from workbench.core.messages import Progress as Step
from workbench.core.processes import Engine


def asked(question: AnyQuestion) -> Any:
    """The engine's answer. Raises `ProblemError`."""
    progress = Progress()

    def report(step: Step) -> None:
        done = step.done / step.total if step.total else None
        progress.show(wording.activity(step.code), done)

    try:
        with Engine() as engine:
            return engine.ask(question, report)
    finally:
        progress.close()
