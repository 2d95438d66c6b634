"""The same training as a bare loop, as the usual script, with Keras 3 and with accelerate: steps a second, as JSON.

`python -m benchmarks._training_peers MODEL PEER THREADS EPOCHS`. All train the same module of torch with Adam, so that
what differs is how it is trained:

- `loop`: a bare loop over tensors that are held ready, with the fused optimiser; it validates as a job does.
- `script`: a Dataset that prepares one sample, a DataLoader, `loss.item()` in each step; `script2` with two workers.
- `keras`: the module as a layer of Keras 3 on its torch backend, `fit` over arrays that are held ready.
- `accelerate`: tensors that are held ready in a DataLoader, prepared by an `Accelerator`.
"""

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from benchmarks._training_models import MODELS
from workbench.engine.data import bound

EXTRA = {"keras": "keras", "accelerate": "accelerate"}
"""What some peers need, of the extra `bench`."""


def there(peer: str) -> bool:
    """What a peer needs is installed."""
    return peer not in EXTRA or importlib.util.find_spec(EXTRA[peer]) is not None


Split = tuple[Tensor, Tensor]


def _splits(name: str) -> tuple[Split, Split]:
    """Inputs and targets of the training and of the validation split, as the network reads them."""
    data = bound(MODELS[name].document(), Path())
    target = next(column for column in data.loaded.columns.values() if column.classes)
    source = next(column for column in data.loaded.columns.values() if column is not target)

    def ready(split: str) -> Split:
        rows = torch.from_numpy(data.splits[split])
        return source.ready(rows), target.ready(rows)

    return ready("train"), ready("validation")


@contextmanager
def _timed(found: dict[str, float], steps: int) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    found["steps_per_second"] = steps / (time.perf_counter() - begun)


def loop(module: nn.Module, train: Split, validation: Split, batch: int, epochs: int) -> dict[str, float]:
    """The bare loop."""
    (x, y), (vx, vy) = train, validation
    optimizer = torch.optim.Adam(module.parameters(), 1e-3, fused=True)
    loss_function, found = nn.CrossEntropyLoss(), dict[str, float]()

    def epoch() -> None:
        module.train()
        order = torch.randperm(len(x))
        for start in range(0, len(x), batch):
            at = order[start : start + batch]
            optimizer.zero_grad()
            loss_function(module(x[at]), y[at]).backward()
            optimizer.step()
        module.eval()
        with torch.no_grad():
            for start in range(0, len(vx), 256):
                out, aim = module(vx[start : start + 256]), vy[start : start + 256]
                float(loss_function(out, aim)), float((out.argmax(1) == aim).float().mean())

    epoch()
    with _timed(found, epochs * -(-len(x) // batch)):
        for _ in range(epochs):
            epoch()
    return found


class _Samples(Dataset[tuple[Tensor, int]]):
    """One sample at a time: pictures through PIL and ToTensor, rows of tables as they are."""

    def __init__(self, x: Tensor, y: Tensor) -> None:
        from torchvision import transforms

        self._is_picture = x.ndim == 4
        self._rows = (x[:, 0] * 255).to(torch.uint8).numpy() if self._is_picture else x.numpy()
        self._labels = y.numpy()
        self._transform = transforms.ToTensor()

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, at: int) -> tuple[Tensor, int]:
        from PIL import Image

        row = self._rows[at]
        sample = self._transform(Image.fromarray(row)) if self._is_picture else torch.from_numpy(row)
        return sample, int(self._labels[at])


def script(
    module: nn.Module, train: Split, validation: Split, batch: int, epochs: int, workers: int = 0
) -> dict[str, float]:
    """The usual script."""
    loader = DataLoader(
        _Samples(*train), batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    optimizer = torch.optim.Adam(module.parameters(), 1e-3)
    loss_function, found, total = nn.CrossEntropyLoss(), dict[str, float](), 0.0

    def epoch() -> float:
        sum = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_function(module(x), y)
            loss.backward()
            optimizer.step()
            sum += loss.item()
        return sum

    epoch()
    with _timed(found, epochs * len(loader)):
        for _ in range(epochs):
            total += epoch()
    return found


def script2(module: nn.Module, train: Split, validation: Split, batch: int, epochs: int) -> dict[str, float]:
    """The usual script with two workers."""
    return script(module, train, validation, batch, epochs, workers=2)


def keras(module: nn.Module, train: Split, validation: Split, batch: int, epochs: int) -> dict[str, float]:
    """Keras 3 on its torch backend."""
    os.environ["KERAS_BACKEND"] = "torch"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import keras as k

    (x, y), (vx, vy) = train, validation
    model = k.Sequential([k.Input(tuple(x.shape[1:])), k.layers.TorchModuleWrapper(module)])
    model.compile(
        optimizer=k.optimizers.Adam(1e-3),
        loss=k.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    data: dict[str, Any] = {
        "x": x.numpy(),
        "y": y.numpy(),
        "batch_size": batch,
        "validation_data": (vx.numpy(), vy.numpy()),
        "validation_batch_size": 256,
        "verbose": 0,
    }
    found: dict[str, float] = {}
    model.fit(epochs=1, **data)
    with _timed(found, epochs * -(-len(x) // batch)):
        model.fit(epochs=epochs, **data)
    return found


def accelerate(module: nn.Module, train: Split, validation: Split, batch: int, epochs: int) -> dict[str, float]:
    """Hugging Face accelerate."""
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    loss_function, found, total = nn.CrossEntropyLoss(), dict[str, float](), 0.0
    model, optimizer, loader, checks = accelerator.prepare(
        module,
        torch.optim.Adam(module.parameters(), 1e-3, fused=True),
        DataLoader(TensorDataset(*train), batch_size=batch, shuffle=True),
        DataLoader(TensorDataset(*validation), batch_size=256),
    )

    def epoch() -> float:
        sum = 0.0
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            sum += loss.item()
        model.eval()
        with torch.no_grad():
            for x, y in checks:
                float(loss_function(model(x), y))
        return sum

    epoch()
    with _timed(found, epochs * len(loader)):
        for _ in range(epochs):
            total += epoch()
    return found


PEERS: dict[str, Callable[[nn.Module, Split, Split, int, int], dict[str, float]]] = {
    "loop": loop,
    "script": script,
    "script2": script2,
    "keras": keras,
    "accelerate": accelerate,
}


def main() -> None:
    """Train as the words say, and print how fast."""
    name, peer, threads, epochs = sys.argv[1:]
    train, validation = _splits(name)
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    batch = MODELS[name].document().training.batch_size
    print(json.dumps(PEERS[peer](MODELS[name].module(), train, validation, batch, int(epochs))))


if __name__ == "__main__":
    main()
