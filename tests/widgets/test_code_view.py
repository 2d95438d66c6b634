"""Source to read: its words have colours, its place is kept, its lines can be marked and clicked."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.code_view import CodeView
from widgets.python_words import PythonWords
from widgets.tokens import DARK, LIGHT

TEXT = '''"""Two lines
of text."""
import torch  # not "text"


@cached
class Net(nn.Module):
    def forward(self, x: int) -> None:
        return f"a {x}" + 'b' + 1.5e3 + x1
'''


def kinds(text: str, line: int) -> list[tuple[str, str]]:
    lines = text.split("\n")
    position = sum(len(before) + 1 for before in lines[:line])
    found = PythonWords(text).words(lines[line], position)
    return [(lines[line][start : start + length], kind) for start, length, kind in found]


def test_words_have_their_kinds() -> None:
    assert kinds(TEXT, 0) == [('"""Two lines', "text")]
    assert kinds(TEXT, 1) == [('of text."""', "text")]
    assert kinds(TEXT, 2) == [("import", "keyword"), ('# not "text"', "comment")]
    assert kinds(TEXT, 5) == [("@cached", "name")]
    assert kinds(TEXT, 6) == [("class", "keyword"), ("Net", "name")]
    assert kinds(TEXT, 7)[:3] == [("def", "keyword"), ("forward", "name"), ("self", "keyword")]
    assert kinds(TEXT, 8) == [("return", "keyword"), ('f"a {x}"', "text"), ("'b'", "text"), ("1.5e3", "number")]
    assert kinds('x = "open\ny = 1', 1) == [("1", "number")]
    assert kinds('a = """open\nclass X', 1) == [("class X", "text")]


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    found = CodeView(DARK, "Code")
    qtbot.addWidget(found)
    found.resize(400, 300)
    found.show()
    return found


LINES = [f"line_{number} = {number}" for number in range(1, 400)]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:200], "new = 1", *lines[200:]],
        lambda lines: [*lines[:10], *lines[200:]],
        lambda lines: lines[:-3],
        lambda lines: [*lines, "more = 1", "end = 2"],
        lambda lines: [*lines[:-1], "other = 1"],
        lambda lines: ["first = 1", *lines[1:]],
        lambda lines: ["all = 1", "other = 2"],
        lambda lines: [""],
    ],
)
def test_a_new_text_takes_the_place_of_the_old(view: CodeView, change) -> None:  # type: ignore[no-untyped-def]
    view.set_code("\n".join(LINES) + "\n")
    view.verticalScrollBar().setValue(5)
    new = change(LINES)
    view.set_code("\n".join(new) + "\n")
    assert view.toPlainText() == "\n".join(new)
    assert view.verticalScrollBar().value() == min(5, view.verticalScrollBar().maximum())


def test_marks_come_into_view_and_clicks_choose_lines(view: CodeView, qtbot: QtBot) -> None:
    view.set_code("\n".join(LINES))
    view.mark([300, 301])
    assert view.marked == (300, 301)
    first = view.firstVisibleBlock().blockNumber()
    assert first < 300 < first + 20
    view.mark([first + 3])
    assert view.firstVisibleBlock().blockNumber() == first, "it was in view"
    with qtbot.waitSignal(view.line_chosen) as caught:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, 8))
    assert caught.args == [first + 1]
    with qtbot.waitSignal(view.line_chosen) as caught:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert caught.args == [first + 1]


def test_it_is_greyed_and_follows_the_theme(view: CodeView) -> None:
    view.set_code(TEXT)

    def colours() -> set[str]:
        image = view.grab().toImage()
        return {image.pixelColor(x, y).name() for x in range(40, 300) for y in range(150)}

    assert DARK.family("convolution") in colours()
    view.set_stale(True)
    assert DARK.family("convolution") not in colours()
    view.set_stale(False)
    view.set_tokens(LIGHT)
    assert LIGHT.family("convolution") in colours()
