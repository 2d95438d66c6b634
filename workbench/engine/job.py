"""A job: one process, one run. The work is done in a thread; the main thread listens to what the user wants.

Everything a job has to say it says through its run folder, so that it does not matter who started it, who watches,
and whether they are still there.
"""

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from filelock import Timeout

from workbench.core import logs, settings
from workbench.core.document import Training
from workbench.core.messages import Decoder, Train
from workbench.core.problems import Problem, ProblemError
from workbench.core.processes import start_waiting
from workbench.core.runs import RunFolder, RunStore
from workbench.engine import distributed, permission
from workbench.engine.analyse import warm_up
from workbench.engine.beginning import begin, look_at, status_before
from workbench.engine.fitting import Control, assist, make_run
from workbench.engine.memory_shortage import is_shortage, shortage
from workbench.engine.run_writer import RunWriter, problem_of, write_failure
from workbench.engine.team import Team

LISTEN_SECONDS = 0.05

log = logging.getLogger("workbench.job")


def main(message: str = "") -> int:
    """Wait for a run on standard input, and make it; under torchrun it is in a file. Returns the exit status."""
    logs.start("job")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    team = distributed.joined_team()
    train = distributed.read(Path(message), team) if message else _received()
    if train is None:
        return 0
    folder = RunFolder(Path(train.folder))
    if not message and (processes := _processes(train, folder)) > 1:
        return distributed.spread(train, processes)
    permission.give((*train.trusted, *settings.load().trusted) if message else train.trusted)
    if not team.leads:
        return _assist(folder, team)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        lock = folder.lock()
        lock.acquire(timeout=5)
    except Timeout:
        log.error("another job is at work in %s", folder.path)
        return 1
    with lock:
        _log_to(folder.path / "job.log")
        ended = _listen(folder, train, team)
    distributed.leave(team)
    _start_the_next(folder)
    return ended


def _processes(train: Train, folder: RunFolder) -> int:
    try:
        return distributed.processes_wanted(train, folder)
    except ProblemError:  # what is wrong with the run, the run says itself
        return 1


def _assist(folder: RunFolder, team: Team) -> int:
    """Take part in a run that another process leads."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the one that leads stops all
    team.wait()
    _log_to(folder.path / "job.log")
    assist(look_at(folder), team)
    distributed.leave(team)
    return 0


def _start_the_next(folder: RunFolder) -> None:
    """A queue goes on though no window is there: whoever ends makes room for others."""
    try:
        start_waiting(RunStore(folder.path.parent), tuple(settings.load().trusted))
    except OSError:
        log.exception("cannot start the next run of the queue")


def _received() -> Train | None:
    """The message that makes this process a run; None when the parent went away instead."""
    decoder = Decoder()
    while piece := os.read(0, 65536):
        for message, _ in decoder.feed(piece):
            assert isinstance(message, Train)
            return message
    return None


def _log_to(path: Path) -> None:
    """From here on this process's output belongs to its run."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


def _listen(folder: RunFolder, train: Train, team: Team) -> int:
    """Hear what is wanted of the run, while it is made in a thread of its own."""
    control = Control(train.asked)
    signal.signal(signal.SIGTERM, lambda number, frame: control.stop())
    with ThreadPoolExecutor(1, "fit") as pool:
        work = pool.submit(carry_out, folder, train, control, team)
        while not work.done():
            wait([work], LISTEN_SECONDS)
            control.hear(folder.request())
        return work.result()


def carry_out(folder: RunFolder, train: Train, control: Control, team: Team) -> int:
    """Make the run. Whatever happens, it ends in a named state; returns the exit status."""
    before = status_before(folder, train)
    training = Training()
    fail: Callable[[Problem], None] = partial(write_failure, folder, before)
    with contextlib.ExitStack() as stack:
        try:
            beginning = begin(folder, train, before)
            training = beginning.document.training
            writer = stack.enter_context(contextlib.closing(RunWriter(folder, beginning.status)))
            fail = writer.fail
            make_run(beginning, writer, control, team)
        except Exception as error:  # noqa: BLE001 - whatever happens
            _give_up(_why(error, folder, training), fail)
            return 1
    return 0


def _give_up(problem: Problem, fail: Callable[[Problem], None]) -> None:
    try:
        fail(problem)
    except OSError:
        log.exception("cannot say why the run failed: %s", problem.code)


def _why(error: Exception, folder: RunFolder, training: Training) -> Problem:
    """The problem that an error stands for; one that nobody expected leaves a report."""
    if isinstance(error, ProblemError):
        return error.problem
    if is_shortage(error):
        return shortage(error, training)
    if isinstance(error, OSError):
        return problem_of(error, folder)
    traceback.print_exception(error)
    with contextlib.suppress(OSError):
        logs.report_crash("job", type(error), error, error.__traceback__)
    return Problem("run.crashed", {"detail": f"{type(error).__name__}: {error}".split("\n")[0]})


if __name__ == "__main__":
    sys.exit(main())
