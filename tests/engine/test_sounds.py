"""Sounds as they are read, prepared and changed: against torch, against known signals, on real recordings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from tests.real import sounds as real_sounds
from tests.samples import real, tones
from workbench.core.document import ColumnUse, Data, Step
from workbench.core.problems import Problem
from workbench.engine.columns.base import Loaded
from workbench.engine.columns.sounds import ready
from workbench.engine.feed import Feed
from workbench.engine.loading import forget, load
from workbench.engine.preprocess import AudioInput
from workbench.engine.preprocess.sounds import FULL, filters, resampled, sound, sounds_ready
from workbench.engine.samples import samples
from workbench.engine.steps import STEPS
from workbench.engine.steps.changing import RandomStep, Taken

RANDOM = {key: cls for key, cls in STEPS.items() if cls.info.random and cls.info.kinds == ("audio",)}


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """What is decoded goes into the test's own cache."""


def anew(path: Path, *steps: Step, source: str = "sound_folder", **options: Any) -> Loaded:
    forget()
    columns = {"audio": ColumnUse(steps=steps)} if steps else {}
    return load(Data(source, {"path": str(path), **options}, columns=columns), Path())


@pytest.mark.parametrize(("old", "new"), [(44100, 16000), (8000, 16000), (48000, 16000), (16000, 22050), (11025, 8000)])
def test_a_tone_is_the_same_tone_at_another_rate(old: int, new: int) -> None:
    seconds = np.arange(old) / old, np.arange(new) / new
    before, after = (sum(np.sin(2 * np.pi * hertz * t + hertz) for hertz in (90, 800, 2900)) / 3 for t in seconds)
    found = resampled(before.astype(np.float32), old, new)
    assert len(found) == new
    inner = slice(new // 50, -new // 50)
    error = found[inner] - after[inner]
    assert np.sqrt(np.mean(error**2)) < 2e-3  # 51 dB below the signal
    assert np.array_equal(resampled(found, new, new), found)


def test_what_cannot_be_heard_at_a_lower_rate_is_filtered_out() -> None:
    high = np.sin(2 * np.pi * 6000 * np.arange(16000) / 16000).astype(np.float32)
    assert np.abs(resampled(high, 16000, 8000)[200:-200]).max() < 0.01


@pytest.mark.parametrize("spec", [AudioInput(), AudioInput(8000, 4000, n_fft=256, hop=100, mels=32, low=60, high=3500)])
def test_log_mel_without_torch_is_that_of_torch(spec: AudioInput) -> None:
    files = sorted(real(real_sounds.digits).rglob("*.ogg"))[:12]
    held = np.stack([sound(file, spec) for file in files])
    ours, theirs = sounds_ready(held, spec), ready(spec, torch.from_numpy(held)).numpy()
    assert ours.shape == (12, *spec.shape)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert np.abs(ours - theirs).mean() < 1e-5


def test_a_tone_is_strongest_where_it_is() -> None:
    spec = AudioInput(mels=40)
    wave = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    found = sounds_ready((wave * FULL).astype(np.int16)[None], spec)[0]
    hertz = np.linspace(0, 8000, spec.n_fft // 2 + 1)
    middle = hertz[filters(spec)[int(found.mean(1).argmax())].argmax()]
    assert abs(middle - 1000) < 120


def test_spoken_digits_are_read(tmp_path: Path) -> None:
    loaded = anew(real(real_sounds.digits), seconds=0.8)
    column = loaded.columns["audio"]
    assert column.shape == (64, 81)
    assert len(loaded.columns["label"].classes) == 10
    train = column.ready(torch.from_numpy(loaded.splits["train"]))
    assert abs(float(train.mean())) < 0.01
    assert abs(float(train.std()) - 1) < 0.01
    assert loaded.problems == []


def test_labels_of_sounds_in_a_table() -> None:
    loaded = anew(real(real_sounds.digits) / "labels.csv", source="sound_table", seconds=0.5)
    assert loaded.columns["digit"].classes[0] == "eight"
    assert loaded.columns["audio"].shape == (64, 51)


def test_a_file_is_prepared_for_an_answer_as_for_training(tmp_path: Path) -> None:
    folder = tones(tmp_path / "t", 8)
    column = anew(folder, rate=6000, seconds=0.3).columns["audio"]
    spec = column.preprocessing
    assert isinstance(spec, AudioInput)
    (found,) = samples((str(folder / "1500" / "000.wav"),), {"audio": spec})
    assert not isinstance(found, Problem)
    np.testing.assert_allclose(found.arrays["audio"], column.ready(slice(0, 1))[0].numpy(), atol=2e-3)
    (folder / "500" / "bad.wav").write_bytes(b"rubbish")
    codes = [
        item.code
        for name in ("bad.wav", "gone.wav", "")
        for item in samples((str(folder / "500" / name),), {"audio": spec})
        if isinstance(item, Problem)
    ]
    assert codes[:2] == ["predict.no_sound", "file.unreadable"]
    assert len(codes) == 3


def test_waveforms_and_other_tones(tmp_path: Path) -> None:
    folder = tones(tmp_path / "t", 8)
    plain = Step("normalise", {"by": "given", "mean": 0.0, "std": 1.0})
    waves = anew(folder, Step("resample", {"rate": 8000, "seconds": 0.25}), Step("waveform"), plain)
    column = waves.columns["audio"]
    assert column.shape == (1, 2000)
    known, _ = soundfile.read(folder / "1500" / "000.wav", dtype="float32")
    np.testing.assert_allclose(column.ready(slice(0, 1))[0, 0, :1600].numpy(), known, atol=1e-4)
    assert not column.ready(slice(0, 1))[0, 0, 1600:].any()
    tones_of = Step("log_mel", {"mels": 20, "n_fft": 256, "hop": 128})
    other = anew(folder, Step("resample", {"rate": 8000, "seconds": 0.5}), tones_of)
    assert other.columns["audio"].shape == (20, 32)


def test_damaged_sounds_of_any_kind_are_named_and_never_fatal(tmp_path: Path) -> None:
    folder = tones(tmp_path / "t", 4)
    wave = np.sin(np.arange(8000) / 9).astype(np.float32) / 2
    dice = np.random.default_rng(0)
    count = 0
    for kind, form in (("wav", "PCM_16"), ("wav", "FLOAT"), ("flac", "PCM_16"), ("ogg", "VORBIS"), ("aiff", "PCM_24")):
        file = folder / f"whole.{kind}"
        soundfile.write(file, wave, 16000, subtype=form)
        content = file.read_bytes()
        file.unlink()
        for number in range(20):
            damaged = bytearray(content)
            for place in dice.integers(0, len(damaged), 6):
                damaged[place] = int(dice.integers(256))
            cut = int(dice.integers(1, len(damaged)))
            (folder / "1500" / f"{form}{number}.{kind}").write_bytes(damaged[:cut])
            count += 1
    (folder / "1500" / "notes.txt").write_text("no sound")
    soundfile.write(folder / "1500" / "empty.wav", wave[:0], 16000)
    loaded = anew(folder, rate=8000, seconds=0.25)
    (problem,) = loaded.problems
    assert problem.code == "data.skipped_files"
    assert sum(map(len, loaded.splits.values())) + problem.args["count"] == 8 + count + 2
    assert loaded.columns["audio"].ready(slice(None)).isfinite().all()


def recordings() -> Taken:
    spec = AudioInput(samples=8000)
    files = sorted(real(real_sounds.digits).rglob("*.ogg"))[:16]
    return Taken(torch.from_numpy(np.stack([sound(file, spec) for file in files])))


@pytest.mark.parametrize("key", RANDOM)
def test_one_seed_gives_one_batch(key: str) -> None:
    step = RANDOM[key]()
    assert isinstance(step, RandomStep)
    spec = AudioInput(samples=8000)

    def changed(seed: int) -> torch.Tensor:
        taken = recordings()
        if step.finished:
            taken.values = ready(spec, taken.values)
        before = taken.values.clone()
        held = taken.values
        step.change(taken, np.random.default_rng(seed))
        assert torch.equal(held, before)
        assert (taken.values.shape, taken.values.dtype) == (before.shape, before.dtype)
        return taken.values

    assert torch.equal(changed(1), changed(1))
    assert not torch.equal(changed(1), changed(2))


def test_sounds_are_changed_in_training_alone(tmp_path: Path) -> None:
    loaded = anew(
        tones(tmp_path / "t", 10), Step("time_shift"), Step("noise"), Step("spec_augment"), Step("mixup", off=True)
    )
    columns = list(loaded.columns.values())
    rows = torch.from_numpy(loaded.splits["train"])
    feed = Feed(columns, rows, 4, torch.device("cpu"), loaded.augmentation)
    batches = list(feed.epoch(None, seed=3))
    assert batches[0][0].shape == (4, 64, 101)
    again = list(feed.epoch(None, start=1, seed=3))
    assert torch.equal(batches[1][0], again[0][0])
    assert not torch.equal(batches[0][0], columns[0].ready(rows[:4]))
