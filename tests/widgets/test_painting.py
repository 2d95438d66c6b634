import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from widgets.painting import announce, contrast, mixed, readable_on, state_colours, tint
from widgets.stylesheet import stylesheet
from widgets.tokens import DARK, LIGHT

colours = st.integers(0, 0xFFFFFF).map(lambda rgb: f"#{rgb:06x}")


@given(colours, colours)
def test_mixing_goes_from_one_colour_to_the_other(one, other):
    assert mixed(one, other, 0.0).name() == one
    assert mixed(one, other, 1.0).name() == other


@given(colours)
def test_readable_text_is_readable_on_anything(ground):
    assert contrast(ground, readable_on(ground)) >= 4.5


def test_contrast_is_the_one_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("state", ["ok", "warn", "bad", "accent", "neutral"])
def test_states_are_legible_on_their_own_ground(theme, state):
    assert contrast(*state_colours(theme, state)) >= 4.5


def test_tint_and_announce_reach_the_widget(qtbot):
    label = QLabel("x")
    qtbot.addWidget(label)
    tint(label, "#ff0000")
    announce(label, "cell 3, 4")
    assert label.palette().windowText().color() == QColor("#ff0000")
    assert label.accessibleDescription() == "cell 3, 4"


@pytest.mark.parametrize("polished", [False, True])
def test_a_tint_lasts_whenever_the_style_sheet_comes(qtbot, polished):
    """A style sheet takes back what it finds in the palette of a widget that it polishes again."""
    application = QApplication.instance()
    box = QWidget()
    qtbot.addWidget(box)
    label = QLabel("x")
    before = application.styleSheet()
    application.setStyleSheet(stylesheet(DARK))
    try:
        if polished:
            label.ensurePolished()
        tint(label, "#ff0000")
        QVBoxLayout(box).addWidget(label)
        box.show()
        assert label.palette().windowText().color() == QColor("#ff0000")
        application.setStyleSheet(stylesheet(LIGHT))
        assert label.palette().windowText().color() == QColor("#ff0000")
        tint(label, "#00ff00")
        assert label.palette().windowText().color() == QColor("#00ff00")
    finally:
        application.setStyleSheet(before)
