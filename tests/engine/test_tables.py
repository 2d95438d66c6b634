"""CSV files: whatever separates their cells, however they are encoded, as large as they are, and whatever is wrong."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.loaded import anew, samples
from tests.samples import DIABETES, IRIS
from workbench.core import wording
from workbench.core.document import ColumnUse, Data
from workbench.core.problems import ProblemError
from workbench.engine.columns.base import Loaded
from workbench.engine.datasets import csv_table
from workbench.engine.loading import load
from workbench.engine.tables.csv_rows import rows as read


def table(path: Path, text: str | bytes, target: str = "", **options: Any) -> Loaded:
    file = path / "table.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    columns = {target: ColumnUse("target")} if target else {}
    return anew(Data("csv", {"path": str(file), **options}, columns=columns))


def refused(path: Path, text: str | bytes, **options: Any) -> Any:
    with pytest.raises(ProblemError) as caught:
        table(path, text, **options)
    problem = caught.value.problem
    assert "?" not in wording.what(problem), wording.what(problem)
    return problem


def test_iris_is_classified_and_diabetes_regressed() -> None:
    flowers = anew(Data("csv", {"path": str(IRIS)}))
    assert flowers.columns["species"].classes == ("setosa", "versicolor", "virginica")
    assert flowers.columns["features"].tensor.shape == (150, 4)
    patients = anew(Data("csv", {"path": "diabetes.csv"}), DIABETES.parent)
    assert (patients.columns["progression"].kind, patients.columns["progression"].shape) == ("number", (1,))
    assert float(patients.columns["progression"].tensor[0]) == 151
    sexes = anew(Data("csv", {"path": str(DIABETES)}, columns={"sex": ColumnUse("target")}))
    assert sexes.columns["sex"].classes == ("1", "2")
    assert list(sexes.columns) == ["features", "sex"]


def test_numbers_are_standardised_by_the_training_split_alone() -> None:
    loaded = anew(Data("csv", {"path": str(IRIS)}))
    train = loaded.splits["train"]
    features = loaded.columns["features"].tensor
    assert torch.allclose(features[train].mean(0), torch.zeros(4), atol=1e-6)
    assert torch.allclose(features[train].std(0, correction=0), torch.ones(4), atol=1e-5)
    assert not torch.allclose(features.mean(0), torch.zeros(4), atol=1e-3)
    others = load(Data("csv", {"path": str(IRIS)}), Path(), splits={**loaded.splits, "train": np.arange(40)})
    assert torch.allclose(others.columns["features"].tensor[:40].mean(0), torch.zeros(4), atol=1e-6)
    assert others.fingerprint == loaded.fingerprint


ROWS = "\n".join(f"{number},{number * 2},{'ab'[number % 2]}" for number in range(20))


def test_rows_that_do_not_fit_are_counted_and_named(tmp_path: Path) -> None:
    text = f"x,y,kind\n{ROWS}\n1,2\n3,4,a,5\nmany,6,b\n"
    loaded = table(tmp_path, text)
    (problem,) = loaded.problems
    assert problem.code == "data.skipped_rows"
    assert (problem.args["count"], problem.args["line"], problem.severity) == (3, 22, "warning")
    assert loaded.count == 20
    refusal = refused(tmp_path, text, bad_rows="refuse")
    assert (refusal.code, refusal.args["line"], refusal.args["count"]) == ("data.bad_row", 22, 3)


def test_a_text_among_numbers_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    loaded = table(tmp_path, f"x,y,kind\n5,six,a\n{ROWS}\n1,inf,b\n")
    (problem,) = loaded.problems
    assert (problem.args["line"], problem.args["count"]) == (2, 2)
    assert problem.args["detail"] == "y: 'six'"


@pytest.mark.parametrize("blank", ["", " ", "NA", "nan", "N/A", "null", "?"])
def test_missing_numbers_become_the_mean_and_missing_targets_are_left_out(tmp_path: Path, blank: str) -> None:
    loaded = table(tmp_path, f"x,y,z\n{blank},1,5.5\n{ROWS.replace('a', '1.5').replace('b', '2.5')}\n3,4,{blank}\n")
    assert [problem.code for problem in loaded.problems] == ["data.no_target"]
    assert loaded.problems[0].args["count"] == 1
    assert (loaded.count, samples(loaded)) == (22, 21)
    assert float(loaded.columns["features"].tensor[0, 0]) == pytest.approx(0, abs=1e-6)
    rows = np.concatenate(list(loaded.splits.values()))
    assert loaded.columns["z"].tensor[rows].isfinite().all()


def test_a_class_may_be_called_none(tmp_path: Path) -> None:
    loaded = table(tmp_path, "x,kind\n1,none\n2,some\n3,NA\n4,\n5,none\n6,some\n7,NA\n8,none\n")
    assert loaded.columns["kind"].classes == ("NA", "none", "some")
    assert [problem.code for problem in loaded.problems] == ["data.no_target"]


def test_categories_and_free_text(tmp_path: Path) -> None:
    rows = "\n".join(f"{number},{'red' if number % 3 else 'blue'},note {number},{number / 7}" for number in range(60))
    loaded = table(tmp_path, f"size,colour,remark,price\n{rows}\n61,,hello,3\n")
    assert [problem.code for problem in loaded.problems] == ["data.ignored_columns"]
    assert loaded.problems[0].args["columns"] == ["remark"]
    features = loaded.columns["features"].tensor
    assert features.shape == (61, 3)  # size, blue, red
    assert features[0, 1:].tolist() == [1, 0]
    assert features[60, 1:].tolist() == [0, 0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends(tmp_path: Path, separator: str, head: bytes, end: str) -> None:
    text = f"x,y,kind\n{ROWS}\n".replace(",", separator).replace("\n", end)
    loaded = table(tmp_path, head + text.encode())
    assert list(loaded.columns) == ["features", "kind"]
    assert loaded.columns["features"].shape == (2,)


def test_quoted_cells(tmp_path: Path) -> None:
    loaded = table(tmp_path, 'x,"the kind"\n1,"a, b"\n2,"say ""hi"""\n3,"two\nlines"\n4,"a, b"\n')
    assert loaded.columns["the kind"].classes == ("a, b", 'say "hi"', "two\nlines")


