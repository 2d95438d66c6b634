"""Pictures as they are read: by folder, with labels, with masks; how they are prepared, kept and streamed."""

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.real import pictures as real_pictures
from tests.samples import digit_pictures, digits, masked_digits, real
from workbench.core import wording
from workbench.core.document import ColumnUse, Data, Settings, Step
from workbench.core.problems import ProblemError
from workbench.engine import storage
from workbench.engine.columns import decoding
from workbench.engine.columns.base import Loaded
from workbench.engine.columns.decoding import Decoding, Streamed
from workbench.engine.columns.pictures import UNREADABLE, opened
from workbench.engine.columns.values import NO_CLASS
from workbench.engine.loading import forget, load
from workbench.engine.preprocess import ImageInput, picture, pictures_ready
from workbench.engine.raw import Files, quiet


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """What is decoded goes into the test's own cache."""


def anew(source: str, path: Path, steps: tuple[Step, ...] | None = None, **options: Any) -> Loaded:
    forget()
    columns = {"image": ColumnUse(steps=steps)} if steps is not None else {}
    return load(Data(source, {"path": str(path), **options}, columns=columns), Path())


def problem(source: str, path: Path, **options: Any) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        anew(source, path, **options)
    assert "?" not in wording.what(caught.value.problem)
    return caught.value


# ---- kept and streamed


def test_pictures_are_decoded_once_and_then_lie_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = digit_pictures(tmp_path / "p", 20, (1, 7))
    first = anew("image_folder", folder, height=28, width=28, colour=False)
    activities: list[str] = []
    forget()
    data = Data("image_folder", {"path": str(folder), "height": 28, "width": 28, "colour": False})
    again = load(data, Path(), lambda code, done, total: activities.append(code))
    assert activities == []
    assert torch.equal(first.columns["image"].tensor, again.columns["image"].tensor)
    images, labels = digits()
    assert np.array_equal(again.columns["image"].tensor[20:, 0].numpy(), images[np.flatnonzero(labels == 7)[:20]])
    assert again.fingerprint == first.fingerprint

    picture = folder / "7" / "000.png"
    Image.fromarray(255 - images[0]).save(picture)
    changed = anew("image_folder", folder, height=28, width=28, colour=False)
    assert np.array_equal(changed.columns["image"].tensor[20, 0].numpy(), 255 - images[0])
    assert changed.fingerprint != first.fingerprint


def test_what_is_larger_than_the_cache_may_be_is_decoded_batch_by_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = digit_pictures(tmp_path / "p", 20, (1, 7))
    (folder / "1" / "half.png").write_bytes((folder / "1" / "000.png").read_bytes()[:90])
    kept = anew("image_folder", folder)
    monkeypatch.setattr(decoding, "LIMIT", 10_000)
    streamed = anew("image_folder", folder)
    held = streamed.columns["image"].data
    assert isinstance(held, Streamed)
    assert [p.code for p in streamed.problems] == [p.code for p in kept.problems] == ["data.skipped_files"]
    for rows in (torch.tensor([30, 2, 2, 17]), torch.arange(0), slice(3, 9)):
        assert torch.equal(held.take(rows), kept.columns["image"].take(rows))
    (folder / "7" / "003.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"003\.png"):
        held.take(torch.arange(21, 41))
    (folder / "7" / "004.png").write_bytes(b"rubbish")
    with pytest.raises(ProblemError) as caught:
        held.take(torch.tensor([25]))
    assert caught.value.problem.code == "data.bad_file"


def test_decoding_can_be_ended_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "p", 40, (1, 7))
    files = Files(folder, tuple(f"{kind}/{number:03}.png" for kind in (1, 7) for number in range(40)))
    spec = ImageInput(1, 28, 28)
    work = Decoding(files, (1, 28, 28), torch.uint8, lambda path: opened(path, spec), UNREADABLE, spec)

    class _EnoughError(Exception):
        pass

    def report(code: str, done: int, total: int) -> None:
        if done > 30:
            raise _EnoughError

    with pytest.raises(_EnoughError):
        work.held({}, report)
    assert [item for item in storage.folder().iterdir() if item.is_dir()] == []
    held = work.held({}, quiet)
    assert isinstance(held, torch.Tensor)
    assert held.shape == (80, 1, 28, 28)


