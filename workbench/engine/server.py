"""The engine: reads questions from its standard input and answers them, one at a time, until its parent is gone.

Standard output is the channel only until `main` has moved it to a private descriptor: what libraries print (ONNX
Runtime does) goes to standard error.
"""

import gc
import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

import workbench
from workbench.core import logs, project
from workbench.core.data_messages import GetSamples, GetVocabulary, InspectData, PreviewSteps
from workbench.core.messages import (
    PROTOCOL,
    Analyse,
    Answer,
    Ask,
    Decoder,
    EvaluateRun,
    ExportRun,
    Failed,
    FindNeighbours,
    Follow,
    GetCatalogue,
    GetMemory,
    GetSource,
    Hello,
    Message,
    Predict,
    Predictions,
    PreviewSample,
    Progress,
    Source,
    encode,
)
from workbench.core.problems import Problem, ProblemError
from workbench.core.rate_range import FindRate
from workbench.engine import permission

if TYPE_CHECKING:
    from workbench.engine.following import Follower

PROGRESS_SECONDS = 0.05
QUIET_SECONDS = 0.5
"""When nobody has asked for so long, there is time to warm up: an answer often leads to the next question."""

log = logging.getLogger("workbench.engine")

Report = Callable[[str, int, int], None]
Reply = tuple[Any, list[bytes]]


class Channel:
    """The pipe to the parent, on descriptors that nothing else in this process knows."""

    def __init__(self) -> None:
        self._read, self._write = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        self.asked: queue.SimpleQueue[tuple[Ask, list[bytes]]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Read until the parent is gone, then end this process, whatever it is doing."""
        threading.Thread(target=self._listen, name="pipe", daemon=True).start()

    def _listen(self) -> None:
        decoder = Decoder()
        try:
            while piece := os.read(self._read, 1 << 16):
                for message, parts in decoder.feed(piece):
                    if isinstance(message, Ask):
                        self.asked.put((message, parts))
        finally:
            os._exit(0)

    def send(self, message: Message, parts: list[bytes] | None = None) -> None:
        """Write one frame."""
        frame = memoryview(encode(message, parts or ()))
        while frame:
            frame = frame[os.write(self._write, frame) :]


def main() -> int:
    """Answer until the parent is gone."""
    channel = Channel()
    logs.start("engine")
    channel.listen()
    channel.send(Hello(PROTOCOL, workbench.__version__, os.getpid()))
    warm = False
    while True:
        try:
            ask, parts = channel.asked.get(timeout=None if warm or "torch" not in sys.modules else QUIET_SECONDS)
        except queue.Empty:
            warm = True
            _warm_up()
            continue
        permission.give(ask.trusted, _last_words(channel, ask.id))
        try:
            result, answer_parts = _answer(ask, parts, _reporter(channel, ask.id))
            channel.send(Answer(ask.id, msgspec.to_builtins(result)), answer_parts)
        except ProblemError as error:
            channel.send(Failed(ask.id, error.problem))
        except Exception as error:  # noqa: BLE001 - one question must not end the engine
            traceback.print_exc()
            logs.report_crash("engine", type(error), error, error.__traceback__)
            detail = f"{type(error).__name__}: {error}".split("\n")[0]
            channel.send(Failed(ask.id, Problem("engine.crashed", {"detail": detail})))


def _last_words(channel: Channel, number: int) -> Callable[[Problem], None]:
    return lambda problem: channel.send(Failed(number, problem))


def _warm_up() -> None:
    """Do while nobody waits what the first analysis would wait for.

    What has been imported stays: without `freeze` every collection of garbage would look through it (0.1 s).
    """
    from workbench.engine.analyse import warm_up

    warm_up()
    gc.collect()
    gc.freeze()


def _reporter(channel: Channel, number: int) -> Report:
    last, said = 0.0, ""

    def report(code: str, done: int, total: int) -> None:
        nonlocal last, said
        now = time.monotonic()
        if now - last >= PROGRESS_SECONDS or code != said:
            last, said = now, code
            channel.send(Progress(number, code, done, total))

    return report


def _answer(ask: Ask, parts: list[bytes], report: Report) -> Reply:
    """Each import is late: an engine that only predicts never loads torch."""
    match ask.question:
        case GetCatalogue():
            from workbench.engine.catalogue import catalogue

            return catalogue(), []
        case Analyse() as question:
            document = project.from_raw(question.document)
            return _follower().analyse(document, Path(question.folder), question.revision, whole=question.whole), []
        case Follow() as question:
            return _follower().follow(question), []
        case GetMemory() as question:
            return _follower().memory(question.revision), []
        case GetSource() as question:
            return _source(question), []
        case FindNeighbours() as question:
            from workbench.engine.neighbours import neighbours

            turn = question.turn, question.turns
            return neighbours(question.spec, question.own, Path(question.folder), turn), []
        case InspectData() as question:
            from workbench.engine.inspect import inspected

            return inspected(question, report), []
        case GetSamples() as question:
            from workbench.engine.preview import samples

            return samples(project.data_of(question.data), question, report)
        case PreviewSteps() as question:
            from workbench.engine.steps_preview import previewed_steps

            return previewed_steps(project.data_of(question.data), question, report)
        case GetVocabulary() as question:
            from workbench.engine.token_pages import vocabulary

            return vocabulary(project.data_of(question.data), question, report), []
        case PreviewSample() as question:
            from workbench.engine.flowing import previewed

            return previewed(question, report)
        case EvaluateRun() as question:
            from workbench.engine.evaluate import evaluated

            return evaluated(Path(question.folder), question.split, question.weights, report)
        case ExportRun() as question:
            from workbench.engine.export import export

            path = Path(question.path)
            return export(Path(question.folder), path, question.weights, question.precision, report), []
        case FindRate() as question:
            from workbench.engine.rate_range import found_rate

            return found_rate(question, report), []
        case Predict() as question:
            return _predicted(question, parts), []


def _source(question: GetSource) -> Source | None:
    from workbench.engine.analyse import study
    from workbench.engine.source import source_of

    if question.document is None:
        known = _follower().last(question.revision)
        return source_of(known) if known else None
    return source_of(study(project.from_raw(question.document), Path(question.folder)))


@cache
def _follower() -> "Follower":
    from workbench.engine.following import Follower

    return Follower()


def _predicted(question: Predict, parts: list[bytes]) -> Predictions:
    from workbench.engine.predict import predict, predict_drawing

    pictures = Path(question.folder) if question.folder else None
    if question.drawing is None:
        return predict(Path(question.model), question.inputs, question.decoding, pictures)
    ink = np.frombuffer(parts[0], np.uint8).reshape(question.drawing)
    return predict_drawing(Path(question.model), ink, pictures)
