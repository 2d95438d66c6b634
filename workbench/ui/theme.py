"""The look of everything: tokens, style sheet, palette, fonts and icons; follows the system or the user's choice."""

from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from widgets import typography
from widgets.icons import Icons
from widgets.stylesheet import palette, stylesheet
from widgets.tokens import DARK, LIGHT, Tokens
from workbench.core.places import assets


class Themed(Protocol):
    """Whatever is painted with tokens."""

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""


class Theme(QObject):
    """The tokens in use, and who paints with them."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: str) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        self._followers: list[Themed] = []
        self.icons = Icons(assets() / "icons")
        application.setStyle("Fusion")
        typography.load_fonts(assets() / "fonts")
        application.setFont(typography.body())
        self.tokens = self._wanted()
        self._dress()
        application.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def choice(self) -> str:
        """system, dark or light."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Use system, dark or light from now on."""
        self._choice = choice
        tokens = self._wanted()
        if tokens is not self.tokens:
            self.tokens = tokens
            self._dress()
            self.tell()
            self.changed.emit()

    def tell(self) -> None:
        """Let everything take the colours, also those that Qt forgot when it polished a window for the first time."""
        self._followers = [item for item in self._followers if _is_alive(item)]
        for item in self._followers:
            item.set_tokens(self.tokens)

    def follow(self, *items: Themed) -> None:
        """Tell these about every change of theme, as long as they live."""
        self._followers.extend(items)

    def icon_button_colour(self) -> str:
        """What icons on buttons are tinted with."""
        return self.tokens.dim

    def _wanted(self) -> Tokens:
        if self._choice != "system":
            return LIGHT if self._choice == "light" else DARK
        light = self._application.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        self.choose(self._choice)

    def _dress(self) -> None:
        self._application.setPalette(palette(self.tokens))
        self._application.setStyleSheet(stylesheet(self.tokens))


def _is_alive(item: Themed) -> bool:
    return not isinstance(item, QObject) or shiboken6.isValid(item)
