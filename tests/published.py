"""Small data sets in exactly the files in which large ones are published."""

import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.engine.texts import reviews
from tests.samples import digits


def _pictures(count: int, edge: int = 32) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(count, edge, edge, 3) digits 0, 1 and 2 of the embedded sample, each in a colour of its own, and which."""
    images, labels = digits()
    rows = np.flatnonzero(labels < 3)[:count]
    tints = np.random.default_rng(0).uniform(0.3, 1, (3, 3))
    sized = [
        np.asarray(Image.fromarray(images[row]).resize((edge, edge)))[..., None] * tints[labels[row]] for row in rows
    ]
    return np.stack(sized).astype(np.uint8), labels[rows]


def _batch(path: Path, start: int, count: int, labels: str) -> None:
    pictures, kinds = (array[start:] for array in _pictures(start + count))
    rows = pictures.transpose(0, 3, 1, 2).reshape(count, -1)
    batch = {"data": rows, labels: kinds.tolist(), "filenames": []}
    path.write_bytes(pickle.dumps(batch, protocol=2))


def cifar10(root: Path) -> None:
    """`tests.real.pictures.cifar` writes the same as Python 2 did."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for number in range(5):
        _batch(folder / f"data_batch_{number + 1}", number * 20, 20, "labels")
    _batch(folder / "test_batch", 100, 20, "labels")
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [str(n) for n in range(3)]}, protocol=2))


def cifar100(root: Path) -> None:
    folder = root / "cifar-100-python"
    folder.mkdir(parents=True)
    _batch(folder / "train", 0, 100, "fine_labels")
    _batch(folder / "test", 100, 20, "fine_labels")
    (folder / "meta").write_bytes(pickle.dumps({"fine_label_names": [str(n) for n in range(3)]}, protocol=2))


def svhn(root: Path) -> None:
    from scipy.io import savemat

    root.mkdir(parents=True, exist_ok=True)
    for name, part in (("train", slice(0, 100)), ("test", slice(100, 120))):
        pictures, kinds = _pictures(120)
        labels = kinds[part].astype(np.uint8)
        pixels = pictures[part].transpose(1, 2, 3, 0)
        arrays = {"X": pixels, "y": np.where(labels == 0, 10, labels)[:, None]}
        savemat(root / f"{name}_32x32.mat", arrays, do_compression=name == "test")


def flowers102(root: Path) -> None:
    from scipy.io import savemat

    folder = root / "flowers-102" / "jpg"
    folder.mkdir(parents=True)
    pictures, labels = _pictures(120, 80)
    for number, pixels in enumerate(pictures, 1):
        Image.fromarray(pixels).save(folder / f"image_{number:05}.jpg")
    savemat(folder.parent / "imagelabels.mat", {"labels": labels[None].astype(np.uint8) + 1})
    order = np.arange(1, 121, dtype=np.uint16)[None]
    savemat(folder.parent / "setid.mat", {"trnid": order[:, :60], "valid": order[:, 60:80], "tstid": order[:, 80:]})


def oxford_pets(root: Path) -> None:
    folder = root / "oxford-iiit-pet"
    for name in ("images", "annotations/trimaps"):
        (folder / name).mkdir(parents=True)
    lines = []
    for number, (pixels, label) in enumerate(zip(*_pictures(120, 80), strict=True)):
        name = f"breed_{'abcdefghij'[label]}_{number}"
        Image.fromarray(pixels).save(folder / "images" / f"{name}.jpg")
        grey = pixels.max(2)
        trimap = np.select([grey > 150, grey > 60], [1, 3], 2).astype(np.uint8)
        Image.fromarray(trimap).save(folder / "annotations" / "trimaps" / f"{name}.png")
        lines.append(f"{name} {label + 1} {label % 2 + 1} 1")
    (folder / "annotations" / "trainval.txt").write_text("\n".join(lines[:80]))
    (folder / "annotations" / "test.txt").write_text("#Image CLASS-ID\n" + "\n".join(lines[80:]))


def food101(root: Path) -> None:
    folder = root / "food-101"
    (folder / "meta").mkdir(parents=True)
    names = []
    for number, (pixels, label) in enumerate(zip(*_pictures(120, 80), strict=True)):
        name = f"dish_{label}/{number}"
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / "images" / f"{name}.jpg")
        names.append(name)
    (folder / "meta" / "train.txt").write_text("\n".join(names[:80]))
    (folder / "meta" / "test.txt").write_text("\n".join(names[80:]))


def imdb(root: Path) -> None:
    """`tests.real.texts.imdb` packs real reviews."""
    folder = root / "IMDB"
    folder.mkdir(parents=True)
    with tarfile.open(folder / "aclImdb_v1.tar.gz", "w:gz") as archive:
        for number, (text, klass) in enumerate(reviews(120)):
            part, content = "train" if number < 80 else "test", text.encode()
            for name in (f"{part}/{klass}/{number}_7.txt", f"train/unsup/{number}_0.txt", f"{part}/labeledBow.feat"):
                entry = tarfile.TarInfo(f"aclImdb/{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


PUBLISHED: dict[str, Callable[[Path], None]] = {
    "cifar10": cifar10,
    "cifar100": cifar100,
    "svhn": svhn,
    "flowers102": flowers102,
    "oxford_pets": oxford_pets,
    "food101": food101,
    "imdb": imdb,
}
