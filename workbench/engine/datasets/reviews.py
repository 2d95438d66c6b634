"""Published reviews, read from the archive in which they come: a hundred thousand files of their own are never made."""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from workbench.core.problems import ProblemError
from workbench.engine.datasets.base import dataset
from workbench.engine.datasets.published import Published
from workbench.engine.files.download import Download
from workbench.engine.raw import TEST, TRAIN, Raw, RawColumn

ARCHIVE = "aclImdb_v1.tar.gz"
PARTS = {"train": TRAIN, "test": TEST}
CLASSES = ("neg", "pos")


@dataset("imdb", "IMDB reviews", "Downloads", download="84 MB")
@dataclass(frozen=True)
class Imdb(Published):
    """50,000 reviews of films, good or bad: 25,000 to learn, 25,000 to test (Maas and others, 2011)."""

    FOLDER = "IMDB"
    DOWNLOADS = (
        Download(
            ARCHIVE,
            (f"https://ai.stanford.edu/~amaas/data/sentiment/{ARCHIVE}",),
            "7c2ac02c03563afcf9b574c7e56c153a",
        ),
    )
    UNPACKED = ((),)

    def outline(self) -> Raw:
        """Known beforehand."""
        return self._raw([])

    def found(self) -> Raw:
        """Files are `aclImdb/train/pos/12_9.txt`: a number, and so many stars of ten."""
        rows = sorted(self._opened(lambda path: list(_reviews(path)), ARCHIVE))
        if not rows:
            raise ProblemError("data.empty", where=str(self.root / ARCHIVE))
        return self._raw(rows)

    def _raw(self, rows: list[tuple[int, int, int, str]]) -> Raw:
        """Of parts, classes, numbers and texts."""
        texts = pa.chunked_array([pa.array([row[3] for row in rows], pa.string())])
        labels = torch.tensor([row[1] for row in rows], dtype=torch.int64)
        columns = {
            "text": RawColumn("text", "text", texts, "input"),
            "sentiment": RawColumn("sentiment", "category", labels, "target", CLASSES),
        }
        return Raw(self.info.title, columns, np.array([row[0] for row in rows], np.int8))


def _reviews(path: Path) -> Iterator[tuple[int, int, int, str]]:
    """What has a class; the archive holds as many reviews without one. Raises ValueError where it is damaged."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                _, _, inside = member.name.partition("/")
                part, _, inside = inside.partition("/")
                klass, _, name = inside.partition("/")
                if part in PARTS and klass in CLASSES and (file := archive.extractfile(member)):
                    text = file.read().decode("utf-8", "replace")
                    yield PARTS[part], CLASSES.index(klass), int(name.partition("_")[0]), text
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from None
