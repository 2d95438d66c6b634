"""The command line as a user's shell sees it: real processes, their two streams and their exit status."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    status: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.output, parse_constant=lambda text: (_ for _ in ()).throw(ValueError(text)))


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "", **environment},
    )


def workbench(*arguments: object, **environment: str) -> Said:
    """Run a command to its end."""
    process = start(*arguments, **environment)
    with process:
        output, errors = process.communicate(timeout=240)
    assert "Traceback" not in errors, errors
    return Said(process.returncode, output, errors)


def error_of(said: Said) -> dict[str, str]:
    """The error document of a command that failed."""
    assert said.status in (1, 2)
    error: dict[str, str] = said.document["error"]
    assert error.keys() >= {"what", "where", "fix"}
    assert all(isinstance(value, str) for value in error.values())
    assert "?" not in error["what"] or "“" in error["what"], error
    return error
