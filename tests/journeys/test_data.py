"""The Data place: real sources, good and damaged ones, and what the window says about them."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QPushButton, QTreeWidget, QWidget

from tests.samples import DIABETES, IRIS, digit_pictures
from tests.windows import (
    CONTROL,
    LEFT,
    NONE,
    Key,
    choose,
    click,
    drop,
    items,
    notices,
    press,
    retype,
    rows,
    seen,
    words,
)
from widgets.choice_table import ChoiceTable
from widgets.image_grid import ImageGrid
from widgets.notice import Notice
from workbench.core.inspection import Inspection
from workbench.core.places import data as data_folder
from workbench.ui.panels.data.samples import PAGE
from workbench.ui.panels.data.view import DataView


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


def known(bench) -> Inspection | None:
    """What is known of the data, once nothing is being read any more."""
    found = bench.app.places.data.reader.seen
    return found.inspection if found.stage == "known" else None


def option(bench, name: str, value: str) -> None:
    """Type an option of the source."""
    retype(seen(bench.window, QWidget, "data-options").input(name), value)


def captions(view: DataView) -> list[str]:
    """What stands below the pictures that are shown."""
    grid = view.findChild(ImageGrid)
    model = grid.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def where(view: DataView) -> str:
    return next(text for text in words(view).split("\n") if " of " in text and " to " in text)


def segment(view: QWidget, key: str) -> QAbstractButton:
    """A tab or a part of a switch that can be seen."""
    found = [b for b in view.findChildren(QAbstractButton) if getattr(b, "key", "") == key and b.isVisible()]
    return found[0]


def show(view: DataView, page: str) -> None:
    """Go to a page of the data by its tab."""
    click(segment(view.tabs, page))


def pick(bench, table: ChoiceTable, row: str, head: str, text: str) -> None:
    """Choose in a cell with the keyboard: Enter, arrows, Enter."""
    at = [line.key for line in table.lines()].index(row)
    column = [head_.key for head_ in table.lines_model.heads].index(head)
    table.setFocus()
    table.setCurrentIndex(table.lines_model.index(at, column))
    press(table, Key.Key_Return)
    assert table.menu is not None
    bench.wait(table.menu.isVisible)
    action = next(action for action in table.menu.actions() if action.text() == text)
    table.menu.setActiveAction(action)
    QTest.keyClick(table.menu, Key.Key_Return)


def files(path: Path) -> QMimeData:
    """What a file manager hands over."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def test_an_empty_place_says_what_to_do(bench, data):
    assert "No data yet" in words(data)
    assert "needs no network" in words(data)


def test_the_digits_can_be_looked_at(bench, data):
    view = take(bench, "Digits")
    bench.wait(lambda: known(bench) and captions(view))
    assert words(view).startswith("5,000 samples: 3,500 training, 500 validation, 1,000 test.")
    assert view.distributions.balance.accessibleDescription().split("\n") == [f"{digit} 500" for digit in range(10)]
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
    click(segment(view.samples, "test"))
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
        view.samples.turn(PAGE)
    assert where(view) == "61 to 100 of 100"


def test_another_split_shares_the_samples_out_anew(bench, data):
    view = take(bench, "Digits")
    bench.wait(lambda: known(bench))
    show(view, "split")
    retype(seen(data, QWidget, "split").input("validation"), "0.5")
    bench.wait(lambda: known(bench) and known(bench).splits["validation"] == 2000)
    bench.wait(lambda: "2,000 training, 2,000 validation, 1,000 test" in words(view))
    assert bench.document.data.split.validation == 0.5
    assert "Validation 2,000" in view.split.parts.accessibleDescription()
    bench.window.setFocus()
    bench.key(Key.Key_Z, CONTROL)
    bench.wait(lambda: known(bench) and known(bench).splits["validation"] == 500)
    assert seen(data, QWidget, "split").input("validation").value() == 0.125


