"""The files of the user's own layers that lie with a run: it can be repeated and exported when they have changed."""

from pathlib import Path

from workbench.core import custom
from workbench.core.document import Document
from workbench.core.files import write_atomically
from workbench.core.problems import ProblemError
from workbench.core.runs import RunFolder, RunInfo


def keep(run: RunFolder, document: Document, folder: Path) -> dict[str, str]:
    """Copy the files that a document needs; returns their hashes by name.

    Raises:
        ProblemError: one of them is not there or cannot be read.
        OSError: it cannot be written.
    """
    codes = [custom.read(folder, name) for name in custom.files(document)]
    if codes:
        run.code.mkdir(exist_ok=True)
    for code in codes:
        write_atomically(run.code / code.name, code.content)
    return {code.name: code.sha256 for code in codes}


def check(run: RunFolder, info: RunInfo) -> None:
    """The files are what they were when the run started. Raises `ProblemError` otherwise."""
    for name, sha256 in info.code.items():
        if custom.read(run.code, name).sha256 != sha256:
            raise ProblemError("custom.not_kept", where=run.name, file=name)
