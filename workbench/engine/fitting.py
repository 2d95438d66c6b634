"""Makes a run that has begun: prepares it and fits it, and does what the user wants meanwhile."""

import threading
from functools import partial

from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import Want, write_json
from workbench.engine.beginning import Beginning
from workbench.engine.preparation import Prepared, prepare
from workbench.engine.recorder import Recorder
from workbench.engine.run_writer import RunWriter
from workbench.engine.train import NotFinite, Stepped, StoppedEarly, Validating, fit

STOPPED = Problem("run.stopped", severity="info")


class Control:
    """What the user wants of the job, handed from the thread that listens to the thread that fits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._want: Want = "run"

    @property
    def want(self) -> Want:
        """run, pause or stop."""
        return self._want

    def set(self, want: Want) -> None:
        """From the thread that listens. A stop is for good."""
        with self._changed:
            if self._want != "stop":
                self._want = want
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Return when the user wants something else than a pause."""
        with self._changed:
            self._changed.wait_for(lambda: self._want != "pause")


class _StoppedEarly(Exception):
    """The user wants no more of it before the first step."""


def make_run(beginning: Beginning, writer: RunWriter, control: Control) -> None:
    """Prepare and fit, up to the end or until the user wants no more.

    Raises:
        ProblemError: it cannot be prepared, or the loss is no number any more.
        OSError: the disk does not take what has to be written.
    """
    writer.say(now=True)
    for path in beginning.damaged:
        writer.event("checkpoint.damaged", 0, name=path.name)
    try:
        ready = prepare(beginning, partial(_report, writer, control))
    except _StoppedEarly:
        writer.say(state="stopped", reason=STOPPED, durable=True)
        return
    if ready.info is not beginning.info:
        write_json(beginning.folder.path / "run.json", ready.info)
    loop, plan = ready.loop, ready.plan
    writer.say(
        now=True,
        epoch=loop.epoch,
        step=loop.step,
        steps=plan.steps,
        device=str(ready.device),
        threads=ready.threads,
        best_epoch=loop.best_epoch,
        best=loop.best_metrics,
        metrics=loop.best_metrics,
    )
    writer.event("resumed" if beginning.resuming else "started", loop.step)
    writer.say(state="training", reason=None, now=True)
    _fit(ready, Recorder(writer, ready, seconds=beginning.seconds, keep=beginning.keep), control)


def _report(writer: RunWriter, control: Control, code: str, done: int, total: int) -> None:
    """Say how far the preparation is, or end it."""
    if control.want == "stop":
        raise _StoppedEarly
    writer.say(reason=Problem(code, {"done": done, "total": total}, severity="info"))


def _fit(ready: Prepared, recorder: Recorder, control: Control) -> None:
    for event in fit(ready.loop, ready.plan):
        recorder.take(event)
        if isinstance(event, NotFinite):
            rate = float(ready.loop.optimizer.param_groups[0]["lr"])
            raise ProblemError("train.not_finite", step=event.step, value=str(event.value), rate=rate)
        if isinstance(event, StoppedEarly):
            recorder.end("done", event.problem)
            return
        if isinstance(event, Stepped) and not event.finite:
            continue  # these weights must not be saved
        if control.want == "pause":
            _rest(recorder, control)
        if control.want == "stop":
            recorder.end("stopped", STOPPED)
            return
        if not isinstance(event, Validating):
            recorder.save_if_due()
    recorder.end("done")


def _rest(recorder: Recorder, control: Control) -> None:
    with recorder.paused():
        control.wait_while_paused()
    if control.want == "run":
        recorder.go_on()
