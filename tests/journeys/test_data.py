"""The Data place: real sources, good and damaged ones, and what the window says about them."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QPushButton, QTreeWidget, QWidget

from tests.windows import CONTROL, LEFT, NONE, Key, choose, click, items, notices, retype, rows, seen, words
from widgets.image_grid import ImageGrid
from widgets.notice import Notice
from workbench.core.places import data as data_folder
from workbench.ui.panels.data import PAGE, DataView


@pytest.fixture
def data(bench):
    """The Data place of a new project."""
    bench.app.files.new()
    return bench.go("data")


def take(bench, title: str) -> DataView:
    """Choose a kind of data."""
    choose(seen(bench.window, QComboBox, "data-source"), title)
    view = bench.app.places.data.view
    assert isinstance(view, DataView)
    return view


def option(bench, name: str, value: str) -> None:
    """Type an option of the source."""
    retype(seen(bench.window, QWidget, "data-options").input(name), value)


def captions(view: DataView) -> list[str]:
    """What stands below the pictures that are shown."""
    grid = seen(view, ImageGrid)
    model = grid.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def where(view: DataView) -> str:
    return next(text for text in words(view).split("\n") if " of " in text and " to " in text)


def segment(view: QWidget, key: str) -> QAbstractButton:
    return next(b for b in view.findChildren(QAbstractButton) if getattr(b, "key", "") == key)


def test_an_empty_place_says_what_to_do(bench, data):
    assert "No data yet" in words(data)
    assert "needs no network" in words(data)


def test_the_digits_can_be_looked_at(bench, data):
    view = take(bench, "Digits")
    bench.wait(lambda: view.summary is not None and view.grid.isVisible())
    assert words(view).startswith("5,000 samples: 3,500 training, 500 validation, 1,000 test.")
    assert view.balance.accessibleDescription().split("\n") == [f"{digit} 500" for digit in range(10)]
    assert len(captions(view)) == PAGE
    assert set(captions(view)) <= set("0123456789")
    assert where(view) == "1 to 60 of 3,500"

    # the next page, and back
    first = captions(view)
    back, on = (seen(view, QPushButton, accessible=name) for name in ("Previous page", "Next page"))
    assert not back.isEnabled()
    click(on)
    bench.wait(lambda: where(view) == "61 to 120 of 3,500")
    assert captions(view) != first
    click(back)
    bench.wait(lambda: where(view) == "1 to 60 of 3,500")
    assert captions(view) == first

    # another split
    click(segment(view, "test"))
    bench.wait(lambda: where(view) == "1 to 60 of 1,000")

    # one class
    choose(seen(view, QComboBox, accessible="Class"), "7")
    bench.wait(lambda: where(view) == "1 to 60 of 100")
    assert set(captions(view)) == {"7"}
    click(on)
    bench.wait(lambda: where(view) == "61 to 100 of 100")
    assert not on.isEnabled()
    assert len(captions(view)) == 40

    # a quick hand does not run past the end
    for _ in range(5):
        view._turn(PAGE)
    assert where(view) == "61 to 100 of 100"


def test_another_split_shares_the_samples_out_anew(bench, data):
    view = take(bench, "Digits")
    bench.wait(lambda: view.summary is not None)
    retype(seen(data, QWidget, "split").input("validation"), "0.5")
    bench.wait(lambda: view.summary is not None and view.summary.splits["validation"] == 2000)
    bench.wait(lambda: "2,000 training, 2,000 validation, 1,000 test" in words(view))
    assert bench.document.data.split.validation == 0.5
    bench.window.setFocus()
    bench.key(Key.Key_Z, CONTROL)
    bench.wait(lambda: view.summary is not None and view.summary.splits["validation"] == 500)
    assert seen(data, QWidget, "split").input("validation").value() == 0.125


def test_a_folder_of_images_with_a_damaged_file(bench, data, tmp_path: Path):
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            pixels = rng.integers(0, 255, (20, 24, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    (tmp_path / "pets" / "cats" / "broken.png").write_bytes(b"\x89PNG no more")

    view = take(bench, "Folder of images")
    bench.wait(lambda: "Where is the data?" in words(view))
    assert notices(view) == [], "nothing went wrong yet"
    bench.desk.will(None)
    click(seen(view, QPushButton, text="Choose …"))
    assert bench.desk.asked[-1][0] == "folder"
    bench.desk.will(tmp_path / "pets")
    field = seen(data, QWidget, "data-options").input("path")
    QTest.mouseClick(field, LEFT, NONE, field._side().center().toPoint())
    assert bench.desk.asked[-1][0] == "folder"

    bench.wait(lambda: view.summary is not None and view.grid.isVisible())
    assert words(view).split("\n")[0].startswith("24 samples:")
    (text,) = notices(view)
    assert "No pictures, and skipped:" in text
    assert "broken.png" in text
    assert view.balance.accessibleDescription() == "cats 12\ndogs 12"
    assert len(captions(view)) == view.summary.splits["train"]

    # or refused, when the user wishes
    choose(seen(data, QWidget, "data-options").input("bad_files"), "refuse")
    bench.wait(lambda: any("broken.png" in text for text in notices(view)) and not view.grid.isVisible())


def test_a_table_with_a_bad_row(bench, data, tmp_path: Path):
    lines = [f"{n},{n * 2},{'yes' if n % 2 else 'no'}" for n in range(40)]
    lines[7] = "7,seven"
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,answer", *lines]) + "\n")

    view = take(bench, "CSV file")
    bench.wait(lambda: "Where is the data?" in words(view))
    bench.desk.will(path)
    click(seen(view, QPushButton, text="Choose …"))
    bench.wait(lambda: view.summary is not None and view.table.isVisible())
    assert words(view).startswith("39 samples:")
    (text,) = notices(view)
    notice = seen(view, Notice)
    assert notice.height() < 80, "it is as high as its words"
    assert "Rows that do not fit were skipped (1 in all), the first in line 9" in text
    assert view.balance.accessibleDescription() == "no 20\nyes 19"
    table = seen(view, QTreeWidget, accessible="Samples")
    assert [table.headerItem().text(column) for column in range(3)] == ["a", "b", "answer"]
    shown = rows(table)
    assert len(shown) == view.summary.splits["train"]
    assert all(int(b) == 2 * int(a) for a, b, _ in shown)
    assert "7" not in [a for a, _, _ in shown]
    right = Qt.AlignmentFlag.AlignRight
    assert [bool(items(table)[0].textAlignment(at) & right) for at in range(3)] == [True, True, False]

    # the column that is used is named, and can be another
    bench.wait(lambda: any(form.isVisible() for form in data.findChildren(QWidget, "data-options")))
    target = seen(data, QWidget, "data-options").input("target")
    assert target.currentText() == "answer (automatic)"
    assert [target.itemText(at) for at in range(1, target.count())] == ["a", "b", "answer"]
    choose(target, "b")
    assert bench.document.data.options["target"] == "b"
    bench.wait(lambda: view.summary is not None and view.summary.columns[-1].name == "b")
    bench.wait(lambda: view.table.isVisible())
    bench.wait(lambda: any(form.isVisible() for form in data.findChildren(QWidget, "data-options")))
    target = seen(data, QWidget, "data-options").input("target")
    assert target.currentText() == "b"


@pytest.mark.parametrize(
    ("title", "name", "said"),
    [("Folder of images", "nowhere", "There is no folder"), ("CSV file", "nowhere.csv", "cannot be read")],
)
def test_what_is_not_there_is_told_and_can_be_tried_again(bench, data, tmp_path: Path, title, name, said):
    view = take(bench, title)
    option(bench, "path", str(tmp_path / name))
    bench.wait(lambda: any(said in text for text in notices(view)))
    assert str(tmp_path / name) in "".join(notices(view))
    assert not view.grid.isVisible()
    if title == "CSV file":
        (tmp_path / name).write_text("a,b\n" + "\n".join(f"{n},{n % 2}" for n in range(20)))
        click(seen(view, QPushButton, text="Try again"))
        bench.wait(lambda: view.table.isVisible())
        assert notices(view) == []


def test_mnist_is_offered_not_fetched(bench, data):
    view = take(bench, "MNIST")
    bench.wait(lambda: bool(notices(view)))
    assert notices(view) == ["MNIST is not on this machine yet."]
    assert seen(view, QPushButton, text="Download 11 MB").isEnabled()
    assert "Class balance" not in words(view)
    assert not list(data_folder().rglob("*ubyte*"))


def test_reading_can_be_cancelled_and_begun_again(bench, tmp_path: Path):
    large = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (1500, 1500, 3), np.uint8)).save(large, compress_level=1)
    for name in ("a", "b"):
        (tmp_path / "many" / name).mkdir(parents=True)
        for number in range(150):
            os.link(large, tmp_path / "many" / name / f"{number}.png")
    bench.app.files.new()
    bench.go("data")
    view = take(bench, "Folder of images")
    option(bench, "path", str(tmp_path / "many"))
    bench.wait(lambda: "Reading pictures" in words(view))
    engine = bench.app.engine.pid

    click(seen(view, QPushButton, text="Cancel"))
    assert notices(view) == ["Reading the data was cancelled."]
    assert view.summary is None
    assert bench.app.engine.pid != engine

    # the window goes on with another engine
    take(bench, "Digits")
    bench.wait(lambda: view.summary is not None)
    assert view.summary.title == "Digits"
    assert notices(view) == []


def test_only_the_newest_choice_is_shown(bench, data):
    """Answers about data that was passed over in the list do not flash up."""
    view = take(bench, "Digits")
    take(bench, "No data")
    bench.analysed()
    assert view.summary is None
    assert "No data yet" in words(data)
