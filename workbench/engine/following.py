"""The analysis of a document that is being edited: only what an edit changed is found out, and only that is sent."""

import time
from dataclasses import dataclass
from math import inf
from pathlib import Path

from msgspec.structs import replace

from workbench.core.analysis import Analysis, Memory, NodeAnalysis
from workbench.core.changes import changed, patch
from workbench.core.document import Document, Training
from workbench.core.messages import Follow, Followed
from workbench.core.problems import ProblemError
from workbench.core.room import free_bytes
from workbench.engine.analyse import Study, forecast_of, has_fixed_lengths, study
from workbench.engine.preparation import chosen_device

MEANWHILE = 0.01
"""Seconds that a forecast may keep shapes waiting."""
SMALL = 300
"""Of a network of more layers shapes never wait for the forecast: 10 ms for 1,000 of them."""
MOMENT = 0.1
"""Seconds that a forecast may keep the next question waiting."""
ROOM_SECONDS = 10.0
"""For so long the free memory of a device is believed to stay the same."""


@dataclass(frozen=True)
class _Room:
    """How much memory a device had free."""

    asked: str
    """The device as training settings name it."""
    device: str
    free: int | None
    when: float


@dataclass
class Follower:
    """Knows the document that was asked about last."""

    _last: Study | None = None
    _room: _Room | None = None

    def analyse(self, document: Document, folder: Path, revision: int, *, whole: bool = False) -> Analysis:
        """All that is known about a document, which is the one to follow from now on.

        The forecast of memory is part of it where that takes no time, or where the `whole` is wanted.
        """
        self._last = None
        new = self._last = study(document, folder, revision)
        return replace(new.analysis, memory=self._memory(new, inf if whole else MEANWHILE, look=whole))

    def last(self, revision: int) -> Study | None:
        """What is known about the document of this revision; None where that is not the last one."""
        known = self._last
        return known if known and known.analysis.revision == revision else None

    def follow(self, question: Follow) -> Followed | None:
        """What an edit changed; None where the document that it changed is not the last one."""
        last, self._last = self._last, None  # after a failure nothing is known
        if last is None or last.analysis.revision != question.base:
            return None
        document = changed(last.document, question.changes)
        new = self._last = study(document, Path(question.folder), question.revision, last)
        rest = replace(new.analysis, nodes={}, memory=self._memory(new, MEANWHILE, look=False))
        return Followed(patch(last.analysis.nodes, new.analysis.nodes, _same), rest)

    def memory(self, revision: int) -> Memory | None:
        """The forecast for the last document, `unfinished` after a moment; None where another one is meant."""
        last = self.last(revision)
        return None if last is None else self._memory(last, MOMENT, look=True)

    def _memory(self, found: Study, patience: float, *, look: bool) -> Memory:
        """The forecast, and the largest batch that fits; `look` how much memory the device has free now."""
        if not has_fixed_lengths(found):
            return Memory()
        forecast = forecast_of(found, patience) if look or len(found.order) <= SMALL else None
        if forecast is None:
            return Memory(unfinished=True)
        training = found.document.training
        memory = forecast.memory(training.batch_size)
        room = self._room
        if room is None or room.asked != training.device or time.monotonic() - room.when > ROOM_SECONDS:
            if not look:
                return replace(memory, unfinished=True)
            room = self._room = _looked(training)
        largest = None if room.free is None else forecast.largest_batch(room.free)
        return replace(memory, device=room.device, free_bytes=room.free, largest_batch=largest)


def _looked(training: Training) -> _Room:
    try:
        device = chosen_device(training.device).type
    except ProblemError:  # a device that is not there: training says so
        return _Room(training.device, training.device, None, time.monotonic())
    return _Room(training.device, device, free_bytes(device), time.monotonic())


def _same(one: NodeAnalysis, other: NodeAnalysis) -> bool:
    return one is other or one == other
