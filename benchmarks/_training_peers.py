"""The same training as a bare loop, as the usual script, with Keras 3 and with accelerate, in turns: JSON.

`python -m benchmarks._training_peers MODEL THREADS SECONDS SEED PEER ...`. All train the same module of torch with the
optimiser, the learning rate and the batches of the document, and measure it on the validation split after each epoch,
as a job does; what differs is how.

- `loop`: a bare loop over tensors that are held ready, with the fused optimiser. Texts are held ready in batches of
  like length, padded.
- `script`: a Dataset that prepares one sample, a DataLoader, `loss.item()` in each step; `script2` with two workers.
- `keras`: the module as a layer of Keras 3 on its torch backend, `fit` over arrays that are held ready.
- `accelerate`: tensors that are held ready in a DataLoader, prepared by an `Accelerator`.
"""

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset

from benchmarks._training_models import MODELS
from workbench.core.document import Training
from workbench.engine.columns.values import Ragged
from workbench.engine.data import bound
from workbench.engine.preprocess import ImageInput

EXTRA = {"keras": "keras", "accelerate": "accelerate"}
"""What some peers need, of the extra `bench`."""
AT_ONCE = 256
"""Samples of a batch from which nothing is learned, as in a job."""


def there(peer: str) -> bool:
    """What a peer needs is installed."""
    return peer not in EXTRA or importlib.util.find_spec(EXTRA[peer]) is not None


Inputs = Tensor | list[Tensor]
"""As the network reads them; texts are one tensor each, not yet padded."""
Batch = tuple[Tensor, Tensor]
Ended = Callable[[float], bool]
"""Told the accuracy on the validation split after each epoch; says whether it is enough."""


@dataclass(frozen=True)
class Part:
    """The samples of a split."""

    x: Inputs
    y: Tensor
    pixels: Tensor | None = None
    """Pictures as bytes, where the usual script prepares each."""

    def first(self, count: int) -> "Part":
        """The first ones."""
        return Part(self.x[:count], self.y[:count], None if self.pixels is None else self.pixels[:count])


