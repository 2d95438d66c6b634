"""Has the engine look at the data of a document, and knows how far that is."""

from dataclasses import dataclass
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from workbench.core.data_messages import InspectData
from workbench.core.document import Data
from workbench.core.inspection import Inspection
from workbench.core.messages import Progress
from workbench.core.problems import Problem
from workbench.ui.engine_client import EngineClient, Request

Stage = Literal["none", "reading", "known", "remote", "failed", "cancelled"]


@dataclass(frozen=True)
class Seen:
    """What is known of the data that is looked at."""

    stage: Stage = "none"
    """none: there are no data; remote: they must be downloaded first."""
    inspection: Inspection | None = None
    """While others are read that differ only a little, of those before."""
    problem: Problem | None = None
    step: Progress | None = None


class DataReader(QObject):
    """Reads what it is told to look at, and forgets what it was asked before."""

    changed = Signal()
    progressed = Signal()

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._request: Request | None = None
        self._question: InspectData | None = None
        self.seen = Seen()

    @property
    def engine(self) -> EngineClient:
        """Who is asked."""
        return self._engine

    def look(self, data: Data | None, folder: str, *, begin: bool = False) -> None:
        """Look at the data of a document, or of one that begins with them. Nothing is downloaded."""
        if data is None:
            self._question = self._request = None
            self._show(Seen())
            return
        self._ask(InspectData(msgspec.to_builtins(data), folder=folder, begin=begin), similar=self._is_similar(data))

    def guess(self, source: str) -> None:
        """Look at a file or folder, and find out what it holds."""
        self._ask(InspectData(source=source, begin=True), similar=False)

    def again(self) -> None:
        """Read the same once more."""
        if self._question is not None:
            self._ask(self._question, similar=False)

    def download(self) -> None:
        """Fetch the data, then read it."""
        if self._question is not None:
            self._ask(msgspec.structs.replace(self._question, download=True), similar=False)

    def cancel(self) -> None:
        """Stop reading. What was downloaded so far is kept."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
            self._show(Seen("cancelled"))

    def _is_similar(self, data: Data) -> bool:
        """It is the same source with the same options: what was seen of it holds until more is known."""
        known = self.seen.inspection
        if known is None or not known.data:
            return False
        before = msgspec.convert(known.data, Data)
        return (before.source, before.options) == (data.source, msgspec.to_builtins(data.options))

    def _ask(self, question: InspectData, *, similar: bool) -> None:
        self._question = question
        known = self.seen.inspection if similar else None
        request = self._request = self._engine.ask(
            question,
            lambda found, parts: self._found(found) if self._request is request else None,
            lambda problem: self._failed(problem) if self._request is request else None,
            lambda step: self._stepped(step) if self._request is request else None,
        )  # an answer about other data than what is looked at now is not wanted; the engine may finish it
        self._show(Seen("reading", known))

    def _found(self, found: Inspection) -> None:
        self._request = None
        self._show(Seen("remote" if found.to_download else "known", found))

    def _failed(self, problem: Problem) -> None:
        self._request = None
        self._show(Seen("failed", self.seen.inspection, problem))

    def _stepped(self, step: Progress) -> None:
        self.seen = Seen("reading", self.seen.inspection, None, step)
        self.progressed.emit()

    def _show(self, seen: Seen) -> None:
        self.seen = seen
        self.changed.emit()
