"""What the window asks the user for in dialogs, behind one small interface, so that a test can answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QWidget

from workbench.core.i18n import tr


class Desk(Protocol):
    """Questions that stop everything else until they are answered."""

    def ask_open(self, title: str, kinds: str, folder: Path | None = None) -> Path | None:
        """A file to read; None when the user thinks better of it. `kinds` is a Qt filter."""

    def ask_save(self, title: str, kinds: str, suggestion: Path) -> Path | None:
        """A file to write, which the user agreed to replace if it is there."""

    def ask_folder(self, title: str, folder: Path | None = None) -> Path | None:
        """A folder."""

    def choose(self, title: str, text: str, options: Sequence[tuple[str, str]]) -> str | None:
        """The key of one of some answers (key, text), the first the safest; None when dismissed."""


class QtDesk:
    """The real dialogs, over the window. Their classes are loaded when the first is shown, not at the start."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def ask_open(self, title: str, kinds: str, folder: Path | None = None) -> Path | None:
        """The system's file dialog."""
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getOpenFileName(self._parent, title, str(folder or ""), kinds)
        return Path(name) if name else None

    def ask_save(self, title: str, kinds: str, suggestion: Path) -> Path | None:
        """The system's file dialog."""
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getSaveFileName(self._parent, title, str(suggestion), kinds)
        return Path(name) if name else None

    def ask_folder(self, title: str, folder: Path | None = None) -> Path | None:
        """The system's folder dialog."""
        from PySide6.QtWidgets import QFileDialog

        name = QFileDialog.getExistingDirectory(self._parent, title, str(folder or ""))
        return Path(name) if name else None

    def choose(self, title: str, text: str, options: Sequence[tuple[str, str]]) -> str | None:
        """A message with a button for each answer."""
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self._parent)
        box.setWindowTitle(tr("Model Workbench"))
        box.setText(title)
        box.setInformativeText(text)
        buttons = {}
        for place, (key, label) in enumerate(options):
            role = QMessageBox.ButtonRole.AcceptRole if place == 0 else QMessageBox.ButtonRole.DestructiveRole
            buttons[box.addButton(label, role)] = key
        dismiss = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setEscapeButton(dismiss)
        box.exec()
        return buttons.get(box.clickedButton())  # type: ignore[call-overload, no-any-return]
