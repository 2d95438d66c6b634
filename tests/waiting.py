"""Waiting for what another process does: by looking at it, never by sleeping for a guess."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_NEVER = threading.Event()


def until(condition: Callable[[], T], timeout: float = 60.0, every: float = 0.01) -> T:
    """What `condition` returns as soon as that is true."""
    limit = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > limit:
            raise TimeoutError(f"{condition} is not true after {timeout} s")
        _NEVER.wait(every)
