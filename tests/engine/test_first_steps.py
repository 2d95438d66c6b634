"""How pictures and sounds are prepared in a project that begins with them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from PIL import Image

from tests.real import pictures
from tests.samples import digit_pictures, masked_digits, real, tones
from workbench.core.document import ColumnUse, Data, Step
from workbench.engine.first_steps import begun
from workbench.engine.loading import raw_of


def begin(source: str, path: Path, **options: object) -> Data:
    data = Data(source, {"path": str(path), **options})
    return begun(data, raw_of(data, Path()))


def steps_of(data: Data, column: str = "image") -> list[str]:
    return [step.op for step in data.columns[column].steps or ()]


def test_digits_keep_their_size_and_are_not_mirrored(tmp_path: Path) -> None:
    data = begin("image_folder", digit_pictures(tmp_path / "digits", 4, (2, 5)))
    assert [data.options[name] for name in ("height", "width", "colour")] == [28, 28, False]
    assert steps_of(data) == ["normalise"]


def test_photos_of_many_sizes_get_a_common_one_and_are_mirrored_and_shifted() -> None:
    data = begin("image_folder", real(pictures.cutouts))
    assert data.options["height"] == data.options["width"] == 96
    assert data.options["colour"]
    assert steps_of(data) == ["normalise", "horizontal_flip", "random_crop"]
    assert begun(data, raw_of(data, Path())) == data


def test_a_photo_whose_number_is_foretold_is_not_mirrored(tmp_path: Path) -> None:
    photos = sorted(real(pictures.cutouts).rglob("*.png"))[:12]
    rows = [f"{photo},{number / 3}" for number, photo in enumerate(photos)]
    (tmp_path / "angles.csv").write_text("\n".join(("file,angle", *rows)))
    assert steps_of(begin("image_table", tmp_path / "angles.csv")) == ["normalise"]


def test_drawings_in_colour_are_not_mirrored(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        for file in digit_pictures(tmp_path / f"grey{name}", 3, (1,)).rglob("*.png"):
            ink = np.asarray(Image.open(file)) > 127
            colours = np.array([(255, 255, 255), (200, 0, 40)], np.uint8)[ink.astype(int)]
            Image.fromarray(colours).save(tmp_path / name / file.name)
    data = begin("image_folder", tmp_path)
    assert data.options["colour"]
    assert steps_of(data) == ["normalise"]


def test_what_was_said_is_kept(tmp_path: Path) -> None:
    path = digit_pictures(tmp_path / "digits", 4, (2, 5))
    data = begin("image_folder", path, height=40)
    assert (data.options["height"], data.options["width"]) == (40, 28)
    said = replace(data, columns={"image": ColumnUse(steps=(Step("rotation"),))})
    assert begun(said, raw_of(said, Path())) == said


def test_masks_follow_their_pictures(tmp_path: Path) -> None:
    data = begin("image_masks", masked_digits(tmp_path / "masked", 6))
    assert (data.options["height"], data.options["colour"]) == (28, False)


@pytest.mark.parametrize(("rate", "kept"), [(8000, 8000), (44100, 16000)])
def test_sounds_become_tones_at_a_rate_and_length_that_suit_them(tmp_path: Path, rate: int, kept: int) -> None:
    root = tones(tmp_path / "tones", 3)
    for file in root.rglob("*.wav"):
        soundfile.write(file, soundfile.read(file)[0].repeat(rate // 8000 + 1), rate)
    data = begin("sound_folder", root)
    assert data.options["rate"] == kept
    assert 0.2 <= data.options["seconds"] <= 0.5
    tone, normalise = data.columns["audio"].steps or ()
    assert (tone.op, tone.settings["n_fft"], tone.settings["hop"]) == ("log_mel", kept // 40, kept // 100)
    assert normalise.op == "normalise"


def test_files_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    path = digit_pictures(tmp_path / "digits", 4, (2, 5))
    for file in path.rglob("*.png"):
        file.write_bytes(b"rubbish")
    assert begin("image_folder", path).columns == {}