def test_a_folder_of_images_with_a_damaged_file(bench, data, tmp_path: Path):
    pets = digit_pictures(tmp_path / "pets", 12, (3, 8))
    (pets / "3" / "broken.png").write_bytes(b"\x89PNG no more")

    view = take(bench, "Folder of images")
    bench.wait(lambda: "Where are the data?" in words(view))
    assert notices(view) == [], "nothing went wrong yet"
    bench.desk.will(None)
    click(seen(view, QPushButton, text="Choose …"))
    assert bench.desk.asked[-1][0] == "folder"
    bench.desk.will(pets)
    field = seen(data, QWidget, "data-options").input("path")
    QTest.mouseClick(field, LEFT, NONE, field._side().center().toPoint())
    assert bench.desk.asked[-1][0] == "folder"

    bench.wait(lambda: known(bench) and captions(view))
    assert words(view).split("\n")[0].startswith("24 samples:")
    (text,) = notices(view)
    assert "Cannot be read, and left out:" in text
    assert "broken.png" in text
    assert view.distributions.balance.accessibleDescription() == "3 12\n8 12"
    assert len(captions(view)) == known(bench).splits["train"]

    # or refused, when the user wishes
    choose(seen(data, QWidget, "data-options").input("bad_files"), "refuse")
    bench.wait(lambda: known(bench) and not known(bench).ready and captions(view) == [])
    (text,) = notices(view)
    assert "broken.png cannot be read" in text
    assert "broken.png" not in words(view.samples), "it is said once"


def test_a_table_with_a_bad_row(bench, data, tmp_path: Path):
    lines = [f"{n},{n * 2},{'yes' if n % 2 else 'no'}" for n in range(40)]
    lines[7] = "7,seven"
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,answer", *lines]) + "\n")

    view = take(bench, "CSV file")
    bench.wait(lambda: "Where are the data?" in words(view))
    bench.desk.will(path)
    click(seen(view, QPushButton, text="Choose …"))
    bench.wait(lambda: known(bench) and view.samples.table.isVisible())
    assert words(view).startswith("39 samples:")
    (text,) = notices(view)
    notice = seen(view, Notice)
    assert notice.height() < 80, "it is as high as its words"
    assert "Rows that do not fit were skipped (1 in all), the first in line 9" in text
    assert view.distributions.balance.accessibleDescription() == "no 20\nyes 19"
    table = seen(view, QTreeWidget, accessible="Samples")
    assert [table.headerItem().text(column) for column in range(3)] == ["a", "b", "answer"]
    shown = rows(table)
    assert len(shown) == known(bench).splits["train"]
    assert all(int(b) == 2 * int(a) for a, b, _ in shown)
    assert "7" not in [a for a, _, _ in shown]
    right = Qt.AlignmentFlag.AlignRight
    assert [bool(items(table)[0].textAlignment(at) & right) for at in range(3)] == [True, True, False]


def test_what_a_column_is_for_is_chosen_with_the_keyboard_and_taken_back(bench, data):
    place = bench.app.places.data
    place.take(str(IRIS))
    bench.wait(lambda: known(bench))
    view, table = place.view, place.view.columns.table
    show(view, "columns")

    def shown(head: int) -> list[str]:
        return [line.cells[head].text for line in table.lines()]

    assert shown(0) == ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    assert shown(1) == ["Number"] * 4 + ["Category"]
    assert shown(2) == ["Input"] * 4 + ["Target"]
    assert shown(4)[-1] == "3"

    pick(bench, table, "petal_width", "role", "Target")
    assert bench.document.data.columns["petal_width"].role == "target"
    bench.wait(lambda: known(bench) and shown(2) == ["Input"] * 3 + ["Target", "Input"])
    assert table.current() == "petal_width", "the keyboard stays where it was"
    assert [column.kind for column in known(bench).ready] == ["table", "number"]

    pick(bench, table, "sepal_width", "role", "Ignore")
    bench.wait(lambda: known(bench) and shown(2)[1] == "Ignore")
    bench.key(Key.Key_Z, CONTROL)
    bench.key(Key.Key_Z, CONTROL)
    assert bench.document.data.columns == {}
    bench.wait(lambda: known(bench) and shown(2) == ["Input"] * 4 + ["Target"])


