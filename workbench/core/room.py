"""How much memory a device has free, without taking any of it: asking CUDA itself would open a context of 0.5 GB."""

import ctypes
import subprocess
import sys
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def free_bytes(device: str) -> int | None:
    """What a training on this device could take now; None where that cannot be told."""
    return _cuda() if device.startswith("cuda") else _main_memory()


def _main_memory() -> int | None:
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _mac()
        return _linux()
    except (OSError, ValueError, LookupError, subprocess.SubprocessError):
        return None


def _linux() -> int:
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) * 1024
    try:  # a container may get less than the machine has
        limit, taken = ((CGROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return free
    return free if limit == "max" else min(free, max(0, int(limit) - int(taken)))


def _mac() -> int:
    found = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, check=True, timeout=5).stdout
    size = int(found.split("page size of ")[1].split()[0])
    pages = {key: value.strip(" .") for key, _, value in (line.partition(":") for line in found.splitlines()[1:])}
    return size * sum(int(pages[f"Pages {kind}"]) for kind in ("free", "inactive", "speculative"))


def _windows() -> int:
    class Status(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "page", "freepage", "virtual", "freevirtual")),
            ("extended", ctypes.c_ulonglong),
        )

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined, unused-ignore]
        raise OSError("GlobalMemoryStatusEx")
    return int(status.free)


def _cuda() -> int | None:
    """Of the first card, as its driver says."""
    command = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits", "--id=0"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
        return int(found.split()[0]) << 20
    except (OSError, ValueError, LookupError, subprocess.SubprocessError):
        return None
