"""What every source of data promises, and what happens to data that are not as they should be."""

import dataclasses
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from tests.engine.texts import review_folder, review_table, tagged_words, text_pairs
from tests.samples import DIABETES, IRIS, digit_pictures, digits, fashion_mnist, masked_digits, mnist
from workbench.core import project, wording
from workbench.core.data_messages import GetSamples, InspectData
from workbench.core.document import ColumnUse, Data, Document, Split
from workbench.core.inspection import Inspection
from workbench.core.problems import ProblemError
from workbench.engine import preview
from workbench.engine.analyse import analyse
from workbench.engine.columns.base import NO_CLASS, Loaded
from workbench.engine.datasets import DATASETS
from workbench.engine.datasets.base import dataset_of
from workbench.engine.datasets.digits import is_whole
from workbench.engine.datasets.sums import in_words
from workbench.engine.fingerprint import fingerprint
from workbench.engine.inspect import balance, inspected
from workbench.engine.loading import columns_of, forget, load
from workbench.engine.raw import TEST, TRAIN, Files, Raw, RawColumn, quiet
from workbench.engine.roles import used
from workbench.engine.splitting import shared_out
from workbench.engine.tables.csv_rows import rows as read

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


SOURCES: dict[str, Prepare] = {
    "digits": _nothing,
    "mnist": _mnist,
    "fashion_mnist": _fashion,
    "image_folder": _pictures,
    "image_masks": _masks,
    "image_table": _labelled,
    "csv": lambda folder, home: {"path": str(IRIS)},
    "text_file": _text,
    "text_folder": _texts,
    "text_table": _text_table,
    "text_pairs": _pairs,
    "tagged_words": _tagged,
    "sums": _nothing,
    "toy": _nothing,
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


def anew(source: Data, folder: Path = Path()) -> Loaded:
    """Not what is remembered of it."""
    forget()
    return load(source, folder)


def samples(loaded: Loaded) -> int:
    """How many can be used."""
    return sum(map(len, loaded.splits.values()))


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
    assert loaded.problems == problems == []
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
    assert np.array_equal(split["train"], other["train"]) == (source.source in IN_ORDER)
    everything = np.concatenate(list(split.values()))
    assert sorted(everything.tolist()) == list(range(loaded.count))  # disjoint and complete
    if given is not None:
        assert np.array_equal(split["test"], np.flatnonzero(given == TEST))
    loaded.splits = split
    counts = balance(loaded)
    if counts:
        whole = {name: sum(counts[part][name] for part in counts) for name in counts["train"]}
        for name, members in whole.items():
            rest = members - counts["test"][name] if given is not None else members * (1 - 0.2)
            assert abs(counts["validation"][name] - rest * 0.125) <= 1, name


def look(source: Data, folder: Path = Path()) -> Inspection:
    return inspected(InspectData(project.data_to_raw(source), folder=str(folder)), quiet)


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


def test_every_source_is_tested() -> None:
    assert SOURCES.keys() == DATASETS.keys()


def test_the_sample_has_4000_digits_to_learn_and_1000_to_test(tmp_path: Path) -> None:
    loaded = anew(Data("digits"))
    assert {name: len(rows) for name, rows in loaded.splits.items()} == {"train": 3500, "validation": 500, "test": 1000}
    assert set(balance(loaded)["test"].values()) == {100}
    pixels = loaded.columns["image"].ready(slice(None))
    assert (float(pixels.min()), float(pixels.max())) == (0.0, 1.0)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 99),
    st.booleans(),
)
def test_any_split_is_disjoint_and_complete(
    labels: list[int], validation: float, test: float, seed: int, own_test: bool
) -> None:
    kept = np.where(np.arange(len(labels)) % 3 == 0, TEST, TRAIN).astype(np.int8) if own_test else None
    column = RawColumn("y", "category", torch.tensor(labels), "target", ("a", "b", "c", "d"))
    raw = Raw("", {"y": column}, kept)
    split = shared_out(raw, used(raw, {}), Split(seed, validation, test))
    assert sorted(np.concatenate(list(split.values())).tolist()) == list(range(len(labels)))


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
    """A text, an empty file, half a picture, and a picture with a hole."""
    good = pictures / "1" / "000.png"
    content = good.read_bytes()
    files = {"notes.txt": b"not a picture", "empty.png": b"", "half.png": content[: len(content) // 2]}
    for name, data in files.items():
        (pictures / "7" / name).write_bytes(data)
    return [pictures / "7" / name for name in sorted(files)]


def test_what_is_no_picture_is_counted_named_and_skipped(pictures: Path) -> None:
    bad = spoil(pictures)
    loaded = folder(pictures)
    (problem,) = loaded.problems
    assert (loaded.count, samples(loaded)) == (15, 12)
    assert (problem.code, problem.severity) == ("data.skipped_files", "warning")
    assert problem.args["count"] == 3
    assert sorted(problem.args["files"]) == [str(file) for file in bad]
    assert "half.png" in wording.what(problem)
    assert look(Data("image_folder", {"path": str(pictures)})).problems


def test_or_refused_as_the_user_chose(pictures: Path) -> None:
    bad = spoil(pictures)
    with pytest.raises(ProblemError) as caught:
        folder(pictures, bad_files="refuse")
    assert (caught.value.problem.code, caught.value.problem.node) == ("data.bad_file", str(bad[0]))
    assert caught.value.problem.args["count"] == 3


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


# ---- tables


def table(path: Path, text: str | bytes, target: str = "", **options: Any) -> Loaded:
    file = path / "table.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    columns = {target: ColumnUse("target")} if target else {}
    return anew(Data("csv", {"path": str(file), **options}, columns=columns))


def refused(path: Path, text: str | bytes, **options: Any) -> Any:
    with pytest.raises(ProblemError) as caught:
        table(path, text, **options)
    problem = caught.value.problem
    assert "?" not in wording.what(problem), wording.what(problem)
    return problem


def test_iris_is_classified_and_diabetes_regressed() -> None:
    flowers = anew(Data("csv", {"path": str(IRIS)}))
    assert flowers.columns["species"].classes == ("setosa", "versicolor", "virginica")
    assert flowers.columns["features"].tensor.shape == (150, 4)
    patients = anew(Data("csv", {"path": "diabetes.csv"}), DIABETES.parent)
    assert (patients.columns["progression"].kind, patients.columns["progression"].shape) == ("number", (1,))
    assert float(patients.columns["progression"].tensor[0]) == 151
    sexes = anew(Data("csv", {"path": str(DIABETES)}, columns={"sex": ColumnUse("target")}))
    assert sexes.columns["sex"].classes == ("1", "2")
    assert list(sexes.columns) == ["features", "sex"]


def test_numbers_are_standardised_by_the_training_split_alone() -> None:
    loaded = anew(Data("csv", {"path": str(IRIS)}))
    train = loaded.splits["train"]
    features = loaded.columns["features"].tensor
    assert torch.allclose(features[train].mean(0), torch.zeros(4), atol=1e-6)
    assert torch.allclose(features[train].std(0, correction=0), torch.ones(4), atol=1e-5)
    assert not torch.allclose(features.mean(0), torch.zeros(4), atol=1e-3)
    others = load(Data("csv", {"path": str(IRIS)}), Path(), splits={**loaded.splits, "train": np.arange(40)})
    assert torch.allclose(others.columns["features"].tensor[:40].mean(0), torch.zeros(4), atol=1e-6)
    assert others.fingerprint == loaded.fingerprint


ROWS = "\n".join(f"{number},{number * 2},{'ab'[number % 2]}" for number in range(20))


def test_rows_that_do_not_fit_are_counted_and_named(tmp_path: Path) -> None:
    text = f"x,y,kind\n{ROWS}\n1,2\n3,4,a,5\nmany,6,b\n"
    loaded = table(tmp_path, text)
    (problem,) = loaded.problems
    assert problem.code == "data.skipped_rows"
    assert (problem.args["count"], problem.args["line"], problem.severity) == (3, 22, "warning")
    assert loaded.count == 20
    refusal = refused(tmp_path, text, bad_rows="refuse")
    assert (refusal.code, refusal.args["line"], refusal.args["count"]) == ("data.bad_row", 22, 3)


def test_a_text_among_numbers_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    loaded = table(tmp_path, f"x,y,kind\n5,six,a\n{ROWS}\n1,inf,b\n")
    (problem,) = loaded.problems
    assert (problem.args["line"], problem.args["count"]) == (2, 2)
    assert problem.args["detail"] == "y: 'six'"


@pytest.mark.parametrize("blank", ["", " ", "NA", "nan", "N/A", "null", "?"])
def test_missing_numbers_become_the_mean_and_missing_targets_are_left_out(tmp_path: Path, blank: str) -> None:
    loaded = table(tmp_path, f"x,y,z\n{blank},1,5.5\n{ROWS.replace('a', '1.5').replace('b', '2.5')}\n3,4,{blank}\n")
    assert [problem.code for problem in loaded.problems] == ["data.no_target"]
    assert loaded.problems[0].args["count"] == 1
    assert (loaded.count, samples(loaded)) == (22, 21)
    assert float(loaded.columns["features"].tensor[0, 0]) == pytest.approx(0, abs=1e-6)
    rows = np.concatenate(list(loaded.splits.values()))
    assert loaded.columns["z"].tensor[rows].isfinite().all()


def test_a_class_may_be_called_none(tmp_path: Path) -> None:
    loaded = table(tmp_path, "x,kind\n1,none\n2,some\n3,NA\n4,\n5,none\n6,some\n7,NA\n8,none\n")
    assert loaded.columns["kind"].classes == ("NA", "none", "some")
    assert [problem.code for problem in loaded.problems] == ["data.no_target"]


def test_categories_and_free_text(tmp_path: Path) -> None:
    rows = "\n".join(f"{number},{'red' if number % 3 else 'blue'},note {number},{number / 7}" for number in range(60))
    loaded = table(tmp_path, f"size,colour,remark,price\n{rows}\n61,,hello,3\n")
    assert [problem.code for problem in loaded.problems] == ["data.ignored_columns"]
    assert loaded.problems[0].args["columns"] == ["remark"]
    features = loaded.columns["features"].tensor
    assert features.shape == (61, 3)  # size, blue, red
    assert features[0, 1:].tolist() == [1, 0]
    assert features[60, 1:].tolist() == [0, 0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends(tmp_path: Path, separator: str, head: bytes, end: str) -> None:
    text = f"x,y,kind\n{ROWS}\n".replace(",", separator).replace("\n", end)
    loaded = table(tmp_path, head + text.encode())
    assert list(loaded.columns) == ["features", "kind"]
    assert loaded.columns["features"].shape == (2,)


def test_quoted_cells(tmp_path: Path) -> None:
    loaded = table(tmp_path, 'x,"the kind"\n1,"a, b"\n2,"say ""hi"""\n3,"two\nlines"\n4,"a, b"\n')
    assert loaded.columns["the kind"].classes == ("a, b", 'say "hi"', "two\nlines")


def test_names_around_which_spaces_stand(tmp_path: Path) -> None:
    loaded = table(tmp_path, f" x ,y , kind\n{ROWS}\n", target="kind")
    assert "kind" in loaded.columns


def test_latin_1_is_refused_and_the_remedy_named(tmp_path: Path) -> None:
    problem = refused(tmp_path, "x,größe,café,señal,über\n1,2,3,4,5\n".encode("latin-1"))
    assert (problem.code, problem.args["found"]) == ("data.other_encoding", "cp1252")
    assert wording.remedy(problem).endswith("or save the file as UTF-8.")
    assert list(table(tmp_path, "x,größe\n1,2\n".encode("latin-1"), encoding="cp1252").raw) == ["x", "größe"]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", {}, "data.empty"),
        ("\n\n", {}, "data.empty"),
        ("x,y\n", {}, "data.empty"),
        ("x,x\n1,2\n", {}, "data.header"),
        ("x\n1\n2\n", {}, "data.header"),
        ("x,y\n1,2\n", {"target": "z"}, "data.no_column"),
        ("x,y\n1\n2,3,4\n", {}, "data.empty"),
        ("\x00\x01,\x02\n", {}, "data.empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "data.encoding"),
        ('x,y\n1,"' + "long" * 40_000 + "\n", {}, "data.bad_csv"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str | bytes, options: dict[str, Any], code: str) -> None:
    assert refused(tmp_path, text, **options).code == code


def test_free_text_alone_is_something_to_learn_from(tmp_path: Path) -> None:
    rows = "\n".join(f"remark {number},{number % 2}" for number in range(60))
    columns = table(tmp_path, f"text,kind\n{rows}\n").columns
    assert {name: column.kind for name, column in columns.items()} == {"text": "tokens", "kind": "label"}


def test_large_whole_numbers_are_classes_of_their_own(tmp_path: Path) -> None:
    loaded = table(tmp_path, "x,code\n1,1234567\n2,1234568\n3,1234567\n")
    assert loaded.columns["code"].classes == ("1234567", "1234568")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert table(tmp_path, f"x,y,kind\n{ROWS}\n").count == 20
    assert table(tmp_path, f"x,y,kind\n{ROWS}\n1,2,a\n").count == 21


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("a,b\n\n1,2\n\n\n3,4\n")
    assert [line for line, _ in read(file)] == [1, 3, 6]


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
