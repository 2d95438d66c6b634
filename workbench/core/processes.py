"""How engines and jobs are started: the same way by the window and by the command line.

An engine (`python -m workbench.engine serve`) answers questions on its standard input and output until its parent
is gone. A job (`python -m workbench.engine job`) reads one `Train` message from its standard input, and from then
on belongs to nobody: it goes on when its parent ends, and is known by its run folder alone.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.core.messages import (
    PROTOCOL,
    Answer,
    AnyQuestion,
    Ask,
    Decoder,
    Failed,
    Hello,
    Message,
    Progress,
    Train,
    encode,
)
from workbench.core.places import state
from workbench.core.problems import ProblemError
from workbench.core.queue import RunQueue
from workbench.core.runs import RunFolder, RunStore


def command(role: str) -> list[str]:
    """The command line of an engine process; `role` is serve or job."""
    return [sys.executable, "-m", "workbench.engine", role]


TEAM = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_", "ROLE_", "MASTER_", "TORCHELASTIC_")
"""What torchrun sets for its own processes begins with these: a job that one of them starts is none of them."""


def environment() -> dict[str, str]:
    """The environment of an engine process. ONNX Runtime must find telemetry off before its first import."""
    apart = {name: value for name, value in os.environ.items() if not name.startswith(TEAM)}
    return {**apart, "ORT_DISABLE_TELEMETRY": "1", "PYTHONIOENCODING": "utf-8"}


class Job:
    """A job process of ours: first a spare that has torch imported and waits, then the run it was given."""

    def __init__(self) -> None:
        log = self._log().open("ab")
        with log:
            self._process = subprocess.Popen(
                command("job"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment(),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    @staticmethod
    def _log() -> Path:
        folder = state() / "logs"
        folder.mkdir(exist_ok=True)
        return folder / "job.stderr.log"

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """The process has not ended; asking also clears it away when it has."""
        return self._process.poll() is None

    def start(self, train: Train) -> None:
        """Give the job its run. It may be given before torch is imported. Raises OSError when the process is gone."""
        assert self._process.stdin is not None
        with self._process.stdin as stream:
            stream.write(encode(train))

    def dismiss(self) -> None:
        """End a spare that got no run: there is nothing to lose, and importing torch to its end takes seconds."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status; None when it has not ended within `timeout` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None


def start_waiting(store: RunStore, trusted: Collection[str] = ()) -> list[tuple[RunFolder, Job]]:
    """Start the runs of a queue that there is room for now, with their jobs. Raises OSError."""
    started = []
    for folder, message in RunQueue(store).take():
        job = Job()
        job.start(replace(message, trusted=tuple(trusted)))
        started.append((folder, job))
    return started


class Engine:
    """An engine for a caller that waits for each answer: the command line.

    `trusted` are the hashes of the files of the user's own layers that it may run.
    """

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._trusted = tuple(trusted)
        self._process = subprocess.Popen(
            command("serve"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        self._decoder = Decoder()
        self._number = 0

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):  # what was not sent yet cannot be any more
                    stream.close()

    def ask(self, question: AnyQuestion, report: Callable[[Progress], None] = lambda progress: None) -> Any:
        """The answer to a question, as its `reply` type.

        Raises:
            ProblemError: the engine could not answer, or ended.
        """
        assert self._process.stdin is not None
        self._number += 1
        try:
            self._process.stdin.write(encode(Ask(self._number, question, self._trusted)))
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ProblemError("engine.died") from None
        while True:
            for message in self._received():
                match message:
                    case Hello() if message.protocol != PROTOCOL:
                        raise ProblemError("engine.protocol", found=message.protocol, known=PROTOCOL)
                    case Progress():
                        report(message)
                    case Failed():
                        raise ProblemError.of(message.problem)
                    case Answer():
                        return msgspec.convert(message.result, question.reply)

    def _received(self) -> list[Message]:
        assert self._process.stdout is not None
        piece = os.read(self._process.stdout.fileno(), 1 << 16)
        if not piece:
            raise ProblemError("engine.died")
        return [message for message, _ in self._decoder.feed(piece)]
