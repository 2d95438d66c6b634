"""Fetching over real connections to a server on this machine: broken off, gone on with, damaged, ended by the user."""

import gzip
import hashlib
import io
import pickle
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import model_zoo
from tests.published import PUBLISHED, cifar10
from tests.real import pictures as real_pictures
from tests.real import texts as real_texts
from tests.samples import digits, real
from workbench.core import wording
from workbench.core.document import Data
from workbench.core.problems import ProblemError
from workbench.engine.datasets import digits as digit_sources
from workbench.engine.datasets.published import Cifar10
from workbench.engine.files.arrays import matlab, unpickled
from workbench.engine.files.download import Download, fetched, unpacked
from workbench.engine.loading import columns_of, forget, load


class Handler(BaseHTTPRequestHandler):
    """Serves files from memory, in ranges; closes a connection after `cut` bytes as often as it is told to."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []
    cut, cuts, ranges = 0, 0, True

    def do_GET(self) -> None:
        content = self.files.get(self.path.strip("/"))
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-")) if self.ranges else 0
        type(self).asked.append(f"{self.path} {start}")
        if content is None:
            self.send_error(404)
            return
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.cuts:
            type(self).cuts -= 1
            body = body[: self.cut]
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.files, Handler.asked, Handler.cuts, Handler.ranges = {}, [], 0, True
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


CONTENT = digits()[0][:200].tobytes()


def offered(server: str, name: str, content: bytes) -> Download:
    Handler.files[name] = content
    return Download(name, (f"{server}/{name}",), hashlib.md5(content).hexdigest())


def test_a_connection_that_breaks_off_is_gone_on_with(server: str, tmp_path: Path) -> None:
    Handler.cut, Handler.cuts = 50_000, 3
    seen: list[tuple[str, int, int]] = []
    file = fetched(offered(server, "a.bin", CONTENT), tmp_path, "A", lambda *step: seen.append(step))
    assert file.read_bytes() == CONTENT
    assert Handler.asked == ["/a.bin 0", "/a.bin 50000", "/a.bin 100000", "/a.bin 150000"]
    assert [code for code, _, _ in seen if code not in wording.ACTIVITIES] == []
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1:] == (len(CONTENT), len(CONTENT))
    assert list(tmp_path.iterdir()) == [file]


def test_a_server_without_ranges_begins_anew(server: str, tmp_path: Path) -> None:
    Handler.cut, Handler.cuts, Handler.ranges = 50_000, 2, False
    assert fetched(offered(server, "a.bin", CONTENT), tmp_path, "A").read_bytes() == CONTENT


def test_what_came_before_the_user_ended_it_is_used_the_next_time(server: str, tmp_path: Path) -> None:
    class _EnoughError(Exception):
        pass

    def end(code: str, done: int, total: int) -> None:
        if done:
            raise _EnoughError

    one = offered(server, "a.bin", CONTENT * 8)
    with pytest.raises(_EnoughError):
        fetched(one, tmp_path, "A", end)
    have = (tmp_path / "a.bin.part").stat().st_size
    assert 0 < have < len(CONTENT) * 8
    assert fetched(one, tmp_path, "A").read_bytes() == CONTENT * 8
    assert Handler.asked[-1] == f"/a.bin {have}"
    asked = len(Handler.asked)
    fetched(one, tmp_path, "A")
    assert len(Handler.asked) == asked


def test_a_download_that_breaks_off_again_and_again_is_named_and_kept(server: str, tmp_path: Path) -> None:
    Handler.cut, Handler.cuts = 0, 1000
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:1000])
    with pytest.raises(ProblemError) as caught:
        fetched(offered(server, "a.bin", CONTENT), tmp_path, "Letters")
    problem = caught.value.problem
    assert (problem.code, problem.args["name"], problem.args["file"]) == ("data.download", "Letters", "a.bin")
    assert "?" not in wording.what(problem) + wording.remedy(problem)
    assert (tmp_path / "a.bin.part").stat().st_size == 1000


def test_a_damaged_file_is_not_kept_and_the_next_address_is_asked(server: str, tmp_path: Path) -> None:
    good = offered(server, "a.bin", CONTENT)
    Handler.files["b.bin"] = CONTENT[:-1] + b"x"
    both = Download("a.bin", (f"{server}/gone.bin", f"{server}/b.bin", *good.urls), good.md5)
    assert fetched(both, tmp_path, "A").read_bytes() == CONTENT
    (tmp_path / "a.bin").unlink()
    with pytest.raises(ProblemError) as caught:
        fetched(Download("a.bin", both.urls[:2], good.md5), tmp_path, "A")
    assert caught.value.problem.args["detail"] == "MD5"
    assert list(tmp_path.iterdir()) == []


def packed(folder: Path, *names: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in names:
            archive.add(folder / name, name)
    return stream.getvalue()


def test_cifar_10_from_its_archive_to_samples(
    server: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photographs in CIFAR-10's format, over a connection that breaks off, unpacked and read."""
    archive = packed(real(real_pictures.cifar).parent, "cifar-10-batches-py")
    Handler.cut, Handler.cuts = len(archive) // 3, 2
    one = offered(server, "cifar-10-python.tar.gz", archive)
    monkeypatch.setattr(Cifar10, "DOWNLOADS", (one,))
    forget()
    columns, _ = columns_of(Data("cifar10"), Path())
    assert [(column.name, column.shape) for column in columns] == [("image", (3, 32, 32)), ("label", ())]
    loaded = load(Data("cifar10"), Path())
    assert {name: len(rows) for name, rows in loaded.splits.items()} == {"train": 4375, "validation": 625, "test": 1000}
    assert loaded.columns["label"].classes[:2] == ("astronaut", "brick")
    folder = real(real_pictures.cifar)
    batch = unpickled(folder / "test_batch")
    assert np.array_equal(loaded.columns["image"].tensor[5000].numpy().reshape(-1), batch["data"][0])
    assert int(loaded.columns["label"].tensor[5000]) == batch["labels"][0]
    assert [item.name for item in (home / "data").iterdir()] == ["cifar-10-batches-py"]


