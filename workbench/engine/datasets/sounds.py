"""Sounds with classes: a folder for each class, or a table of labels."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.image_folder import BAD_FILES
from workbench.engine.datasets.image_table import TABLE
from workbench.engine.files.class_folders import found
from workbench.engine.files.labels import labelled
from workbench.engine.preprocess import AudioInput
from workbench.engine.raw import Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".w64", ".caf"})
RATE = Setting(1000, 192000, unit="Hz", help="Sounds are brought to this rate")
SECONDS = Setting(0.05, 600.0, unit="s", help="Longer sounds are cut, shorter ones end in silence")


def _spec(rate: int, seconds: float) -> AudioInput:
    """A window of 25 ms every 10 ms, as is usual for speech."""
    n_fft = round(rate / 40)
    return AudioInput(rate, max(n_fft, round(rate * seconds)), n_fft=n_fft, hop=round(rate / 100))


@dataset("sound_folder", "Folder of sounds", "Your files")
@dataclass(frozen=True)
class SoundFolder(Dataset):
    """A folder that holds one folder of sounds for each class; `train` and `test` above them are respected."""

    path: Annotated[str, Setting(kind="path", label="Folder", help="Holds one folder for each class")] = ""
    rate: Annotated[int, RATE] = 16000
    seconds: Annotated[float, SECONDS] = 1.0
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The names of all sounds. Raises `ProblemError`."""
        there = found(folder / only_path(self.path), SUFFIXES)
        audio = RawColumn("audio", "audio", there.files, "input", preprocessing=_spec(self.rate, self.seconds))
        return Raw(Path(self.path).name, {"audio": audio, "label": there.label}, there.given, there.problems)


@dataset("sound_table", "Sounds with a table of labels", "Your files")
@dataclass(frozen=True)
class SoundTable(Dataset):
    """Sounds, and a table with a row for each: classes, several tags (between them `|` or `;`), or numbers."""

    path: Annotated[str, TABLE] = ""
    folder: Annotated[str, Setting(kind="path", help="Where the sounds are; beside the table when empty")] = ""
    files: Annotated[str, Setting(label="Column of files", help="Found by its values when empty")] = ""
    rate: Annotated[int, RATE] = 16000
    seconds: Annotated[float, SECONDS] = 1.0
    bad_files: Annotated[str, BAD_FILES] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """The table, and the names of the sounds. Raises `ProblemError`."""
        table = folder / only_path(self.path)
        root = folder / self.folder if self.folder else table.parent
        raw = labelled(table, root, self.files, SUFFIXES, "audio", report)
        audio = replace(raw.columns["audio"], preprocessing=_spec(self.rate, self.seconds))
        return replace(raw, columns={**raw.columns, "audio": audio})
