import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.conftest import count, grab
from widgets.choice_table import Cell, ChoiceTable, Head, Line
from widgets.tokens import DARK

Key = Qt.Key
LEFT, NONE, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
HEADS = [Head("name", "Name"), Head("role", "Role", least=120), Head("count", "Count", right=True, stretch=True)]
ROLES = (("auto", "Automatic"), ("-", ""), ("input", "Input"), ("target", "Target"))


def lines(*roles: str) -> list[Line]:
    named = dict(ROLES)
    return [
        Line(f"c{at}", (Cell(f"column {at}"), Cell(named[role], ROLES, role), Cell(str(at), tone="dim")))
        for at, role in enumerate(roles)
    ]


@pytest.fixture
def table(show):
    widget = ChoiceTable(DARK, HEADS, name="Columns")
    show(widget, 600, 300)
    widget.set_lines(lines("input", "input", "target"))
    widget.setFocus()
    return widget


def at(table: ChoiceTable, row: int, column: int) -> None:
    table.setCurrentIndex(table.lines_model.index(row, column))


def pick(qtbot, table: ChoiceTable, text: str) -> None:
    menu = table.menu
    qtbot.waitUntil(menu.isVisible)
    menu.setActiveAction(next(action for action in menu.actions() if action.text() == text))
    QTest.keyClick(menu, Key.Key_Return)


@pytest.mark.parametrize(
    "key", [(Key.Key_Return, NONE), (Key.Key_Space, NONE), (Key.Key_F2, NONE), (Key.Key_Down, ALT)]
)
def test_keys_open_the_choices_of_a_cell(qtbot, table, key):
    chosen = []
    table.chosen.connect(lambda *what: chosen.append(what))
    at(table, 1, 1)
    QTest.keyClick(table, *key)
    texts = [action.text() for action in table.menu.actions() if not action.isSeparator()]
    assert texts == ["Automatic", "Input", "Target"]
    assert [action.text() for action in table.menu.actions() if action.isChecked()] == ["Input"]
    pick(qtbot, table, "Target")
    assert chosen == [("c1", "role", "target")]


def test_a_click_opens_them_too_and_escape_leaves_all_as_it_was(qtbot, table):
    chosen = []
    table.chosen.connect(lambda *what: chosen.append(what))
    place = table.visualRect(table.lines_model.index(0, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, NONE, place)
    qtbot.waitUntil(table.menu.isVisible)
    QTest.keyClick(table.menu, Key.Key_Escape)
    qtbot.waitUntil(lambda: table.menu is None or not table.menu.isVisible())
    assert chosen == []
    assert table.lines()[0].cells[1].text == "Input"


def test_a_cell_without_choices_opens_nothing(table):
    at(table, 0, 0)
    QTest.keyClick(table, Key.Key_Return)
    assert table.menu is None


def test_the_keyboard_stays_where_it_is_when_values_change(table):
    told = []
    table.selected.connect(told.append)
    at(table, 2, 1)
    assert told == ["c2"]
    table.set_lines(lines("input", "target", "input"))
    assert (table.current(), table.currentIndex().column()) == ("c2", 1)
    assert told == ["c2"]
    table.set_current("c0")
    assert (table.current(), table.currentIndex().column()) == ("c0", 1)


def test_arrows_go_through_the_cells(table):
    at(table, 0, 0)
    for key in (Key.Key_Down, Key.Key_Right):
        QTest.keyClick(table, key)
    assert (table.current(), table.currentIndex().column()) == ("c1", 1)


def test_what_stretches_fills_the_width(table):
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()


def test_a_long_name_does_not_push_the_others_out(table):
    table.set_lines([Line("x", (Cell("n" * 400), Cell("Input", ROLES, "input"), Cell("0")))])
    assert table.columnWidth(0) <= 280
    assert table.lines_model.data(table.lines_model.index(0, 0), Qt.ItemDataRole.ToolTipRole) == "n" * 400


def test_a_screen_reader_hears_head_and_value(table):
    index = table.lines_model.index(2, 1)
    assert table.lines_model.data(index, Qt.ItemDataRole.AccessibleTextRole) == "Role: Target"


def test_the_row_under_the_mouse_and_the_current_one_are_marked(table):
    at(table, 0, 0)
    QTest.mouseMove(table.viewport(), QPoint(20, table.visualRect(table.lines_model.index(2, 0)).center().y()))
    QApplication.processEvents()
    image = grab(table)
    assert count(image, DARK.accent_soft) > 1000
    assert count(image, DARK.hover) > 1000
