"""Where settings, logs, caches, runs and data are kept. Tests point all of them elsewhere with one variable."""

import os
from pathlib import Path

import platformdirs

import workbench

APP = "model-workbench"
HOME_VARIABLE = "WORKBENCH_HOME"
"""When set, everything below lives in this folder."""


def _place(kind: str, default: Path) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    folder = Path(home) / kind if home else default
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def config() -> Path:
    """Settings."""
    return _place("config", platformdirs.user_config_path(APP, appauthor=False))


def state() -> Path:
    """Logs, crash reports, journals of unsaved work."""
    return _place("state", platformdirs.user_state_path(APP, appauthor=False))


def cache() -> Path:
    """What can be made again."""
    return _place("cache", platformdirs.user_cache_path(APP, appauthor=False))


def runs() -> Path:
    """Run folders, unless the user chose another place."""
    return _place("runs", platformdirs.user_data_path(APP, appauthor=False) / "runs")


def data() -> Path:
    """Downloaded data sets, in torchvision's layout."""
    return _place("data", platformdirs.user_data_path(APP, appauthor=False) / "data")


def blocks() -> Path:
    """The user's own library of blocks."""
    return _place("blocks", platformdirs.user_data_path(APP, appauthor=False) / "blocks")


def assets() -> Path:
    """The files that ship with the program: inside the package when installed, beside it in a checkout."""
    package = Path(workbench.__file__).parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"