@dataclass(frozen=True)
class Task:
    """What is to be done."""

    module: Callable[[], nn.Module]
    training: Training
    train: Part
    validation: Part
    image: ImageInput | None

    def optimizer(self, module: nn.Module, fused: bool | None = None) -> torch.optim.Optimizer:
        """That of the document."""
        rate = self.training.learning_rate
        if self.training.optimizer == "sgd":
            return torch.optim.SGD(module.parameters(), rate, momentum=self.training.momentum, fused=fused)
        assert self.training.optimizer == "adam"
        return torch.optim.Adam(module.parameters(), rate, fused=fused)

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return -(-len(self.train.y) // self.training.batch_size)


def task(name: str) -> Task:
    """A model with its data, prepared as the document says."""
    model = MODELS[name]
    document = model.document()
    data = bound(document, Path())
    target = next(column for column in data.loaded.columns.values() if column.classes)
    source = next(column for column in data.loaded.columns.values() if column is not target)
    image = source.preprocessing if model.is_picture else None
    assert image is None or isinstance(image, ImageInput)

    def part(split: str) -> Part:
        rows = torch.from_numpy(data.splits[split])
        labels, held = target.ready(rows), source.held()
        if isinstance(held, Ragged):
            return Part([source.ready(row[None])[0] for row in rows], labels)
        return Part(source.ready(rows), labels, source.take(rows) if image else None)

    return Task(model.module, document.training, part("train"), part("validation"), image)


def _batches(part: Part, size: int) -> list[Batch]:
    """Texts of like length, padded to the longest of each batch."""
    assert isinstance(part.x, list)
    order = sorted(range(len(part.x)), key=lambda row: len(part.x[row]))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    return [(pad_sequence([part.x[row] for row in rows], batch_first=True), part.y[rows]) for rows in groups]


def _ready(part: Part, size: int) -> Callable[[bool], Iterator[Batch]]:
    """The batches of an epoch, in another order each time where that is wanted."""
    if isinstance(part.x, list):
        held = _batches(part, size)
        return lambda shuffled: (
            held[at] for at in (torch.randperm(len(held)).tolist() if shuffled else range(len(held)))
        )

    def epoch(shuffled: bool) -> Iterator[Batch]:
        assert isinstance(part.x, Tensor)
        order = torch.randperm(len(part.y)) if shuffled else None
        for start in range(0, len(part.y), size):
            at = slice(start, start + size) if order is None else order[start : start + size]
            yield part.x[at], part.y[at]

    return epoch


@torch.no_grad()
def _accuracy(module: nn.Module, batches: Iterator[Batch] | DataLoader[Any]) -> float:
    """Loss and accuracy are measured, as a job measures them."""
    loss_function, right, count = nn.CrossEntropyLoss(), 0.0, 0
    module.eval()
    for x, y in batches:
        out = module(x)
        float(loss_function(out, y))
        right += float((out.argmax(1) == y).float().sum())
        count += len(y)
    return right / count


def loop(task: Task, ended: Ended) -> None:
    """The bare loop."""
    module = task.module()
    optimizer, loss_function = task.optimizer(module, fused=True), nn.CrossEntropyLoss()
    train, validation = _ready(task.train, task.training.batch_size), _ready(task.validation, AT_ONCE)
    accuracy = 0.0
    while not ended(accuracy):
        module.train()
        for x, y in train(True):
            optimizer.zero_grad()
            loss_function(module(x), y).backward()
            optimizer.step()
        accuracy = _accuracy(module, validation(False))


class _Samples(Dataset[tuple[Tensor, int]]):
    """One sample at a time: pictures through Pillow and transforms, others as they are."""

    def __init__(self, part: Part, image: ImageInput | None) -> None:
        from torchvision import transforms

        self._x, self._labels, self._pixels = part.x, part.y.tolist(), None
        if image is not None and part.pixels is not None:
            pixels = part.pixels.permute(0, 2, 3, 1).numpy()
            self._pixels = pixels[..., 0] if image.channels == 1 else pixels
            normalised = [transforms.Normalize(image.mean, image.std)] if image.mean else []
            self._transform = transforms.Compose([transforms.ToTensor(), *normalised])

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, at: int) -> tuple[Tensor, int]:
        from PIL import Image

        sample = self._x[at] if self._pixels is None else self._transform(Image.fromarray(self._pixels[at]))
        return sample, self._labels[at]


def _padded(samples: list[tuple[Tensor, int]]) -> Batch:
    return pad_sequence([text for text, _ in samples], batch_first=True), torch.tensor([label for _, label in samples])


def _loader(task: Task, part: Part, size: int, shuffle: bool, workers: int = 0) -> DataLoader[Any]:
    return DataLoader(
        _Samples(part, task.image),
        batch_size=size,
        shuffle=shuffle,
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=_padded if isinstance(part.x, list) else None,
    )


