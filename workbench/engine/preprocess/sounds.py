"""Sounds as what a network reads: samples of one rate and length, or how strong each tone is in each moment."""

from functools import lru_cache
from math import ceil, gcd
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from msgspec import Struct
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Samples = NDArray[np.int16]
Reads = Literal["log_mel", "waveform"]

FULL = 32767.0
"""What the loudest sample is held as."""
LOUDEST = 16.0
"""Times full loudness: what a damaged file says beyond is no sound."""
FAINTEST = 1e-6
"""Added to powers before their logarithm: silence is a number too."""
ZEROS, ROLLOFF = 16, 0.95
"""Of the filter for another rate: how many zeros its sinc has on either side, and which part of the band it keeps."""


class AudioInput(Struct, frozen=True, tag="audio"):
    """Sounds as mels × frames: the logarithm of the power of each tone; or as 1 × samples."""

    rate: int = 16000
    """Samples a second."""
    samples: int = 16000
    """Longer sounds are cut at their end, shorter ones followed by silence."""
    reads: Reads = "log_mel"
    n_fft: int = 400
    hop: int = 160
    mels: int = 64
    low: float = 0.0
    """Hertz of the lowest tone."""
    high: float = 0.0
    """Hertz of the highest; 0: half the rate."""
    mean: float = 0.0
    std: float = 1.0
    """What is read is (value - mean) / std."""

    @property
    def shape(self) -> tuple[int, int]:
        """Of one sample as the network reads it."""
        return (self.mels, 1 + self.samples // self.hop) if self.reads == "log_mel" else (1, self.samples)


def sound(path: Path | str, spec: AudioInput) -> Samples:
    """A file as (samples,): all channels as one, at the rate and of the length.

    Raises:
        soundfile.SoundFileError: it is no sound, or damaged.
        ValueError: it holds no samples, or some that are no numbers.
    """
    with soundfile.SoundFile(str(path)) as file:
        rate = int(file.samplerate)
        needed = ceil(spec.samples * rate / spec.rate) + rate  # a second more, for the filter
        channels: Floats = file.read(needed, dtype="float32", always_2d=True)
    if not len(channels):
        raise ValueError("it holds no samples")
    if not np.isfinite(channels).all():
        raise ValueError("it holds samples that are no numbers")
    mono = resampled(np.clip(channels, -LOUDEST, LOUDEST).mean(1, dtype=np.float32), rate, spec.rate)[: spec.samples]
    held = np.zeros(spec.samples, np.int16)
    held[: len(mono)] = np.clip(np.rint(mono * FULL), -FULL, FULL)
    return held


def resampled(samples: Floats, old: int, new: int) -> Floats:
    """Samples at another rate: polyphase filtering by a sinc under a Hann window.

    Julius O. Smith, *Digital Audio Resampling*, as torchaudio does it; about as many zeros make it as good as SoX.
    """
    if old == new or not len(samples):
        return samples
    common = gcd(old, new)
    step, phases = old // common, new // common
    kernel, reach = _phases(step, phases)
    padded = np.pad(samples, (reach, reach + step))
    windows = sliding_window_view(padded, kernel.shape[1])[::step]
    found: Floats = (windows @ kernel.T).reshape(-1)[: ceil(len(samples) * phases / step)]
    return found


@lru_cache(maxsize=16)
def _phases(step: int, phases: int) -> tuple[Floats, int]:
    """(phases, taps): the filter of each new sample among those that fall on `step` old ones, and its reach."""
    cut = min(step, phases) * ROLLOFF
    reach = ceil(ZEROS * step / cut)
    places = np.arange(-reach, reach + step)[None] / step - np.arange(phases)[:, None] / phases
    at = np.clip(places * cut, -ZEROS, ZEROS)
    window = np.cos(at * np.pi / ZEROS / 2) ** 2
    return (np.sinc(at) * window * cut / step).astype(np.float32), reach


def sounds_ready(samples_BT: Samples, spec: AudioInput) -> Floats:
    """(count, samples) as what the network reads."""
    waves = samples_BT.astype(np.float32) / np.float32(FULL)
    found = log_mel(waves, spec) if spec.reads == "log_mel" else waves[:, None]
    ready: Floats = ((found - np.float32(spec.mean)) / np.float32(spec.std)).astype(np.float32)
    return ready


def log_mel(waves_BT: Floats, spec: AudioInput) -> Floats:
    """(count, mels, frames): log(mel |STFT|² + 1e-6), the natural logarithm.

    Frames of `n_fft` samples under a periodic Hann window begin every `hop`; the sound is mirrored at its ends, so
    that frame t is centred at sample t · hop, as `torch.stft` with `center=True`.
    """
    half = spec.n_fft // 2
    padded = np.pad(waves_BT, ((0, 0), (half, half)), "reflect")
    frames = sliding_window_view(padded, spec.n_fft, axis=1)[:, :: spec.hop]
    power = np.abs(np.fft.rfft(frames * hann(spec.n_fft))).astype(np.float32) ** 2
    found: Floats = np.log(power @ filters(spec).T + np.float32(FAINTEST)).transpose(0, 2, 1)
    return found


def hann(length: int) -> Floats:
    """A periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


@lru_cache(maxsize=16)
def filters(spec: AudioInput) -> Floats:
    """(mels, n_fft // 2 + 1): triangles over frequencies whose corners are evenly spaced in mel.

    mel = 2595 log10(1 + hertz / 700), as HTK has it (Young and others, *The HTK Book*).
    """
    highest = min(spec.high or spec.rate / 2, spec.rate / 2)
    corners = 700 * (10 ** (np.linspace(_mel(spec.low), _mel(highest), spec.mels + 2) / 2595) - 1)
    hertz = np.linspace(0, spec.rate / 2, spec.n_fft // 2 + 1)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    up, down = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    return np.maximum(0, np.minimum(up, down)).astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
