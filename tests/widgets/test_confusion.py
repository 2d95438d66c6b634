import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from tests.widgets.conftest import grab
from widgets.confusion import ConfusionMatrix, shares
from widgets.painting import contrast
from widgets.tokens import DARK, LIGHT


def matrix(show, size: int, width: int = 420, height: int = 420) -> ConfusionMatrix:
    widget = ConfusionMatrix(DARK, lambda true, predicted: f"{true} as {predicted}", true_label="True")
    counts = np.ones((size, size), np.int64)
    counts[np.eye(size, dtype=bool)] = 90
    widget.set_matrix(counts, [f"class {i}" for i in range(size)])
    return show(widget, width, height)


@given(arrays(np.int64, (5, 5), elements=st.integers(0, 10**6)))
def test_every_row_is_shared_out(counts):
    totals = shares(counts).sum(axis=1)
    expected = (counts.sum(axis=1) > 0).astype(float)
    np.testing.assert_allclose(totals, expected)


@pytest.mark.parametrize("size", [2, 3, 10, 20, 50, 100])
def test_every_cell_is_found_where_it_is_painted(show, size):
    widget = matrix(show, size)
    for true in range(size):
        for predicted in (0, true, size - 1):
            rect = widget.cell_rect(true, predicted)
            assert widget.cell_at(rect.center()) == (true, predicted)
            assert 0 <= rect.left() < rect.right() <= widget.width()
            assert 0 <= rect.top() < rect.bottom() <= widget.height()
    assert widget.cell_at(QPointF(0, 0)) is None


def test_numbers_are_shown_while_they_can_be_read(show):
    assert matrix(show, 2).shows_numbers()
    assert matrix(show, 20, 520, 520).shows_numbers()
    assert not matrix(show, 100).shows_numbers()


@pytest.mark.parametrize("size", [4, 100])
def test_right_answers_and_errors_differ_in_hue(show, size):
    widget = matrix(show, size)
    image = grab(widget)

    def colour(true, predicted):
        rect = widget.cell_rect(true, predicted)
        return image.pixelColor((rect.topLeft() + QPointF(rect.width() * 0.2, rect.height() * 0.2)).toPoint())

    right, wrong = colour(1, 1), colour(1, 2)
    assert right.blue() > right.red() + 40
    assert wrong.red() > wrong.blue()


def test_an_empty_row_has_no_colour(show):
    widget = matrix(show, 3)
    counts = np.array([[5, 0, 0], [0, 0, 0], [0, 0, 5]])
    widget.set_matrix(counts, ["a", "b", "c"])
    corner = widget.cell_rect(1, 1).topLeft() + QPointF(4, 4)
    assert grab(widget).pixelColor(corner.toPoint()) == QColor(DARK.raised)
    widget.set_tokens(LIGHT)
    assert grab(widget).pixelColor(corner.toPoint()) == QColor(LIGHT.raised)


def test_hovering_frames_the_cell_and_explains_it(show):
    widget = matrix(show, 5)
    before = grab(widget)
    point = widget.cell_rect(1, 3).center().toPoint()
    QTest.mouseMove(widget, point)
    QApplication.processEvents()
    assert grab(widget) != before
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, point, widget.mapToGlobal(point)))
    assert QToolTip.text() == "1 as 3"
    QToolTip.hideText()
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    assert grab(widget) == before


def test_a_click_chooses_a_cell(show, qtbot):
    widget = matrix(show, 5)
    with qtbot.waitSignal(widget.cell_chosen) as heard:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.cell_rect(2, 4).center().toPoint())
    assert heard.args == [2, 4]
    with qtbot.assertNotEmitted(widget.cell_chosen):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPointF(1, 1).toPoint())


def test_arrows_walk_and_enter_chooses(show, qtbot):
    widget = matrix(show, 3)
    widget.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(widget, key)
    assert widget.accessibleDescription() == "0 as 2"
    with qtbot.waitSignal(widget.cell_chosen) as heard:
        QTest.keyClick(widget, Qt.Key.Key_Return)
    assert heard.args == [0, 2]


def test_a_smaller_matrix_does_not_lose_the_cursor(show, qtbot):
    widget = matrix(show, 5)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.cell_rect(4, 4).center().toPoint())
    widget.set_matrix(np.eye(2, dtype=np.int64), ["a", "b"])
    widget.setFocus()
    with qtbot.waitSignal(widget.cell_chosen) as heard:
        QTest.keyClick(widget, Qt.Key.Key_Return)
    assert heard.args == [0, 0]


def test_counts_must_match_the_names(qtbot):
    widget = ConfusionMatrix(DARK, lambda true, predicted: "")
    qtbot.addWidget(widget)
    with pytest.raises(ValueError, match="3 classes"):
        widget.set_matrix(np.zeros((2, 2), np.int64), ["a", "b", "c"])


def test_nothing_to_show_is_no_error(show):
    widget = ConfusionMatrix(DARK, lambda true, predicted: "")
    show(widget)
    QTest.keyClick(widget, Qt.Key.Key_Return)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    assert not widget.shows_numbers()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_numbers_on_shades_that_look_alike_have_one_colour(show, theme):
    """Between 86 and 99 of 100 the blue is the same to the eye, so black and white numbers would look like a fault."""
    widget = show(ConfusionMatrix(theme, lambda true, predicted: ""), 420, 420)
    painted = set()
    for right in range(86, 101):
        widget.set_matrix(np.array([[right, 100 - right], [100 - right, right]]), ["a", "b"])
        image, rect = grab(widget), widget.cell_rect(0, 0).toRect().adjusted(6, 6, -6, -6)
        shades = {
            image.pixelColor(x, y).name()
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom())
        }
        painted.update(shades & {"#000000", "#ffffff"})
        ground = image.pixelColor(rect.topLeft())
        assert contrast(ground, *painted) >= 4.3
    assert len(painted) == 1
