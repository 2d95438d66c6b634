"""One measurement of reading data, in a process of its own: `python -m benchmarks._data_children WHAT JSON`.

Prints one JSON object: samples a second of whole epochs, seconds until the first batch, and the most memory that was
taken of the machine's (pages of mapped files can be given back at any time, and do not count).
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import soundfile
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from workbench.core.document import Data
from workbench.engine.columns import decoding
from workbench.engine.datasets.base import dataset_of
from workbench.engine.feed import Feed
from workbench.engine.loading import load

BATCH = 64
Epoch = Callable[[int], Iterator[Sequence[Tensor]]]


class Memory:
    """The most anonymous memory of this process, in MB."""

    def __init__(self) -> None:
        self.most = 0.0
        self._done = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.look()

    def look(self) -> float:
        """What it is now."""
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        now = int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024
        self.most = max(self.most, now)
        return now


def timed(begin: Callable[[], Epoch], epochs: int) -> dict[str, float]:
    """An epoch to warm up, and so many that count."""
    memory = Memory()
    before = memory.look()
    begun = time.perf_counter()
    epoch = begin()
    next(iter(epoch(0)))
    first = time.perf_counter() - begun
    for _ in epoch(0):
        pass
    samples, begun = 0, time.perf_counter()
    for number in range(1, epochs + 1):
        for batch in epoch(number):
            samples += len(batch[0])
    seconds = time.perf_counter() - begun
    memory.look()
    return {"samples_per_second": samples / seconds, "first": first, "memory": memory.most - before}


def ours(
    source: str, options: dict[str, Any], batch: int = BATCH, epochs: int = 3, streamed: bool = False
) -> dict[str, float]:
    """A source of the workbench, as a job feeds on it; `streamed` as where there is more than the cache takes."""
    if streamed:
        decoding.LIMIT = 0

    def begin() -> Epoch:
        loaded = load(Data(source, options), Path())
        rows = torch.from_numpy(np.sort(np.concatenate(list(loaded.splits.values()))))
        feed = Feed(list(loaded.columns.values()), rows, batch, torch.device("cpu"))
        return lambda number: feed.epoch(feed.order(0, number))

    return timed(begin, epochs)


def read(source: str, options: dict[str, Any]) -> dict[str, float]:
    """Only reading, once."""
    memory = Memory()
    before, begun = memory.look(), time.perf_counter()
    raw = dataset_of(Data(source, options)).read(Path())
    seconds = time.perf_counter() - begun
    memory.look()
    return {"samples_per_second": raw.count / seconds, "first": seconds, "memory": memory.most - before}


def script(kind: str, path: str, workers: int, epochs: int = 3) -> dict[str, float]:
    """What everybody writes: a Dataset that makes one sample at a time, and a DataLoader."""

    def begin() -> Epoch:
        made = PEERS[kind](Path(path))
        more: dict[str, Any] = {"collate_fn": padded} if kind == "text" else {}
        loader = DataLoader(made, BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0, **more)
        return lambda number: iter(loader)

    return timed(begin, epochs)


def pictures(path: Path) -> Dataset[Any]:
    """Torchvision's own, with ToTensor."""
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    grey = transforms.Compose([transforms.Grayscale(), transforms.ToTensor()])
    found: Dataset[Any] = ImageFolder(str(path / "train"), grey)
    return found


def masks(path: Path) -> Dataset[Any]:
    """Pictures and masks of the same names."""
    from torchvision.transforms import functional

    files = sorted((path / "train" / "images").glob("*.png"))

    def made(at: int) -> tuple[Tensor, Tensor]:
        with Image.open(files[at]) as image, Image.open(path / "train" / "masks" / files[at].name) as mask:
            return functional.to_tensor(image.convert("RGB")), torch.from_numpy(np.array(mask)).long()

    return Rows(made, len(files))


def sounds(path: Path) -> Dataset[Any]:
    """One second of each file, at its own rate (the resampling is left out, in the script's favour), as log-mel."""
    table = pyarrow.csv.read_csv(path).to_pydict()
    digits = sorted(set(table["digit"]))
    mel = torch.rand(64, 201)  # filters cost the same whatever is in them

    def made(at: int) -> tuple[Tensor, Tensor]:
        wave, _ = soundfile.read(path.parent / table["file"][at], dtype="float32", always_2d=True)
        second = torch.zeros(16000)
        mono = torch.from_numpy(wave.mean(1)[: len(second)])
        second[: len(mono)] = mono
        power = torch.stft(second, 400, 160, window=torch.hann_window(400), return_complex=True).abs().square()
        return (mel @ power + 1e-6).log(), torch.tensor(digits.index(table["digit"][at]))

    return Rows(made, len(table["file"]))


class Rows(Dataset[Any]):
    """Samples that are made one by one."""

    def __init__(self, make: Callable[[int], tuple[Tensor, Tensor]], count: int) -> None:
        self._make, self._count = make, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: int) -> tuple[Tensor, Tensor]:
        return self._make(at)


def table(path: Path) -> Dataset[Any]:
    """Numbers of a CSV file, the last one foretold."""
    columns = pyarrow.csv.read_csv(path)
    numbers = [np.asarray(column) for column in columns.columns if column.type in (pyarrow.float64(), pyarrow.int64())]
    rows = np.stack(numbers, 1).astype(np.float32)
    return Rows(lambda at: (torch.from_numpy(rows[at, :-1]), torch.tensor(rows[at, -1])), len(rows))


def text(path: Path) -> Dataset[Any]:
    """Words as numbers, cut at every sample, as tutorials do."""
    columns = pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)).to_pydict()
    texts, labels = columns["text"], columns["sentiment"]
    words = {word: at for at, word in enumerate(dict.fromkeys(word for line in texts for word in line.split()), 2)}

    def made(at: int) -> tuple[Tensor, Tensor]:
        return torch.tensor([words.get(word, 1) for word in texts[at].split()]), torch.tensor(labels[at] == "pos")

    return Rows(made, len(texts))


def padded(samples: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """One batch, as long as its longest text."""
    texts = torch.nn.utils.rnn.pad_sequence([words for words, _ in samples], batch_first=True)
    return texts, torch.stack([label for _, label in samples])


PEERS: dict[str, Callable[[Path], Dataset[Any]]] = {
    "pictures": pictures,
    "masks": masks,
    "sounds": sounds,
    "table": table,
    "text": text,
}
"""The usual script of each kind."""
WHAT: dict[str, Callable[..., dict[str, float]]] = {"ours": ours, "read": read, "script": script}

if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(WHAT[sys.argv[1]](**json.loads(sys.argv[2]))))