def test_a_folder_that_has_vanished_is_named(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "p", 5, (1, 7))
    files = Files(folder, ("1/000.png", "7/000.png"))
    shutil.rmtree(folder)
    spec = ImageInput(1, 28, 28)
    with pytest.raises(ProblemError) as caught:
        Decoding(files, (1, 28, 28), torch.uint8, lambda path: opened(path, spec), UNREADABLE, spec).held({}, quiet)
    assert (caught.value.problem.code, caught.value.problem.node) == ("data.no_folder", str(folder))


# ---- preparation


def test_a_picture_is_prepared_for_training_as_for_an_answer(tmp_path: Path) -> None:
    """The photographs of a real folder, large JPEGs among them, through every way to fit them."""
    source = real(real_pictures.cutouts)
    for kind in ("bird", "fish"):
        (tmp_path / kind).mkdir()
        for number, file in enumerate(sorted((source / kind).glob("*.png"))[:4]):
            with Image.open(file) as image:
                image.resize((700 + 40 * number, 500)).save(tmp_path / kind / f"{number}.jpg", quality=95)
    for fit in ("stretch", "pad", "crop"):
        steps = (Step("resize", {"height": 40, "width": 60, "fit": fit}), Step("normalise", {}))
        column = anew("image_folder", tmp_path, steps).columns["image"]
        spec = column.preprocessing
        assert isinstance(spec, ImageInput)
        assert (spec.fit, len(spec.mean)) == (fit, 3)
        with Image.open(tmp_path / "bird" / "0.jpg") as image:
            own = pictures_ready(picture(image, spec)[None], spec)
        np.testing.assert_allclose(own[0], column.ready(slice(0, 1))[0].numpy(), atol=1e-6)


def test_what_is_fitted_is_fitted_to_the_training_split(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "p", 30, (1, 7))
    loaded = anew("image_folder", folder, (Step("normalise"),), height=28, width=28, colour=False)
    train = loaded.columns["image"].ready(torch.from_numpy(loaded.splits["train"]))
    assert abs(float(train.mean())) < 1e-4
    assert abs(float(train.std(correction=0)) - 1) < 1e-4
    every = loaded.columns["image"].ready(slice(None))
    assert abs(float(every.mean())) > 1e-4


@pytest.mark.parametrize(
    ("step", "channels", "mean"),
    [
        (Step("channels", {"colour": False}), 1, ()),
        (Step("normalise", {"by": "imagenet"}), 3, (0.485, 0.456, 0.406)),
        (Step("normalise", {"by": "cifar10"}), 3, (0.4914, 0.4822, 0.4465)),
        (Step("normalise", {"by": "given", "mean": 0.25, "std": 0.5}), 3, (0.25, 0.25, 0.25)),
    ],
)
def test_steps_change_what_a_network_reads(tmp_path: Path, step: Step, channels: int, mean: tuple[float, ...]) -> None:
    loaded = anew("image_folder", digit_pictures(tmp_path / "p", 6, (1, 7)), (step,))
    spec = loaded.columns["image"].preprocessing
    assert isinstance(spec, ImageInput)
    assert (spec.channels, spec.mean) == (channels, mean)
    assert loaded.columns["image"].ready(slice(0, 2)).shape == (2, channels, 64, 64)


def test_pictures_that_are_no_files_are_resized_too() -> None:
    forget()
    use = ColumnUse(steps=(Step("resize", {"height": 20, "width": 20}), Step("channels", {"colour": True})))
    small = load(Data("digits", columns={"image": use}), Path()).columns["image"]
    assert small.ready(slice(0, 5)).shape == (5, 3, 20, 20)


