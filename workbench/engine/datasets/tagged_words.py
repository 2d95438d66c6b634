"""Words with a tag each: what is a name, a verb, a price?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa

from workbench.core.problems import Problem, ProblemError
from workbench.engine import encodings
from workbench.engine.datasets.base import Dataset, dataset, only_path
from workbench.engine.datasets.text_file import Encoding, halved
from workbench.engine.datasets.text_folder import PARTS
from workbench.engine.encodings import AUTO
from workbench.engine.raw import TRAIN, Raw, RawColumn, Report, quiet
from workbench.engine.registry import Setting

TAGGED = (".conll", ".conllu", ".bio", ".iob", ".iob2", ".pos", ".ner")
"""How the names of such files end and no others."""
BEGIN_OF_DOCUMENT = "-DOCSTART-"

Sentence = tuple[list[str], list[str]]


@dataset("tagged_words", "Words with tags", "Your files")
@dataclass(frozen=True)
class TaggedWords(Dataset):
    """Sentences whose words have a tag each: a word a line as in CoNLL, or `word/tag word/tag` with a sentence a line.

    In a folder, files whose names begin with `train`, `dev` or `test` are for that.
    """

    path: Annotated[
        str, Setting(kind="path", label="File", help="A file in CoNLL format, or a folder of such files")
    ] = ""
    word_column: Annotated[int, Setting(-64, 64, label="Column of the word", help="From 0 on; -1 is the last")] = 0
    tag_column: Annotated[int, Setting(-64, 64, label="Column of the tag", help="From 0 on; -1 is the last")] = -1
    encoding: Encoding = AUTO
    bad_rows: Annotated[
        str,
        Setting(choices=("skip", "refuse"), label="Damaged lines", help="Lines with too few columns: their sentence"),
    ] = "skip"

    def read(self, folder: Path, report: Report = quiet) -> Raw:
        """All sentences. Those with damaged lines are counted and named. Raises `ProblemError`."""
        place = folder / only_path(self.path)
        sentences: list[Sentence] = []
        given: list[int] = []
        problems: list[Problem] = []
        bad: list[tuple[Path, int]] = []
        for file in _files(place):
            read = encodings.read(file, self.encoding)
            problems += halved(file, read.cut)
            found = list(self._sentences(read.text, file, bad))
            sentences += found
            part = next((part for name, part in PARTS.items() if file.name.lower().startswith(name)), TRAIN)
            given += [part] * len(found)
        if bad:
            file, line = bad[0]
            args = {"count": len(bad), "line": line}
            if self.bad_rows == "refuse":
                raise ProblemError("data.bad_words", where=str(file), **args)
            problems.append(Problem("data.skipped_sentences", args, node=str(file), severity="warning"))
        if not sentences:
            raise ProblemError("data.no_sentences", where=str(place))
        kind = pa.list_(pa.string())
        words, tags = (pa.chunked_array([pa.array([each[turn] for each in sentences], kind)]) for turn in (0, 1))
        parts = np.array(given, np.int8)
        columns = {
            "words": RawColumn("words", "words", words, "input", axis="words"),
            "tags": RawColumn("tags", "word_tags", tags, "target", axis="words"),
        }
        return Raw(place.stem, columns, parts if parts.any() and not parts.all() else None, problems)

    def _sentences(self, text: str, file: Path, bad: list[tuple[Path, int]]) -> Iterator[Sentence]:
        """Sentences without a damaged line; of the others the line of the damage."""
        lines = text.split("\n")
        slashed = _is_slashed(lines)
        words: list[str] = []
        tags: list[str] = []
        damage = 0
        for number, line in enumerate([*lines, ""], 1):
            if slashed:
                words, tags, damage = _slashed(line, number)
            elif line.strip():
                damage = damage or self._word(line, words, tags, number)
                continue
            if damage:
                bad.append((file, damage))
            elif words:
                yield words, tags
            words, tags, damage = [], [], 0

    def _word(self, line: str, words: list[str], tags: list[str], number: int) -> int:
        """Add the word of a line; the number of a line that is damaged."""
        if line.startswith(("#", BEGIN_OF_DOCUMENT)):
            return 0
        cells = line.split("\t") if "\t" in line else line.split()
        try:
            word, tag = cells[self.word_column].strip(), cells[self.tag_column].strip()
        except IndexError:
            return number
        if len(cells) < 2 or not word or not tag:
            return number
        words.append(word)
        tags.append(tag)
        return 0


def _files(place: Path) -> Iterable[Path]:
    if not place.is_dir():
        return [place]
    found = sorted(
        file for file in place.rglob("*") if file.suffix.lower() in (*TAGGED, ".txt", ".tsv") and file.name[0] != "."
    )
    if not found:
        raise ProblemError("data.no_texts", where=str(place))
    return found


def _is_slashed(lines: Iterable[str]) -> bool:
    """Lines are sentences of `word/tag`, not words with columns."""
    said = [line.split() for line in lines if line.strip()][:100]
    slashed = sum(len(parts) > 1 and all("/" in part for part in parts) for parts in said)
    return slashed > len(said) / 2


def _slashed(line: str, number: int) -> tuple[list[str], list[str], int]:
    pairs = [part.rpartition("/") for part in line.split()]
    damage = number if any(not word or not tag for word, _, tag in pairs) else 0
    return [word for word, _, _ in pairs], [tag for _, _, tag in pairs], damage
