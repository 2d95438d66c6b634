"""Samples with their targets and a model's answers, as people look at them: texts, or pictures side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.messages import Decoding, Shown
from workbench.engine.answer_pictures import palette, pixels_of
from workbench.engine.answers import ModelOutput, read
from workbench.engine.columns.base import Column
from workbench.engine.compile import Goal
from workbench.engine.decoding import Numbers, Tokens, all_written
from workbench.engine.losses import IGNORED
from workbench.engine.preprocess import ImageInput, TextInput, text_of
from workbench.engine.trained import Trained
from workbench.engine.writing import marks_of

TEXTS, PICTURES = 20, 12
"""So many samples are shown."""
MORE = 1.5
"""A text that is written may become so much longer than the longest that is right."""
PADDING = 0

Batch = tuple[Sequence[Tensor], Sequence[Tensor], Sequence[Tensor], Sequence[int]]
"""Inputs, outputs and targets of some samples, and their rows in the data."""


@dataclass(frozen=True)
class Writer:
    """A trained network that writes for one of its outputs."""

    trained: Trained
    goal: Goal

    @property
    def _column(self) -> Column:
        name = self.trained.back(self.goal)
        assert name is not None
        return self.trained.data.loaded.columns[name]

    def text(self, tokens: Sequence[int]) -> str:
        """Tokens as text, up to what ends it or does not count."""
        end = marks_of(self.goal.column.classes).end
        stop = next((at for at, token in enumerate(tokens) if token in (end, IGNORED)), len(tokens))
        spec, kept = self._column.preprocessing, tokens[:stop]
        if isinstance(spec, TextInput):
            return text_of(kept, spec)
        return "".join(self.goal.column.classes[token] for token in kept)

    def written(self, inputs: Sequence[Tensor], begin: int, length: int) -> list[list[int]]:
        """What it writes, always the likeliest token, behind the first `begin` tokens of what it has read so far."""
        names = self.trained.data.input_names(self.trained.network)
        place, output = names.index(self._column.name), self.trained.goals.index(self.goal)
        size = self._column.shape[0]
        limit = size if isinstance(size, int) else None

        def following(tokens: Tokens) -> Numbers:
            kept = torch.from_numpy(tokens[:, -limit:] if limit else tokens)
            filled = torch.nn.functional.pad(kept, (0, limit - kept.shape[1]), value=PADDING) if limit else kept
            given = [filled if at == place else tensor for at, tensor in enumerate(inputs)]
            found: Numbers = self.trained.network(*given)[output][:, kept.shape[1] - 1].numpy()
            return found

        marks = marks_of(self.goal.column.classes)
        return all_written(following, inputs[place][:, :begin].numpy(), marks, Decoding(length=length))

    def shown(self, inputs: Sequence[Tensor], targets: Tensor) -> list[Shown]:
        """Beginnings, how they go on, and how the model goes on; or sources, and what belongs to them."""
        names = self.trained.data.input_names(self.trained.network)
        read_so_far = inputs[names.index(self._column.name)]
        if self.goal.task.info.key == "sequence":
            others = [name for name in names if name != self._column.name]
            sources = inputs[names.index(others[0])] if others else read_so_far
            texts = _texts(self.trained.data.loaded.columns[others[0]], sources) if others else [""] * len(sources)
            begin, length = 1, round(targets.shape[1] * MORE) + 2
        else:
            begin = max(1, int((targets != IGNORED).sum(1).min()) // 2)
            texts = [self.text(row) for row in read_so_far[:, :begin].tolist()]
            targets, length = targets[:, begin - 1 :], targets.shape[1] - begin + 1
        answers = self.written(inputs, begin, length)
        rows = zip(texts, targets.tolist(), answers, strict=True)
        return [Shown(text, self.text(target), self.text(answer)) for text, target, answer in rows]


def shown(trained: Trained, goal: Goal, batch: Batch) -> list[Shown]:
    """Some samples as texts."""
    inputs, outputs, targets, rows = ([part[:TEXTS] for part in batch[0]], batch[1], batch[2], batch[3])
    place = trained.goals.index(goal)
    aims = targets[place][:TEXTS]
    if goal.task.writes:
        return Writer(trained, goal).shown(inputs, aims) if trained.back(goal) else []
    meant = ModelOutput("", goal.column.name, goal.task.info.key, goal.column.classes, *_settings(trained, goal))
    names = trained.data.input_names(trained.network)
    said = next((at for at, name in enumerate(names) if trained.data.loaded.columns[name].kind == "tokens"), None)
    told = _texts(trained.data.loaded.columns[names[said]], inputs[said]) if said is not None else None
    found = []
    for at, (numbers, aim) in enumerate(zip(outputs[place][:TEXTS], aims, strict=True)):
        counted = aim != IGNORED if goal.column.kind == "labels" else None
        answer = read((numbers if counted is None else numbers[counted]).numpy(), meant).answer
        right = _target(aim if counted is None else aim[counted], goal)
        found.append(Shown(told[at] if told else str(rows[at] + 1), _listed(right), _listed(answer)))
    return found


def _settings(trained: Trained, goal: Goal) -> tuple[float, str]:
    settings = trained.data.study.flat.nodes[goal.path].node.settings
    return settings.get("threshold", 0.5), settings.get("loss", "default")


def _target(aim: Tensor, goal: Goal) -> object:
    names = goal.column.classes
    match goal.column.kind:
        case "label":
            return names[int(aim)] if int(aim) >= 0 else ""
        case "labels":
            return [names[at] for at in aim.tolist()]
        case "tags":
            return [name for name, there in zip(names, aim.tolist(), strict=True) if there >= 0.5]
        case _:
            return aim.flatten().tolist()


def _listed(value: object) -> str:
    if isinstance(value, list):
        return " ".join(f"{item:.4g}" if isinstance(item, float) else str(item) for item in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _texts(column: Column, tokens_BT: Tensor) -> list[str]:
    spec = column.preprocessing
    if not isinstance(spec, TextInput):
        return [""] * len(tokens_BT)
    return [
        text_of([token for token in row if token != PADDING or not _pads(spec)], spec) for row in tokens_BT.tolist()
    ]


def _pads(spec: TextInput) -> bool:
    """The number 0 is padding: not so where texts are windows of letters, all of one length."""
    return not spec.characters


def pictures(trained: Trained, goal: Goal, batch: Batch) -> NDArray[np.uint8] | None:
    """Some samples as pictures, (samples, 2 or 3, height, width, 3): input, target, answer; None for others."""
    if goal.column.kind not in ("mask", "image"):
        return None
    columns = [trained.data.loaded.columns[name] for name in trained.data.input_names(trained.network)]
    own = goal.column.name if goal.column.kind == "image" else None
    place = next((at for at, c in enumerate(columns) if c.kind == "image" and own in (None, c.name)), None)
    spec = columns[place].preprocessing if place is not None else trained.data.loaded.columns[str(own)].preprocessing
    if place is None or not isinstance(spec, ImageInput):
        return None
    at = trained.goals.index(goal)
    inputs, outputs, targets = (part[:PICTURES] for part in (batch[0][place], batch[1][at], batch[2][at]))
    found = []
    for picture, numbers, aim in zip(inputs, outputs, targets, strict=True):
        first = pixels_of(picture.numpy(), spec)
        if goal.column.kind == "image":
            rebuilt = numbers.sigmoid() if _settings(trained, goal)[1] == "bce" else numbers
            found.append([first, pixels_of(rebuilt.numpy(), spec)])
            continue
        if first.shape[:2] != tuple(aim.shape):
            return None
        colours = palette(len(goal.column.classes))
        right = np.where((aim == IGNORED)[..., None].numpy(), 128, colours[aim.clamp_min(0).numpy()])
        found.append([first, right, colours[numbers.argmax(0).numpy()]])
    return np.array(found, np.uint8)
