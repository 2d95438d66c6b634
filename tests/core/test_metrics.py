"""The file of curves: what is written is read again, however the file was torn, grown or rewritten."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core import metrics
from workbench.core.files import write_atomically
from workbench.core.metrics import Reader, Series

floats = st.floats(width=32)
names = st.text(min_size=1, max_size=6)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[int], dict[str, list[float]]]:
    """A chunk's steps and series."""
    steps = draw(st.lists(st.integers(0, 2**62), max_size=5))
    series = draw(st.sets(names, max_size=3))
    size = len(steps)
    return steps, {name: draw(st.lists(floats, min_size=size, max_size=size)) for name in sorted(series)}


def joined(parts: list[tuple[list[int], dict[str, list[float]]]]) -> dict[str, tuple[list[int], list[float]]]:
    found: dict[str, tuple[list[int], list[float]]] = {}
    for steps, series in parts:
        for name, values in series.items():
            have = found.setdefault(name, ([], []))
            have[0].extend(steps)
            have[1].extend(values)
    return found


def equal(found: dict[str, Series], expected: dict[str, tuple[list[int], list[float]]]) -> bool:
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name].steps, np.array(steps, np.int64))
        and np.array_equal(found[name].values, np.array(values, np.float32), equal_nan=True)
        for name, (steps, values) in expected.items()
    )


@given(st.lists(pieces(), max_size=5))
def test_what_is_written_is_read(tmp_path: Path, parts: list[tuple[list[int], dict[str, list[float]]]]) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"".join(metrics.encode(*part) for part in parts))
    assert equal(metrics.read(path), joined(parts))
    for name in joined(parts):
        assert equal(metrics.read(path, only=name), {name: joined(parts)[name]})


@given(st.lists(pieces(), min_size=1, max_size=4))
def test_joining_chunks_changes_no_curve(tmp_path: Path, parts: list[tuple[list[int], dict[str, list[float]]]]) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"".join(metrics.encode(*part) for part in parts if part[1]))
    before = metrics.read(path)
    path.write_bytes(metrics.compacted(path))
    after = metrics.read(path)
    # A series may stand in groups of different make-up: these are joined in the order of the groups.
    assert after.keys() <= before.keys()
    for name, series in before.items():
        count = len(after[name].values) if name in after else 0
        assert count == len(series.values)


def three_chunks() -> list[bytes]:
    return [
        metrics.encode([1, 2], {"train/loss": [3.0, 2.0], "lr": [0.1, 0.1]}),
        metrics.encode([2], {"val/loss": [2.5]}),
        metrics.encode([3, 4, 5], {"train/loss": [1.0, np.nan, np.inf], "lr": [0.1, 0.1, 0.1]}),
    ]


def test_a_tail_torn_at_any_byte_loses_only_its_own_chunk(tmp_path: Path) -> None:
    chunks = three_chunks()
    whole = b"".join(chunks)
    ends = np.cumsum([len(chunk) for chunk in chunks])
    path = tmp_path / "m"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        complete = int((ends <= cut).sum())
        found = metrics.read(path)
        expected = {0: 0, 1: 2, 2: 2, 3: 5}[complete]
        assert len(found["train/loss"].steps if found else []) == expected, cut
        assert ("val/loss" in found) == (complete >= 2)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    chunks = three_chunks()
    path = tmp_path / "m"
    start = len(chunks[0])
    for place in range(start, start + len(chunks[1])):
        damaged = bytearray(b"".join(chunks))
        damaged[place] ^= 0x40
        path.write_bytes(damaged)
        found = metrics.read(path)
        assert found["train/loss"].steps.tolist() == [1, 2], place
        assert "val/loss" not in found


def test_headers_name_the_extremes_of_finite_values(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(three_chunks()[2] + metrics.encode([1], {"x": [np.nan]}))
    with path.open("rb") as stream:
        (first, _, _), (second, _, _) = metrics.chunks(stream)
    assert (first.series, first.count) == (("train/loss", "lr"), 3)
    assert first.least[0] == first.largest[0] == 1.0
    assert (second.least, second.largest) == ((None,), (None,))


def test_series_of_other_length_are_refused() -> None:
    with pytest.raises(ValueError, match="value for each"):
        metrics.encode([1, 2], {"x": [1.0]})


def test_cut_back_to_a_step_and_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "m"
    parts = []
    for epoch in range(1, 4):
        steps = [10 * epoch - 9 + place for place in range(10)]
        parts.append(metrics.encode(steps, {"train/loss": [float(step) for step in steps]}))
        parts.append(metrics.encode([10 * epoch], {"epoch/train/loss": [1.0], "val/loss": [float(epoch)]}))
    path.write_bytes(b"".join(parts))
    path.write_bytes(metrics.compacted(path, until=(20, 1)))
    found = metrics.read(path)
    assert found["train/loss"].steps.tolist() == list(range(1, 21))
    assert found["val/loss"].values.tolist() == [1.0]
    path.write_bytes(metrics.compacted(path, until=(0, 0)))
    assert metrics.read(path) == {}


def test_a_missing_file_has_no_series(tmp_path: Path) -> None:
    assert metrics.read(tmp_path / "none") == {}
    assert not Reader(tmp_path / "none").refresh()


def test_a_reader_follows_a_growing_file(tmp_path: Path) -> None:
    path = tmp_path / "m"
    reader = Reader(path)
    path.write_bytes(b"")
    reader.refresh()
    assert reader.series == {}
    for number, chunk in enumerate(three_chunks(), 1):
        half = len(chunk) // 2
        with path.open("ab") as stream:
            stream.write(chunk[:half])
        assert not reader.refresh()
        with path.open("ab") as stream:
            stream.write(chunk[half:])
        assert reader.refresh()
        assert equal(
            reader.series, {name: (s.steps.tolist(), s.values.tolist()) for name, s in metrics.read(path).items()}
        )
        assert not reader.refresh(), number
    assert reader.series["train/loss"].steps.tolist() == [1, 2, 3, 4, 5]


def test_a_reader_notices_that_a_file_was_cut_back(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"".join(three_chunks()))
    reader = Reader(path)
    reader.refresh()
    write_atomically(path, metrics.compacted(path, until=(2, 0)), durable=False)
    assert reader.refresh()
    assert reader.series.keys() == {"train/loss", "lr"}
    assert reader.series["train/loss"].steps.tolist() == [1, 2]
    os.truncate(path, 0)
    assert reader.refresh()
    assert reader.series == {}
    path.unlink()
    assert not reader.refresh()


def test_a_reader_starts_again_on_a_compacted_file(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"".join(three_chunks()))
    reader = Reader(path)
    reader.refresh()
    before = {name: series.values.tolist() for name, series in reader.series.items()}
    write_atomically(path, metrics.compacted(path), durable=False)
    assert reader.refresh()
    assert str({name: series.values.tolist() for name, series in reader.series.items()}) == str(before)