def test_names_around_which_spaces_stand(tmp_path: Path) -> None:
    loaded = table(tmp_path, f" x ,y , kind\n{ROWS}\n", target="kind")
    assert "kind" in loaded.columns


def test_latin_1_is_refused_and_the_remedy_named(tmp_path: Path) -> None:
    problem = refused(tmp_path, "x,größe,café,señal,über\n1,2,3,4,5\n".encode("latin-1"))
    assert (problem.code, problem.args["found"]) == ("data.other_encoding", "cp1252")
    assert "UTF-8" in wording.remedy(problem)
    assert list(table(tmp_path, "x,größe\n1,2\n".encode("latin-1"), encoding="cp1252").raw) == ["x", "größe"]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", {}, "data.empty"),
        ("\n\n", {}, "data.empty"),
        ("x,y\n", {}, "data.empty"),
        ("x,x\n1,2\n", {}, "data.header"),
        ("x\n1\n2\n", {}, "data.header"),
        ("x,y\n1,2\n", {"target": "z"}, "data.no_column"),
        ("x,y\n1\n2,3,4\n", {}, "data.empty"),
        ("\x00\x01,\x02\n", {}, "data.empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "data.encoding"),
        ('x,y\n1,"' + "long" * 40_000 + "\n", {}, "data.bad_csv"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str | bytes, options: dict[str, Any], code: str) -> None:
    assert refused(tmp_path, text, **options).code == code


def test_free_text_alone_is_something_to_learn_from(tmp_path: Path) -> None:
    rows = "\n".join(f"remark {number},{number % 2}" for number in range(60))
    columns = table(tmp_path, f"text,kind\n{rows}\n").columns
    assert {name: column.kind for name, column in columns.items()} == {"text": "tokens", "kind": "label"}


def test_large_whole_numbers_are_classes_of_their_own(tmp_path: Path) -> None:
    loaded = table(tmp_path, "x,code\n1,1234567\n2,1234568\n3,1234567\n")
    assert loaded.columns["code"].classes == ("1234567", "1234568")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert table(tmp_path, f"x,y,kind\n{ROWS}\n").count == 20
    assert table(tmp_path, f"x,y,kind\n{ROWS}\n1,2,a\n").count == 21


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("a,b\n\n1,2\n\n\n3,4\n")
    assert [line for line, _ in read(file)] == [1, 3, 6]


def kinds(loaded: Loaded) -> dict[str, str]:
    return {name: column.kind for name, column in loaded.raw.items()}


def test_kinds_and_roles_are_guessed_from_names_and_values(tmp_path: Path) -> None:
    lines = [
        f"{1000 + n},0{n % 40},{n / 3},2024-01-{n % 28 + 1:02},{'a;b' if n % 2 else 'b;c'},{'red' if n % 3 else 'blue'}"
        f",p{n // 4},{n % 2}.5,{'train' if n % 5 else 'test'},note {n},{12345678901234567890 + n},{n % 3}"
        for n in range(120)
    ]
    header = "id,zip,size,day,tags,colour,patient_id,sample_weight,split,remark,code,kind"
    loaded = table(tmp_path, "\n".join([header, *lines]) + "\n")
    assert kinds(loaded) == {
        "id": "id", "zip": "category", "size": "number", "day": "date", "tags": "tags", "colour": "category",
        "patient_id": "category", "sample_weight": "number", "split": "category", "remark": "text", "code": "text",
        "kind": "category",
    }  # fmt: skip
    roles = dict(loaded.roles)
    assert {name: role for name, role in roles.items() if role not in ("input", "ignore")} == {
        "patient_id": "group",
        "sample_weight": "weight",
        "split": "split",
        "kind": "target",
    }
    assert (roles["id"], roles["code"]) == ("ignore", "ignore")
    assert loaded.raw["zip"].values[7].as_py() == "07"  # no zero is lost
    assert loaded.raw["code"].values[3].as_py() == "12345678901234567893"  # nor a digit


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-11-27", "2026-11-27T00:00"),
        ("2026-11-27 18:30", "2026-11-27T18:30"),
        ("2026-11-27T18:30:00Z", "2026-11-27T18:30"),
        ("2026-11-27T18:30:00+02:00", "2026-11-27T16:30"),
        ("27.11.2026", "2026-11-27T00:00"),
        ("11/27/2026", "2026-11-27T00:00"),
        ("27/11/2026", "2026-11-27T00:00"),
        ("2026/11/27", "2026-11-27T00:00"),
    ],
)
def test_dates_as_people_write_them(text: str, first: str, tmp_path: Path) -> None:
    loaded = table(tmp_path, "day,x,kind\n" + "".join(f"{text},{n},{n % 2}\n" for n in range(20)) + ",1,0\n")
    assert loaded.raw["day"].kind == "date"
    assert str(np.datetime64(loaded.raw["day"].values[0].as_py(), "m")) == first
    assert loaded.raw["day"].values.null_count == 1


