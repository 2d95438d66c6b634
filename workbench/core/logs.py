"""Each process keeps a rotating log; a crash leaves a report that the user may read and send. Nothing is sent."""

import contextlib
import faulthandler
import logging
import logging.handlers
import platform
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

import workbench
from workbench.core.places import state

_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def start(process: str) -> Path:
    """Begin the log of this process (`window`, `engine`, `job`, `cli`) and catch its crashes; returns its file."""
    folder = state() / "logs"
    folder.mkdir(exist_ok=True)
    path = folder / f"{process}.log"
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger("workbench")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    root.propagate = False
    with contextlib.suppress(OSError):
        faulthandler.enable((folder / f"{process}.fatal.log").open("a", encoding="utf-8"))
    return path


def report_crash(process: str, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Path:
    """Write what happened to a file of its own and return its path."""
    folder = state() / "crashes"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{process}.txt"
    head = [
        f"Model Workbench {workbench.__version__}, {process}",
        f"Python {sys.version.split()[0]} on {platform.platform()}",
        "",
    ]
    path.write_text("\n".join(head) + "".join(traceback.format_exception(kind, error, trace)), encoding="utf-8")
    logging.getLogger("workbench").error("crashed, see %s", path)
    return path