def script(task: Task, ended: Ended, workers: int = 0) -> None:
    """The usual script."""
    module = task.module()
    optimizer, loss_function = task.optimizer(module), nn.CrossEntropyLoss()
    train = _loader(task, task.train, task.training.batch_size, True, workers)
    validation = _loader(task, task.validation, AT_ONCE, False)
    accuracy, total = 0.0, 0.0
    while not ended(accuracy):
        module.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = loss_function(module(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        accuracy = _accuracy(module, validation)


def script2(task: Task, ended: Ended) -> None:
    """The usual script with two workers."""
    script(task, ended, workers=2)


def keras(task: Task, ended: Ended) -> None:
    """Keras 3 on its torch backend."""
    os.environ["KERAS_BACKEND"] = "torch"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import keras as k

    def arrays(part: Part) -> tuple[Any, Any]:
        x = pad_sequence(part.x, batch_first=True) if isinstance(part.x, list) else part.x
        return x.numpy(), part.y.numpy()

    class Enough(k.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            self.model.stop_training = ended(logs["val_accuracy"])

    x, y = arrays(task.train)
    rate, momentum = task.training.learning_rate, task.training.momentum
    is_text = isinstance(task.train.x, list)
    begin = k.Input((None,) if is_text else x.shape[1:], dtype="int64" if is_text else "float32")
    model = k.Sequential([begin, k.layers.TorchModuleWrapper(task.module(), output_shape=(None, 10))])
    model.compile(
        optimizer=k.optimizers.SGD(rate, momentum) if task.training.optimizer == "sgd" else k.optimizers.Adam(rate),
        loss=k.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    if not ended(0.0):
        model.fit(
            x, y, task.training.batch_size, epochs=1_000_000, verbose=0, callbacks=[Enough()],
            validation_data=arrays(task.validation), validation_batch_size=AT_ONCE,
        )  # fmt: skip


def accelerate(task: Task, ended: Ended) -> None:
    """Hugging Face accelerate."""
    from accelerate import Accelerator

    accelerator, loss_function = Accelerator(cpu=True), nn.CrossEntropyLoss()
    module = task.module()

    def loader(part: Part, size: int, shuffle: bool) -> DataLoader[Any]:
        if isinstance(part.x, list):
            return _loader(task, part, size, shuffle)
        return DataLoader(TensorDataset(part.x, part.y), batch_size=size, shuffle=shuffle)

    model, optimizer, train, validation = accelerator.prepare(
        module,
        task.optimizer(module, fused=True),
        loader(task.train, task.training.batch_size, True),
        loader(task.validation, AT_ONCE, False),
    )
    accuracy, total = 0.0, 0.0
    while not ended(accuracy):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            total += loss.item()
        accuracy = _accuracy(model, validation)


PEERS: dict[str, Callable[[Task, Ended], None]] = {
    "loop": loop,
    "script": script,
    "script2": script2,
    "keras": keras,
    "accelerate": accelerate,
}


class Watch:
    """Looks at the clock after each epoch; the first call says when training begins."""

    def __init__(self, seconds: float, goal: float | None) -> None:
        self._seconds, self._goal = seconds, goal
        self._begun = 0.0
        self._epochs = -1
        self.seconds_to_goal: float | None = None

    def __call__(self, accuracy: float) -> bool:
        """Told of an epoch; whether enough has been seen."""
        now = time.perf_counter()
        self._begun = self._begun or now
        self._epochs += 1
        self._spent = now - self._begun
        if self._goal is not None and self.seconds_to_goal is None and accuracy >= self._goal:
            self.seconds_to_goal = self._spent
        waits = self._goal is not None and self.seconds_to_goal is None and self._spent < 10 * self._seconds
        return self._epochs > 0 and self._spent >= self._seconds and not waits

    def epochs_per_second(self) -> float:
        """Over all epochs so far."""
        return self._epochs / self._spent


def measured(task: Task, peer: str, seconds: float, seed: int, goal: float | None) -> dict[str, float | None]:
    """Steps a second, and the seconds until the validation split is answered as well as wanted."""
    few = Task(
        task.module, task.training, task.train.first(2 * task.training.batch_size), task.validation.first(8), task.image
    )
    PEERS[peer](few, Watch(0, None))  # what is loaded and chosen once does not count
    torch.manual_seed(seed)
    watch = Watch(seconds, goal)
    PEERS[peer](task, watch)
    return {"steps_per_second": watch.epochs_per_second() * task.steps, "seconds_to_goal": watch.seconds_to_goal}


def main(words: Sequence[str]) -> None:
    """Train as the words say, and print how fast."""
    name, threads, seconds, seed, *peers = words
    torch.set_num_threads(int(threads))
    it = task(name)
    print(json.dumps({peer: measured(it, peer, float(seconds), int(seed), MODELS[name].accuracy) for peer in peers}))


if __name__ == "__main__":
    main(sys.argv[1:])