def test_decimal_commas_are_read_where_they_cannot_be_separators(tmp_path: Path) -> None:
    loaded = table(tmp_path, "größe;preis;art\n1,5;-0,25;a\n2;10;b\n" + "3,5;4,25;a\n" * 20)
    assert loaded.raw["größe"].values.to_pylist()[:3] == [1.5, 2.0, 3.5]
    assert loaded.raw["preis"].values.to_pylist()[0] == -0.25


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "gb18030", "shift_jis", "cp1251"])
def test_an_encoding_can_be_chosen(encoding: str, tmp_path: Path) -> None:
    word = {"gb18030": "颜色", "shift_jis": "いろ", "cp1251": "цвет"}.get(encoding, "größe")
    marked = encoding in ("utf-8-sig", "utf-16")
    loaded = table(tmp_path, f"x,{word}\n1,{word}1\n2,b\n".encode(encoding), encoding="auto" if marked else encoding)
    assert loaded.columns[word].classes[-1] == f"{word}1"


def test_another_encoding_in_the_middle_of_a_file_is_found(tmp_path: Path) -> None:
    lines = "".join(f"{n},wort\n" for n in range(30_000)).encode() + "5,größe süß über\n".encode("cp1252")
    problem = refused(tmp_path, b"x,word\n" + lines)
    assert (problem.code, problem.args) == ("data.other_encoding", {"expected": "utf-8", "found": "cp1252"})


def test_a_table_without_a_header_is_read_and_said_so(tmp_path: Path) -> None:
    bare = "\n".join(IRIS.read_text().splitlines()[1:])
    loaded = table(tmp_path, bare)
    assert list(loaded.raw) == [f"column {place}" for place in range(1, 6)]
    assert (loaded.count, [problem.code for problem in loaded.problems]) == (150, ["data.no_header"])
    assert table(tmp_path, "2019,2020\n" + "1,2\n" * 9, header="yes").count == 9
    assert table(tmp_path, "a,b\n" + "c,d\n" * 9, header="no").count == 10


def test_ids_that_are_there_twice_are_named(tmp_path: Path) -> None:
    text = "id,x,kind\n" + "".join(f"n{n},{n},{n % 2}\n" for n in range(50)) + "n7,1,1\nn9,1,0\n"
    loaded = table(tmp_path, text)
    (problem,) = loaded.problems
    assert (problem.code, problem.args["count"], problem.args["ids"]) == ("data.repeated_ids", 2, ["n7", "n9"])
    assert problem.args["row"] == 8
    assert "n7" in wording.what(problem)


