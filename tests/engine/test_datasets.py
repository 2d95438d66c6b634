"""What every source of data promises, and what happens to data that are not as they should be."""

import dataclasses
import json
import math
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from PIL import Image
from pyarrow import csv, parquet

import model_zoo
from tests.engine.loaded import anew, samples, saved_iris
from tests.engine.texts import review_folder, review_table, tagged_words, text_pairs
from tests.engine.training import written
from tests.published import PUBLISHED
from tests.samples import IRIS, digit_pictures, digits, fashion_mnist, masked_digits, mnist, tones
from workbench.core import project, wording
from workbench.core.data_messages import GetSamples, InspectData
from workbench.core.document import Data, Document, Split
from workbench.core.inspection import Inspection
from workbench.core.problems import ProblemError
from workbench.engine import preview
from workbench.engine.analyse import analyse
from workbench.engine.columns import decoding
from workbench.engine.columns.base import NO_CLASS, Loaded
from workbench.engine.data import bound
from workbench.engine.datasets import DATASETS
from workbench.engine.datasets.base import dataset_of
from workbench.engine.datasets.digits import is_whole
from workbench.engine.datasets.sums import in_words
from workbench.engine.evaluate import evaluate
from workbench.engine.fingerprint import fingerprint
from workbench.engine.inspect import balance, inspected
from workbench.engine.loading import columns_of, load
from workbench.engine.preparation import set_up
from workbench.engine.raw import TEST, VALIDATION, Files, quiet
from workbench.engine.splitting import shared_out
from workbench.engine.train import Stepped, fit

Prepare = Callable[[Path, Path], dict[str, Any]]


def _pictures(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(digit_pictures(folder / "pictures", 12, (3, 5, 8))), "height": 20, "width": 24}


def _nothing(folder: Path, home: Path) -> dict[str, Any]:
    return {}


def _mnist(folder: Path, home: Path) -> dict[str, Any]:
    mnist(home)
    return {}


def _fashion(folder: Path, home: Path) -> dict[str, Any]:
    fashion_mnist(home)
    return {}


def _text(folder: Path, home: Path) -> dict[str, Any]:
    (folder / "poem.txt").write_text("abc d\n" * 200)
    return {"path": str(folder / "poem.txt"), "length": 9}


def _parquet(folder: Path, home: Path) -> dict[str, Any]:
    file = folder / "iris.parquet"
    parquet.write_table(csv.read_csv(IRIS), file)
    return {"path": str(file)}


def _json_lines(folder: Path, home: Path) -> dict[str, Any]:
    file = folder / "iris.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in csv.read_csv(IRIS).to_pylist()))
    return {"path": str(file)}


def _numpy(folder: Path, home: Path) -> dict[str, Any]:
    *columns, species = csv.read_csv(IRIS).columns
    file = folder / "iris.npz"
    np.savez(file, x=np.stack([column.to_numpy() for column in columns], 1), species=species.to_numpy().astype(str))
    return {"path": str(file)}


def _hub(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(saved_iris(folder / "iris"))}


def _texts(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(review_folder(folder / "reviews"))}


def _text_table(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(review_table(folder / "reviews.csv"))}


def _pairs(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(text_pairs(folder / "pairs.tsv"))}


def _tagged(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(tagged_words(folder / "words.conll"))}


def _masks(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(masked_digits(folder / "masked", 20)), "height": 20, "width": 24}


def _labelled(folder: Path, home: Path) -> dict[str, Any]:
    root = digit_pictures(folder / "labelled", 10, (3, 5, 8))
    rows = [f"{file.relative_to(root).as_posix()},{file.parent.name}x" for file in sorted(root.rglob("*.png"))]
    (root / "labels.csv").write_text("\n".join(("file,digit", *rows)))
    return {"path": str(root / "labels.csv"), "height": 20, "width": 24}


def _published(key: str, folder: Path, home: Path) -> dict[str, Any]:
    PUBLISHED[key](home / "data")
    return {}


