"""The mouse belongs to all tests: one that leaves a button pressed takes the hovering from those that come after it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def buttons_are_let_go() -> Iterator[None]:
    yield
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        if QApplication.mouseButtons() & button:
            QTest.mouseRelease(QWindow(), button)
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton
