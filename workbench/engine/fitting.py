"""Makes a run that has begun: prepares it and fits it, and does what the user wants meanwhile."""

import logging
import threading
import time
from dataclasses import replace
from functools import partial

import msgspec

from workbench.core.live_edits import checked, document_at, in_order
from workbench.core.problems import Problem, ProblemError
from workbench.core.runs import Edit, Request, RunInfo, Want, Wish, write_json
from workbench.engine import checkpoint, distributed, not_finite
from workbench.engine.beginning import Beginning
from workbench.engine.events import Edited, NotFinite, Stepped, StoppedEarly, Validating
from workbench.engine.live import fit_edited, setting, with_setting
from workbench.engine.loop import Loop, Plan
from workbench.engine.preparation import prepare
from workbench.engine.recorder import Recorder
from workbench.engine.run_writer import RunWriter
from workbench.engine.team import ALONE, Team

log = logging.getLogger("workbench.job")

STOPPED = Problem("run.stopped", severity="info")


class Control:
    """What the user wants of the job, handed from the thread that listens to the thread that fits."""

    def __init__(self, since: float) -> None:
        self._changed = threading.Condition()
        self._want: Want = "run"
        self._since = since
        """Only what was asked for after this, seconds since 1970, counts."""
        self._heard = since
        self._wishes: list[Wish] = []

    @property
    def want(self) -> Want:
        """run, pause or stop."""
        return self._want

    def hear(self, request: Request) -> None:
        """From the thread that listens: what is in the run's folder now."""
        with self._changed:
            if request.time >= self._since and self._want != "stop":
                self._want = request.want
            self._wishes += [wish for wish in request.edits if wish.time > self._heard]
            self._heard = max([self._heard, *(wish.time for wish in request.edits)])
            self._changed.notify_all()

    def wishes(self) -> list[Wish]:
        """What is to be changed, since this was asked last."""
        with self._changed:
            found, self._wishes = self._wishes, []
        return found

    def stop(self) -> None:
        """For good."""
        with self._changed:
            self._want = "stop"
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Return when the user wants something else than a pause."""
        with self._changed:
            self._changed.wait_for(lambda: self._want != "pause")

    def rest(self) -> bool:
        """Rest until the user says something that is newer than this; True when it is to go on."""
        with self._changed:
            self._since = time.time()
            if self._want != "stop":
                self._want = "pause"
        self.wait_while_paused()
        return self.want == "run"


class _StoppedEarly(Exception):
    """The user wants no more of it before the first step."""


def make_run(beginning: Beginning, writer: RunWriter, control: Control, team: Team = ALONE) -> None:
    """Prepare and fit, up to the end or until the user wants no more.

    Raises:
        ProblemError: it cannot be prepared, or the loss is no number any more.
        OSError: the disk does not take what has to be written.
    """
    writer.say(now=True)
    for path in beginning.damaged:
        writer.event("checkpoint.damaged", 0, name=path.name)
    try:
        most = distributed.threads_of(team) if team.size > 1 else 0
        ready = prepare(beginning, partial(_report, writer, control), most)
    except _StoppedEarly:
        writer.say(state="stopped", reason=STOPPED, durable=True)
        return
    if ready.info is not beginning.info:
        write_json(beginning.folder.path / "run.json", ready.info)
    loop = ready.loop
    team.wait()  # now the others can read what the run is, and its split
    plan, warnings = distributed.joined(ready, team)
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
    _begun(writer, beginning, loop.step)
    for problem in warnings:
        writer.event(problem.code, loop.step)
    writer.say(state="training", reason=None, now=True)
    recorder = Recorder(writer, ready, seconds=beginning.seconds, keep=beginning.keep)
    writer.rest = partial(_rest_on_full_disk, recorder, control)
    wishes = Wishes(writer, ready.info, control, team)
    failure = _fit(loop, plan, recorder, control, wishes)
    if failure is not None:
        rate = float(loop.optimizer.param_groups[0]["lr"])
        del ready, loop, plan, recorder, wishes  # what they hold may be needed to prepare it once more
        writer.rest = None
        raise ProblemError.of(_explained(beginning, failure, rate, control))


def _begun(writer: RunWriter, beginning: Beginning, step: int) -> None:
    origin = beginning.info.branched_from
    if beginning.resuming:
        writer.event("resumed", step)
    elif origin is not None:
        writer.event("branched", step, run=origin.run, at=origin.step)
    else:
        writer.event("started", step)


def _report(writer: RunWriter, control: Control, code: str, done: int, total: int) -> None:
    """Say how far the preparation is, or end it."""
    if control.want == "stop":
        raise _StoppedEarly
    writer.say(reason=Problem(code, {"done": done, "total": total}, severity="info"))


class Wishes:
    """Changes of settings that the user wishes while the run is at work: written down before they count."""

    def __init__(self, writer: RunWriter, info: RunInfo, control: Control, team: Team) -> None:
        self._writer, self._info, self._control, self._team = writer, info, control, team
        self.known = info.edits
        """Those that the run's record has already."""

    def granted(self, plan: Plan, step: int) -> list[Edit]:
        """Those that come now, as edits after this step."""
        edits: list[Edit] = []
        for wish in self._control.wishes():
            try:
                checked(wish.name, wish.value)
                changed = with_setting(plan, wish.name, wish.value)
            except (ProblemError, ValueError):
                self._writer.event("edit_refused", step, name=wish.name, value=wish.value)
                continue
            old, new = (setting(one, wish.name, wish.value) for one in (plan, changed))
            edits.append(Edit(step, wish.name, old, new))
            plan = changed
        if edits:
            self._write_down(edits)
        return self._team.told(edits)

    def _write_down(self, edits: list[Edit]) -> None:
        self._info = msgspec.structs.replace(self._info, edits=in_order(*self._info.edits, *edits))
        path = self._writer.folder.path / "run.json"
        self._writer.patiently(lambda: write_json(path, self._info))