def _sounds(folder: Path, home: Path) -> dict[str, Any]:
    return {"path": str(tones(folder / "tones", 10)), "rate": 8000, "seconds": 0.25}


def _labelled_sounds(folder: Path, home: Path) -> dict[str, Any]:
    root = tones(folder / "tones", 10)
    rows = [f"{file.relative_to(root).as_posix()},{file.parent.name}x" for file in sorted(root.rglob("*.wav"))]
    (root / "labels.csv").write_text("\n".join(("file,tone", *rows)))
    return {"path": str(root / "labels.csv"), "rate": 8000, "seconds": 0.25}


SOURCES: dict[str, Prepare] = {
    "digits": _nothing,
    "mnist": _mnist,
    "fashion_mnist": _fashion,
    "image_folder": _pictures,
    "image_masks": _masks,
    "image_table": _labelled,
    "sound_folder": _sounds,
    "sound_table": _labelled_sounds,
    **{key: partial(_published, key) for key in PUBLISHED},
    "csv": lambda folder, home: {"path": str(IRIS)},
    "text_file": _text,
    "text_folder": _texts,
    "text_table": _text_table,
    "text_pairs": _pairs,
    "tagged_words": _tagged,
    "sums": _nothing,
    "toy": _nothing,
    "parquet": _parquet,
    "json_lines": _json_lines,
    "numpy": _numpy,
    "hub": _hub,
}
"""How each source is made ready; returns its options."""

SLOW = {"mnist", "fashion_mnist"}
IN_ORDER = {"text_file"}
"""What stands last in it is for the test: there is nothing random in that."""

every_source = pytest.mark.parametrize(
    "source", [pytest.param(key, marks=[pytest.mark.slow] if key in SLOW else []) for key in DATASETS], indirect=True
)


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Data:
    return Data(request.param, SOURCES[request.param](tmp_path, home))


def split_of(source: Data, split: Split, folder: Path = Path()) -> dict[str, Any]:
    return anew(replace(source, split=split), folder).splits


@every_source
def test_a_source_keeps_its_promises(source: Data, tmp_path: Path) -> None:
    dataset = dataset_of(source)
    assert dataset.is_here()
    seen: list[tuple[str, int, int]] = []
    found, problems = columns_of(source, tmp_path)
    loaded = load(source, tmp_path, lambda *step: seen.append(step))
    assert all(code in wording.ACTIVITIES and done <= total for code, done, total in seen)
    assert loaded.problems == problems
    assert {problem.code for problem in problems} <= {"data.unused_classes"}  # a small part of what was published
    assert found == tuple(column.summary() for column in loaded.columns.values())
    for name, column in loaded.columns.items():
        ready = column.ready(slice(0, 3))
        assert (column.name, len(column.data)) == (name, loaded.count)
        assert len(ready.shape[1:]) == len(column.summary().shape)
        assert all(size == axis for size, axis in zip(ready.shape[1:], column.shape, strict=True) if axis != str(axis))
        assert str(ready.dtype) == f"torch.{column.dtype}"
        assert ready.isfinite().all()
        if column.kind in ("label", "labels"):
            assert column.classes
            numbers = column.ready(slice(None))
            assert NO_CLASS <= int(numbers.min()) <= int(numbers.max()) < len(column.classes)
            assert set(numbers[numbers < 0].tolist()) <= {NO_CLASS}

    again = anew(source, tmp_path)
    assert again is not loaded
    assert again.fingerprint == loaded.fingerprint
    raw = dict(again.raw)
    name, column = list(raw.items())[-1]
    values = column.values
    fewer = Files(values.root, values.names[1:]) if isinstance(values, Files) else values[1:]
    raw[name] = dataclasses.replace(column, values=fewer)
    assert fingerprint(raw.values()) != loaded.fingerprint


