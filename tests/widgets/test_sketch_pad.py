import time

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.conftest import count, grab
from widgets.sketch_pad import SketchPad
from widgets.tokens import DARK


@pytest.fixture
def pad(show) -> SketchPad:
    return show(SketchPad(DARK, side=140, placeholder="Draw"), 280, 280)


def draw(pad: SketchPad, *points: tuple[int, int]) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(*points[0]))
    for point in points[1:]:
        QTest.mouseMove(pad, QPoint(*point))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(*points[-1]))


def test_an_empty_pad_has_no_ink(pad):
    assert pad.is_empty()
    assert pad.image().shape == (140, 140)
    assert pad.image().dtype == np.uint8
    assert not pad.image().any()


def test_ink_lies_where_the_hand_went(pad):
    draw(pad, (40, 140), (140, 140), (240, 140))
    image = pad.image()
    assert (image[70, 25:115] == 255).all()
    assert not image[:50].any()
    assert not image[90:].any()
    assert count(grab(pad), DARK.text) > 2000


def test_the_brush_is_a_twelfth_of_the_side(pad):
    draw(pad, (40, 140), (140, 140), (240, 140))
    assert (pad.image()[:, 70] > 127).sum() == pytest.approx(140 / 12, abs=1.5)


def test_a_dot_is_ink_too(pad):
    draw(pad, (140, 140))
    assert pad.image()[70, 70] == 255


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_there_is_no_seam_inside_the_beginning_of_a_stroke(show, degrees):
    pad = show(SketchPad(DARK, side=280), 280, 280)
    way = np.radians(degrees + 5.0 * np.arange(10))
    points = [(140, 140), *((140 + 3 * np.cumsum([np.cos(way), np.sin(way)], axis=1)).round().astype(int).T.tolist())]
    draw(pad, *points)
    rows, columns = np.mgrid[0:280, 0:280] + 0.5
    inside = np.any([np.hypot(columns - x, rows - y) < 280 / 24 - 2 for x, y in points], axis=0)
    assert (pad.image()[inside] == 255).all()


def test_a_bend_is_round(pad):
    """A hand that turns sharply between two events leaves no corner where the event was."""
    draw(pad, (40, 240), (140, 40), (240, 240))
    assert pad.image()[:22].max() == 0


def test_undo_takes_strokes_back_one_by_one(pad):
    draw(pad, (40, 40), (240, 40))
    first = pad.image()
    draw(pad, (40, 240), (240, 240))
    QTest.keySequence(pad, QKeySequence(QKeySequence.StandardKey.Undo))
    np.testing.assert_array_equal(pad.image(), first)
    pad.undo()
    pad.undo()
    assert pad.is_empty()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Delete])
def test_keys_clear(pad, key, qtbot):
    draw(pad, (40, 40), (240, 40))
    with qtbot.waitSignal(pad.drawn):
        QTest.keyClick(pad, key)
    assert pad.is_empty()


def test_clearing_in_the_middle_of_a_stroke_ends_it(pad):
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    pad.clear()
    QTest.mouseMove(pad, QPoint(100, 100))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert pad.is_empty()


def test_drawing_is_told_but_not_with_every_move(pad, qtbot):
    heard = []
    pad.drawn.connect(lambda: heard.append(pad.image().any()))
    start = time.monotonic()
    draw(pad, *((40 + 2 * step, 140) for step in range(100)))
    qtbot.waitUntil(lambda: bool(heard) and not pad._live.isActive())
    assert all(heard)
    assert len(heard) <= 1 + (time.monotonic() - start) * 32


def test_other_buttons_draw_nothing(pad):
    QTest.mousePress(pad, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    QTest.mouseMove(pad, QPoint(120, 100))
    assert pad.is_empty()


def test_a_wide_pad_stays_square(show):
    pad = show(SketchPad(DARK, side=100), 400, 200)
    draw(pad, (300, 100))
    assert pad.image()[50, 99] > 0
    assert pad.image()[50, 50] == 0


def test_files_can_be_dropped(pad, qtbot, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "seven.png"))])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, button, none)
    QApplication.sendEvent(pad, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(pad.file_dropped) as heard:
        QApplication.sendEvent(pad, QDropEvent(QPointF(5, 5), copy, data, button, none))
    assert heard.args[0].endswith("seven.png")


def test_texts_are_not_accepted(pad):
    data = QMimeData()
    data.setText("seven")
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, button, none)
    enter.ignore()
    QApplication.sendEvent(pad, enter)
    assert not enter.isAccepted()
