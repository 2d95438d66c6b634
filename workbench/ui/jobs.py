"""The runs as the window sees them: it starts jobs, and follows every live run through its folder alone.

So a run that another window, the command line or a window before this one started is followed like its own.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core import project
from workbench.core.analysis import Memory
from workbench.core.document import Document
from workbench.core.messages import Train
from workbench.core.problems import Problem, ProblemError
from workbench.core.processes import Job, start_waiting
from workbench.core.queue import Entry, RunQueue
from workbench.core.runs import LIVE, RunFolder, RunRecord, RunStore, Status, Want
from workbench.core.settings import Settings

if TYPE_CHECKING:
    from workbench.core import metrics

LOOK_MS = 100
"""Curves are redrawn at most this often."""
LIST_MS = 3000
"""How often the folder of runs is looked through for runs of others."""
SPARE_MS = 1500


@dataclass
class Watched:
    """One run that is being followed, or looked at."""

    folder: RunFolder
    status: Status
    reader: "metrics.Reader"
    job: Job | None = None

    @property
    def series(self) -> "dict[str, metrics.Series]":
        """Its curves so far."""
        return self.reader.series


class Jobs(QObject):
    """Starts, follows and lists runs."""

    changed = Signal(str)
    """The status or the curves of this run changed."""
    queue_changed = Signal()
    """Runs wait in another order, or others do."""
    listed = Signal()
    """Runs came or went, or one ended."""

    def __init__(self, store: RunStore, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.records: list[RunRecord] = []
        self._settings = settings
        self._queue = RunQueue(store)
        self._waiting: list[Entry] = []
        self._watched: dict[str, Watched] = {}
        self._with_weights: set[str] = set()
        self._spare: Job | None = None
        self._look = _timer(self, LOOK_MS, self._look_at_all)
        self._list = _timer(self, LIST_MS, self.refresh)
        self._spare_soon = _timer(self, SPARE_MS, self._make_spare, once=True)

    def open(self) -> None:
        """Begin: list the runs, find those that still live."""
        self.refresh()
        self._list.start()

    def close(self) -> None:
        """Let the spare go. Jobs at work go on."""
        for timer in (self._look, self._list, self._spare_soon):
            timer.stop()
        if self._spare is not None:
            self._spare.dismiss()
            self._spare = None

    def want_spare(self) -> None:
        """Have a job ready soon, so that the next run starts at once."""
        if self._spare is None and not self.live():
            self._spare_soon.start()

    def live(self) -> list[Watched]:
        """The runs that are at work."""
        return [item for item in self._watched.values() if item.status.state in LIVE]

    def watched(self, run: str) -> Watched | None:
        """A run by its id, with its curves; None when it cannot be read."""
        if run not in self._watched:
            folder = RunFolder(self.store.root / run)
            try:
                item = Watched(folder, folder.status(), _reader(folder))
            except ProblemError:
                return None
            item.reader.refresh()
            self._watched[run] = item
        return self._watched[run]

    def start(self, document: Document, data_folder: Path | None, title: str) -> str:
        """Start a run of a document and return its id."""
        folder = self.store.new(title)
        raw = project.to_raw(document)
        where = str(data_folder) if data_folder else ""
        self._begin(folder, self._said(Train(str(folder.path), raw, where, title)), document)
        return folder.name

    def branch(self, origin: str, at: int | None, document: Document, title: str) -> str:
        """Start a run that begins with a checkpoint of another (the latest, if any, when None), and return its id.

        Raises `ProblemError` when the other cannot be read.
        """
        parent, folder = RunFolder(self.store.root / origin), self.store.new(title)
        raw, where = project.to_raw(document), parent.info().data_folder
        message = Train(str(folder.path), raw, where, title, at=at, origin=str(parent.path))
        self._begin(folder, self._said(message), document)
        return folder.name

    def waiting(self) -> list[Entry]:
        """The runs that wait in the queue, in order."""
        return self._waiting

    def enqueue(self, document: Document, data_folder: Path | None, title: str, memory: Memory | None) -> None:
        """Let a run of a document wait for its turn. Raises OSError."""
        folder = self.store.new(title)
        where = str(data_folder) if data_folder else ""
        message = self._said(Train(str(folder.path), project.to_raw(document), where, title))
        device = (memory.device if memory else "") or "cpu"
        self._queue.add(folder, message, device, memory.training_bytes if memory else None)
        self.refresh()

    def move(self, run: str, place: int) -> None:
        """Let a run wait at another place. Raises OSError, and `ProblemError` when it waits no longer."""
        self._queue.move(run, place)
        self.refresh()

    def take_out(self, run: str) -> None:
        """Let a run wait no longer. Raises OSError, and `ProblemError` when it waits no longer."""
        self._queue.remove(run)
        self.refresh()

    def _start_waiting(self) -> None:
        """Whoever is there starts what there is room for."""
        for folder, job in start_waiting(self.store, self._settings().trusted):
            self._watched[folder.name] = Watched(folder, Status("preparing"), _reader(folder), job)

    def resume(self, run: str, epochs: int | None = None) -> None:
        """Go on with a run that was stopped, failed or interrupted, or that is to have more epochs."""
        item = self.watched(run)
        if item is not None:
            self._begin(item.folder, self._said(Train(str(item.folder.path), epochs=epochs)))

    def _said(self, train: Train) -> Train:
        """With what the user has set for the program."""
        settings = self._settings()
        return replace(train, keep_checkpoints=settings.keep_checkpoints, trusted=tuple(settings.trusted))

    def ask(self, run: str, want: Want) -> None:
        """Pause, go on or stop. Raises OSError."""
        item = self.watched(run)
        if item is not None and item.folder.path.is_dir():
            item.folder.ask(want)

    def delete(self, run: str) -> None:
        """Remove a run. Raises `ProblemError` while it is at work, OSError when files cannot be removed."""
        self.store.delete(RunFolder(self.store.root / run))
        self._watched.pop(run, None)
        self._with_weights.discard(run)
        self.refresh()

    def has_weights(self, run: str) -> bool:
        """There is a checkpoint of a run: it can be gone on with, evaluated and exported."""
        if run and run not in self._with_weights and RunFolder(self.store.root / run).has_checkpoint:
            self._with_weights.add(run)
        return run in self._with_weights

    def project_of(self, run: str) -> str:
        """The name of the project that a run was started from; the run's own where that is not known."""
        record = next((item for item in self.records if item.run == run), None)
        try:
            return (record or RunFolder(self.store.root / run).info()).project or run
        except ProblemError:  # its job has not made the folder yet, or it is damaged
            return run

    def refresh(self) -> None:
        """Look through the folder of runs; live ones are followed from now on."""
        before = [(record.run, record.state) for record in self.records]
        with contextlib.suppress(OSError):  # a disk that is full: runs at work say so
            self._start_waiting()
        waiting, self._waiting = self._waiting, self._queue.waiting()
        self.records = self.store.list()
        self._with_weights &= {record.run for record in self.records}
        for record in self.records:
            if record.state in LIVE and record.run not in self._watched:
                self.watched(record.run)
        if self.live():
            self._look.start()
        if before != [(record.run, record.state) for record in self.records]:
            self.listed.emit()
        if waiting != self._waiting:
            self.queue_changed.emit()

    def _begin(self, folder: RunFolder, message: Train, document: Document | None = None) -> None:
        job, self._spare = self._spare, None
        if job is None or not job.alive:
            job = Job()
        job.start(message)
        known = self._watched.get(folder.name)
        epochs = document.training.epochs if document else known.status.epochs if known else 0
        status = Status("preparing", epochs=epochs)
        reader = known.reader if known else _reader(folder)
        self._watched[folder.name] = Watched(folder, status, reader, job)
        self._look.start()
        self.changed.emit(folder.name)

    def _look_at_all(self) -> None:
        for run, item in list(self._watched.items()):
            if item.status.state in LIVE:
                self._look_at(run, item)
        if not self.live():
            self._look.stop()
            self.want_spare()

    def _look_at(self, run: str, item: Watched) -> None:
        ours_lives = item.job is not None and item.job.alive
        try:
            status = item.folder.status()
        except ProblemError:
            if ours_lives:
                return  # the job has not made its folder yet
            status = Status("failed", Problem("run.died", node=run))
        if ours_lives and status.state not in LIVE:
            return  # what a resumed run's folder says of its end last time, or of an end that is not complete yet
        fresh = item.reader.refresh()
        if status != item.status or fresh:
            item.status = status
            self.changed.emit(run)
        if status.state not in LIVE:
            self._has_ended(item)

    def _has_ended(self, item: Watched) -> None:
        item.job = None
        self.refresh()

    def _make_spare(self) -> None:
        if self._spare is None and not self.live():
            self._spare = Job()


def _reader(folder: RunFolder) -> "metrics.Reader":
    """Imported late: it brings NumPy, which would take a sixth of the time until the window is painted."""
    from workbench.core.metrics import Reader

    return Reader(folder.metrics)


def _timer(parent: QObject, interval: int, call: Callable[[], None], *, once: bool = False) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(interval)
    timer.setSingleShot(once)
    timer.timeout.connect(call)
    return timer
