"""What the tests of widgets share: fonts and icons, a way to show a widget, and to look at what it painted."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import settings
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.mouse import buttons_are_let_go
from widgets import typography
from widgets.icons import Icons
from widgets.stylesheet import palette, stylesheet
from widgets.tokens import DARK, LIGHT, Tokens

__all__ = ["buttons_are_let_go"]

# How long a test takes says more about the machine's neighbours than about the widget.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="session")
def fonts(qapp: QApplication) -> tuple[str, ...]:
    return typography.load_fonts(ASSETS / "fonts")


@pytest.fixture(scope="session")
def icons(qapp: QApplication) -> Icons:
    return Icons(ASSETS / "icons")


@pytest.fixture(params=[DARK, LIGHT], ids=["dark", "light"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return request.param


@pytest.fixture
def styled(qapp: QApplication, tokens: Tokens) -> Iterator[Tokens]:
    """The application in the theme's style sheet, as in the program."""
    before = qapp.style().objectName(), qapp.palette()
    qapp.setStyle("Fusion")
    qapp.setPalette(palette(tokens))
    qapp.setStyleSheet(stylesheet(tokens))
    yield tokens
    qapp.setStyleSheet("")
    qapp.setStyle(before[0])
    qapp.setPalette(before[1])


@pytest.fixture
def show(qtbot: QtBot, fonts: tuple[str, ...]) -> Callable[..., QWidget]:
    """Show a widget in a size and wait until it is on the screen."""

    def show_it(widget: QWidget, width: int = 400, height: int = 300) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        widget.activateWindow()
        qtbot.waitUntil(widget.isActiveWindow)
        return widget

    return show_it


def grab(widget: QWidget) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def count(image: QImage, colour: str | QColor, tolerance: int = 6) -> int:
    """How many pixels have a colour."""
    wanted = QColor(colour)
    found = 0
    for y in range(image.height()):
        for x in range(image.width()):
            c = image.pixelColor(x, y)
            off = (abs(c.red() - wanted.red()), abs(c.green() - wanted.green()), abs(c.blue() - wanted.blue()))
            found += max(off) <= tolerance
    return found