def test_turned_by_its_camera(tmp_path: Path) -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 40:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.fromarray(pixels).save(tmp_path / "turned.jpg", exif=exif)
    found = opened(tmp_path / "turned.jpg", ImageInput(1, 20, 10))[0]
    assert found[:8].max() < 30
    assert found[-8:].min() > 225


# ---- labels in a table


def labelled(folder: Path, name: str, text: str, **options: Any) -> Loaded:
    digit_pictures(folder / "pictures", 5, (1, 7))
    (folder / name).write_text(text)
    return anew("image_table", folder / name, folder=str(folder / "pictures"), height=28, width=28, **options)


FILES = [f"{kind}/{number:03}.png" for kind in (1, 7) for number in range(5)]


def test_classes_in_a_table(tmp_path: Path) -> None:
    rows = "\n".join(f"{number},{name},{'one' if name[0] == '1' else 'seven'}" for number, name in enumerate(FILES))
    loaded = labelled(tmp_path, "t.csv", f"number,picture,name\n{rows}\n")
    assert list(loaded.columns) == ["image", "name"]
    assert loaded.columns["name"].classes == ("one", "seven")
    assert loaded.columns["name"].tensor.tolist() == [0] * 5 + [1] * 5
    assert loaded.problems == []
    images, labels = digits()
    expected = np.repeat(images[np.flatnonzero(labels == 7)[:5]][:, None], 3, 1)
    assert np.array_equal(loaded.columns["image"].tensor[5:].numpy(), expected)


def test_a_number_to_predict_and_names_without_endings(tmp_path: Path) -> None:
    rows = "\n".join(f"{name.removesuffix('.png')},{number / 8}" for number, name in enumerate(FILES))
    loaded = labelled(tmp_path, "t.csv", f"id,score\n{rows}\n")
    assert loaded.columns["score"].kind == "number"
    assert loaded.columns["score"].tensor[:, 0].tolist() == [number / 8 for number in range(10)]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_several_tags_for_a_picture(tmp_path: Path, form: str) -> None:
    tags = [["ink"], ["ink", "tall"], [], ["tall"], ["ink"]] * 2
    rows = [{"file": name, "tags": found} for name, found in zip(FILES, tags, strict=True)]
    texts = {
        "csv": "file,tags\n" + "\n".join(f"{row['file']},{'|'.join(row['tags'])}" for row in rows),
        "json": json.dumps(rows),
        "jsonl": "\n".join(map(json.dumps, rows)),
    }
    loaded = labelled(tmp_path, f"t.{form}", texts[form])
    column = loaded.columns["tags"]
    assert (column.kind, column.classes, column.shape) == ("tags", ("ink", "tall"), (2,))
    assert column.tensor[:5].tolist() == [[1, 0], [1, 1], [0, 0], [0, 1], [1, 0]]
    assert len(np.concatenate(list(loaded.splits.values()))) == 10


def test_labels_by_file_in_one_object_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    loaded = labelled(tmp_path, "t.json", json.dumps({name: name[0] for name in FILES} | {"gone.png": "1"}))
    (found,) = loaded.problems
    assert (found.code, found.args["count"]) == ("data.skipped_files", 1)
    assert found.args["files"][0].endswith("gone.png")
    assert loaded.columns["label"].classes == ("1", "7")
    with pytest.raises(ProblemError) as caught:
        anew("image_table", tmp_path / "t.json", folder=str(tmp_path / "pictures"), bad_files="refuse")
    assert (caught.value.problem.code, caught.value.problem.args["count"]) == ("data.bad_file", 1)


@pytest.mark.parametrize(
    ("name", "text", "options", "code"),
    [
        ("t.csv", "a,b\n1,2\n3,4\n", {}, "data.no_files_named"),
        ("t.csv", "a,b\n1,2\n3,4\n", {"files": "c"}, "data.no_column"),
        ("t.json", "{", {}, "data.bad_json"),
        ("t.json", "[1, 2]", {}, "data.json_rows"),
        ("t.json", "3", {}, "data.json_rows"),
        ("t.jsonl", "", {}, "data.json_rows"),
        ("t.jsonl", '{"file": "x", "at": {"x": 1}}', {}, "data.no_files_named"),
    ],
)
def test_tables_of_labels_that_cannot_be_used(
    tmp_path: Path, name: str, text: str, options: Settings, code: str
) -> None:
    (tmp_path / name).write_text(text)
    assert problem("image_table", tmp_path / name, **options).problem.code == code


