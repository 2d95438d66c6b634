import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from tests.widgets.conftest import grab
from widgets import bars
from widgets.bars import BarList
from widgets.tokens import DARK

ROWS = [("cat", 6.0, "6"), ("dog", 3.0, "3"), ("bird", 0.0, "0")]


def painted(widget: BarList, row: int) -> int:
    image = grab(widget)
    y = row * 24 + 12
    return sum(image.pixelColor(x, y).name() == DARK.accent for x in range(image.width()))


def test_bars_are_as_long_as_their_values(show):
    widget = BarList(DARK, ROWS)
    show(widget, 300, 72)
    full, half, none = (painted(widget, row) for row in range(3))
    assert full > 150
    assert half == pytest.approx(full / 2, abs=3)
    assert none == 0


def test_a_maximum_gives_the_scale(qtbot):
    widget = BarList(DARK)
    qtbot.addWidget(widget)
    widget.set_rows([("7", 0.5, "50 %")], maximum=1.0)
    assert widget.fractions() == (0.5,)


def test_what_rounds_to_nothing_has_no_bar(show):
    widget = BarList(DARK)
    widget.set_rows([("7", 0.9999, "100.0 %"), ("1", 0.0001, "0.0 %")], maximum=1.0)
    show(widget, 300, 48)
    assert painted(widget, 0) > 150
    assert painted(widget, 1) == 0


@given(st.lists(st.floats(), max_size=8), st.none() | st.floats(0.1, 1e9))
def test_any_number_gives_a_bar_within_its_track(qapp, values, maximum):
    widget = BarList(DARK)
    widget.set_rows([("x", value, str(value)) for value in values], maximum)
    assert all(0.0 <= fraction <= 1.0 for fraction in widget.fractions())
    assert all(
        fraction == 0.0
        for fraction, value in zip(widget.fractions(), values, strict=True)
        if not math.isfinite(value) or value <= 0
    )


def test_only_the_first_is_highlighted(show):
    widget = BarList(DARK, ROWS, highlight_first=True)
    show(widget, 300, 72)
    assert painted(widget, 0) > 150
    assert painted(widget, 1) == 0


def test_the_height_follows_the_rows(qtbot):
    widget = BarList(DARK, ROWS)
    qtbot.addWidget(widget)
    high = widget.sizeHint().height()
    widget.set_rows(ROWS * 3)
    assert widget.sizeHint().height() == 3 * high


def test_changes_glide_where_the_system_allows_it(show, qtbot, monkeypatch):
    monkeypatch.setattr(bars, "motion_allowed", lambda widget: True)
    widget = BarList(DARK, ROWS, animate=True)
    show(widget, 300, 72)
    widget.set_rows([("cat", 1.0, "1"), ("dog", 2.0, "2"), ("bird", 2.0, "2")])
    assert widget.fractions() == (1.0, 0.5, 0.0)
    qtbot.waitUntil(lambda: widget.fractions() == (0.5, 1.0, 1.0))


def test_changes_jump_where_it_does_not(show, monkeypatch):
    monkeypatch.setattr(bars, "motion_allowed", lambda widget: False)
    widget = BarList(DARK, ROWS, animate=True)
    show(widget, 300, 72)
    widget.set_rows([("cat", 1.0, "1"), ("dog", 2.0, "2"), ("bird", 2.0, "2")])
    assert widget.fractions() == (0.5, 1.0, 1.0)


def test_the_whole_row_is_told(show):
    widget = BarList(DARK, [("T-Shirt oder Oberteil ohne Kragen", 1.0, "6,000")], name="Balance")
    show(widget, 200, 24)
    point = QPoint(20, 10)
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, point, widget.mapToGlobal(point)))
    assert QToolTip.text() == "T-Shirt oder Oberteil ohne Kragen  6,000"
    QToolTip.hideText()
    assert widget.accessibleDescription() == "T-Shirt oder Oberteil ohne Kragen 6,000"
