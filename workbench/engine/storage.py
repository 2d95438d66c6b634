"""A cache of converted data on disk: decoded pictures, Arrow files, tokens. All of it can be made again.

What was used longest ago goes first when the cache grows over its limit; what is in use by another process is left.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from workbench.core import places
from workbench.core.files import flush_folder

VERSION = 1
"""Of what lies in the cache: another version is made anew."""
LIMIT = 20 << 30
"""Bytes, unless the settings say otherwise."""


def folder() -> Path:
    """Where it is."""
    found = places.cache() / f"data-{VERSION}"
    found.mkdir(parents=True, exist_ok=True)
    return found


def kept(key: object, make: Callable[[Path], None], limit: int = LIMIT) -> Path:
    """A folder with what belongs to a key; made now if it is not there, by one process at a time.

    Args:
        key: its text tells this from everything else: paths, times, settings.
        make: writes files into the empty folder that it is given.
        limit: bytes of the whole cache.

    Raises:
        OSError: the disk does not take it; nothing is left behind.
    """
    name = sha256(repr(key).encode()).hexdigest()[:32]
    final = folder() / name
    with FileLock(folder() / f"{name}.lock"):
        if not final.is_dir():
            temporary = folder() / f".{name}.{os.getpid()}"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            try:
                make(temporary)
                temporary.rename(final)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
            flush_folder(folder())
        now = time.time()
        os.utime(final, (now, now))
    trim(limit, keep=final)
    return final


def trim(limit: int, keep: Path | None = None) -> None:
    """Remove what was used longest ago until the rest is no larger than this many bytes."""
    items = [(item.stat().st_mtime, _size(item), item) for item in folder().iterdir() if item.is_dir()]
    total = sum(size for _, size, _ in items)
    for _, size, item in sorted(items, key=lambda entry: entry[0]):
        if total <= limit:
            return
        if item != keep:
            shutil.rmtree(item, ignore_errors=True)
            total -= size


def _size(item: Path) -> int:
    total = 0
    for file in item.rglob("*"):
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total
