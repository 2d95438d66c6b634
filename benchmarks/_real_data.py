"""Real data for benchmarks, as the files that a user would have: `python -m benchmarks._real_data [NAME ...]`.

Without a name it lists what there is; with names it writes those and says where they are.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.real import mnist, pictures, sounds, tables, texts
from tests.real.packages import NotFetchedError

TOY = Path(__file__).parents[1] / "assets" / "samples" / "toy"

REAL: dict[str, Callable[[], Path]] = {
    "mnist": mnist.mnist,
    "fashion_mnist": mnist.fashion_mnist,
    "cutouts": pictures.cutouts,
    "patches": pictures.patches,
    "cifar": pictures.cifar,
    "scenes": pictures.scenes,
    "movie_reviews": texts.movie_reviews,
    "imdb": texts.imdb,
    "movie_folder": texts.movie_folder,
    "chinese_reviews": texts.chinese_reviews,
    "newsgroups": texts.newsgroups,
    "summaries": texts.summaries,
    "translations": texts.translations,
    "novels": texts.novels,
    "poems": texts.poems,
    "spoken_digits": sounds.digits,
    "spoken_languages": sounds.languages,
    "diamonds": tables.diamonds,
    "shuttle": tables.shuttle,
    "letters": tables.letters,
    "weather": tables.weather,
}
"""Where each lies; the first call fetches and writes it. Raises `NotFetchedError` where no registry answers."""


def main(names: list[str]) -> int:
    """Write what is named. Returns the exit status."""
    if not names:
        print("\n".join(f"{name:18} {(make.__doc__ or '').splitlines()[0]}" for name, make in REAL.items()))
    missing = 0
    for name in names:
        try:
            print(f"{name:18} {REAL[name]()}")
        except NotFetchedError as error:
            missing = 1
            print(f"{name:18} skipped: {error}")
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