@every_source
def test_one_seed_gives_one_split(source: Data, tmp_path: Path) -> None:
    loaded = anew(source, tmp_path)
    split, again, other = (split_of(source, Split(seed=seed), tmp_path) for seed in (3, 3, 4))
    given = dataset_of(source).read(tmp_path).given
    assert all(np.array_equal(split[name], again[name]) for name in split)
    chance = source.source not in IN_ORDER and (given is None or not (given == VALIDATION).any())
    assert np.array_equal(split["train"], other["train"]) != chance
    everything = np.concatenate(list(split.values()))
    assert sorted(everything.tolist()) == list(range(loaded.count))  # disjoint and complete
    if given is not None:
        assert np.array_equal(split["test"], np.flatnonzero(given == TEST))
    loaded.splits = split
    counts = balance(loaded)
    if counts and chance:
        whole = {name: sum(counts[part][name] for part in counts) for name in counts["train"]}
        for name, members in whole.items():
            rest = members - counts["test"][name] if given is not None else members * (1 - 0.2)
            assert abs(counts["validation"][name] - rest * 0.125) <= 1, name


def look(source: Data, folder: Path = Path(), *, begin: bool = False) -> Inspection:
    return inspected(InspectData(project.data_to_raw(source), folder=str(folder), begin=begin), quiet)


@every_source
def test_samples_can_be_looked_at(source: Data, tmp_path: Path) -> None:
    found = look(source, tmp_path)
    assert found.to_download == ""
    assert found.rows == sum(found.splits.values()) == anew(source, tmp_path).count
    assert [facts.name for facts in found.columns] == list(anew(source, tmp_path).raw)
    assert {facts.role for facts in found.columns} >= {"input", "target"}
    raw = project.data_to_raw(source)
    label = next(iter(found.balance.get("train", {})), "")
    page, parts = preview.samples(source, GetSamples(raw, "train", 2, 4, label, str(tmp_path)), quiet)
    assert page.total == (found.balance["train"][label] if label else found.splits["train"])
    assert len(page.rows) == len(page.captions) == 4
    assert all(len(row) == len(page.columns) for row in page.rows)
    assert len(page.pictures) in (0, 4)
    assert sum(map(len, parts)) == sum(3 * high * wide for high, wide in page.pictures)
    if label:
        assert page.captions == (label,) * 4
    with pytest.raises(ProblemError) as caught:
        preview.samples(source, GetSamples(raw, "somewhere", 0, 1, folder=str(tmp_path)), quiet)
    assert caught.value.problem.code == "data.no_split"


@every_source
def test_its_first_model_is_measured_untrained_and_trains_a_batch(source: Data, tmp_path: Path) -> None:
    """The model that a new project of these data begins with, on a few samples of each split."""
    torch.set_num_threads(1)
    item = model_zoo.suggestions(look(source, tmp_path, begin=True))[0]
    assert item.document.data is not None
    loaded = load(item.document.data, tmp_path)
    assert list(analyse(item.document, tmp_path).problems) == loaded.problems, item.name
    document = replace(item.document, training=replace(item.document.training, epochs=1, batch_size=8, device="cpu"))
    folder = tmp_path / "run"
    folder.mkdir()
    few = {name: rows[:8] for name, rows in loaded.splits.items()}
    np.savez(folder / "split.npz", allow_pickle=False, **few)
    data = bound(document, tmp_path, folder / "split.npz")
    loop, plan, _ = set_up(data, torch.device("cpu"))
    written(folder, document, data, loop, str(tmp_path))
    for split in few:
        evaluation = evaluate(folder, split, "last")
        assert all(map(math.isfinite, evaluation.metrics.values())), (item.name, split)
        assert len(evaluation.outputs) == sum(node.type == "output" for node in document.graph.nodes.values())
        assert all(output.metrics for output in evaluation.outputs), (item.name, split)
    (step,) = (event for event in fit(loop, plan) if isinstance(event, Stepped))
    assert step.finite
    assert step.samples == 8


