"""The few fonts of the program: the platform's own, or the bundled Inter where a platform has none of its own."""

import sys
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

BODY = 13.0
TITLE = 15.0
CAPTION = 11.5
HEADING = 11.0

_bundled: set[str] = set()


def load_fonts(directory: Path) -> tuple[str, ...]:
    """Register the font files of `directory` and return their families; needs a QGuiApplication."""
    for path in sorted(directory.iterdir()):
        if path.suffix in {".otf", ".ttf"}:
            number = QFontDatabase.addApplicationFont(str(path))
            _bundled.update(QFontDatabase.applicationFontFamilies(number) if number >= 0 else ())
    return tuple(sorted(_bundled))


def body(weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of everything that has no reason for another one."""
    return _font(BODY, weight)


def title() -> QFont:
    """The font of a panel's or a card's title."""
    return _font(TITLE, QFont.Weight.DemiBold)


def caption(weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of labels above inputs and of secondary lines."""
    return _font(CAPTION, weight)


def heading() -> QFont:
    """The font of a list's heading: small, wide, in capitals whatever the script of the text allows."""
    font = _font(HEADING, QFont.Weight.DemiBold)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.7)
    return font


def tabular(font: QFont | None = None) -> QFont:
    """`font`, or the body font, with figures of equal width, so that columns of numbers line up."""
    result = QFont(font) if font is not None else body()
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def mono(size: float = 12.0) -> QFont:
    """The font of code, paths and shapes on wires."""
    family = "JetBrains Mono"
    if family not in _bundled:
        family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    font = _sized(QFont(family), size)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFeature(QFont.Tag("calt"), 0)  # code is shown as it is typed: -> stays two characters
    return font


def _font(size: float, weight: QFont.Weight) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if sys.platform not in {"win32", "darwin"} and "Inter" in _bundled:
        font.setFamilies(["Inter", font.family()])
    font.setWeight(weight)
    return _sized(font, size)


def _sized(font: QFont, pixels: float) -> QFont:
    """Set a size in pixels; only sizes in points can be fractions, so those go through the screen's density."""
    if pixels == int(pixels):
        font.setPixelSize(int(pixels))
        return font
    screen = QGuiApplication.primaryScreen()
    font.setPointSizeF(pixels * 72 / screen.logicalDotsPerInch())
    return font
