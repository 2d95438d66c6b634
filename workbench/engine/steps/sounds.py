"""Steps of sounds: what a network reads of them, and what is changed at random in training."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

from workbench.engine.preprocess import AudioInput
from workbench.engine.registry import Setting
from workbench.engine.steps.base import StepKind, step
from workbench.engine.steps.changing import RandomStep, Taken, chosen, uniform
from workbench.engine.steps.geometry import SHARE
from workbench.engine.steps.pictures import PREPARE

LOUDEST = 32767
SOUND = "Sound"


class SoundPreparation(StepKind):
    """A step that changes how sounds are prepared, for training and for answers alike."""

    @abstractmethod
    def prepare(self, spec: AudioInput) -> AudioInput:
        """What it makes of a description."""


@step("resample", "Rate and length", PREPARE, kinds=("audio",))
@dataclass(frozen=True)
class Resample(SoundPreparation):
    """Bring all sounds to one rate and length, with one channel; longer ones are cut, shorter ones end in silence."""

    rate: Annotated[int, Setting(1000, 192000, unit="Hz")] = 16000
    seconds: Annotated[float, Setting(0.05, 600.0, unit="s")] = 1.0

    def prepare(self, spec: AudioInput) -> AudioInput:
        """Another rate and length."""
        return replace(spec, rate=self.rate, samples=max(spec.n_fft, round(self.rate * self.seconds)))


@step("log_mel", "Tones (log-mel)", PREPARE, kinds=("audio",))
@dataclass(frozen=True)
class LogMel(SoundPreparation):
    """How strong each tone is in each moment: log(mel |STFT|² + 1e-6).

    Moments overlap: each is so many samples long (window) and begins so many after the one before (hop).
    """

    mels: Annotated[int, Setting(4, 512, label="Tones")] = 64
    n_fft: Annotated[int, Setting(16, 16384, label="Window", unit="samples")] = 400
    hop: Annotated[int, Setting(1, 16384, unit="samples")] = 160

    def prepare(self, spec: AudioInput) -> AudioInput:
        """Other tones and moments."""
        samples = max(spec.samples, self.n_fft)
        return replace(spec, reads="log_mel", mels=self.mels, n_fft=self.n_fft, hop=self.hop, samples=samples)


@step("waveform", "Waveform", PREPARE, kinds=("audio",))
@dataclass(frozen=True)
class Waveform(SoundPreparation):
    """The samples themselves, from -1 to 1, as one channel: for networks that find tones for themselves."""

    def prepare(self, spec: AudioInput) -> AudioInput:
        """1 × samples."""
        return replace(spec, reads="waveform")


def _put(taken: Taken, rows: Tensor, new: Tensor) -> None:
    """Samples are held as 16 bits."""
    limited = new.round().clamp_(-LOUDEST, LOUDEST).to(taken.values.dtype)
    taken.values = taken.values.index_copy(0, rows, limited)


@step("gain", "Loudness", SOUND, kinds=("audio",), random=True)
@dataclass(frozen=True)
class Gain(RandomStep):
    """Make a sound louder or softer."""

    decibels: Annotated[float, Setting(0.0, 60.0, unit="dB", help="At most so much, either way")] = 6.0
    probability: Annotated[float, SHARE] = 1.0

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Samples."""
        rows = chosen(dice, len(taken.values), self.probability)
        factors = 10 ** (uniform(dice, -self.decibels, self.decibels, len(rows)) / 20)
        _put(taken, rows, taken.values[rows].float() * factors[:, None])


@step("noise", "Noise", SOUND, kinds=("audio",), random=True)
@dataclass(frozen=True)
class Noise(RandomStep):
    """Add white noise, so many decibels below the sound."""

    least: Annotated[float, Setting(-20.0, 100.0, unit="dB", label="Loudest noise")] = 10.0
    most: Annotated[float, Setting(-20.0, 100.0, unit="dB", label="Softest noise")] = 40.0
    probability: Annotated[float, SHARE] = 0.5

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Samples."""
        rows = chosen(dice, len(taken.values), self.probability)
        waves = taken.values[rows].float()
        low, high = sorted((self.least, self.most))
        below = 10 ** (-uniform(dice, low, high, len(rows)) / 20)
        loudness = waves.square().mean(1).sqrt() * below
        noise = torch.from_numpy(dice.standard_normal(tuple(waves.shape), np.float32))
        _put(taken, rows, waves + noise * loudness[:, None])


@step("time_shift", "Shift in time", SOUND, kinds=("audio",), random=True)
@dataclass(frozen=True)
class TimeShift(RandomStep):
    """Let a sound begin earlier or later; silence comes in."""

    share: Annotated[float, Setting(0.0, 1.0, help="At most so much of the length")] = 0.1
    probability: Annotated[float, SHARE] = 1.0

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """Samples."""
        rows = chosen(dice, len(taken.values), self.probability)
        length = taken.values.shape[1]
        most = int(self.share * length)
        shifts = torch.from_numpy(dice.integers(-most, most + 1, len(rows)))
        places = torch.arange(length) - shifts[:, None]
        moved = taken.values[rows].gather(1, places.clamp(0, length - 1))
        outside = (places < 0) | (places >= length)
        taken.values = taken.values.index_copy(0, rows, moved.masked_fill_(outside, 0))


@step("spec_augment", "SpecAugment", SOUND, kinds=("audio",), random=True)
@dataclass(frozen=True)
class SpecAugment(RandomStep):
    """Blank out bands of tones and stretches of time (Park and others, 2019); what is blank gets the sound's mean."""

    tones: Annotated[int, Setting(0, 512, help="Widest band")] = 12
    bands: Annotated[int, Setting(0, 10, help="How many bands of tones")] = 2
    moments: Annotated[int, Setting(0, 10000, help="Longest stretch, in frames")] = 20
    stretches: Annotated[int, Setting(0, 10, help="How many stretches of time")] = 2

    finished: ClassVar[bool] = True

    def change(self, taken: Taken, dice: np.random.Generator) -> None:
        """(batch, mels, frames) as the network reads it."""
        count, mels, frames = taken.values.shape
        blank = torch.zeros(count, mels, frames, dtype=torch.bool)
        for _ in range(self.bands):
            blank |= _stretch(dice, count, mels, self.tones)[:, :, None]
        for _ in range(self.stretches):
            blank |= _stretch(dice, count, frames, self.moments)[:, None, :]
        taken.values = torch.where(blank, taken.values.mean((1, 2), keepdim=True), taken.values)


def _stretch(dice: np.random.Generator, count: int, length: int, most: int) -> Tensor:
    """(count, length): a stretch of up to `most` places, anywhere."""
    sizes = torch.from_numpy(dice.integers(0, min(most, length) + 1, count))
    starts = (uniform(dice, 0, 1, count) * (length - sizes + 1)).long()
    places = torch.arange(length)
    return (places >= starts[:, None]) & (places < (starts + sizes)[:, None])
