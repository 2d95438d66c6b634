import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHoverEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from tests.widgets.conftest import count, grab
from widgets.segmented import Segmented
from widgets.tokens import DARK

PLACES = [(key.lower(), key) for key in ("Data", "Design", "Train", "Evaluate", "Deploy")]


@pytest.fixture
def switch(show) -> Segmented:
    widget = Segmented(PLACES, DARK, name="Places")
    return show(widget, widget.sizeHint().width(), 30)


def item(switch: Segmented, key: str):
    return next(child for child in switch.findChildren(QWidget) if getattr(child, "key", "") == key)


def test_a_click_chooses_once(switch, qtbot):
    heard = []
    switch.chosen.connect(heard.append)
    QTest.mouseClick(item(switch, "train"), Qt.MouseButton.LeftButton)
    assert heard == ["train"]
    assert switch.current() == "train"


def test_setting_is_silent(switch, qtbot):
    with qtbot.assertNotEmitted(switch.chosen):
        switch.set_current("deploy")
    assert switch.current() == "deploy"


def test_arrows_choose_and_pass_over_what_is_off(switch, qtbot):
    heard = []
    switch.chosen.connect(heard.append)
    switch.set_enabled_item("train", False)
    item(switch, "data").setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(QApplication.focusWidget(), key)
    assert heard == ["design", "evaluate", "design", "data"]


def test_a_place_that_is_off_cannot_be_clicked(switch, qtbot):
    switch.set_enabled_item("train", False)
    with qtbot.assertNotEmitted(switch.chosen):
        QTest.mouseClick(item(switch, "train"), Qt.MouseButton.LeftButton)
    assert switch.current() == "data"


def test_tab_stops_once_at_the_chosen_place(show, qtbot):
    page = QWidget()
    row = QHBoxLayout(page)
    before, switch, after = QPushButton("a"), Segmented(PLACES, DARK), QPushButton("b")
    for widget in (before, switch, after):
        row.addWidget(widget)
    show(page, 600, 60)
    switch.set_current("train")
    before.setFocus()
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is item(switch, "train")
    assert count(grab(switch), DARK.accent) > 50, "no focus ring"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is after


def test_a_mouse_click_leaves_no_ring(switch):
    QTest.mouseClick(item(switch, "train"), Qt.MouseButton.LeftButton)
    assert count(grab(switch), DARK.accent) == 0


def test_a_badge_is_painted_and_explained(switch):
    assert count(grab(switch), DARK.bad) == 0
    switch.set_badge("train", "bad", "1 problem")
    assert count(grab(switch), DARK.bad) > 10
    assert item(switch, "train").accessibleDescription() == "1 problem"
    switch.set_badge("train", "")
    assert count(grab(switch), DARK.bad) == 0


def test_choosing_moves_nothing(switch):
    before = [item(switch, key).geometry() for key, _ in PLACES]
    switch.set_current("evaluate")
    QApplication.processEvents()
    assert [item(switch, key).geometry() for key, _ in PLACES] == before


def test_the_chosen_place_stands_out(switch, tokens):
    switch.set_tokens(tokens)
    chosen = tokens.background if tokens.dark else tokens.panel
    image = grab(item(switch, "data"))
    assert image.pixelColor(4, 13).name() == chosen
    assert grab(item(switch, "train")).pixelColor(4, 13).name() != chosen


def test_hovering_is_seen(switch):
    place = item(switch, "train")
    before = grab(place)
    place.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    hover = QHoverEvent(QEvent.Type.HoverEnter, place.rect().center(), place.rect().center(), place.rect().center())
    QApplication.sendEvent(place, hover)
    assert grab(place) != before