def test_a_damaged_row_of_a_file_with_quoted_line_ends_is_named_by_its_line(tmp_path: Path) -> None:
    text = 'x,word\n\n1,"two\nlines"\n' + "2,b\n" * 5 + "3\n" + "oops,b\n" + "4,c\n" * 40 + '5,"two\nlines"\n' * 3
    loaded = table(tmp_path, text)
    (problem,) = loaded.problems
    assert (problem.args["line"], problem.args["count"]) == (10, 2)
    assert text.splitlines()[9] == "3"


def test_a_file_that_vanishes_says_so_and_one_in_memory_does_not_need_it(tmp_path: Path) -> None:
    loaded = table(tmp_path, f"x,y,kind\n{ROWS}\n")
    (tmp_path / "table.csv").unlink()
    assert loaded.columns["features"].tensor.shape == (20, 2)
    with pytest.raises(ProblemError) as caught:
        anew(Data("csv", {"path": str(tmp_path / "table.csv")}))
    assert caught.value.problem.code == "file.unreadable"


# ---- large files


def large(path: Path, count: int, *extra: str) -> Path:
    """A file of numbers, a category and a class; `extra` lines in its middle."""
    random = np.random.default_rng(0)
    with path.open("w") as file:
        file.write("a,b,c,word,kind\n")
        for start in range(0, count, 10_000):
            block = random.standard_normal((min(10_000, count - start), 3))
            file.writelines(
                f"{a:.6f},{b:.6f},{c:.6f},w{start % 7},{'yes' if a + b > 0 else 'no'}\n" for a, b, c in block.tolist()
            )
            if start == 20_000:
                file.writelines(f"{line}\n" for line in extra)
    return path


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "LARGE", 1 << 20)


@pytest.mark.usefixtures("small_is_large")
def test_a_large_file_is_converted_once_and_holds_the_same(tmp_path: Path, home: Path) -> None:
    file = large(tmp_path / "l.csv", 60_000, "1,2,3,w1", "x,2,3,w1,yes")
    seen: list[tuple[str, int, int]] = []
    data = Data("csv", {"path": str(file)})
    loaded = load(data, Path(), lambda *step: seen.append(step))
    assert any(code == "data.reading" and 0 < done <= total for code, done, total in seen)
    assert (loaded.count, loaded.problems[0].args["count"], loaded.problems[0].args["line"]) == (60_000, 2, 30_002)
    seen.clear()
    again = anew(data)
    assert not seen
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "LARGE", 1 << 40)
        whole = anew(data)
    assert again.fingerprint == loaded.fingerprint == whole.fingerprint
    assert torch.equal(again.columns["features"].tensor, whole.columns["features"].tensor)
    file.unlink()  # a run goes on
    assert torch.equal(again.columns["features"].ready(torch.arange(5)), whole.columns["features"].tensor[:5])


class Enough(Exception):
    """The user has had enough."""


@pytest.mark.usefixtures("small_is_large")
def test_reading_can_be_given_up_and_leaves_nothing_behind(tmp_path: Path, home: Path) -> None:
    file = large(tmp_path / "l.csv", 200_000)

    def stop(code: str, done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        load(Data("csv", {"path": str(file)}), Path(), stop)
    assert not list(home.rglob("*.arrow"))
    assert anew(Data("csv", {"path": str(file)})).count == 200_000


MEASURED = """
import resource, sys
from pathlib import Path
import torch, pyarrow.csv
from workbench.core.document import Data
from workbench.engine.feed import Feed
from workbench.engine.loading import load
from workbench.engine import columns, datasets
torch.set_num_threads(1)
status = Path("/proc/self/status").read_text()
used = int(status.split("VmData:")[1].split()[0]) << 10
limit = used + (int(sys.argv[2]) << 20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
loaded = load(Data("csv", {"path": sys.argv[1]}), Path())
rows = torch.from_numpy(loaded.splits["train"])
feed = Feed(list(loaded.columns.values()), rows, 4096, torch.device("cpu"))
print(loaded.count, sum(len(batch[0]) for batch in feed.epoch(feed.order(0, 0))))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_a_file_of_many_megabytes_is_read_within_a_limit_of_memory(tmp_path: Path) -> None:
    """70 MB, which as rows of Python are more than a gigabyte: read, prepared and fed within 450 MB."""
    file = large(tmp_path / "l.csv", 2_000_000)
    assert file.stat().st_size > 64 << 20
    found = subprocess.run(
        [sys.executable, "-c", MEASURED, str(file), "450"],
        env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"},  # mimalloc reserves far more than it uses
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr[-3000:]
    count, trained = map(int, found.stdout.split())
    assert (count, trained) == (2_000_000, 1_400_000)
