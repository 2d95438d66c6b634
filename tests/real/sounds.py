"""Recordings of people as files: spoken digits and spoken captions, by class, with who speaks beside them."""

import csv
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.real.packages import Package, kept
from tests.real.pictures import stamps

ASTERISK = {
    "en": Package("asterisk-core-sounds-en-wav", "1.6.1-1", "2be3ea287d83299d", "deb"),
    "es": Package("asterisk-core-sounds-es-wav", "1.6.1-1", "9283a09a6d56fccd", "deb"),
    "fr": Package("asterisk-core-sounds-fr-wav", "1.6.1-1", "8d4e1bc32ed5ba7f", "deb"),
}
CAPTIONS = ("be", "bg", "ca", "el", "es", "fr", "ro", "ru")
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits() -> Path:
    """A folder for each of the digits 0 to 9, spoken in 20 languages (Ogg), and by three voices of telephones (WAV).

    `labels.csv` says of each file which digit, language and voice it is. Raises `NotFetchedError`.
    """

    def make(folder: Path) -> None:
        rows = []
        for digit, name in enumerate(NAMES):
            (folder / name).mkdir()
            for file, language, voice in _recordings(digit):
                target = f"{name}/{voice}{file.suffix}"
                shutil.copyfile(file, folder / target)
                rows.append((target, name, language, voice))
        _labels(folder, ("file", "digit", "language", "voice"), rows)

    return kept("data/spoken_digits", make)


def _recordings(digit: int) -> Iterator[tuple[Path, str, str]]:
    for file in sorted((stamps() / "symbols" / "math").glob(f"{digit}*.ogg")):
        mark = file.stem.removeprefix(str(digit)).lstrip("_") or "en"
        yield file, mark.removeprefix("desc_").split("_")[0], f"tuxpaint-{mark}"
    for language, package in ASTERISK.items():
        for voice in (package.folder() / "usr" / "share" / "asterisk" / "sounds").iterdir():
            yield voice / "digits" / f"{digit}.wav", language, voice.name


def languages() -> Path:
    """A folder for each of 8 languages, 300 spoken captions in each (Ogg, about 1.4 s). Raises `NotFetchedError`.

    `labels.csv` says what each caption belongs to: the same thing is named in all languages.
    """

    def make(folder: Path) -> None:
        rows = []
        for language in CAPTIONS:
            (folder / language).mkdir()
            for file in sorted(stamps().rglob(f"*_desc_{language}.ogg"))[:300]:
                thing = file.stem.removesuffix(f"_desc_{language}")
                shutil.copyfile(file, folder / language / f"{thing}.ogg")
                rows.append((f"{language}/{thing}.ogg", language, thing))
        _labels(folder, ("file", "language", "thing"), rows)

    return kept("data/spoken_languages", make)


def _labels(folder: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
