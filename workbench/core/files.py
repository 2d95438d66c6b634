"""Writing files so that a crash, a full disk or a power cut never leaves half of one."""

import os
import tempfile
from pathlib import Path

from workbench.core.problems import ProblemError


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write to a temporary name in the same folder, flush, and rename over `path`.

    Args:
        path: the file; its folder must exist.
        content: all of it.
        durable: also survive a power cut (costs a flush of the disk).

    Raises:
        OSError: with the file that was there before untouched and nothing left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        _keep_mode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        flush_folder(path.parent)


def unreadable(path: Path, error: OSError) -> ProblemError:
    """Why a file could not be read."""
    if path.is_dir():
        return ProblemError("file.is_folder", where=str(path))
    return ProblemError("file.unreadable", where=str(path), detail=error.strerror or str(error))


def unwritable(path: Path, error: OSError) -> ProblemError:
    """Why a file could not be written."""
    if path.is_dir():
        return ProblemError("file.is_folder", where=str(path))
    if not path.parent.is_dir():
        return ProblemError("file.no_folder", where=str(path), folder=str(path.parent))
    return ProblemError("file.unwritable", where=str(path), detail=error.strerror or str(error))


def _keep_mode(path: Path, temporary: Path) -> None:
    """A temporary file is private; the file it replaces, or a new one, has the usual mode."""
    if os.name != "posix":
        return
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system lets one do that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
