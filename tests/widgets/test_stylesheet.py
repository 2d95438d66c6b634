import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tests.widgets.conftest import count, grab
from widgets import typography
from widgets.painting import contrast
from widgets.stylesheet import palette, set_look, set_state, stylesheet, tidy_spin_box
from widgets.tokens import DARK, LIGHT


def test_the_rules_have_no_loose_ends(tokens):
    rules = stylesheet(tokens)
    assert "$" not in rules
    assert rules.count("{") == rules.count("}")


def test_qt_understands_every_rule(styled, show, qtlog):
    """Qt would log what it cannot parse or load, and the test would fail."""
    show(QPushButton("x"))
    assert [record for record in qtlog.records if "propagateSizeHints" not in record.message] == []


def test_a_primary_button_is_filled_with_the_accent(styled, show):
    button = QPushButton("")
    set_look(button, "primary")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    show(button, 120, 30)
    assert grab(button).pixelColor(60, 15) == QColor(styled.accent)
    set_look(button, "normal")
    assert grab(button).pixelColor(60, 15) == QColor(styled.raised)


@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QComboBox, QToolButton])
def test_focus_is_seen(styled, show, qtbot, kind):
    page = QWidget()
    column = QVBoxLayout(page)
    other, control = QPushButton("other"), kind()
    column.addWidget(other)
    column.addWidget(control)
    show(page, 200, 120)
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    before = count(grab(control), styled.accent)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(control.hasFocus)
    assert count(grab(control), styled.accent) > before + 50


@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QComboBox, QSpinBox])
def test_controls_in_a_row_are_equally_high_with_and_without_focus(styled, show, qtbot, kind):
    QApplication.setFont(typography.body())
    control = kind()
    page = QWidget()
    QVBoxLayout(page).addWidget(control)
    show(page, 200, 100)
    control.setFocus()
    qtbot.waitUntil(control.hasFocus)
    assert control.sizeHint().height() == 30
    control.clearFocus()
    qtbot.waitUntil(lambda: not control.hasFocus())
    assert control.sizeHint().height() == 30


def test_arrows_are_drawn_in_the_theme(styled, show):
    box = QComboBox()
    box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    show(box, 160, 30)
    arrow = grab(box).copy(QRect(130, 4, 26, 22))
    assert count(arrow, styled.dim, tolerance=40) >= 5


def test_a_check_mark_is_drawn_in_the_theme(styled, show):
    box = QCheckBox("x")
    box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    box.setChecked(True)
    show(box, 100, 30)
    image = grab(box)
    assert count(image, styled.accent) > 60
    assert count(image.copy(QRect(0, 6, 17, 18)), styled.on_accent, tolerance=40) >= 5


def test_a_wrong_input_has_a_red_frame(styled, show):
    field = QLineEdit("x")
    field.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    show(field, 160, 30)
    assert count(grab(field), styled.bad) == 0
    set_state(field, "invalid", True)
    assert count(grab(field), styled.bad) > 100


def test_a_progress_bar_is_thin(styled, show):
    bar = QProgressBar()
    assert bar.sizeHint().height() <= 6 or bar.maximumHeight() <= 6


def test_a_tidy_spin_box_indents_its_number(styled, show):
    box = QSpinBox()
    tidy_spin_box(box)
    assert box.findChild(QLineEdit).textMargins().left() == 8


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_palette_text_is_legible(theme):
    colours = palette(theme)
    role = QPalette.ColorRole
    pairs = [
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button),
        (role.ToolTipText, role.ToolTipBase),
        (role.HighlightedText, role.Highlight),
        (role.Link, role.Base),
    ]
    for ink, ground in pairs:
        assert contrast(colours.color(ink), colours.color(ground)) >= 4.5, (ink, ground)
