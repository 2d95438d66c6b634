"""Sounds: (mels, frames) or (1, samples), held as 16-bit samples."""

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
import soundfile
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.columns.base import INPUTS, Column, Making
from workbench.engine.columns.decoding import Decoding
from workbench.engine.columns.values import Held, take
from workbench.engine.preprocess import AudioInput
from workbench.engine.preprocess.sounds import FAINTEST, FULL, filters, sound
from workbench.engine.raw import Files, RawColumn, Report
from workbench.engine.steps.base import StepKind, steps_of
from workbench.engine.steps.pictures import Normalise
from workbench.engine.steps.sounds import SoundPreparation

UNREADABLE = (OSError, soundfile.SoundFileError, ValueError)
"""What is raised for a file that is no sound, or a damaged one."""
FITTED = 2000
"""Sounds of the training split that a mean and a deviation are fitted to, evenly spread, where there are more."""
TOGETHER = 128
"""Sounds that are turned into tones at once: the memory that it takes does not depend on how many there are."""


class Sounds:
    """Files of sounds."""

    together = False

    def make(self, making: Making) -> list[Column]:
        """Decoded when they are asked for. A file that is no sound is damaged, and its row left out."""
        raw = making.only
        steps = steps_of(making.steps.get(raw.name) or (), raw.name, "audio")
        spec = prepared_as(raw, steps)
        normalise = next((step for step in steps if isinstance(step, Normalise)), None)
        if normalise is not None and normalise.by == "given":
            spec = replace(spec, mean=normalise.mean, std=normalise.std)
        damaged: dict[int, str] = {}
        wide = max(1, 2 * spec.shape[0] * spec.shape[1] // spec.samples)
        column = Column(raw.name, "audio", spec.shape, partial(_held, raw, spec, damaged), wide=wide, damaged=damaged)

        def fitted(report: Report) -> Held:
            held = _held(raw, spec, damaged, report)
            _prepare(column, _normalised(spec, held, np.setdiff1d(making.train, list(damaged))))
            return held

        _prepare(column, spec)
        if normalise is None or normalise.by != "given":
            column.make = fitted
        return [column]


def prepared_as(raw: RawColumn, steps: Sequence[StepKind] = ()) -> AudioInput:
    """How the source and the steps want sounds."""
    spec = raw.preprocessing if isinstance(raw.preprocessing, AudioInput) else AudioInput()
    for step in steps:
        if isinstance(step, SoundPreparation):
            spec = step.prepare(spec)
    return spec


def _prepare(column: Column, spec: AudioInput) -> None:
    column.preprocessing, column.finisher = spec, partial(ready, spec)


def _held(raw: RawColumn, spec: AudioInput, damaged: dict[int, str], report: Report) -> Held:
    files = raw.values
    assert isinstance(files, Files)
    key = "sound", spec.rate, spec.samples
    return Decoding(files, (spec.samples,), torch.int16, partial(sound, spec=spec), UNREADABLE, key).held(
        damaged, report
    )


def _normalised(spec: AudioInput, held: Held, train: NDArray[np.int64]) -> AudioInput:
    """Mean 0 and deviation 1 over all tones and moments of the training split."""
    if not len(train):
        return spec
    found = ready(spec, take(held, torch.from_numpy(train[:: -(-len(train) // FITTED)])))
    return replace(spec, mean=float(found.double().mean()), std=float(found.double().std()) or 1.0)


def ready(spec: AudioInput, samples_BT: Tensor) -> Tensor:
    """(batch, samples) as the network reads them; what is so already stays as it is."""
    if samples_BT.ndim == 3:
        return samples_BT
    parts = [_ready(spec, some) for some in torch.split(samples_BT, TOGETHER)]
    return torch.cat(parts) if parts else torch.zeros(0, *spec.shape)


def _ready(spec: AudioInput, samples_BT: Tensor) -> Tensor:
    waves = samples_BT.float() / FULL
    if spec.reads == "waveform":
        found = waves[:, None]
    else:
        spectrum = torch.stft(
            waves, spec.n_fft, spec.hop, window=torch.hann_window(spec.n_fft), center=True, return_complex=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        found = (_filters(spec) @ power + FAINTEST).log_()
    return (found - spec.mean) / spec.std


@lru_cache(maxsize=16)
def _filters(spec: AudioInput) -> Tensor:
    return torch.from_numpy(filters(spec))


INPUTS.add("audio")(Sounds())
