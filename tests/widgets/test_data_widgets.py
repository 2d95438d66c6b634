"""Small widgets that data are looked at with: pairs, tokens, a way of steps, a place to drop files on."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.widgets.conftest import count, grab
from widgets.before_after import BeforeAfter
from widgets.drop_area import DropArea
from widgets.step_rail import StepRail
from widgets.token_strip import TokenStrip
from widgets.tokens import DARK, LIGHT

COPY, NONE, LEFT = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


def test_pairs_wrap_to_the_width_and_show_both_pictures(show):
    red, blue = np.zeros((9, 12, 3), np.uint8), np.zeros((20, 5, 3), np.uint8)
    red[..., 0], blue[..., 2] = 250, 240
    widget = BeforeAfter(DARK, side=60)
    show(widget, 700, 400)
    widget.set_pairs([red] * 5, [blue] * 5, ["a"] * 5)
    image = grab(widget)
    assert count(image, "#fa0000") > 5 * 500
    assert count(image, "#0000f0") > 5 * 300
    assert widget.heightForWidth(700) < widget.heightForWidth(160)
    assert widget.accessibleDescription() == "a\na\na\na\na"
    widget.set_pairs([], [])
    assert widget.count() == 0


def test_tokens_wrap_and_can_be_scrolled_to(show):
    widget = TokenStrip(DARK, name="Tokens")
    show(widget, 200, 100)
    widget.set_tokens_shown([("␣the", "17")] * 60)
    assert len(widget.pieces()) == 60
    assert widget.verticalScrollBar().maximum() > 0
    assert widget.accessibleDescription().startswith("␣the ␣the")
    widget.set_tokens_shown([("a" * 900, "1")])
    assert widget.verticalScrollBar().maximum() == 0, "a long token is cut short"
    widget.set_tokens(LIGHT)
    grab(widget)


def test_only_stops_that_are_open_can_be_gone_to(show, icons):
    rail = StepRail([("a", "One"), ("b", "Two"), ("c", "Three")], DARK, icons, name="Pages")
    gone: list[str] = []
    rail.chosen.connect(gone.append)
    show(rail, 200, 200)
    rail.set_states(["done", "here", "shut"], ["done", "shown", "not yet"])
    stops = rail.findChildren(QAbstractButton)
    assert [stop.accessibleName() for stop in stops] == ["1. One, done", "2. Two, shown", "3. Three, not yet"]
    for stop in stops:
        QTest.mouseClick(stop, LEFT)
    assert gone == ["a", "b"]
    stops[0].setFocus()
    QTest.keyClick(stops[0], Qt.Key.Key_Return)
    assert gone == ["a", "b", "a"]
    assert rail.states() == {"a": "done", "b": "here", "c": "shut"}


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def dropped(widget: QWidget, data: QMimeData) -> bool:
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), COPY, data, LEFT, NONE)
    enter.setDropAction(COPY)
    enter.setAccepted(False)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        grab(widget)
        QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), COPY, data, LEFT, NONE))
    return enter.isAccepted()


def test_files_are_taken_and_nothing_else(show, tmp_path: Path):
    area = DropArea(DARK, "Let go")
    taken: list[str] = []
    area.dropped.connect(taken.append)
    show(area, 200, 100)
    assert dropped(area, mime(tmp_path / "a.csv"))
    assert dropped(area, mime(tmp_path / "x" / "a.png", tmp_path / "x" / "b.png"))
    assert taken == [str(tmp_path / "a.csv"), str(tmp_path / "x")]
    text = QMimeData()
    text.setText("hello")
    remote = QMimeData()
    remote.setUrls([QUrl("https://example.org/data.csv")])
    assert not dropped(area, text)
    assert not dropped(area, remote)
    assert len(taken) == 2