def test_every_source_is_tested() -> None:
    assert SOURCES.keys() == DATASETS.keys()


def test_the_sample_has_4000_digits_to_learn_and_1000_to_test(tmp_path: Path) -> None:
    loaded = anew(Data("digits"))
    assert {name: len(rows) for name, rows in loaded.splits.items()} == {"train": 3500, "validation": 500, "test": 1000}
    assert set(balance(loaded)["test"].values()) == {100}
    pixels = loaded.columns["image"].ready(slice(None))
    assert (float(pixels.min()), float(pixels.max())) == (0.0, 1.0)


@pytest.mark.parametrize("split", [Split(seed=-1), Split(validation=2.0), Split(test=-0.1), Split(test=float("nan"))])
def test_an_impossible_split_is_named(split: Split, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        anew(Data("digits", split=split))
    assert caught.value.problem.code == "setting.range"
    assert "?" not in wording.what(caught.value.problem)


# ---- folders of pictures


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return digit_pictures(tmp_path / "pictures", 6, (1, 7))


def folder(path: Path, **options: Any) -> Loaded:
    return anew(Data("image_folder", {"path": str(path), **options}))


def test_pictures_are_what_they_were(pictures: Path) -> None:
    loaded = folder(pictures, height=28, width=28, colour=False)
    images, labels = digits()
    ones = images[np.flatnonzero(labels == 1)[:6]]
    assert np.array_equal(loaded.columns["image"].tensor[:6, 0].numpy(), ones)
    assert loaded.columns["label"].classes == ("1", "7")


def test_colour_and_size_are_as_wanted(pictures: Path) -> None:
    loaded = folder(pictures, height=12, width=20)
    assert loaded.columns["image"].tensor.shape[1:] == (3, 12, 20)


def spoil(pictures: Path) -> list[Path]:
    """A text, an empty file, half a picture, and a photo that was cut off."""
    good = pictures / "1" / "000.png"
    content = good.read_bytes()
    files = {"notes.txt": b"not a picture", "empty.png": b"", "half.png": content[: len(content) // 2]}
    Image.open(good).save(pictures / "7" / "cut.jpg")
    whole = (pictures / "7" / "cut.jpg").read_bytes()
    files["cut.jpg"] = whole[: len(whole) * 2 // 3]  # as a copy leaves it that was broken off
    for name, data in files.items():
        (pictures / "7" / name).write_bytes(data)
    return [pictures / "7" / name for name in sorted(files)]


def test_what_is_no_picture_is_counted_named_and_skipped(pictures: Path) -> None:
    bad = spoil(pictures)
    loaded = folder(pictures)
    (problem,) = loaded.problems
    assert (loaded.count, samples(loaded)) == (16, 12)
    assert (problem.code, problem.severity) == ("data.skipped_files", "warning")
    assert problem.args["count"] == 4
    assert sorted(problem.args["files"]) == [str(file) for file in bad]
    assert "half.png" in wording.what(problem)
    assert look(Data("image_folder", {"path": str(pictures)})).problems


def test_or_refused_as_the_user_chose(pictures: Path) -> None:
    bad = spoil(pictures)
    with pytest.raises(ProblemError) as caught:
        folder(pictures, bad_files="refuse")
    assert (caught.value.problem.code, caught.value.problem.node) == ("data.bad_file", str(bad[0]))
    assert caught.value.problem.args["count"] == 4


def many(pictures: Path) -> int:
    """More pictures than are read ahead; returns how many there are."""
    for number in range(decoding.WORKERS * decoding.TOGETHER * 3):
        (pictures / "1" / f"again {number}.png").hardlink_to(pictures / "1" / "000.png")
    return sum(1 for _ in pictures.rglob("*.png"))


def test_a_folder_that_vanishes_while_it_is_read_is_not_taken_for_damaged(pictures: Path, tmp_path: Path) -> None:
    """A drive that was unplugged: when it is there again, all of it is."""
    count = many(pictures)
    away = tmp_path / "away"

    def unplug(code: str, done: int, total: int) -> None:
        if code == "data.decoding" and not away.exists():
            pictures.rename(away)

    source = Data("image_folder", {"path": str(pictures)})
    with pytest.raises(ProblemError) as caught:
        load(source, Path(), unplug)
    assert (caught.value.problem.code, caught.value.problem.node) == ("data.no_folder", str(pictures))
    away.rename(pictures)
    loaded = anew(source)
    assert (samples(loaded), loaded.problems) == (count, [])


def test_a_picture_that_vanishes_while_the_folder_is_read_is_named(pictures: Path) -> None:
    gone = pictures / "7" / "005.png"

    def remove(code: str, done: int, total: int) -> None:
        if code == "data.decoding":
            gone.unlink(missing_ok=True)

    many(pictures)
    source = Data("image_folder", {"path": str(pictures)})
    loaded = load(source, Path(), remove)
    (problem,) = loaded.problems
    assert (problem.code, problem.args["count"], problem.args["files"]) == ("data.skipped_files", 1, [str(gone)])


def test_a_folder_of_nothing_but_rubbish(pictures: Path) -> None:
    for file in pictures.rglob("*.png"):
        file.write_bytes(b"rubbish")
    with pytest.raises(ProblemError) as caught:
        folder(pictures)
    assert caught.value.problem.code == "data.no_images"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "data.no_classes"),
        (["0.png"], "data.no_classes"),
        (["1/0.png"], "data.few_classes"),
        (["1/0.png", "2/notes.txt"], "data.few_classes"),
        (["1/notes.txt", "2/notes.txt"], "data.no_images"),
    ],
)
def test_too_few_classes(tmp_path: Path, files: list[str], code: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ProblemError) as caught:
        columns_of(Data("image_folder", {"path": str(tmp_path)}), Path())
    assert caught.value.problem.code == code


def test_a_file_is_no_folder_of_pictures(pictures: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        folder(pictures / "1" / "000.png")
    assert wording.what(caught.value.problem).endswith("000.png is a file, not a folder.")


def test_a_folder_without_pictures_is_no_class_and_that_is_said(pictures: Path) -> None:
    before = folder(pictures)
    (pictures / "0" / "deep").mkdir(parents=True)
    (pictures / "0" / "notes.txt").write_text("no picture")
    loaded = folder(pictures)
    assert loaded.columns["label"].classes == ("1", "7")
    assert loaded.fingerprint == before.fingerprint
    (problem,) = loaded.problems
    assert (problem.code, problem.severity, problem.args["classes"]) == ("data.empty_classes", "warning", ["0"])
    source = Data("image_folder", {"path": str(pictures)})
    assert columns_of(source, Path())[1] == [problem]
    assert problem in analyse(Document(data=source), Path()).problems


def test_hidden_files_are_no_samples(pictures: Path) -> None:
    (pictures / "1" / ".DS_Store").write_bytes(b"x")
    (pictures / ".thumbnails").mkdir()
    loaded = folder(pictures)
    assert not loaded.problems
    assert loaded.columns["label"].classes == ("1", "7")


def test_train_and_test_folders_are_respected(tmp_path: Path) -> None:
    digit_pictures(tmp_path / "all" / "train", 5, (0, 1))
    digit_pictures(tmp_path / "all" / "test", 3, (0, 1), skip=5)
    loaded = folder(tmp_path / "all")
    assert (len(loaded.splits["test"]), loaded.count) == (6, 16)
    assert loaded.columns["label"].classes == ("0", "1")


def test_other_kinds_of_pictures(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        base = Image.fromarray(digits()[0][0])
        base.save(tmp_path / name / "grey.jpg")
        base.convert("RGBA").save(tmp_path / name / "alpha.png")
        base.convert("P").save(tmp_path / name / "palette.gif")
        base.convert("1").save(tmp_path / name / "bits.bmp")
        base.convert("I;16").save(tmp_path / name / "deep.png")
        base.convert("CMYK").save(tmp_path / name / "print.tiff")
    loaded = folder(tmp_path)
    assert loaded.count == 12
    assert not loaded.problems


def test_a_damaged_picture_of_any_kind_is_never_fatal(tmp_path: Path) -> None:
    """Bytes of real pictures are overwritten at random: each is read or skipped."""
    shuffle = random.Random(5)
    digit_pictures(tmp_path / "p", 2, (0, 1))
    picture = Image.fromarray(digits()[0][3]).convert("RGB").resize((64, 64))
    kinds = ("png", "jpg", "gif", "bmp", "tiff", "webp", "ppm", "ico", "tga", "pcx")
    for kind in kinds:
        file = tmp_path / f"whole.{kind}"
        picture.save(file)
        content = file.read_bytes()
        for number in range(25):
            damaged = bytearray(content)
            for _ in range(shuffle.randint(1, 8)):
                damaged[shuffle.randrange(len(damaged))] = shuffle.randrange(256)
            (tmp_path / "p" / "1" / f"{kind}{number}.{kind}").write_bytes(damaged[: shuffle.randint(1, len(damaged))])
    loaded = folder(tmp_path / "p")
    skipped = loaded.problems[0].args["count"]
    assert samples(loaded) + skipped == loaded.count == 4 + 25 * len(kinds)


# ---- downloads


def test_a_download_that_fails_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For real: every connection goes to a port that nobody listens on."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    steps: list[str] = []
    with pytest.raises(ProblemError) as caught:
        load(Data("mnist"), Path(), lambda code, done, total: steps.append(code))
    problem = caught.value.problem
    assert steps == ["data.downloading"]
    assert (problem.code, problem.args["file"]) == ("data.download", "train-images-idx3-ubyte.gz")
    assert problem.args["folder"] == str(home / "data" / "MNIST" / "raw")
    assert str(home) in wording.remedy(problem)
    assert not list((home / "data").rglob("*.gz"))


def test_nothing_is_downloaded_for_a_look() -> None:
    summary = look(Data("mnist"))
    assert summary.to_download == DATASETS["mnist"].info.download
    assert summary.splits == {}
    assert [column.name for column in summary.ready] == ["image", "label"]


def test_a_file_that_was_not_unpacked_to_its_end_is_not_taken_for_whole(tmp_path: Path) -> None:
    file = tmp_path / "train-images-idx3-ubyte"
    assert not is_whole(file)
    whole = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]) + bytes(24)
    for cut in range(len(whole)):
        file.write_bytes(whole[:cut])
        assert not is_whole(file), cut
    file.write_bytes(whole)
    assert is_whole(file)


@pytest.mark.slow
def test_mnist_is_complete(home: Path) -> None:
    mnist(home)
    loaded = dataset_of(Data("mnist")).load(Path())
    assert loaded.columns["image"].tensor.shape == (70_000, 1, 28, 28)
    split = shared_out(loaded, Split())
    assert {name: len(rows) for name, rows in split.items()} == {"train": 52_500, "validation": 7_500, "test": 10_000}
    (home / "data" / "MNIST" / "raw").unlink()
    assert not dataset_of(Data("mnist")).is_here()


# ---- texts


def test_sums_in_words_are_right(tmp_path: Path) -> None:
    loaded = anew(Data("sums"))
    text, classes = loaded.columns["text"].tensor.flatten(), loaded.columns["next"].classes
    sentences = "".join(classes[number] for number in text.tolist()).split("\n")[:-1]
    assert len(set(sentences)) == len(sentences) > 2480
    known = {in_words(number): number for number in range(100)}
    for sentence in sentences[:50]:
        one, _, other, _, result = sentence.removesuffix(".").split(" ")
        assert known[one] + known[other] == known[result]
