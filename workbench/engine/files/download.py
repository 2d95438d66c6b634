"""Files of the web: fetched in pieces, checked, and gone on with where a connection broke off."""

import hashlib
import http.client
import shutil
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.problems import ProblemError
from workbench.engine.raw import Report, quiet

PIECE = 1 << 18
TRIES = 5
"""Connections to one address that may break off in a row; one that brought something begins the count anew."""
SECONDS = 30.0
"""Without a byte, after which a connection counts as broken."""
BROKEN = (OSError, http.client.HTTPException)
"""What a connection that breaks off raises; `urllib.error.URLError` is an OSError."""


@dataclass(frozen=True)
class Download:
    """A file, where it is, and its checksum."""

    name: str
    urls: tuple[str, ...]
    md5: str
    """Which all published data sets give; it finds what was damaged on its way, not what somebody has forged."""


def fetched(download: Download, folder: Path, title: str, report: Report = quiet) -> Path:
    """The file in a folder; what is there and right is not fetched again.

    What has come is kept as `name.part` when it ends early, and gone on with the next time.

    Raises:
        ProblemError: it could not be fetched from any of its addresses, or is not what it should be.
    """
    target = folder / download.name
    if target.is_file() and _md5(target) == download.md5:
        return target
    report("data.downloading", 0, 0)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{download.name}.part"
    detail = ""
    for url in download.urls:
        try:
            _fetch(url, part, report)
        except BROKEN as error:
            detail = _said(error)
            continue
        if _md5(part) == download.md5:
            part.replace(target)
            return target
        part.unlink()
        detail = "MD5"
    raise ProblemError("data.download", name=title, file=download.name, folder=str(folder), detail=detail)


def _fetch(url: str, part: Path, report: Report) -> None:
    """All of it, over as many connections as it takes. Raises one of `BROKEN`."""
    failures = 0
    while True:
        before = _size(part)
        try:
            if _go_on(url, part, report):
                return
            error: Exception = ConnectionError("the connection broke off")
        except BROKEN as broken:
            if isinstance(broken, urllib.error.HTTPError) and broken.code < 500:
                raise  # it will not be there the next time either
            error = broken
        failures = 0 if _size(part) > before else failures + 1
        if failures >= TRIES:
            raise error


def _go_on(url: str, part: Path, report: Report) -> bool:
    """One connection; whether the file is there to its end now."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "model-workbench"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        opener = urllib.request.build_opener()  # anew: the proxies may have changed since the last one
        answer = opener.open(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return True  # there is nothing behind what we have
        raise
    with answer:
        goes_on = answer.status == http.client.PARTIAL_CONTENT
        length = answer.headers.get("Content-Length")
        start = have if goes_on else 0
        total = start + int(length) if length else 0
        with part.open("ab" if goes_on else "wb") as stream:
            while piece := answer.read(PIECE):
                stream.write(piece)
                start += len(piece)
                report("data.downloading", start, max(start, total))
    return start >= total


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason)


def unpacked(archive: Path, folder: Path, wanted: Sequence[str], title: str, report: Report = quiet) -> None:
    """The wanted files or folders of a `.tar.gz`, below a folder; an archive that cannot leave it.

    They appear under their names only when all of them are there.

    Raises:
        ProblemError: it is no such archive, or lacks one of them.
    """
    draft = folder / f".{archive.name}.unpacking"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    size = archive.stat().st_size
    try:
        with archive.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:gz") as packed:
            for number, member in enumerate(packed):
                if number % 100 == 0:
                    report("data.unpacking", min(stream.tell(), size), size)
                packed.extract(member, draft, filter="data")
        for name in wanted:
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).rename(folder / name)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        detail = _said(error)
        raise ProblemError("data.download", name=title, file=archive.name, folder=str(folder), detail=detail) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
