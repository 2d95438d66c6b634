"""The workbench as a user of its command line has it, with a home of its own."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent


class CommandFailedError(Exception):
    """A command did not do its work; the text is what it said."""


@dataclass(frozen=True)
class Trained:
    """What a run came to."""

    metrics: dict[str, float]
    epochs: int
    minutes: float
    """Of the command, with reading the data."""
    folder: Path

    def rows(self, split: str) -> NDArray[np.int64]:
        """The samples of a split, in the order of the source."""
        with np.load(self.folder / "split.npz") as file:
            rows: NDArray[np.int64] = file[split]
        return rows


class CommandLine:
    """Commands whose settings, runs and downloads lie in one folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def downloaded(self, name: str, files: Path) -> None:
        """Put a data set where a download would have put it, below the folder of data sets."""
        place = self._home / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(files, target_is_directory=True)

    def new(self, data: Path | str, *options: str) -> Path:
        """A project with the model that is suggested for these data."""
        file = self._home / "project.workbench"
        self.run("new", "--data", str(data), str(file), "--force", *options)
        return file

    def train(self, project: Path | str, *options: str) -> Trained:
        """Train it to its end, and measure its best epoch on the test split."""
        begun = time.monotonic()
        said = self.run("train", str(project), *options)
        minutes = (time.monotonic() - begun) / 60
        measured = self.run("evaluate", said["run"])
        return Trained(measured["metrics"], said["epochs"], minutes, Path(said["folder"]))

    def run(self, *words: str) -> Any:
        """The JSON that a command prints."""
        variables = {**os.environ, "WORKBENCH_HOME": str(self._home), "ORT_DISABLE_TELEMETRY": "1"}
        command = [sys.executable, "-m", "workbench", *words, "--json"]
        done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandFailedError(f"workbench {' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout)
