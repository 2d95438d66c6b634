"""Files as tensors: decoded once, in threads, into a file of the cache that lies in memory as far as it is used."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.problems import ProblemError
from workbench.engine import storage
from workbench.engine.columns.values import Held, Rows
from workbench.engine.raw import Files, Report

LIMIT = storage.LIMIT // 2
"""Bytes of one column that are decoded into the cache; what is larger is decoded whenever it is asked for."""
WORKERS = min(16, os.cpu_count() or 1)
TOGETHER = 16
"""Files that a thread is handed at once."""
SAMPLES, DAMAGED = "samples", "damaged.json"


@dataclass(frozen=True)
class Decoding:
    """How each of some files becomes numbers of one shape."""

    files: Files
    shape: tuple[int, ...]
    dtype: torch.dtype
    one: Callable[[Path], NDArray[Any]]
    """One file as numbers of this shape. Raises one of `unreadable`."""
    unreadable: tuple[type[Exception], ...]
    settings: object
    """What the numbers depend on besides the files; its text is part of the cache's key."""

    @property
    def nbytes(self) -> int:
        """What all samples take."""
        return len(self.files) * int(np.prod(self.shape)) * self.dtype.itemsize

    def held(self, damaged: dict[int, str], report: Report) -> Held:
        """All samples; those that cannot be read are zeros, and named in `damaged` by row.

        Raises:
            ProblemError: the folder is not there any more.
        """
        self._look_for_folder()
        key = (self.settings, str(self.files.root), self.files.names, self.files.stamps())
        if self.nbytes <= min(LIMIT, shutil.disk_usage(storage.folder()).free // 2):
            place = storage.kept(key, lambda folder: self._decode(folder, report))
            _read_damaged(place, damaged)
            flat = torch.from_file(str(place / SAMPLES), shared=False, size=self._numbers, dtype=self.dtype)
            return flat.view(len(self.files), *self.shape)
        _read_damaged(storage.kept(("checked", *key), lambda folder: self._check(folder, report)), damaged)
        return Streamed(self)

    def _look_for_folder(self) -> None:
        """A folder that is gone is no folder of damaged files: nothing of that may be remembered."""
        if not self.files.root.is_dir():
            raise ProblemError("data.no_folder", where=str(self.files.root))

    @property
    def _numbers(self) -> int:
        return self.nbytes // self.dtype.itemsize

    def _decode(self, folder: Path, report: Report) -> None:
        damaged: dict[int, str] = {}
        nothing = bytes(self.nbytes // len(self.files))
        with (folder / SAMPLES).open("wb") as stream:
            for row, found in enumerate(self._each("data.decoding", report)):
                if isinstance(found, str):
                    damaged[row] = found
                    stream.write(nothing)
                else:
                    stream.write(np.ascontiguousarray(found).data)
        (folder / DAMAGED).write_bytes(msgspec.json.encode(damaged))

    def _check(self, folder: Path, report: Report) -> None:
        found = enumerate(self._each("data.checking", report))
        damaged = {row: why for row, why in found if isinstance(why, str)}
        (folder / DAMAGED).write_bytes(msgspec.json.encode(damaged))

    def _each(self, activity: str, report: Report) -> Iterator[NDArray[Any] | str]:
        """Every file in order: its numbers, or why there are none."""
        count = len(self.files)
        pieces = [range(start, min(count, start + TOGETHER)) for start in range(0, count, TOGETHER)]
        for piece, found in zip(pieces, _in_threads(self._some, pieces), strict=True):
            report(activity, piece.start, count)
            yield from found

    def _some(self, rows: range) -> list[NDArray[Any] | str]:
        return [self._sound(row) for row in rows]

    def _sound(self, row: int) -> NDArray[Any] | str:
        try:
            return self.one(self.files[row])
        except self.unreadable as error:
            self._look_for_folder()
            return getattr(error, "strerror", None) or getattr(error, "error_string", None) or str(error)


@dataclass
class Streamed:
    """Samples that are decoded when a batch asks for them, in threads."""

    decoding: Decoding

    def __len__(self) -> int:
        return len(self.decoding.files)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(WORKERS, "decode")

    def take(self, rows: Rows) -> Tensor:
        """(number of rows, ...). Raises `OSError` for a file that has vanished, `ProblemError` for a damaged one."""
        wanted = range(len(self))[rows] if isinstance(rows, slice) else rows.tolist()
        taken = torch.empty(len(wanted), *self.decoding.shape, dtype=self.decoding.dtype)
        into = taken.numpy()

        def fill(places: range) -> None:
            for place in places:
                into[place] = self._one(wanted[place])

        step = max(1, min(TOGETHER, -(-len(wanted) // WORKERS)))
        list(self._pool.map(fill, (range(at, min(len(wanted), at + step)) for at in range(0, len(wanted), step))))
        return taken

    def _one(self, row: int) -> NDArray[Any]:
        path = self.decoding.files[row]
        try:
            return self.decoding.one(path)
        except FileNotFoundError:
            raise
        except self.decoding.unreadable as error:
            raise ProblemError("data.bad_file", where=str(path), detail=str(error), count=1) from None


def _read_damaged(place: Path, damaged: dict[int, str]) -> None:
    damaged.update(msgspec.json.decode((place / DAMAGED).read_bytes(), type=dict[int, str]))


def _in_threads(work: Callable[[range], list[Any]], pieces: Sequence[range]) -> Iterator[list[Any]]:
    """What the work gives for each piece, in order; a little more than the threads can hold is begun ahead."""
    with ThreadPoolExecutor(WORKERS, "decode") as pool:
        begun: deque[Future[list[Any]]] = deque()
        try:
            for piece in pieces:
                begun.append(pool.submit(work, piece))
                if len(begun) > WORKERS * 2:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
