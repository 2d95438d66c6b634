"""Writes unsaved work to the journal soon after every edit, and clears it when there is none."""

import logging
import time

from PySide6.QtCore import QObject, QTimer

from workbench.core.journal import Journal
from workbench.core.session import Session, State

log = logging.getLogger("workbench.window")

SOONEST_MS = 30
PATIENCE = 20
"""A journal is written at most for one part in so many of the time: large documents are written less often."""


class JournalKeeper(QObject):
    """One window's journal."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._journal = Journal()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOONEST_MS)
        self._soon.timeout.connect(self._write)
        session.subscribe(self._changed)

    def _changed(self, old: State, new: State) -> None:
        if not new.modified:
            self._soon.stop()
            self._journal.clear()
        elif (old.document is not new.document or not old.modified) and not self._soon.isActive():
            self._soon.start()

    def _write(self) -> None:
        state = self._session.state
        if not state.modified:
            return
        begun = time.monotonic()
        try:
            self._journal.write(state.document, state.path)
        except OSError:
            log.exception("the journal cannot be written")
        spent = (time.monotonic() - begun) * 1000
        self._soon.setInterval(max(SOONEST_MS, int(spent * PATIENCE)))

    def close(self) -> None:
        """The window ends properly: whatever was not saved was given up by the user."""
        self._soon.stop()
        self._journal.close()
