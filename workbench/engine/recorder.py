"""What is kept of a run while it is fitted: points, lines and states of its events, and checkpoints now and then."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from workbench.core.problems import Problem
from workbench.core.runs import RunState
from workbench.engine import checkpoint
from workbench.engine.events import Edited, EpochEnded, Event, Stepped, Validating, Warned
from workbench.engine.preparation import Prepared
from workbench.engine.run_writer import RunWriter
from workbench.engine.train import validate

CHECKPOINT_SECONDS = 2.0
CHECKPOINT_SHARE = 50
"""A checkpoint is written at most every so many seconds, and takes at most one part in so many of the time."""


class Stopwatch:
    """The time spent on a run: that of before counts, pauses do not."""

    def __init__(self, seconds: float) -> None:
        self._before = seconds
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """So many up to now."""
        return self._before + time.monotonic() - self._since

    @contextmanager
    def held(self) -> Iterator[None]:
        """No time passes inside."""
        self._before = self.seconds
        yield
        self._since = time.monotonic()


class Recorder:
    """Writes down a run that is being fitted. Its loop must stand between two steps at every call."""

    def __init__(self, writer: RunWriter, ready: Prepared, *, seconds: float, keep: int) -> None:
        self._writer, self._ready, self._loop = writer, ready, ready.loop
        self._keep = keep
        self._watch = Stopwatch(seconds)
        self._checkpoint_due = time.monotonic() + CHECKPOINT_SECONDS

    def take(self, event: Event) -> None:
        """Write what an event tells."""
        match event:
            case Stepped():
                self._writer.stepped(event)
                latest = {name: float(row[-1]) for name, row in event.series.items()}
                self._writer.say(
                    state="training",
                    step=self._loop.step,
                    seconds=self._watch.seconds,
                    samples_per_second=event.samples / max(event.seconds, 1e-9),
                    metrics=self._writer.status.metrics | latest,
                )
            case Edited():
                edit = event.edit
                self._writer.event("edited", edit.step, name=edit.name, old=edit.old, new=edit.new)
                self._writer.say(epochs=event.epochs, steps=event.steps, now=True)
            case Warned():
                self._writer.event(event.problem.code, self._loop.step, **event.problem.args)
            case Validating():
                self._writer.say(state="validating")
            case EpochEnded():
                self._writer.epoch(event.step, event.metrics)
                self._writer.event("epoch", event.step, epoch=event.epoch, best=event.best, **event.metrics)
                self._writer.say(
                    state="training",
                    epoch=event.epoch,
                    seconds=self._watch.seconds,
                    metrics=self._writer.status.metrics | event.metrics,
                    best_epoch=self._loop.best_epoch,
                    best=self._loop.best_metrics,
                )

    def save_if_due(self) -> None:
        """Write a checkpoint when the last one is old enough."""
        if time.monotonic() >= self._checkpoint_due:
            self.save()

    def save(self) -> None:
        """Write a checkpoint, unless the weights are no numbers."""
        begun = time.monotonic()
        if not all(tensor.isfinite().all() for tensor in self._loop.network.parameters()):
            return  # the next loss will say so; what was saved before is of more use
        self._writer.settle()
        extra = {"seconds": self._watch.seconds}
        folder = self._writer.folder.checkpoints
        self._writer.patiently(lambda: checkpoint.save(folder, self._loop, extra, keep=self._keep))
        ended = time.monotonic()
        self._checkpoint_due = ended + max(CHECKPOINT_SECONDS, CHECKPOINT_SHARE * (ended - begun))

    def held(self) -> AbstractContextManager[None]:
        """No time is counted inside."""
        return self._watch.held()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The run rests inside, and could be resumed from here."""
        self.save()
        self._writer.event("paused", self._loop.step)
        self._writer.say(state="paused", durable=True)
        with self._watch.held():
            yield

    def go_on(self) -> None:
        """After a pause."""
        self._writer.event("continued", self._loop.step)
        self._writer.say(state="training", now=True)

    def end(self, state: RunState, reason: Problem | None = None) -> None:
        """No more points come: the last and the best weights are kept, and measured once on the test split."""
        self.save()
        self._writer.event(state, self._loop.step)
        seconds = self._watch.seconds
        self._writer.say(state="validating", now=True)
        last, best = _tested(self._ready)
        self._writer.finish()
        self._writer.say(
            state=state,
            reason=reason,
            seconds=seconds,
            metrics=self._writer.status.metrics | last,
            best=self._loop.best_metrics | best,
            durable=True,
        )


def _tested(ready: Prepared) -> tuple[dict[str, float], dict[str, float]]:
    """The metrics of the last and of the best weights on the test split. The loop's network is used up."""
    loop, plan, test = ready.loop, ready.plan, ready.test
    if test is None:
        return {}, {}
    with loop.averaged():
        last = best = validate(loop.network, plan, test)
    if loop.best_weights:
        loop.network.load_state_dict(loop.best_weights)
        best = validate(loop.network, plan, test)
    return _named(last), _named(best)


def _named(metrics: dict[str, float]) -> dict[str, float]:
    return {f"test/{name}": value for name, value in metrics.items()}
