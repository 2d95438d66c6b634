"""From data of one's own to a training run, for a newcomer: pictures, a table, a text; and what is wrong with them."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.samples import IRIS, digit_pictures
from tests.windows import Key, click, drop, notices, press, retype, seen, words
from workbench.ui.panels.model_card import ModelCard
from workbench.ui.panels.wizard.page import Wizard

ALT = Qt.KeyboardModifier.AltModifier
PAGES = ("choose", "kind", "columns", "look", "split", "model")
SHORT = 60_000


def begin(bench) -> Wizard:
    """By the button on the start page."""
    click(seen(bench.window, QPushButton, text="Start from your data"))
    assert bench.window.shown == "wizard"
    wizard = bench.app.places.wizard
    assert isinstance(wizard, Wizard)
    return wizard


def known(wizard: Wizard):
    found = wizard.reader.seen
    return found.inspection if found.stage == "known" else None


def go_on(bench, wizard: Wizard) -> None:
    """With the keyboard, as one does who believes everything."""
    bench.front()
    assert wizard.on.hasFocus()
    press(wizard, Key.Key_Return)


def train(bench) -> None:
    """A few epochs; a run that ends well."""
    click(bench.app.primary)
    bench.wait(lambda: bench.app.trainer.status and bench.app.trainer.status.state == "done", 120_000)


def shorten(bench, epochs: int) -> None:
    """So that a test does not take minutes."""
    bench.go("train")
    retype(seen(bench.window, QWidget, "training").input("epochs"), str(epochs))


def test_a_folder_of_pictures_becomes_a_run(bench, tmp_path: Path):
    folder = digit_pictures(tmp_path / "digits", 24, (0, 1, 7))
    (folder / "7" / "torn.png").write_bytes((folder / "7" / "000.png").read_bytes()[:60])
    wizard = begin(bench)
    assert wizard.page == "choose"
    assert not wizard.on.isEnabled()
    bench.desk.will(folder)
    click(wizard.choose.folder)
    bench.wait(lambda: known(wizard))

    # what it is, with what is wrong
    assert wizard.page == "kind"
    assert wizard.source.form is not None
    assert "72 samples: " in words(wizard)
    assert any("torn.png" in text for text in notices(wizard))
    go_on(bench, wizard)

    # columns, looks, split
    assert wizard.page == "columns"
    assert [(line.cells[0].text, line.cells[2].text) for line in wizard.columns.table.lines()] == [
        ("image", "Input"),
        ("label", "Target"),
    ]
    go_on(bench, wizard)
    assert wizard.page == "look"
    bench.wait(lambda: wizard.samples.grid.model().rowCount() > 0)
    go_on(bench, wizard)
    assert wizard.page == "split"
    assert "Training" in wizard.split.parts.accessibleDescription()
    go_on(bench, wizard)

    # the network that fits comes first, and is taken unless one takes another
    assert wizard.page == "model"
    first, *others = wizard.model.cards()
    assert isinstance(first, ModelCard)
    assert first.isChecked()
    assert len(others) >= 2
    assert wizard.on.text() == "Create the project"
    go_on(bench, wizard)

    assert bench.window.shown == "design"
    assert bench.document.title == "digits"
    assert bench.document.data.options["path"] == str(folder)
    bench.analysed()
    assert bench.state.analysis.ok, bench.state.analysis.problems
    assert bench.state.modified, "it is in no file yet"
    shorten(bench, 3)
    train(bench)


def test_a_table_is_dropped_on_the_start_page_and_becomes_a_run(bench):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(IRIS))])
    drop(bench.app.start, mime, QPointF(300, 300))
    wizard = bench.app.places.wizard
    bench.wait(lambda: known(wizard))
    assert wizard.page == "kind"
    wizard.rail.findChildren(QWidget)[-1].click()  # straight to the last page
    assert wizard.page == "model"
    retype(wizard.model.name, "flowers", enter=False)
    click(wizard.on)
    assert bench.document.title == "flowers"
    bench.analysed()
    assert bench.state.analysis.ok, bench.state.analysis.problems
    train(bench)


def test_a_text_becomes_a_run(bench, tmp_path: Path):
    poem = tmp_path / "poem.txt"
    poem.write_text("the quick brown fox jumps over the lazy dog and then it sleeps.\n" * 60)
    wizard = begin(bench)
    bench.desk.will(poem)
    click(wizard.choose.file)
    bench.wait(lambda: known(wizard))
    wizard.go("model")
    click(wizard.on)
    bench.analysed()
    assert bench.state.analysis.ok, bench.state.analysis.problems
    shorten(bench, 1)
    train(bench)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "holds no rows"),
        ("binary.txt", bytes(range(256)) * 40, "text"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_another_can_be_chosen(bench, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    wizard = begin(bench)
    bench.desk.will(path)
    click(wizard.choose.file)
    bench.wait(lambda: notices(wizard))
    assert said in " ".join(notices(wizard))
    assert wizard.page == "choose"
    assert not wizard.on.isEnabled()
    bench.desk.will(IRIS)
    click(wizard.choose.file)
    bench.wait(lambda: known(wizard))
    assert wizard.page == "kind"


def test_a_folder_without_pictures_is_told(bench, tmp_path: Path):
    (tmp_path / "things" / "a").mkdir(parents=True)
    (tmp_path / "things" / "a" / "thing.xyz").write_text("?")
    wizard = begin(bench)
    bench.desk.will(tmp_path / "things")
    click(wizard.choose.folder)
    bench.wait(lambda: notices(wizard))
    assert wizard.page == "choose"


def test_back_next_and_escape_are_keys(bench):
    wizard = begin(bench)
    bench.desk.will(IRIS)
    click(wizard.choose.file)
    bench.wait(lambda: known(wizard))
    for page in PAGES[2:]:
        bench.key(Key.Key_Right, ALT)
        assert wizard.page == page
    for page in reversed(PAGES[:-1]):
        bench.key(Key.Key_Left, ALT)
        assert wizard.page == page
    assert wizard.rail.states()["choose"] == "here"
    assert wizard.rail.states()["model"] == "ahead"
    bench.key(Key.Key_Escape)
    assert bench.window.shown == "start"
    assert not bench.state.is_open

    # a second beginning knows nothing of the first
    wizard = begin(bench)
    assert wizard.page == "choose"
    assert wizard.rail.states()["kind"] == "shut"


def test_a_role_that_was_changed_is_in_the_project(bench):
    wizard = begin(bench)
    bench.desk.will(IRIS)
    click(wizard.choose.file)
    bench.wait(lambda: known(wizard))
    wizard.go("columns")
    wizard.columns.table.chosen.emit("petal_width", "role", "target")
    wizard.columns.table.chosen.emit("species", "role", "ignore")
    bench.wait(lambda: known(wizard) and [c.kind for c in known(wizard).ready] == ["table", "number"])
    wizard.go("model")
    click(wizard.on)
    assert bench.document.data.columns["petal_width"].role == "target"
    bench.analysed()
    assert bench.state.analysis.ok, bench.state.analysis.problems


def test_escape_while_data_are_read_leaves_too(bench, tmp_path: Path):
    folder = digit_pictures(tmp_path / "digits", 40)
    wizard = begin(bench)
    wizard.take(str(folder))
    assert wizard.reader.seen.stage == "reading"
    QTest.keyClick(wizard, Key.Key_Escape)
    assert bench.window.shown == "start"


def test_unsaved_work_is_asked_about_before_a_project_takes_its_place(bench):
    bench.open_zoo("mnist_mlp")
    bench.app.session.edit("Change", bench.document.__class__(title="mine"))
    bench.app.start_from_data(str(IRIS))
    wizard = bench.app.places.wizard
    bench.wait(lambda: known(wizard))
    wizard.go("model")
    bench.desk.will(None)
    click(wizard.on)
    assert bench.document.title == "mine"
    bench.desk.will("discard")
    click(wizard.on)
    assert bench.document.title == "iris"