def _fit(loop: Loop, plan: Plan, recorder: Recorder, control: Control, wishes: Wishes) -> NotFinite | None:
    """Up to the end, which is written down; or up to a loss that is no number."""
    for event in fit_edited(loop, plan, wishes.known, wishes.granted):
        recorder.take(event)
        if isinstance(event, NotFinite):
            return event
        if isinstance(event, StoppedEarly):
            recorder.end("done", event.problem)
            return None
        if isinstance(event, Stepped) and not event.finite:
            continue  # these weights must not be saved
        if control.want == "pause":
            _rest(recorder, control)
        if plan.team.told(control.want) == "stop":
            recorder.end("stopped", STOPPED)
            return None
        if not isinstance(event, Validating | Edited):
            recorder.save_if_due()
    recorder.end("done")
    return None


def assist(beginning: Beginning, team: Team) -> None:
    """Take every step of a run that another process leads, on another share of its batches."""
    ready = prepare(beginning, lambda code, done, total: None, 1)
    plan, _ = distributed.joined(ready, team)

    def told(plan: Plan, step: int) -> list[Edit]:
        return team.told(list[Edit]())

    for event in fit_edited(ready.loop, plan, ready.info.edits, told):
        if isinstance(event, NotFinite | StoppedEarly):
            return
        if isinstance(event, Stepped) and not event.finite:
            continue
        if team.told("") == "stop":
            return


def _rest(recorder: Recorder, control: Control) -> None:
    with recorder.paused():
        control.wait_while_paused()
    if control.want == "run":
        recorder.go_on()


def _rest_on_full_disk(recorder: Recorder, control: Control) -> bool:
    with recorder.held():
        return control.rest()


def _explained(beginning: Beginning, failure: NotFinite, rate: float, control: Control) -> Problem:
    """Why the loss is no number any more, found by making the steps since the last checkpoint once more."""
    info = beginning.folder.info()
    training = document_at(info).training

    def report(code: str, done: int, total: int) -> None:
        if control.want == "stop":
            raise _StoppedEarly

    try:
        saved, _ = checkpoint.newest(beginning.folder.checkpoints)
        document = document_at(info, saved.meta["loop"]["step"] if saved else 0)
        ready = prepare(replace(beginning, info=info, document=document, saved=saved), report)
        half = training.precision == "fp16"
        culprit = not_finite.first_culprit(ready.loop, ready.plan, failure.step, info.edits, gradients=not half)
    except Exception:
        log.exception("cannot find where the loss stopped being a number")
        culprit = None
    return not_finite.explained(failure, culprit, training, rate)