# ---- masks


def test_masks_are_numbers_of_classes(tmp_path: Path) -> None:
    loaded = anew("image_masks", masked_digits(tmp_path / "m", 12), height=28, width=28)
    column = loaded.columns["mask"]
    pixels = digits()[0][:12].astype(int)
    assert (column.classes, column.shape) == (("0", "1"), (28, 28))
    assert np.array_equal(column.ready(slice(None)).numpy(), np.select([pixels > 200, pixels > 50], [1, NO_CLASS], 0))


def test_masks_follow_how_their_pictures_are_resized(tmp_path: Path) -> None:
    step = Step("resize", {"height": 30, "width": 60, "fit": "pad"})
    loaded = anew("image_masks", masked_digits(tmp_path / "m", 12), (step,))
    assert loaded.columns["mask"].shape == (30, 60)
    masks = loaded.columns["mask"].ready(slice(None))
    assert (masks[:, :, :15] == NO_CLASS).all()
    assert (masks[:, :, -15:] == NO_CLASS).all()
    assert (masks[:, :, 15:45] == 1).any()


def test_scenes_of_real_things() -> None:
    loaded = anew("image_masks", real(real_pictures.scenes))
    assert loaded.columns["mask"].classes == ("background", "bird", "flower", "fruit", "sign")
    assert len(loaded.splits["test"]) == 150
    assert loaded.problems == []


def test_black_and_white_masks_and_names_of_classes(tmp_path: Path) -> None:
    folder = masked_digits(tmp_path / "m", 12)
    for file in (folder / "masks").iterdir():
        with Image.open(file) as image:
            Image.fromarray(np.where(np.asarray(image) == 1, 255, 0).astype(np.uint8)).save(file)
    assert anew("image_masks", folder).columns["mask"].classes == ("0", "255")
    named = problem("image_masks", folder, classes="ground, ink", ignore=None)
    assert named.problem.code == "data.no_images"  # 255 is no class, in none of them


def test_masks_that_are_damaged_missing_or_coloured(tmp_path: Path) -> None:
    folder = masked_digits(tmp_path / "m", 12)
    masks = sorted((folder / "masks").iterdir())
    masks[0].write_bytes(masks[0].read_bytes()[:60])
    masks[1].unlink()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (28, 28, 3), np.uint8)).save(masks[2])
    loaded = anew("image_masks", folder)
    found = {item.code: item.args for item in loaded.problems}
    assert found["data.no_mask"]["files"] == ["images/001.png"]
    assert found["data.skipped_files"]["count"] == 2
    assert sum(map(len, loaded.splits.values())) == 9
    assert problem("image_masks", folder, bad_files="refuse").problem.code == "data.bad_file"
    shutil.rmtree(folder / "masks")
    assert problem("image_masks", folder).problem.code == "data.no_pairs"


def test_a_picture_that_is_far_too_large_is_named(tmp_path: Path) -> None:
    """A PNG that says it has 40,000 × 40,000 pixels."""
    folder = digit_pictures(tmp_path / "p", 3, (1, 7))
    good = bytearray((folder / "1" / "000.png").read_bytes())
    good[16:24] = (40_000).to_bytes(4, "big") * 2
    good[29:33] = zlib.crc32(good[12:29]).to_bytes(4, "big")
    (folder / "1" / "bomb.png").write_bytes(good)
    loaded = anew("image_folder", folder)
    assert loaded.problems[0].args["count"] == 1
    assert loaded.problems[0].args["files"] == [str(folder / "1" / "bomb.png")]
