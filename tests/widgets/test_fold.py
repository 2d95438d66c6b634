"""A part of a form that folds, and the curve that is drawn before a run."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.widgets.conftest import count, grab
from widgets.fold import Fold
from widgets.rate_curve import RateCurve
from widgets.tokens import DARK, LIGHT


def test_a_part_opens_and_closes_and_says_so(show):
    content = QLabel("inside")
    part = Fold("Regularisation", content, DARK, is_open=False)
    show(part, 240, 80)
    seen = []
    part.toggled.connect(seen.append)
    assert not content.isVisible()
    part.header.setFocus()
    QTest.keyClick(part.header, Qt.Key.Key_Space)
    assert content.isVisible()
    QTest.mouseClick(part.header, Qt.MouseButton.LeftButton)
    assert not content.isVisible()
    assert seen == [True, False]
    part.header.set_note("Clip norm")
    assert part.header.accessibleName() == "Regularisation"
    assert part.header.accessibleDescription() == "Clip norm"


def test_a_long_note_is_cut_before_it_reaches_the_heading(show):
    part = Fold("Precision and speed", QLabel(""), DARK, is_open=False)
    part.header.set_note("Precision, Compile, Channels last, Recompute activations, Device")
    show(part, 200, 40)
    assert count(grab(part.header), DARK.dim) < 60 * 30, "most of the note has no room"


def test_a_curve_is_read_where_the_mouse_is(show, tokens):
    curve = RateCurve(tokens, "epochs")
    show(curve, 320, 116)
    assert curve.value_at(100) is None
    values = np.linspace(1.0, 0.0, 5001)
    curve.set_values(values, 10)
    middle = curve._room().center().x()
    at, value = curve.value_at(middle)
    assert (at, value) == (pytest.approx(5, abs=0.05), pytest.approx(0.5, abs=0.01))
    assert curve.value_at(1) is None
    assert count(grab(curve), tokens.accent) > 100
    before = grab(curve)
    curve.set_now(2.5)
    assert grab(curve) != before
    curve.set_tokens(LIGHT)
    assert count(grab(curve), LIGHT.accent) > 100
