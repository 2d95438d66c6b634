"""Small Python programs in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HOLD_LOCK = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def script(code: str, *arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program, and the first line that it printed; it is killed at the end if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, "the program said nothing"
        try:
            yield process, said.strip()
        finally:
            process.kill()


@contextmanager
def lock_held(path: object) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a lock."""
    with script(HOLD_LOCK, path) as (process, _):
        yield process
