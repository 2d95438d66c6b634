"""Small texts for tests: reviews, pairs, words with tags. What they say decides their class."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

GOOD = ("wonderful", "brilliant", "moving", "funny", "charming")
BAD = ("dull", "boring", "awful", "tedious", "pointless")
THINGS = ("film", "story", "cast", "ending", "music", "dialogue")
GERMAN = {
    "red": "rot", "green": "grün", "blue": "blau", "house": "Haus", "car": "Auto", "door": "Tor", "the": "das",
    "is": "ist",
}  # fmt: skip


def reviews(count: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Reviews of different lengths and whether they are good; each is another one."""
    chance = random.Random(seed)
    for number in range(count):
        good = number % 2 == 0
        said = GOOD if good else BAD
        words = [f"The {chance.choice(THINGS)} is {chance.choice(said)}." for _ in range(chance.randint(1, 9))]
        yield f"{' '.join(words)} Seen in {1900 + number}.", "pos" if good else "neg"


def review_folder(folder: Path, count: int = 60) -> Path:
    """A file each, in a folder for each class."""
    for number, (text, label) in enumerate(reviews(count)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{number:03}.txt").write_text(text, encoding="utf-8")
    return folder


def review_table(file: Path, count: int = 60) -> Path:
    """The same in a table."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "sentiment"), *reviews(count)])
    return file


def text_pairs(file: Path, count: int = 60) -> Path:
    """Sentences in English and, word by word, in German."""
    chance = random.Random(1)
    rows = []
    for _ in range(count):
        things = [(chance.choice(("house", "car", "door")), chance.choice(("red", "green", "blue"))) for _ in range(4)]
        english = " ".join(f"the {thing} is {colour}" for thing, colour in things[: chance.randint(1, 4)])
        rows.append((english, " ".join(GERMAN[word] for word in english.split())))
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t").writerows([("en", "de"), *rows])
    return file


def tagged_words(file: Path, count: int = 60) -> Path:
    """Sentences in CoNLL format: what is written large is a name."""
    chance = random.Random(2)
    lines = []
    for _ in range(count):
        for _ in range(chance.randint(1, 12)):
            name = chance.random() < 0.4
            word = (
                chance.choice(("Anna", "Berlin", "Rhine")) if name else chance.choice(("sees", "the", "river", "near"))
            )
            lines.append(f"{word} X {'B-NAME' if name else 'O'}")
        lines.append("")
    file.write_text("\n".join(lines), encoding="utf-8")
    return file
