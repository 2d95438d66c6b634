"""An end for code that is not ours: what takes too long is interrupted, and what does not listen ends the process."""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE = 5.0
"""Seconds that are left to code that is being interrupted."""
STUCK = 70
"""The exit status of a process that could not go on."""


class TookTooLong(BaseException):
    """Raised in the middle of code that takes too long; no `except Exception` keeps it from ending."""


@contextmanager
def within(seconds: float, last_words: Callable[[], None] = lambda: None, grace: float = GRACE) -> Iterator[None]:
    """Raise `TookTooLong` in what takes longer than this.

    Python can be interrupted between two of its own instructions only. What waits in a system call, or catches the
    interruption, ends the process after another `grace` seconds; `last_words` is called before that.
    """
    watch = _Watch(seconds, last_words, grace)
    try:
        yield
    finally:
        watch.end()


class _Watch:
    def __init__(self, seconds: float, last_words: Callable[[], None], grace: float) -> None:
        self._seconds, self._last_words, self._grace = seconds, last_words, grace
        self._thread = threading.get_ident()
        self._is_over = threading.Event()
        self._turn = threading.Lock()
        self._has_fired = False
        threading.Thread(target=self._watch, name="limit", daemon=True).start()

    def _watch(self) -> None:
        if self._is_over.wait(self._seconds):
            return
        with self._turn:
            if self._is_over.is_set():
                return
            self._has_fired = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(TookTooLong))
        if not self._is_over.wait(self._grace):
            self._last_words()
            os._exit(STUCK)

    def end(self) -> None:
        """What was watched is over; an interruption that comes too late is taken back."""
        with self._turn:
            self._is_over.set()
            if self._has_fired:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