@pytest.mark.slow  # 25,000 reviews are cut into words
def test_imdb_from_its_archive_to_samples(home: Path) -> None:
    """Real reviews in IMDB's format: copies of one are in one split, and the published test set stays what it is."""
    (home / "data").mkdir(parents=True)
    (home / "data" / "IMDB").symlink_to(real(real_texts.imdb), target_is_directory=True)
    forget()
    document = model_zoo.document("imdb_lstm")
    assert document.data is not None
    loaded = load(document.data, Path())
    assert sum(map(len, loaded.splits.values())) == 25_000
    texts, sentiments = loaded.raw["text"].values, loaded.columns["sentiment"].tensor
    assert int((sentiments == 1).sum()) == 12_500
    parts = {name: {texts[row].as_py() for row in rows.tolist()} for name, rows in loaded.splits.items()}
    assert 0.18 < len(loaded.splits["test"]) / 25_000 < 0.22
    assert not parts["train"] & parts["validation"]
    assert not parts["test"] & (parts["train"] | parts["validation"])
    assert loaded.columns["text"].size == 20_000
    assert int(loaded.columns["text"].held().lengths.max()) == 256


def test_mnist_from_its_files_to_samples(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = digits()
    parts = {"train": slice(0, 100), "t10k": slice(100, 140)}
    offers = []
    for name in digit_sources.FILES:
        array = (images if "images" in name else labels.astype(np.uint8))[parts[name.split("-")[0]]]
        head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
        offers.append(offered(server, f"{name}.gz", gzip.compress(head + array.tobytes())))
    monkeypatch.setattr(digit_sources.Mnist, "FILES", tuple(offers))
    forget()
    loaded = load(Data("mnist"), Path())
    assert np.array_equal(loaded.columns["image"].tensor[:, 0].numpy(), images[:140])
    assert len(loaded.splits["test"]) == 40
    assert sorted(item.name for item in (home / "data" / "MNIST" / "raw").iterdir()) == sorted(digit_sources.FILES)


def test_an_archive_cannot_leave_its_folder(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("../outside.txt")
        archive.addfile(info, io.BytesIO())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tar.gz").write_bytes(stream.getvalue())
    with pytest.raises(ProblemError) as caught:
        unpacked(tmp_path / "in" / "a.tar.gz", tmp_path / "in", ["b"], "A")
    assert caught.value.problem.code == "data.download"
    assert [item.name for item in tmp_path.rglob("*")] == ["in", "a.tar.gz"]


@pytest.mark.parametrize("key", PUBLISHED)
def test_published_files_that_are_damaged_are_named(key: str, home: Path) -> None:
    """Every file of every data set, cut in half: none is fatal."""
    PUBLISHED[key](home / "data")
    read = [path for path in (home / "data").rglob("*") if path.suffix not in (".jpg", ".png") and path.is_file()]
    assert read
    for path in read:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        assert complaint(key) in ("", "data.damaged", "data.no_images"), path
        path.write_bytes(content)
    assert complaint(key) == ""


def complaint(key: str) -> str:
    """Why a data set cannot be read; nothing where it can."""
    forget()
    try:
        load(Data(key), Path())
    except ProblemError as error:
        return error.problem.code if "?" not in wording.what(error.problem) else "?"
    return ""


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("evil"),))


def test_a_pickle_that_would_run_something_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cifar10(home / "data")
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        (home / "data" / "cifar-10-batches-py" / "test_batch").write_bytes(pickle.dumps({"data": _Evil()}, protocol))
        forget()
        with pytest.raises(ProblemError) as caught:
            load(Data("cifar10"), Path())
        assert caught.value.problem.code == "data.damaged"
    assert not (tmp_path / "evil").exists()


def test_arrays_of_matlab_are_what_scipy_wrote(tmp_path: Path) -> None:
    from scipy.io import savemat

    arrays = {
        "bytes": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        "x": np.linspace(0, 1, 7)[None],
        "many": np.arange(3000, dtype=np.int32)[None],
        "one": np.array([[3]], np.int16),
    }
    for compressed in (False, True):
        savemat(tmp_path / "a.mat", arrays, do_compression=compressed)
        found = matlab(tmp_path / "a.mat")
        assert found.keys() == arrays.keys()
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    content = (tmp_path / "a.mat").read_bytes()
    for cut in range(0, len(content), 37):
        (tmp_path / "b.mat").write_bytes(content[:cut])
        try:
            matlab(tmp_path / "b.mat")
        except ValueError:
            continue
