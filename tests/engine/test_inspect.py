"""What is found in real data: facts of columns, samples that are there twice, pictures, previews of steps."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec.structs import replace
from PIL import Image

from tests.samples import DIABETES, IRIS, digit_pictures
from workbench.core import project, wording
from workbench.core.data_messages import GetVocabulary, InspectData, PreviewSteps
from workbench.core.document import ColumnUse, Data, Split
from workbench.core.inspection import Inspection
from workbench.core.problems import ProblemError
from workbench.engine.facts import facts_of, spread_of
from workbench.engine.inspect import inspected
from workbench.engine.looking import SIDE, laid_over, picture, sound_picture
from workbench.engine.raw import Files, RawColumn, quiet
from workbench.engine.steps_preview import previewed_steps
from workbench.engine.token_pages import vocabulary
from workbench.engine.twins import duplicates


def look(source: object, **more: object) -> Inspection:
    if isinstance(source, Data):
        return inspected(InspectData(project.data_to_raw(source), **more), quiet)
    return inspected(InspectData(source=str(source), **more), quiet)


def column(values: object, kind: str = "number", name: str = "x") -> RawColumn:
    return RawColumn(name, kind, pa.chunked_array([pa.array(values)]))


# ---- the whole of it


def test_a_table_is_understood_by_its_path() -> None:
    found = look(IRIS)
    assert (found.kind, found.rows, found.method) == ("csv", 150, "stratified")
    assert found.classes == ("setosa", "versicolor", "virginica")
    assert [(facts.name, facts.kind, facts.role, facts.missing) for facts in found.columns][-2:] == [
        ("petal_width", "number", "input", 0),
        ("species", "category", "target", 0),
    ]
    assert [summary.kind for summary in found.ready] == ["table", "label"]
    assert project.data_of(found.data) == Data("csv", {"path": str(IRIS.resolve())})
    assert sum(sum(part.values()) for part in found.balance.values()) == 150
    assert found.problems[0].code == "guess.csv"
    assert found.columns[-1].common == (("setosa", 50), ("versicolor", 50), ("virginica", 50))


def test_it_can_be_printed_as_json() -> None:
    import msgspec

    raw = msgspec.to_builtins(look(DIABETES))
    assert {"kind", "rows", "columns", "splits", "problems"} <= raw.keys()
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(raw)), Inspection) == look(DIABETES)


def test_data_that_cannot_be_used_as_said_are_shown_all_the_same() -> None:
    ignored = {name: ColumnUse("ignore") for name in ("sepal_length", "sepal_width", "petal_length", "petal_width")}
    found = look(Data("csv", {"path": str(IRIS)}, columns=ignored))
    assert [problem.code for problem in found.problems] == ["data.no_inputs"]
    assert found.problems[0].severity == "error"
    assert [facts.role for facts in found.columns[:4]] == ["ignore"] * 4
    assert found.ready == ()


def test_what_cannot_be_read_at_all_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ProblemError):
        look(tmp_path / "empty.csv")


def test_classes_that_training_hardly_knows_are_named(tmp_path: Path) -> None:
    lines = [f"{n},{n % 7},common" for n in range(40)] + ["1,2,rare", "3,4,rare", "5,6,once"]
    (tmp_path / "t.csv").write_text("a,b,c\n" + "\n".join(lines))
    found = look(Data("csv", {"path": str(tmp_path / "t.csv")}, Split(test=0.5)))
    codes = {problem.code: problem for problem in found.problems}
    assert codes["data.rare_classes"].args["classes"] == ["rare"]
    assert codes["data.single_classes"].args["classes"] == ["once"]
    assert all(wording.what(problem) for problem in found.problems)


def test_a_folder_of_pictures_knows_its_sizes_and_what_is_torn(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "digits", 8, (2, 5))
    Image.new("RGB", (400, 100)).save(folder / "2" / "wide.png")
    (folder / "5" / "torn.png").write_bytes((folder / "5" / "000.png").read_bytes()[:50])
    found = look(folder)
    assert (found.kind, found.rows) == ("image_folder", 17)
    image = found.columns[0]
    assert (image.kind, image.role, image.distinct) == ("image", "input", None)
    assert image.spread is not None
    assert (image.spread.least, image.spread.most, image.spread.unit) == (28.0, 200.0, "px")
    assert "torn.png" in str([problem.args for problem in found.problems if problem.code == "data.skipped_files"])


# ---- facts


def test_missing_and_different_values_are_counted() -> None:
    facts = facts_of(column([1.0, None, 1.0, 2.5]), "input", ())
    assert (facts.missing, facts.distinct, facts.example) == (1, 2, "1")
    texts = facts_of(column(["", "abc", None], "text"), "input", ())
    assert texts.spread is not None
    assert (texts.missing, texts.spread.unit, texts.spread.most) == (1, "characters", 3.0)


@given(arrays.arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e12, 1e12) | st.just(float("nan"))))
def test_every_finite_number_is_in_some_bar(values) -> None:
    spread = spread_of(values)
    sound = values[np.isfinite(values)]
    if not len(sound):
        assert spread is None
        return
    assert spread is not None
    assert sum(spread.counts) == len(sound)
    assert spread.least <= spread.middle <= spread.most


def test_sounds_are_measured_in_seconds(tmp_path: Path) -> None:
    for name, seconds in (("a", 0.5), ("b", 2.0)):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(int(8000 * seconds), np.float32), 8000)
    (tmp_path / "c.wav").write_bytes(b"no sound")
    raw = RawColumn("sound", "audio", Files(tmp_path, ("a.wav", "b.wav", "c.wav")))
    spread = facts_of(raw, "input", ()).spread
    assert spread is not None
    assert (spread.least, spread.most, spread.unit, sum(spread.counts)) == (0.5, 2.0, "s", 2)


# ---- twins


def shares(train: list[int], validation: list[int], test: list[int]) -> dict:
    return {
        name: np.array(rows, np.int64)
        for name, rows in zip(("train", "validation", "test"), (train, validation, test), strict=True)
    }


def test_twins_within_and_across_are_told_apart() -> None:
    values = column(["a", "b", "a", "a", "c", "b", "d", "d"], "text")
    found = duplicates([values], shares([0, 1, 2], [3, 4], [5, 6, 7]))
    assert (found.within, found.across) == (2, 2)  # 2 repeats 0 and 7 repeats 6; 3 is 0, 5 is 1
    assert {twin.splits[1] for twin in found.examples[2:]} == {"train", "test"}, "those across splits come first"
    assert {twin.rows for twin in found.examples[:2]} == {(0, 3), (1, 5)}
    assert {twin.rows for twin in found.examples[2:]} == {(0, 2), (6, 7)}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30))
def test_twins_are_those_that_a_dictionary_finds(samples) -> None:
    numbers = column([float(value) for value, _ in samples])
    letters = column(["xyz"[value % 3] for value, _ in samples], "category", "y")
    splits = shares(*([at for at, (_, part) in enumerate(samples) if part == wanted] for wanted in range(3)))
    found = duplicates([numbers, letters], splits)
    train = {value for value, part in samples if part == 0}
    across = sum(part > 0 and value in train for value, part in samples)
    seen: set[tuple[int, int]] = set()
    within = 0
    for value, part in samples:
        within += (value, part) in seen and not (part > 0 and value in train)
        seen.add((value, part))
    assert (found.within, found.across) == (within, across)


def test_rows_that_are_in_no_split_have_no_twins() -> None:
    assert duplicates([column(["a", "a"], "text")], shares([0], [], [])).within == 0
    assert duplicates([], shares([0], [], [])).across == 0


def test_pictures_are_compared_by_their_bytes(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "digits", 5, (4, 6))
    for at in range(3):
        (folder / "4" / f"copy{at}.png").write_bytes((folder / "4" / "001.png").read_bytes())
    twins = look(folder).duplicates
    assert twins.within + twins.across == 3
    tensor = RawColumn("image", "image", torch.zeros(4, 1, 3, 3, dtype=torch.uint8))
    assert duplicates([tensor], shares([0, 1, 2, 3], [], [])).within == 3


# ---- pictures


@pytest.mark.parametrize("size", [(28, 28), (900, 300), (3, 700)])
def test_pictures_are_shown_small_and_in_proportion(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "a.jpg")
    raw = RawColumn("image", "image", Files(tmp_path, ("a.jpg", "gone.jpg")))
    pixels = picture(raw, 0)
    assert max(pixels.shape[:2]) == min(SIDE, max(size))
    assert pixels[..., 0].mean() > 240
    assert picture(raw, 1).std() == 0, "what is gone is a grey square"


def test_a_mask_colours_what_it_is_about() -> None:
    pixels = np.full((8, 8, 3), 100, np.uint8)
    classes = np.zeros((4, 4), np.int64)
    classes[0], classes[1] = 2, -100
    shown = laid_over(pixels, classes)
    assert (shown[4:] == 100).all(), "the ground stays as it is"
    assert (shown[2:4] == 100).all(), "what does not count too"
    assert (shown[:2] != 100).any()


@given(arrays.arrays(np.float32, st.integers(0, 4000), elements=st.floats(-1, 1, width=32)))
def test_any_sound_has_a_picture(samples) -> None:
    pixels = sound_picture(samples, 8000)
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3


# ---- previews


def test_samples_before_and_after(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "digits", 8, (2, 5))
    data = Data("image_folder", {"path": str(folder), "height": 14, "width": 14})
    answer, parts = previewed_steps(data, PreviewSteps({}, "image", count=5), quiet)
    assert answer.before_sizes == ((28, 28),) * 5
    assert answer.after_sizes == ((14, 14),) * 5
    assert len(parts[0]) == 5 * 3 * (28 * 28 + 14 * 14)
    assert set(answer.captions) <= {"2", "5"}
    table = Data("csv", {"path": str(IRIS)})
    answer, parts = previewed_steps(table, PreviewSteps({}, "petal_width", start=2, count=4), quiet)
    assert (len(answer.before), len(answer.after), parts) == (4, 4, [])
    assert all(abs(float(text)) < 4 for text in answer.after), "standardised"
    answer, _ = previewed_steps(table, PreviewSteps({}, "species", count=3), quiet)
    assert all(before in after for before, after in zip(answer.before, answer.after, strict=True))
    with pytest.raises(ProblemError):
        previewed_steps(table, PreviewSteps({}, "nothing"), quiet)


def test_behind_the_last_sample_it_begins_anew() -> None:
    table = Data("csv", {"path": str(IRIS)})
    first, _ = previewed_steps(table, PreviewSteps({}, "petal_width", start=0, count=3), quiet)
    again, _ = previewed_steps(table, PreviewSteps({}, "petal_width", start=105, count=3), quiet)
    assert first == again


def test_steps_that_cannot_be_done_leave_the_samples(tmp_path: Path) -> None:
    folder = digit_pictures(tmp_path / "digits", 4, (2, 5))
    data = Data("image_folder", {"path": str(folder)}, columns={"image": ColumnUse("target")})
    answer, parts = previewed_steps(data, PreviewSteps({}, "image", count=2), quiet)
    assert answer.problem is not None
    assert wording.what(answer.problem)
    assert (answer.before_sizes, answer.after_sizes) == (((28, 28),) * 2, ())
    assert len(parts[0]) == 2 * 3 * 28 * 28


def test_tokens_are_counted_found_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("the cat and the dog\n" * 80)
    data = Data("text", {"path": str(path), "length": 8})
    question = GetVocabulary({}, "text", text="the end")
    answer = vocabulary(data, question, quiet)
    assert answer.size == answer.total == len(answer.tokens)
    counts = [token.count for token in answer.tokens if token.count is not None]
    assert counts == sorted(counts, reverse=True)
    assert "".join(piece.text for piece in answer.pieces) == "the end"
    found = vocabulary(data, replace(question, search="T"), quiet)
    assert [token.text for token in found.tokens] == ["t"]
    assert vocabulary(data, replace(question, start=2, count=1), quiet).tokens == answer.tokens[2:3]
    with pytest.raises(ProblemError):
        vocabulary(data, replace(question, column="next"), quiet)


def test_texts_show_their_usual_steps_and_how_they_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = [f'"{"a good film, I liked it" if n % 2 else "a bad film, I hated it"} {n}",{n % 2}' for n in range(60)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    found = look(path)
    text = found.columns[0]
    assert (found.kind, text.kind, text.role) == ("text_table", "text", "input")
    assert [step.op for step in text.steps] == ["clean_text", "words", "truncate"]
    assert text.spread is not None
    assert text.spread.unit == "characters"
    answer, _ = previewed_steps(project.data_of(found.data), PreviewSteps({}, "text", count=3), quiet)
    assert all("film" in after and "[PAD]" not in after for after in answer.after)
    page = vocabulary(project.data_of(found.data), GetVocabulary({}, "text", search="film"), quiet)
    assert [token.text for token in page.tokens] == ["film"]
