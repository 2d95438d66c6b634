"""The window's engine: a process that is asked, answers when it can, and is started again when it dies."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

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
    encode,
)
from workbench.core.places import state
from workbench.core.problems import Problem
from workbench.core.processes import command, environment

log = logging.getLogger("workbench.window")

LIVES = 3
"""An engine that dies so often within `LIVES_SECONDS` is not started again by itself."""
LIVES_SECONDS = 60.0

Parts = Sequence[bytes]


def _ignore(*args: object) -> None:
    """Nobody wants to know."""


@dataclass(eq=False)
class Request:
    """A question under way."""

    number: int
    question: AnyQuestion
    parts: Parts
    done: Callable[[Any, list[bytes]], None]
    failed: Callable[[Problem], None]
    progress: Callable[[Progress], None]
    _client: "EngineClient" = field(repr=False)

    def cancel(self) -> None:
        """Want no answer any more. An engine that is at work on it is ended and started anew."""
        self._client.cancel(self)


class EngineClient(QObject):
    """Asks the engine. Answers arrive as calls, in the order of the questions, in the thread of the window."""

    state_changed = Signal(str)
    """starting, ready, busy or gone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trusted: Callable[[], Collection[str]] = tuple
        """The hashes of the files of the user's own layers that may be run."""
        self._numbers = count(1)
        self._pending: dict[int, Request] = {}
        self._deaths: list[float] = []
        self._state = "gone"
        self._process: QProcess | None = None
        self._closed = False
        self._decoder = Decoder()

    @property
    def state(self) -> str:
        """starting, ready, busy or gone."""
        return self._state

    @property
    def pid(self) -> int:
        """The engine's process, 0 when there is none."""
        return int(self._process.processId()) if self._process else 0

    def start(self) -> None:
        """Start the engine, unless it runs, or was closed for good."""
        if self._process is not None or self._closed:
            return
        self._decoder = Decoder()
        process = QProcess(self)
        variables = QProcessEnvironment()
        for name, value in environment().items():
            variables.insert(name, value)
        process.setProcessEnvironment(variables)
        folder = state() / "logs"
        folder.mkdir(exist_ok=True)
        process.setStandardErrorFile(str(folder / "engine.stderr.log"))
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._could_not_start)
        program, *arguments = command("serve")
        self._process = process
        self._say("starting")
        process.start(program, arguments)

    def ask(
        self,
        question: AnyQuestion,
        done: Callable[[Any, list[bytes]], None],
        failed: Callable[[Problem], None] = _ignore,
        progress: Callable[[Progress], None] = _ignore,
        parts: Parts = (),
    ) -> Request:
        """Ask; `done(answer, parts)` or `failed(problem)` is called later, once."""
        request = Request(next(self._numbers), question, parts, done, failed, progress, self)
        self._pending[request.number] = request
        self.start()
        self._send(request)
        return request

    def cancel(self, request: Request) -> None:
        """See `Request.cancel`."""
        if self._pending.pop(request.number, None) is not None:
            self._deaths.clear()
            self._end_process()
            self._restart()

    def close(self) -> None:
        """End the engine for good and forget all questions; later ones are never answered."""
        self._closed = True
        self._pending.clear()
        self._end_process()
        self._say("gone")

    def _send(self, request: Request) -> None:
        if self._process is not None:
            ask = Ask(request.number, request.question, tuple(self.trusted()))
            self._process.write(encode(ask, request.parts))
            self._say_busy()

    def _read(self) -> None:
        if self._process is None:
            return
        for message, parts in self._decoder.feed(bytes(self._process.readAllStandardOutput().data())):
            self._take(message, parts)

    def _take(self, message: Message, parts: list[bytes]) -> None:
        match message:
            case Hello():
                if message.protocol != PROTOCOL:
                    self._fail_all(Problem("engine.protocol", {"found": message.protocol, "known": PROTOCOL}))
                self._say_busy()
            case Progress() if message.id in self._pending:
                self._pending[message.id].progress(message)
            case Answer() if message.id in self._pending:
                request = self._pending.pop(message.id)
                self._say_busy()
                request.done(msgspec.convert(message.result, request.question.reply), parts)
            case Failed() if message.id in self._pending:
                request = self._pending.pop(message.id)
                self._say_busy()
                request.failed(message.problem)

    def _ended(self, *status: object) -> None:
        log.error("the engine ended: %s", status)
        self._forget_process()
        now = time.monotonic()
        self._deaths = [when for when in self._deaths if now - when < LIVES_SECONDS] + [now]
        first = next(iter(self._pending.values()), None)
        if first is not None:  # the question it was at work on may be what kills it
            del self._pending[first.number]
            first.failed(Problem("engine.died"))
        if len(self._deaths) < LIVES:
            self._restart()
        else:
            self._fail_all(Problem("engine.died"))
            self._say("gone")

    def _could_not_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._forget_process()
            self._fail_all(Problem("engine.died"))
            self._say("gone")

    def _restart(self) -> None:
        self.start()
        for request in self._pending.values():
            self._send(request)

    def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        self._forget_process()
        process.closeWriteChannel()
        process.kill()
        process.waitForFinished(2000)

    def _forget_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.finished.disconnect(self._ended)
            process.errorOccurred.disconnect(self._could_not_start)
            process.deleteLater()

    def _fail_all(self, problem: Problem) -> None:
        pending, self._pending = self._pending, {}
        for request in pending.values():
            request.failed(problem)

    def _say_busy(self) -> None:
        if self._process is not None:
            self._say("busy" if self._pending else "ready")

    def _say(self, name: str) -> None:
        if name != self._state:
            self._state = name
            self.state_changed.emit(name)