def test_a_role_that_cannot_be_leaves_the_columns_to_put_it_right(bench, data):
    place = bench.app.places.data
    place.take(str(IRIS))
    bench.wait(lambda: known(bench))
    table = place.view.columns.table
    show(place.view, "columns")
    for name in ("sepal_length", "sepal_width", "petal_length", "petal_width"):
        pick(bench, table, name, "role", "Ignore")
        bench.wait(lambda: known(bench))
    bench.wait(lambda: any("no column that a network could read" in text for text in notices(place.view)))
    assert table.isVisible()
    pick(bench, table, "petal_width", "role", "Input")
    bench.wait(lambda: known(bench) and not notices(place.view))
    assert known(bench).ready[0].shape == (1,)


def test_distributions_tell_of_every_column(bench, data):
    place = bench.app.places.data
    place.take(str(DIABETES))
    bench.wait(lambda: known(bench))
    show(place.view, "distributions")
    spreads = {facts.name: facts.spread for facts in known(bench).columns}
    assert all(spread and sum(spread.counts) == 442 for name, spread in spreads.items() if name != "sex")
    assert len(place.view.distributions.cards.cards()) == len(spreads)


def test_samples_that_are_there_twice_are_named(bench, data, tmp_path: Path):
    folder = digit_pictures(tmp_path / "digits", 20, (1, 7))
    original = folder / "1" / "000.png"
    for number in range(12):
        (folder / "1" / f"copy {number}.png").write_bytes(original.read_bytes())
    place = bench.app.places.data
    place.take(str(folder))
    bench.wait(lambda: known(bench))
    twins = known(bench).duplicates
    assert twins.within + twins.across == 12
    assert twins.across > 0
    assert any("that are in training too" in text for text in notices(place.view))
    assert all("1/" in twin.text for twin in twins.examples)


def test_a_file_or_folder_is_dropped_anywhere(bench, data, tmp_path: Path):
    place = bench.app.places.data
    drop(place, files(IRIS), QPointF(700, 400))
    bench.wait(lambda: known(bench) and known(bench).rows == 150)
    assert bench.document.data.source == "csv"
    assert bench.state.undo_label == "Choose data"
    folder = digit_pictures(tmp_path / "digits", 6, (1, 7))
    drop(place, files(folder), QPointF(30, 30))
    bench.wait(lambda: known(bench) and known(bench).rows == 12)
    assert bench.document.data.source == "image_folder"
    bench.key(Key.Key_Z, CONTROL)
    bench.wait(lambda: known(bench) and known(bench).rows == 150)


@pytest.mark.parametrize(
    ("title", "name", "said"),
    [("Folder of images", "nowhere", "There is no folder"), ("CSV file", "nowhere.csv", "cannot be read")],
)
def test_what_is_not_there_is_told_and_can_be_tried_again(bench, data, tmp_path: Path, title, name, said):
    view = take(bench, title)
    option(bench, "path", str(tmp_path / name))
    bench.wait(lambda: any(said in text for text in notices(view)))
    assert str(tmp_path / name) in "".join(notices(view))
    assert not view.samples.isVisible()
    if title == "CSV file":
        (tmp_path / name).write_text("a,b\n" + "\n".join(f"{n},{n % 2}" for n in range(20)))
        click(seen(view, QPushButton, text="Try again"))
        bench.wait(lambda: view.samples.table.isVisible())
        assert notices(view) == []


def test_mnist_is_offered_not_fetched(bench, data):
    view = take(bench, "MNIST")
    bench.wait(lambda: bool(notices(view)))
    assert notices(view) == ["MNIST is not on this machine yet."]
    assert seen(view, QPushButton, text="Download 11 MB").isEnabled()
    assert not view.samples.isVisible()
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
    bench.wait(lambda: "Reading files" in words(view))
    engine = bench.app.engine.pid

    click(seen(view, QPushButton, text="Cancel"))
    assert notices(view) == ["Reading the data was cancelled."]
    assert known(bench) is None
    assert bench.app.engine.pid != engine

    # the window goes on with another engine
    take(bench, "Digits")
    bench.wait(lambda: known(bench))
    assert known(bench).title == "Digits"
    assert notices(view) == []


def test_only_the_newest_choice_is_shown(bench, data):
    """Answers about data that was passed over in the list do not flash up."""
    take(bench, "Digits")
    take(bench, "No data")
    bench.analysed()
    assert known(bench) is None
    assert "No data yet" in words(data)
