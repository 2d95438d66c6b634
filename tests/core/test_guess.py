"""What a name, a file or a folder is taken for."""

import csv
import json
from pathlib import Path

import pytest

from tests.samples import IRIS, digit_pictures
from workbench.core.catalogue import shipped
from workbench.core.guess import guess
from workbench.core.problems import ProblemError
from workbench.core.wording import SENTENCES

REVIEWS = ("a film that nobody needs", "the best that I have ever seen", "well made but far too long")


def taken_for(path: Path | str) -> str:
    found = guess(str(path), Path(), shipped())
    assert found.why.code in SENTENCES
    assert found.why.severity == "info"
    return found.data.source


def written(path: Path, rows: list[tuple[str, ...]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def test_names_are_those_of_data_sets_and_of_toy_tables() -> None:
    assert taken_for("mnist") == "mnist"
    found = guess("wine", Path(), shipped())
    assert (found.data.source, found.data.options) == ("toy", {"name": "wine"})
    with pytest.raises(ProblemError) as raised:
        guess("sounds", Path(), shipped())
    assert raised.value.problem.code == "data.no_source"
    assert {"mnist", "wine"} <= set(raised.value.problem.args["known"])


def test_a_path_is_absolute_afterwards(tmp_path: Path) -> None:
    written(tmp_path / "t.csv", [("a", "b"), ("1", "2"), ("3", "4")])
    assert guess("t.csv", tmp_path, shipped()).data.options == {"path": str(tmp_path / "t.csv")}


def test_tables(tmp_path: Path) -> None:
    assert taken_for(IRIS) == "csv"
    labelled = [
        ("text", "label"),
        *((f"{text} {number}", "pos" if number % 2 else "neg") for number in range(20) for text in REVIEWS),
    ]
    assert taken_for(written(tmp_path / "reviews.csv", labelled)) == "text_table"
    pairs = [("en", "de"), *((f"{text} {number}", f"und {text} {number}") for number in range(20) for text in REVIEWS)]
    assert taken_for(written(tmp_path / "pairs.tsv", pairs, "\t")) == "text_pairs"
    chinese = [("text", "label"), *((f"这是一部很好看的电影{number}", str(number % 2)) for number in range(40))]
    assert taken_for(written(tmp_path / "chinese.csv", chinese)) == "text_table"
    lines = [
        json.dumps({"long": f"{text} once {number}", "short": f"{text} {number}"})
        for number in range(9)
        for text in REVIEWS
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines))
    found = guess("pairs.jsonl", tmp_path, shipped())
    assert (found.data.source, found.why.args) == ("text_pairs", {"source": "long", "target": "short"})


def test_pictures(tmp_path: Path) -> None:
    pictures = digit_pictures(tmp_path / "pictures", 3, (1, 2))
    assert taken_for(pictures) == "image_folder"
    names = [str(file.relative_to(pictures)) for file in sorted(pictures.rglob("*.png"))]
    table = written(pictures / "labels.csv", [("file", "kind"), *((name, name[0]) for name in names)])
    found = guess(str(pictures), Path(), shipped())
    assert (found.data.source, found.data.options) == ("image_table", {"path": str(table)})
    assert taken_for(table) == "image_table"
    (pictures / "1").rename(pictures / "images")
    (pictures / "2").rename(pictures / "masks")
    (pictures / "classes.txt").write_text("ground\nthing\n")
    found = guess(str(pictures), Path(), shipped())
    assert (found.data.source, found.data.options["classes"]) == ("image_masks", "classes.txt")


def test_texts(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for name in ("neg", "pos"):
            (tmp_path / "reviews" / part / name).mkdir(parents=True)
            for number, text in enumerate(REVIEWS):
                (tmp_path / "reviews" / part / name / f"{number}.txt").write_text(text)
    assert taken_for(tmp_path / "reviews") == "text_folder"
    (tmp_path / "lines").mkdir()
    for name in ("neg", "pos"):
        (tmp_path / "lines" / f"{name}.txt").write_text(
            "\n".join(text[: 9 + 3 * number] for number, text in enumerate(REVIEWS * 5))
        )
    assert taken_for(tmp_path / "lines") == "text_folder"
    (tmp_path / "poem.txt").write_text(
        "The fog comes\non little cat feet.\n\nIt sits looking\nover harbor and city\n" * 9
    )
    assert taken_for(tmp_path / "poem.txt") == "text_file"


def test_a_folder_with_one_table_is_that_table(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_bytes(IRIS.read_bytes())
    (tmp_path / "readme.html").write_text("<p>Flowers</p>")
    assert guess(str(tmp_path), Path(), shipped()).data.options == {"path": str(tmp_path / "flowers.csv")}
    (tmp_path / "more.csv").write_bytes(IRIS.read_bytes())
    with pytest.raises(ProblemError) as raised:
        guess(str(tmp_path), Path(), shipped())
    assert raised.value.problem.code == "data.several_tables"


def test_what_is_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.exe").write_bytes(b"MZ")
    with pytest.raises(ProblemError) as raised:
        guess(str(tmp_path), Path(), shipped())
    assert raised.value.problem.code == "data.nothing_known"
    picture = next(digit_pictures(tmp_path / "p", 1, (1,)).rglob("*.png"))
    with pytest.raises(ProblemError) as raised:
        guess(str(picture), Path(), shipped())
    assert raised.value.problem.code == "data.single_file"
