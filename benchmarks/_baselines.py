"""Simple baselines: what anybody gets with a few lines of scikit-learn, or with the most frequent answer."""

import os
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import soundfile
from numpy.typing import NDArray
from PIL import Image

sys.path.append(os.environ.get("BENCHMARK_PEERS", ""))  # where `dev.py bench` has put scikit-learn

from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks._command_line import Trained
from workbench.core.places import assets


def _rows(file: Path) -> dict[str, list[Any]]:
    delimiter = "\t" if file.suffix == ".tsv" else ","
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    found: dict[str, list[Any]] = pyarrow.csv.read_csv(file, parse_options=parse).to_pydict()
    return found


def _idx(path: Path) -> NDArray[np.uint8]:
    raw = path.read_bytes()
    shape = [int.from_bytes(raw[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def digits_regression(folder: Path) -> float:
    """Logistic regression, by stochastic gradient descent, on the pixels of MNIST's files."""
    train, test = (_idx(folder / f"{part}-images-idx3-ubyte").reshape(-1, 784) / 255.0 for part in ("train", "t10k"))
    answers, wanted = (_idx(folder / f"{part}-labels-idx1-ubyte") for part in ("train", "t10k"))
    model = SGDClassifier(loss="log_loss", random_state=0, max_iter=10, tol=None)
    return float(model.fit(train, answers).score(test, wanted))


def picture_regression(folder: Path, run: Trained) -> float:
    """Logistic regression on the pixels of `train` and `test`."""

    def part(name: str) -> tuple[NDArray[np.float64], list[str]]:
        files = sorted((folder / name).rglob("*.png"))
        pixels = np.stack([np.asarray(Image.open(file).convert("L"), np.float64).ravel() / 255 for file in files])
        return pixels, [file.parent.name for file in files]

    model = LogisticRegression(max_iter=200)
    return float(model.fit(*part("train")).score(*part("test")))


def table(file: Path, target: str, run: Trained) -> float:
    """scikit-learn's multilayer perceptron on scaled numbers and one-hot categories, otherwise as it comes."""
    columns = _rows(file)
    target = target or list(columns)[-1]
    wanted = np.array(columns.pop(target))
    parts = []
    for values in columns.values():
        column = np.array(values).reshape(-1, 1)
        parts.append(column if column.dtype.kind in "if" else OneHotEncoder(sparse_output=False).fit_transform(column))
    x = np.concatenate(parts, 1).astype(np.float64)
    train, test = (run.rows(split) for split in ("train", "test"))
    is_number = wanted.dtype.kind in "if" and len(set(wanted.tolist())) > 20
    network = MLPRegressor if is_number else MLPClassifier
    model = make_pipeline(StandardScaler(), network(max_iter=500 if len(x) < 5000 else 30, random_state=0))
    return float(model.fit(x[train], wanted[train]).score(x[test], wanted[test]))


def _texts(train: list[str], answers: list[str], test: list[str], wanted: list[str], *, characters: bool) -> float:
    words = {"analyzer": "char", "ngram_range": (1, 2)} if characters else {"sublinear_tf": True}
    model = make_pipeline(TfidfVectorizer(min_df=2, max_features=100_000, **words), LogisticRegression(max_iter=200))
    return float(model.fit(train, answers).score(test, wanted))


def text_folder(folder: Path) -> float:
    """Logistic regression on the words of the files of `train` and `test`."""

    def part(name: str) -> tuple[list[str], list[str]]:
        files = sorted((folder / name).rglob("*.txt"))
        return [file.read_text(encoding="utf-8") for file in files], [file.parent.name for file in files]

    return _texts(*part("train"), *part("test"), characters=False)


def review_archive(file: Path) -> float:
    """The same on the texts of `train` and `test` in an archive."""
    found: dict[str, tuple[list[str], list[str]]] = {"train": ([], []), "test": ([], [])}
    with tarfile.open(file) as archive:
        for member in archive:
            _, part, label, _ = member.name.split("/")
            if content := archive.extractfile(member):
                found[part][0].append(content.read().decode())
                found[part][1].append(label)
    return _texts(*found["train"], *found["test"], characters=False)


def text_table(file: Path, text: str, target: str, run: Trained, *, characters: bool = False) -> float:
    """The same on the rows of a table."""
    columns = _rows(file)
    parts = [[columns[name][row] for row in run.rows(split)] for split in ("train", "test") for name in (text, target)]
    return _texts(parts[0], parts[1], parts[2], parts[3], characters=characters)


def most_frequent_class(file: Path, target: str, run: Trained) -> float:
    """Always the class that most training samples have."""
    values = _rows(file)[target]
    common = Counter(values[row] for row in run.rows("train")).most_common(1)[0][0]
    return float(np.mean([values[row] == common for row in run.rows("test")]))


def most_frequent_token(file: Path, target: str, run: Trained) -> float:
    """Always the token that is most frequent: of words, the end of the text."""
    lengths = [len(_rows(file)[target][row].split()) + 1 for row in run.rows("test")[:1000]]
    return len(lengths) / sum(lengths)


def mean_spectrum(file: Path, target: str, run: Trained) -> float:
    """Logistic regression on the mean logarithmic spectrum of each sound, in 64 bands."""
    columns = _rows(file)

    def spectrum(name: str) -> NDArray[np.float64]:
        sound, _ = soundfile.read(file.parent / name)
        mono = sound.mean(1) if sound.ndim > 1 else sound
        cut = mono[: len(mono) // 1024 * 1024] if len(mono) >= 1024 else np.pad(mono, (0, 1024 - len(mono)))
        power = np.abs(np.fft.rfft(cut.reshape(-1, 1024) * np.hanning(1024))) ** 2
        bands = power[:, :512].reshape(len(power), 64, 8).mean(2)
        mean: NDArray[np.float64] = np.log(bands + 1e-8).mean(0)
        return mean

    x = np.stack([spectrum(name) for name in columns["file"]])
    wanted = np.array(columns[target])
    train, test = run.rows("train"), run.rows("test")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    return float(model.fit(x[train], wanted[train]).score(x[test], wanted[test]))


def all_background(folder: Path) -> float:
    """The overlap, as a mean over all classes, of one who sees nothing anywhere."""
    masks = np.stack([np.asarray(Image.open(file)) for file in sorted((folder / "test" / "masks").glob("*.png"))])
    return float((masks == 0).mean()) / len(np.unique(masks))


def principal_components(count: int) -> float:
    """The error of the best linear code of as many numbers, on the digits that ship with the program."""
    with np.load(assets() / "samples" / "digits.npz") as file:
        pixels, test = file["images"].reshape(-1, 784) / 255.0, file["test"]
    model = PCA(count, random_state=0).fit(pixels[~test])
    rebuilt = model.inverse_transform(model.transform(pixels[test]))
    return float(np.sqrt(((rebuilt - pixels[test]) ** 2).mean()))
