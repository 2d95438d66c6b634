import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.conftest import count, grab
from widgets.image_grid import ImageGrid, qimage
from widgets.tokens import DARK, LIGHT

IMAGES = np.arange(12 * 4 * 4, dtype=np.uint8).reshape(12, 4, 4)


@pytest.fixture
def grid(show) -> ImageGrid:
    grid = ImageGrid(DARK, side=40, name="Samples")
    grid.set_images(IMAGES, [f"label {i}" for i in range(12)])
    return show(grid, 260, 300)


def centre(grid: ImageGrid, number: int) -> QPoint:
    return grid.visualRect(grid.model().index(number, 0)).center()


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9)), st.booleans())
def test_pixels_survive(pixels, transposed):
    pixels = pixels.T if transposed else pixels
    image = qimage(pixels)
    got = [[image.pixelColor(x, y).red() for x in range(image.width())] for y in range(image.height())]
    np.testing.assert_array_equal(got, pixels)


def test_colours_survive():
    pixels = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 8, 7]]], np.uint8)
    image = qimage(pixels)
    assert [image.pixelColor(x, y).getRgb()[:3] for y in (0, 1) for x in (0, 1)] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (9, 8, 7),
    ]


def test_enlarged_pixels_stay_hard(show):
    grid = ImageGrid(DARK, side=40)
    grid.set_images(np.array([[[30, 200], [200, 30]]], np.uint8))
    show(grid, 120, 100)
    image = grab(grid.viewport())
    assert count(image, "#c8c8c8", 0) == pytest.approx(800, abs=45)
    assert count(image, "#1e1e1e", 0) == pytest.approx(800, abs=45)
    between = [grey for grey in range(50, 190, 10) if count(image, f"#{grey:02x}{grey:02x}{grey:02x}", 3)]
    assert between == []


def test_images_wrap_to_the_width(grid):
    def columns():
        return len({grid.visualRect(grid.model().index(i, 0)).left() for i in range(12)})

    wide = columns()
    grid.resize(150, 300)
    QTest.qWait(0)
    grid.doItemsLayout()
    assert 1 < columns() < wide
    assert grid.horizontalScrollBar().maximum() == 0


def test_a_click_selects(grid, qtbot):
    with qtbot.waitSignal(grid.selected) as heard:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 5))
    assert heard.args == [5]
    assert grid.current() == 5


def test_a_double_click_and_enter_open(grid, qtbot):
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 3))
    with qtbot.waitSignal(grid.activated_image) as heard:
        QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, 3))
    assert heard.args == [3]
    with qtbot.waitSignal(grid.activated_image) as heard:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert heard.args == [3]


def test_arrows_walk(grid):
    grid.set_current(0)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current() == 1
    QTest.keyClick(grid, Qt.Key.Key_Down)
    below = grid.current()
    assert below > 2
    assert centre(grid, below).x() == centre(grid, 1).x()


def test_the_selection_is_seen_in_the_theme(grid, tokens):
    grid.set_tokens(tokens)
    before = count(grab(grid.viewport()), tokens.accent_soft, 2)
    grid.set_current(2)
    assert count(grab(grid.viewport()), tokens.accent_soft, 2) > before + 300


def test_a_state_puts_a_dot_before_the_caption(grid):
    assert count(grab(grid.viewport()), DARK.bad) == 0
    grid.set_images(IMAGES, ["x"] * 12, ["bad"] + [""] * 11)
    assert count(grab(grid.viewport()), DARK.bad) > 8


def test_new_images_replace_the_old(grid):
    grid.set_images(IMAGES[:2], ["a", "b"])
    assert grid.model().rowCount() == 2
    assert grid.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "b"


@pytest.mark.parametrize(
    "images", [np.zeros((2, 4, 4)), np.zeros((4, 4), np.uint8), np.zeros((2, 4, 4, 4), np.uint8)], ids=str
)
def test_other_arrays_are_refused(qtbot, images):
    grid = ImageGrid(LIGHT)
    qtbot.addWidget(grid)
    with pytest.raises(ValueError, match="uint8"):
        grid.set_images(images)
    with pytest.raises(ValueError, match="captions"):
        grid.set_images(IMAGES, ["one"])


def test_many_images_cost_nothing_until_they_are_seen(show, monkeypatch):
    made = []
    monkeypatch.setattr("widgets.image_grid.qimage", lambda pixels: made.append(1) or qimage(pixels))
    grid = ImageGrid(DARK, side=40)
    grid.set_images(np.zeros((5000, 4, 4), np.uint8))
    show(grid, 260, 200)
    assert 0 < len(made) < 200
