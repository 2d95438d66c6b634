import sys

import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF

from widgets import typography

pytestmark = pytest.mark.usefixtures("fonts")


def test_the_bundled_fonts_are_registered(fonts):
    assert {"Inter", "JetBrains Mono"} <= set(fonts)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there the platform's own font is used")
def test_weights_come_from_the_bundled_files_and_not_from_a_substitute():
    info = QFontInfo(typography.title())
    assert (info.family(), info.weight()) == ("Inter", 600)
    assert QFontInfo(typography.body()).weight() == 400


@pytest.mark.parametrize(
    ("font", "pixels"),
    [(typography.body, 13), (typography.title, 15), (typography.caption, 11.5), (typography.heading, 11)],
)
def test_sizes_in_pixels_can_be_fractions(font, pixels):
    factory_font = font()
    size = factory_font.pixelSize() if factory_font.pixelSize() > 0 else factory_font.pointSizeF() * 96 / 72
    assert size == pytest.approx(pixels)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="asks for a property of Inter")
def test_tabular_figures_are_equally_wide():
    plain, tabular = QFontMetricsF(typography.body()), QFontMetricsF(typography.tabular())
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("8888")
    assert tabular.horizontalAdvance("1111") == tabular.horizontalAdvance("8888")


def test_tabular_keeps_the_font_it_is_given():
    assert typography.tabular(typography.title()).weight() == QFont.Weight.DemiBold


def test_code_is_monospaced_and_has_no_ligatures():
    font = typography.mono()
    metrics = QFontMetricsF(font)
    assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("MMMM")
    assert font.featureValue(QFont.Tag("calt")) == 0
    assert QFontInfo(font).family() == "JetBrains Mono"


def test_headings_are_capitals_on_the_screen_only():
    heading = QFontMetricsF(typography.heading())
    assert heading.horizontalAdvance("layers") == heading.horizontalAdvance("LAYERS")
